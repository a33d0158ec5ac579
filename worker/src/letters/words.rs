//! What one letter tells: the stored requisition or project as the templates want it. Pure.

use crate::{
    context::Post,
    mail::{LineOutcome, MailContext, MailLine, MailRequisition, MailUnit},
};
use makerlab_shared::{
    domain::{
        notification::NotificationEvent,
        requisition::{LineStatus, LoanStatus},
    },
    store::letters::{LetterRow, LineRow, ProjectSubject, Reader, Subject, UnitRow, UnitTold},
};
use url::Url;
use uuid::Uuid;

/// What a letter is about, as it stands at this moment.
pub(super) enum Told {
    Requisition(Subject),
    Project(ProjectSubject),
}

pub(super) fn context_of(post: &Post, letter: &LetterRow, reader: &Reader, told: Told) -> MailContext {
    let (reason, message) = match is_reason(letter.event) {
        true => (letter.message.clone(), None),
        false => (None, letter.message.clone()),
    };
    let recipient_name = reader.name.clone();
    let link = |kind, id: Option<Uuid>| link_to(post.public_url.as_ref()?, kind, id?);
    match told {
        Told::Requisition(subject) => MailContext {
            recipient_name,
            project_name: subject.project_name,
            requisition: Some(MailRequisition {
                number: subject.number,
                purpose: subject.purpose,
                lines: subject.lines.into_iter().flat_map(mail_lines).collect(),
                from: subject.period.starts_at,
                due: subject.period.due_at,
                unit: subject.unit.map(mail_unit),
            }),
            role: None,
            reason,
            message,
            link: link("requisitions", letter.requisition_id.map(|id| id.0)),
        },
        Told::Project(subject) => MailContext {
            recipient_name,
            project_name: subject.name,
            requisition: None,
            role: subject.role,
            reason,
            message,
            link: link("projects", Some(letter.subject_id)),
        },
    }
}

pub(super) fn mail_unit(told: UnitTold) -> MailUnit {
    let UnitTold { model_name, tag, due_at, condition, borrower } = told;
    MailUnit { description: model_name, tag, due: due_at, condition, borrower }
}

/// Whether the letter's message is a reason, a person's or a rule's; otherwise it is Snipe-IT's word or ours about it.
pub(super) fn is_reason(event: NotificationEvent) -> bool {
    match event {
        NotificationEvent::ApprovalNeeded
        | NotificationEvent::Approved
        | NotificationEvent::Rejected
        | NotificationEvent::Cancelled
        | NotificationEvent::ReturnedDamaged
        | NotificationEvent::ExtensionAsked
        | NotificationEvent::ExtensionRejected
        | NotificationEvent::ProjectRejected
        | NotificationEvent::MemberRemoved => true,
        NotificationEvent::Submitted
        | NotificationEvent::CheckedOut
        | NotificationEvent::BeingVerified
        | NotificationEvent::Failed
        | NotificationEvent::ReturnRequested
        | NotificationEvent::Returned
        | NotificationEvent::ReturnDue
        | NotificationEvent::Overdue
        | NotificationEvent::OverdueEscalated
        | NotificationEvent::ExtensionGranted
        | NotificationEvent::NeedsPerson
        | NotificationEvent::PromiseAtRisk
        | NotificationEvent::ProjectSubmitted
        | NotificationEvent::ProjectActivated
        | NotificationEvent::MemberAdded => false,
    }
}

/// A line whose units fared differently becomes one line for each way, so that no unit is told wrongly.
fn mail_lines(line: LineRow) -> Vec<MailLine> {
    if line.units.is_empty() {
        let quantity = u32::try_from(line.quantity).unwrap_or_default();
        let units = line.named_tag.into_iter().collect();
        return vec![MailLine {
            description: line.model_name,
            quantity,
            units,
            outcome: outcome_without_units(line.status),
        }];
    }
    let mut told: Vec<MailLine> = Vec::new();
    for unit in line.units {
        let outcome = Some(outcome_of(&unit));
        match told.iter_mut().find(|line| line.outcome == outcome) {
            Some(line) => {
                line.quantity += 1;
                line.units.push(unit.tag);
            }
            None => {
                let description = line.model_name.clone();
                told.push(MailLine { description, quantity: 1, units: vec![unit.tag], outcome });
            }
        }
    }
    told
}

fn outcome_without_units(status: LineStatus) -> Option<LineOutcome> {
    match status {
        LineStatus::Cancelled => Some(LineOutcome::Cancelled),
        LineStatus::Pending | LineStatus::Approved | LineStatus::Rejected => None,
    }
}

fn outcome_of(unit: &UnitRow) -> LineOutcome {
    match unit.status {
        LoanStatus::Promised | LoanStatus::CheckedOut if unit.is_uncertain => LineOutcome::BeingVerified,
        LoanStatus::Promised => LineOutcome::Reserved,
        LoanStatus::CheckedOut => LineOutcome::CheckedOut,
        LoanStatus::Returned => LineOutcome::Returned,
        LoanStatus::Failed => LineOutcome::Failed,
        LoanStatus::Released => LineOutcome::Cancelled,
    }
}

pub(super) fn link_to(public_url: &Url, kind: &str, id: Uuid) -> Option<Url> {
    let mut link = public_url.clone();
    link.path_segments_mut().ok()?.pop_if_empty().extend([kind, &id.to_string()]);
    Some(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(tag: &str, status: LoanStatus, is_uncertain: bool) -> UnitRow {
        UnitRow { tag: tag.to_owned(), status, is_uncertain }
    }

    fn line(units: Vec<UnitRow>) -> LineRow {
        LineRow {
            model_name: "Arduino Uno R3".to_owned(),
            quantity: 3,
            status: LineStatus::Approved,
            named_tag: None,
            units,
        }
    }

    #[test]
    fn units_of_one_line_that_fared_differently_are_told_apart() {
        let told = mail_lines(line(vec![
            unit("ML-1", LoanStatus::CheckedOut, false),
            unit("ML-2", LoanStatus::Failed, false),
            unit("ML-3", LoanStatus::CheckedOut, false),
            unit("ML-4", LoanStatus::Promised, true),
        ]));

        let told: Vec<_> =
            told.iter().map(|line| (line.quantity, line.units.join(" "), line.outcome.unwrap())).collect();
        assert_eq!(
            told,
            [
                (2, "ML-1 ML-3".to_owned(), LineOutcome::CheckedOut),
                (1, "ML-2".to_owned(), LineOutcome::Failed),
                (1, "ML-4".to_owned(), LineOutcome::BeingVerified),
            ]
        );
    }

    #[test]
    fn a_line_without_units_is_told_as_it_was_asked_for() {
        let told = mail_lines(LineRow { named_tag: Some("ML-7".to_owned()), ..line(Vec::new()) });

        assert_eq!((told[0].quantity, told[0].units.join(" "), told[0].outcome), (3, "ML-7".to_owned(), None));
    }

    #[test]
    fn a_link_keeps_the_path_of_the_public_url() {
        for base in ["https://lab.example/maker", "https://lab.example/maker/"] {
            let link = link_to(&base.parse().unwrap(), "requisitions", Uuid::nil()).unwrap();
            assert_eq!(link.as_str(), "https://lab.example/maker/requisitions/00000000-0000-0000-0000-000000000000");
        }
    }
}

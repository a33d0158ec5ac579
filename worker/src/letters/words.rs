//! What one letter tells: the stored requisition or project as the templates want it. Pure.

use crate::{
    context::Post,
    mail::{LineOutcome, MailContext, MailDeputy, MailLine, MailRequisition, MailUnit},
};
use makerlab_shared::{
    domain::{
        notification::{Message, NotificationEvent, Said},
        person::Language,
        requisition::{LineStatus, LoanStatus, ReturnCondition},
    },
    store::letters::{DeputySubject, LetterRow, LineRow, ProjectSubject, Reader, Subject, UnitRow, UnitTold},
};
use url::Url;
use uuid::Uuid;

/// What a letter is about, as it stands at this moment.
pub(super) enum Told {
    Requisition(Subject),
    Project(ProjectSubject),
    Deputy(DeputySubject),
}

pub(super) fn mail_deputy(told: DeputySubject) -> MailDeputy {
    let DeputySubject { absent, starts_at, until } = told;
    MailDeputy { absent, from: starts_at, until }
}

pub(super) fn context_of(post: &Post, letter: &LetterRow, reader: &Reader, told: Told) -> MailContext {
    let Beside { reason, equipment, message } = Beside::of(letter.event, letter.message.clone(), reader.language);
    let recipient_name = reader.name.clone();
    let link = |kind, id: Option<Uuid>| link_to(post.public_url.as_ref()?, kind, id?);
    match told {
        Told::Requisition(subject) => MailContext {
            recipient_name,
            project_name: subject.project_name,
            requisition: Some(MailRequisition {
                number: subject.number,
                purpose: subject.purpose,
                lines: subject.lines.into_iter().flat_map(|line| mail_lines(line, reason.as_deref())).collect(),
                from: subject.period.starts_at,
                due: subject.period.due_at,
                unit: subject.unit.map(mail_unit),
            }),
            deputy: None,
            role: None,
            reason,
            equipment,
            message,
            link: link("requisitions", letter.requisition_id.map(|id| id.0)),
        },
        Told::Project(subject) => MailContext {
            recipient_name,
            project_name: subject.name,
            requisition: None,
            deputy: None,
            role: subject.role,
            reason,
            equipment,
            message,
            link: link("projects", Some(subject.id.0)),
        },
        Told::Deputy(subject) => MailContext {
            recipient_name,
            project_name: String::new(),
            requisition: None,
            deputy: Some(mail_deputy(subject)),
            role: None,
            reason,
            equipment,
            message,
            link: None,
        },
    }
}

pub(super) fn mail_unit(told: UnitTold) -> MailUnit {
    let UnitTold { model_name, tag, due_at, condition, borrower, wished_until } = told;
    MailUnit { description: model_name, tag, due: due_at, condition, borrower, wished_until }
}

/// What a notification's message is to its reader.
pub(super) struct Beside {
    pub(super) reason: Option<String>,
    /// What the reader waits for, or waited, in the lab's words.
    pub(super) equipment: Option<String>,
    /// Snipe-IT's word.
    pub(super) message: Option<String>,
}

impl Beside {
    pub(super) fn of(event: NotificationEvent, message: Option<Message>, language: Language) -> Self {
        let nothing = Self { reason: None, equipment: None, message: None };
        match message {
            None => nothing,
            Some(Message::Reason(reason)) => Self { reason: Some(reason.in_words(language)), ..nothing },
            Some(Message::Said(text)) => match event.said() {
                Said::Reason => Self { reason: Some(text), ..nothing },
                Said::Equipment => Self { equipment: Some(text), ..nothing },
                Said::BySnipeit => Self { message: Some(text), ..nothing },
            },
        }
    }
}

/// A line whose units fared differently becomes one line for each way, so that no unit is told wrongly. What was decided
/// about it stands with the first; a reason that the letter gives for everything is not said again.
fn mail_lines(line: LineRow, of_the_letter: Option<&str>) -> Vec<MailLine> {
    let asked = count(line.quantity);
    let (description, quantity) = match line.granted {
        Some((model, quantity)) => (model, count(quantity)),
        None => (line.model_name.clone(), asked),
    };
    let decided = MailLine {
        asked: (quantity < asked).then_some(asked),
        instead_of: (description != line.model_name).then_some(line.model_name),
        reason: line.decision_reason.filter(|reason| Some(reason.as_str()) != of_the_letter),
        description,
        quantity,
        units: Vec::new(),
        outcome: None,
    };
    if line.units.is_empty() {
        let outcome = outcome_without_units(line.status);
        return vec![MailLine { units: line.named_tag.into_iter().collect(), outcome, ..decided }];
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
                let line = MailLine { quantity: 1, units: vec![unit.tag], outcome, ..decided.clone() };
                let rest = MailLine { asked: None, instead_of: None, reason: None, ..line.clone() };
                told.push(if told.is_empty() { line } else { rest });
            }
        }
    }
    told
}

fn count(quantity: i32) -> u32 {
    u32::try_from(quantity).unwrap_or_default()
}

fn outcome_without_units(status: LineStatus) -> Option<LineOutcome> {
    match status {
        LineStatus::Cancelled | LineStatus::Withdrawn => Some(LineOutcome::Cancelled),
        LineStatus::Rejected => Some(LineOutcome::Rejected),
        LineStatus::Lapsed => Some(LineOutcome::Lapsed),
        LineStatus::Pending | LineStatus::Approved => None,
    }
}

fn outcome_of(unit: &UnitRow) -> LineOutcome {
    match unit.status {
        LoanStatus::Promised | LoanStatus::HandedOver | LoanStatus::CheckedOut if unit.is_uncertain => {
            LineOutcome::BeingVerified
        }
        LoanStatus::Promised => LineOutcome::Reserved,
        LoanStatus::HandedOver => LineOutcome::HandedOver,
        LoanStatus::CheckedOut => LineOutcome::CheckedOut,
        LoanStatus::Returned if unit.condition == Some(ReturnCondition::Lost) => LineOutcome::Lost,
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
        UnitRow { tag: tag.to_owned(), status, condition: None, is_uncertain }
    }

    fn line(units: Vec<UnitRow>) -> LineRow {
        LineRow {
            model_name: "Arduino Uno R3".to_owned(),
            quantity: 3,
            status: LineStatus::Approved,
            granted: None,
            decision_reason: None,
            named_tag: None,
            units,
        }
    }

    #[test]
    fn units_of_one_line_that_fared_differently_are_told_apart() {
        let told = mail_lines(
            line(vec![
                unit("ML-1", LoanStatus::CheckedOut, false),
                unit("ML-2", LoanStatus::Failed, false),
                unit("ML-3", LoanStatus::CheckedOut, false),
                unit("ML-4", LoanStatus::Promised, true),
            ]),
            None,
        );

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
    fn what_is_lost_is_not_told_as_returned() {
        let back = |tag, condition| UnitRow { condition: Some(condition), ..unit(tag, LoanStatus::Returned, false) };
        let units = vec![back("ML-1", ReturnCondition::Damaged), back("ML-2", ReturnCondition::Lost)];

        let told = mail_lines(line(units), None);

        let told: Vec<_> = told.iter().map(|line| (line.units.join(" "), line.outcome.unwrap())).collect();
        assert_eq!(told, [("ML-1".to_owned(), LineOutcome::Returned), ("ML-2".to_owned(), LineOutcome::Lost)]);
    }

    #[test]
    fn a_line_without_units_is_told_as_it_was_asked_for() {
        let told = mail_lines(LineRow { named_tag: Some("ML-7".to_owned()), ..line(Vec::new()) }, None);

        assert_eq!((told[0].quantity, told[0].units.join(" "), told[0].outcome), (3, "ML-7".to_owned(), None));
    }

    #[test]
    fn what_was_decided_about_a_line_is_told_once_and_not_what_the_letter_says_of_everything() {
        let decided = LineRow {
            granted: Some(("Arduino Uno R4".to_owned(), 2)),
            decision_reason: Some("The R3 are in repair".to_owned()),
            ..line(vec![unit("ML-1", LoanStatus::Promised, false), unit("ML-2", LoanStatus::Failed, false)])
        };

        let told = mail_lines(decided.clone(), None);
        assert_eq!(told[0].description, "Arduino Uno R4");
        assert_eq!((told[0].asked, told[0].instead_of.as_deref()), (Some(3), Some("Arduino Uno R3")));
        assert_eq!(told[0].reason.as_deref(), Some("The R3 are in repair"));
        assert_eq!((told[1].asked, &told[1].instead_of, &told[1].reason), (None, &None, &None));
        assert_eq!(mail_lines(decided, Some("The R3 are in repair"))[0].reason, None);
    }

    #[test]
    fn a_link_keeps_the_path_of_the_public_url() {
        for base in ["https://lab.example/maker", "https://lab.example/maker/"] {
            let link = link_to(&base.parse().unwrap(), "requisitions", Uuid::nil()).unwrap();
            assert_eq!(link.as_str(), "https://lab.example/maker/requisitions/00000000-0000-0000-0000-000000000000");
        }
    }
}

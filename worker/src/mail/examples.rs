//! What people will get, with made-up data: for the preview, so that a lab can read it before anybody gets it.

use super::{
    ComposeError, Composed, Composer, DigestContext, DigestEntry, LineOutcome, MailContext, MailLine, MailRequisition,
    MailUnit,
};
use chrono::{DateTime, Utc};
use makerlab_shared::domain::{
    notification::{About, NotificationEvent},
    person::{Language, PersonName},
    project::MemberRole,
    requisition::ReturnCondition,
};
use url::Url;

/// One letter as it would leave, and what it is.
pub struct Previewed {
    /// An event's word, or `digest`.
    pub name: String,
    pub language: Language,
    pub composed: Composed,
}

/// Every letter in every language; the digest last.
///
/// # Errors
/// When a template is missing or broken.
pub fn preview(composer: &Composer, public_url: Option<&Url>) -> Result<Vec<Previewed>, ComposeError> {
    let mut previewed = Vec::new();
    for &language in Language::ALL {
        for &event in NotificationEvent::ALL {
            let composed = composer.compose(event, language, &letter(event, public_url))?;
            previewed.push(Previewed { name: event.to_string(), language, composed });
        }
        let composed = composer.compose_digest(language, &digest(public_url))?;
        previewed.push(Previewed { name: "digest".to_owned(), language, composed });
    }
    Ok(previewed)
}

fn letter(event: NotificationEvent, public_url: Option<&Url>) -> MailContext {
    let (kind, requisition) = match event.about() {
        About::Requisition => ("requisitions", Some(requisition(event))),
        About::Project => ("projects", None),
    };
    MailContext {
        recipient_name: PersonName::from_stored("Rita Sousa".to_owned()),
        project_name: "Weather station".to_owned(),
        requisition,
        role: (event == NotificationEvent::MemberAdded).then_some(MemberRole::Member),
        reason: reason(event).map(str::to_owned),
        equipment: (event == NotificationEvent::HoldGranted).then(|| "2 × Oscilloscope DS1054Z".to_owned()),
        message: (event == NotificationEvent::Failed).then(|| "That asset is not available for checkout!".to_owned()),
        link: public_url.and_then(|base| link(base, kind)),
    }
}

fn requisition(event: NotificationEvent) -> MailRequisition {
    MailRequisition {
        number: "R-2026-000123".to_owned(),
        purpose: "Measuring the mast".to_owned(),
        lines: [
            line("Arduino Uno R4", &["ML-00007", "ML-00009"], outcome(event)),
            line("Oscilloscope DS1054Z", &["ML-00031"], outcome(event)),
        ]
        .into_iter()
        .chain((event == NotificationEvent::PartlyApproved).then(rejected_line))
        .collect(),
        from: moment("2026-11-23T10:00:00Z"),
        due: moment("2026-12-07T17:00:00Z"),
        unit: Some(MailUnit {
            description: "Oscilloscope DS1054Z".to_owned(),
            tag: "ML-00031".to_owned(),
            due: moment("2026-12-07T17:00:00Z"),
            condition: (event == NotificationEvent::ReturnedDamaged).then_some(ReturnCondition::Damaged),
            borrower: PersonName::from_stored("Rui Nunes".to_owned()),
            wished_until: (event == NotificationEvent::ExtensionAsked).then(|| moment("2026-12-14T17:00:00Z")),
        }),
    }
}

fn digest(public_url: Option<&Url>) -> DigestContext {
    let entries = NotificationEvent::ALL.iter().zip(0..).map(|(&event, minutes)| DigestEntry {
        event,
        at: moment("2026-11-23T10:00:00Z") + chrono::TimeDelta::minutes(minutes),
        context: letter(event, public_url),
    });
    DigestContext { recipient_name: PersonName::from_stored("Rita Sousa".to_owned()), entries: entries.collect() }
}

fn link(public_url: &Url, kind: &str) -> Option<Url> {
    let mut link = public_url.clone();
    link.path_segments_mut().ok()?.pop_if_empty().extend([kind, "00000000-0000-0000-0000-000000000123"]);
    Some(link)
}

fn line(description: &str, units: &[&str], outcome: Option<LineOutcome>) -> MailLine {
    let units: Vec<String> = units.iter().copied().map(str::to_owned).collect();
    let quantity = u32::try_from(units.len()).unwrap_or(u32::MAX);
    MailLine { description: description.to_owned(), quantity, units, outcome, ..MailLine::default() }
}

fn rejected_line() -> MailLine {
    let reason = Some("The only one is being calibrated.".to_owned());
    MailLine { reason, ..line("Spectrum analyser", &["ML-00044"], Some(LineOutcome::Rejected)) }
}

fn outcome(event: NotificationEvent) -> Option<LineOutcome> {
    match event {
        NotificationEvent::Approved | NotificationEvent::PartlyApproved | NotificationEvent::PromiseAtRisk => {
            Some(LineOutcome::Reserved)
        }
        NotificationEvent::CheckedOut
        | NotificationEvent::ReturnRequested
        | NotificationEvent::ReturnedDamaged
        | NotificationEvent::ReturnDue
        | NotificationEvent::Overdue
        | NotificationEvent::OverdueEscalated
        | NotificationEvent::ExtensionAsked
        | NotificationEvent::ExtensionGranted
        | NotificationEvent::ExtensionRejected
        | NotificationEvent::SomebodyWaits => Some(LineOutcome::CheckedOut),
        NotificationEvent::HandedOver | NotificationEvent::HandOverRefused => Some(LineOutcome::HandedOver),
        NotificationEvent::BeingVerified | NotificationEvent::NeedsPerson => Some(LineOutcome::BeingVerified),
        NotificationEvent::Failed => Some(LineOutcome::Failed),
        NotificationEvent::Cancelled | NotificationEvent::NotCollected => Some(LineOutcome::Cancelled),
        NotificationEvent::Returned => Some(LineOutcome::Returned),
        NotificationEvent::Rejected => Some(LineOutcome::Rejected),
        NotificationEvent::Submitted
        | NotificationEvent::Edited
        | NotificationEvent::ApprovalNeeded
        | NotificationEvent::EndorsementNeeded
        | NotificationEvent::ApprovalReminder
        | NotificationEvent::ProjectSubmitted
        | NotificationEvent::ProjectActivated
        | NotificationEvent::ProjectRejected
        | NotificationEvent::MemberAdded
        | NotificationEvent::MemberRemoved
        | NotificationEvent::HoldGranted => None,
    }
}

fn reason(event: NotificationEvent) -> Option<&'static str> {
    match event {
        NotificationEvent::Rejected => Some("All oscilloscopes are needed for the exams."),
        NotificationEvent::ReturnedDamaged => Some("The display stays dark."),
        NotificationEvent::ExtensionAsked => Some("The mast is still being built."),
        NotificationEvent::ExtensionRejected => Some("Another group needs it from Monday on."),
        NotificationEvent::EndorsementNeeded | NotificationEvent::ApprovalReminder => {
            Some("rule 3: category Oscilloscopes, longer than 14 days")
        }
        NotificationEvent::ProjectRejected => Some("The course has its own lab."),
        NotificationEvent::MemberRemoved => Some("Moved to another group."),
        _ => None,
    }
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a literal instant")
}

//! What people will get, with made-up data: for the preview, so that a lab can read it before anybody gets it.

use super::{
    ComposeError, Composed, Composer, DigestContext, DigestEntry, LineOutcome, MailContext, MailDeputy, MailLine,
    MailRequisition, MailUnit,
};
use chrono::{DateTime, Utc};
use makerlab_shared::domain::{
    approval::Conditions,
    id::QuotaId,
    notification::{About, Message, NotificationEvent, Said},
    operation::{Missed, PersonNeeded},
    person::{Language, PersonName},
    project::MemberRole,
    quota::{Exceeded, QuotaMeasure, QuotaScope, QuotaSubject},
    reason::Ground,
    requisition::{MustBeDecided, ReturnCondition},
};
use url::Url;
use uuid::Uuid;

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
            let composed = composer.compose(event, language, &letter(event, language, public_url))?;
            previewed.push(Previewed { name: event.to_string(), language, composed });
        }
        let composed = composer.compose_digest(language, &digest(language, public_url))?;
        previewed.push(Previewed { name: "digest".to_owned(), language, composed });
    }
    Ok(previewed)
}

fn letter(event: NotificationEvent, language: Language, public_url: Option<&Url>) -> MailContext {
    let (kind, requisition) = match event.about() {
        About::Requisition => ("requisitions", Some(requisition(event))),
        About::Project | About::WaitingEntry | About::Deputy => ("projects", None),
    };
    let names_equipment = event.said() == Said::Equipment;
    let is_about_deputy = event.about() == About::Deputy;
    MailContext {
        recipient_name: PersonName::from_stored("Rita Sousa".to_owned()),
        project_name: if is_about_deputy { String::new() } else { "Weather station".to_owned() },
        requisition,
        deputy: is_about_deputy.then(deputy),
        role: role(event),
        reason: reason(event).map(|reason| reason.in_words(language)),
        equipment: names_equipment.then(|| "2 × Oscilloscope DS1054Z".to_owned()),
        message: None,
        link: public_url.filter(|_| !is_about_deputy).and_then(|base| link(base, kind)),
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
            wished_until: matches!(event, NotificationEvent::ExtensionAsked | NotificationEvent::ExtensionReminder)
                .then(|| moment("2026-12-14T17:00:00Z")),
        }),
    }
}

fn deputy() -> MailDeputy {
    MailDeputy {
        absent: PersonName::from_stored("Ana Costa".to_owned()),
        from: moment("2026-11-23T10:00:00Z"),
        until: moment("2026-12-07T17:00:00Z"),
    }
}

fn digest(language: Language, public_url: Option<&Url>) -> DigestContext {
    let entries = NotificationEvent::ALL.iter().zip(0..).map(|(&event, minutes)| DigestEntry {
        event,
        at: moment("2026-11-23T10:00:00Z") + chrono::TimeDelta::minutes(minutes),
        context: letter(event, language, public_url),
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
        NotificationEvent::Approved
        | NotificationEvent::PartlyApproved
        | NotificationEvent::PromiseAtRisk
        | NotificationEvent::UnitIsThere => Some(LineOutcome::Reserved),
        NotificationEvent::CheckedOut
        | NotificationEvent::ReturnRequested
        | NotificationEvent::ReturnedDamaged
        | NotificationEvent::ReturnDue
        | NotificationEvent::Overdue
        | NotificationEvent::OverdueEscalated
        | NotificationEvent::ExtensionAsked
        | NotificationEvent::ExtensionReminder
        | NotificationEvent::ExtensionGranted
        | NotificationEvent::ExtensionRejected
        | NotificationEvent::DueDateChanged
        | NotificationEvent::DriftFound
        | NotificationEvent::SomebodyWaits => Some(LineOutcome::CheckedOut),
        NotificationEvent::HandedOver | NotificationEvent::HandOverRefused => Some(LineOutcome::HandedOver),
        NotificationEvent::BeingVerified | NotificationEvent::NeedsPerson => Some(LineOutcome::BeingVerified),
        NotificationEvent::Failed => Some(LineOutcome::Failed),
        NotificationEvent::Cancelled | NotificationEvent::NotCollected | NotificationEvent::NoUnit => {
            Some(LineOutcome::Cancelled)
        }
        NotificationEvent::PeriodOver => Some(LineOutcome::Lapsed),
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
        | NotificationEvent::MemberRoleChanged
        | NotificationEvent::MemberRemoved
        | NotificationEvent::DeputyNamed
        | NotificationEvent::DeputyEnded
        | NotificationEvent::HoldGranted
        | NotificationEvent::WaitingEnded => None,
    }
}

fn role(event: NotificationEvent) -> Option<MemberRole> {
    match event {
        NotificationEvent::MemberAdded => Some(MemberRole::Member),
        NotificationEvent::MemberRoleChanged => Some(MemberRole::Leader),
        _ => None,
    }
}

fn reason(event: NotificationEvent) -> Option<Message> {
    let said = match event {
        NotificationEvent::Rejected => "All oscilloscopes are needed for the exams.",
        NotificationEvent::ReturnedDamaged => "The display stays dark.",
        NotificationEvent::ExtensionRejected => "Another group needs it from Monday on.",
        NotificationEvent::ProjectRejected => "The course has its own lab.",
        NotificationEvent::MemberRemoved => "Moved to another group.",
        _ => return ground(event).map(|ground| Message::Reason(ground.into())),
    };
    Some(Message::said(said))
}

fn ground(event: NotificationEvent) -> Option<Ground> {
    match event {
        NotificationEvent::ApprovalNeeded => Some(Ground::OverQuota(Exceeded {
            quota_id: QuotaId(Uuid::nil()),
            subject: QuotaSubject {
                scope: QuotaScope::Person,
                project: None,
                category: Some("Oscilloscopes".to_owned()),
                measure: QuotaMeasure::UnitsOut,
            },
            most: 1,
            used: 1,
            asked: 1,
        })),
        NotificationEvent::EndorsementNeeded | NotificationEvent::ApprovalReminder => {
            let category = Some("Oscilloscopes".to_owned());
            let conditions = Conditions { category, longer_than_days: Some(14), ..Conditions::default() };
            Some(Ground::Rule { position: 3, conditions })
        }
        NotificationEvent::ExtensionAsked | NotificationEvent::ExtensionReminder => {
            Some(Ground::MustBeDecided { why: MustBeDecided::TooOften })
        }
        NotificationEvent::HandOverRefused => Some(refused(Missed::RefusedThoughAvailable)),
        NotificationEvent::Failed => Some(refused(Missed::UnitUnavailable)),
        NotificationEvent::PeriodOver => Some(Ground::NotDecidedInTime),
        NotificationEvent::NeedsPerson => Some(Ground::PersonNeeded { why: PersonNeeded::LentLaterByOthers }),
        _ => None,
    }
}

fn refused(missed: Missed) -> Ground {
    Ground::NotCheckedOut { missed, refusal: Some("That asset is not available for checkout!".to_owned()) }
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a literal instant")
}

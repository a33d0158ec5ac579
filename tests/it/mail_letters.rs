//! What people read, word for word. A change of wording is a change of this file.

mod conditions;
mod facts;
mod harmless;
mod prose;
mod whole;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use makerlab_shared::domain::notification::NotificationEvent;
use makerlab_shared::domain::person::{Language, PersonName};
use makerlab_shared::domain::project::MemberRole;
use makerlab_shared::domain::requisition::ReturnCondition;
use makerlab_worker::mail::{
    Composed, Composer, LineOutcome, MailContext, MailDeputy, MailLine, MailRequisition, MailUnit,
};

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn a_context() -> MailContext {
    MailContext {
        recipient_name: PersonName::parse("Ângela Silva").unwrap(),
        project_name: "Weather station".into(),
        requisition: Some(a_requisition(vec![])),
        deputy: None,
        role: None,
        reason: None,
        equipment: None,
        message: None,
        link: None,
    }
}

fn a_requisition(lines: Vec<MailLine>) -> MailRequisition {
    MailRequisition {
        number: "R-2026-000123".into(),
        purpose: "Measure the roof".into(),
        lines,
        from: moment("2026-07-01T08:00:00Z"),
        due: moment("2026-07-15T16:30:00Z"),
        unit: Some(MailUnit {
            description: "Oscilloscope DS1054Z".into(),
            tag: "ML-00031".into(),
            due: "2026-07-15T16:30:00Z".parse().unwrap(),
            condition: Some(ReturnCondition::Damaged),
            borrower: PersonName::parse("Rui Nunes").unwrap(),
            wished_until: Some("2026-07-22T16:30:00Z".parse().unwrap()),
        }),
    }
}

fn a_project_context() -> MailContext {
    MailContext {
        requisition: None,
        role: Some(MemberRole::Supervisor),
        link: Some("https://lab.example/projects/7".parse().unwrap()),
        ..a_context()
    }
}

fn a_deputy() -> MailDeputy {
    let absent = PersonName::parse("Ana Costa").unwrap();
    MailDeputy { absent, from: moment("2026-07-01T08:00:00Z"), until: moment("2026-07-15T16:30:00Z") }
}

fn a_full_context() -> MailContext {
    MailContext {
        requisition: Some(a_requisition(vec![
            MailLine {
                description: "Arduino Uno R4".into(),
                quantity: 2,
                units: vec!["ML-0007".into(), "ML-0009".into()],
                outcome: Some(LineOutcome::CheckedOut),
                ..MailLine::default()
            },
            MailLine {
                description: "Oscilloscope".into(),
                quantity: 1,
                units: vec![],
                outcome: Some(LineOutcome::Failed),
                ..MailLine::default()
            },
        ])),
        reason: Some("The oscilloscope is being calibrated.".into()),
        message: Some("That asset is not available for checkout!".into()),
        link: Some("https://lab.example/requisitions/R-2026-000123".parse().unwrap()),
        ..a_context()
    }
}

fn compose(event: NotificationEvent, language: Language, context: &MailContext) -> Composed {
    Composer::new(Tz::Europe__Lisbon).compose(event, language, context).unwrap()
}

//! What people will get, with made-up data: for the preview, so that a lab can read it before anybody gets it.

use super::{ComposeError, Composed, Composer, DigestContext, DigestEntry, LineOutcome, MailContext, MailLine};
use chrono::{DateTime, Utc};
use makerlab_shared::domain::{
    notification::NotificationEvent,
    person::{Language, PersonName},
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
    MailContext {
        recipient_name: PersonName::from_stored("Rita Sousa".to_owned()),
        requisition_number: "R-2026-000123".to_owned(),
        project_name: "Weather station".to_owned(),
        purpose: "Measuring the mast".to_owned(),
        lines: vec![
            line("Arduino Uno R4", &["ML-00007", "ML-00009"], outcome(event)),
            line("Oscilloscope DS1054Z", &["ML-00031"], outcome(event)),
        ],
        from: moment("2026-11-23T10:00:00Z"),
        due: moment("2026-12-07T17:00:00Z"),
        reason: reason(event).map(str::to_owned),
        message: (event == NotificationEvent::Failed).then(|| "That asset is not available for checkout!".to_owned()),
        link: public_url.and_then(link),
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

fn link(public_url: &Url) -> Option<Url> {
    let mut link = public_url.clone();
    link.path_segments_mut().ok()?.pop_if_empty().extend(["requisitions", "00000000-0000-0000-0000-000000000123"]);
    Some(link)
}

fn line(description: &str, units: &[&str], outcome: Option<LineOutcome>) -> MailLine {
    let units: Vec<String> = units.iter().copied().map(str::to_owned).collect();
    let quantity = u32::try_from(units.len()).unwrap_or(u32::MAX);
    MailLine { description: description.to_owned(), quantity, units, outcome }
}

fn outcome(event: NotificationEvent) -> Option<LineOutcome> {
    match event {
        NotificationEvent::Approved => Some(LineOutcome::Reserved),
        NotificationEvent::CheckedOut | NotificationEvent::ReturnRequested => Some(LineOutcome::CheckedOut),
        NotificationEvent::BeingVerified | NotificationEvent::NeedsPerson => Some(LineOutcome::BeingVerified),
        NotificationEvent::Failed => Some(LineOutcome::Failed),
        NotificationEvent::Cancelled => Some(LineOutcome::Cancelled),
        NotificationEvent::Returned => Some(LineOutcome::Returned),
        NotificationEvent::Submitted | NotificationEvent::ApprovalNeeded | NotificationEvent::Rejected => None,
    }
}

fn reason(event: NotificationEvent) -> Option<&'static str> {
    (event == NotificationEvent::Rejected).then_some("All oscilloscopes are needed for the exams.")
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a literal instant")
}

//! What a lab reads before anybody gets it: every letter there is, in every language.

use chrono_tz::Tz;
use clap::Parser;
use makerlab_shared::{
    domain::{
        notification::{About, NotificationEvent},
        person::Language,
    },
    settings::Environment,
};
use makerlab_worker::{
    cli::{self, MailCommand},
    mail::{Composer, preview},
};
use std::collections::BTreeSet;

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: MailCommand,
}

fn typed(words: &[&str]) -> anyhow::Result<String> {
    let line = Line::try_parse_from(["mail", "preview"].iter().chain(words))?;
    let environment = [("LAB_TIMEZONE", "Europe/Lisbon"), ("PUBLIC_URL", "https://maker.lab.example/app")];
    cli::perform_mail(&line.command, &Environment::from_pairs(environment))
}

#[test]
fn every_event_and_the_digest_have_their_letter_in_every_language() {
    let letters = preview(&Composer::new(Tz::Europe__Lisbon), None).unwrap();

    let shown: BTreeSet<_> = letters.iter().map(|letter| (letter.name.clone(), letter.language)).collect();
    let events = NotificationEvent::ALL.iter().map(|event| event.to_string()).chain(["digest".to_owned()]);
    let wanted: BTreeSet<_> =
        events.flat_map(|name| Language::ALL.iter().map(move |&language| (name.clone(), language))).collect();
    assert_eq!(shown, wanted);
    for letter in &letters {
        let whole = format!("{}\n{}\n{}", letter.composed.subject, letter.composed.text, letter.composed.html);
        let told = format!("{} in {}: {whole}", letter.name, letter.language);
        let named = match letter.name.parse().map(NotificationEvent::about) {
            Ok(About::Project | About::WaitingEntry) => "Weather station",
            Ok(About::Deputy) => "Ana Costa",
            Ok(About::Requisition) | Err(_) => "R-2026-000123",
        };
        assert!(!letter.composed.subject.is_empty() && letter.composed.text.contains(named), "{told}");
        assert!(!whole.contains("{{") && !whole.contains("{%") && !whole.contains("undefined"), "{told}");
    }
    let subjects: BTreeSet<_> = letters.iter().map(|letter| letter.composed.subject.clone()).collect();
    assert_eq!(subjects.len(), letters.len(), "no two letters are called the same");
}

#[test]
fn one_letter_is_shown_as_text_and_as_html() {
    let shown = typed(&["--event", "approved", "--language", "pt"]).unwrap();

    assert!(shown.starts_with("=== approved (pt) ===\nSubject: Requisição R-2026-000123 aprovada"), "{shown}");
    assert!(shown.contains("Olá Rita Sousa,") && shown.contains("--- HTML ---\n<!DOCTYPE html>"), "{shown}");
    assert!(shown.contains("https://maker.lab.example/app/requisitions/"), "{shown}");
    assert_eq!(shown.matches("===").count(), 2, "{shown}");
}

#[test]
fn without_a_choice_everything_is_shown_and_an_unknown_event_is_named_with_those_that_are_known() {
    let shown = typed(&[]).unwrap();

    assert_eq!(shown.matches("--- HTML ---").count(), (NotificationEvent::ALL.len() + 1) * Language::ALL.len());
    let refused = typed(&["--event", "lunch"]).unwrap_err().to_string();
    assert!(refused.contains("submitted, edited, approval_needed") && refused.ends_with("digest"), "{refused}");
}

//! `mail preview`: every letter with made-up data, so that a lab can read what people will get. Asks no database.

use crate::mail::{Composer, Previewed, preview};
use anyhow::ensure;
use chrono_tz::Tz;
use clap::Subcommand;
use makerlab_shared::{
    domain::person::Language,
    settings::{Environment, MaskedUrl},
};

#[derive(Debug, Clone, Subcommand)]
pub enum MailCommand {
    /// Every letter as people get it: plain text, then HTML. With LAB_TIMEZONE and PUBLIC_URL if they are set.
    Preview {
        /// One event, like `approved`, or `digest`.
        #[arg(long)]
        event: Option<String>,
        /// One language: en or pt.
        #[arg(long)]
        language: Option<Language>,
    },
}

pub(super) fn perform(command: &MailCommand, environment: &Environment) -> anyhow::Result<String> {
    let MailCommand::Preview { event, language } = command;
    let (zone, public_url) = environment.read(|env| {
        let (zone, url) = (env.parsed("LAB_TIMEZONE", Tz::UTC), env.optional_url("PUBLIC_URL", &["http", "https"]));
        Ok((zone?, url?))
    })?;
    let letters = preview(&Composer::new(zone), public_url.as_ref().map(MaskedUrl::expose))?;
    let known: Vec<String> = letters.iter().map(|letter| letter.name.clone()).collect();
    let is_wanted = |letter: &Previewed| {
        event.as_ref().is_none_or(|event| *event == letter.name)
            && language.is_none_or(|language| language == letter.language)
    };
    let shown: Vec<String> = letters.iter().filter(|letter| is_wanted(letter)).map(show).collect();
    ensure!(!shown.is_empty(), "--event: there is no such letter; known are {}", known[..known.len() / 2].join(", "));
    Ok(shown.join("\n\n"))
}

fn show(letter: &Previewed) -> String {
    let Previewed { name, language, composed } = letter;
    format!(
        "=== {name} ({language}) ===\nSubject: {}\n\n{}\n--- HTML ---\n{}",
        composed.subject,
        composed.text.trim_end(),
        composed.html.trim_end()
    )
}

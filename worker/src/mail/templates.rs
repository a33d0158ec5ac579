//! The templates, embedded so that the binary is complete.
//!
//! `<language>/<event>.txt` is a letter as one writes it: a `Subject:` line, a `Short:` line for the digest, a blank line,
//! paragraphs. `letter.txt` and `letter.html` put the same paragraphs into their two shapes, so that text and HTML cannot
//! say different things. `<language>/digest.txt` has the first and the last paragraph of a digest; `digest.*` its shapes.

use makerlab_shared::domain::notification::NotificationEvent;
use makerlab_shared::domain::person::Language;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};

macro_rules! embedded {
    ($($name:literal)+) => { [$(($name, include_str!(concat!("templates/", $name)))),+] };
}

const TEMPLATES: [(&str, &str); 94] = embedded![
    "letter.txt"
    "letter.html"
    "digest.txt"
    "digest.html"
    "en/labels.txt"
    "en/digest.txt"
    "en/submitted.txt"
    "en/edited.txt"
    "en/approval_needed.txt"
    "en/endorsement_needed.txt"
    "en/approval_reminder.txt"
    "en/approved.txt"
    "en/partly_approved.txt"
    "en/rejected.txt"
    "en/handed_over.txt"
    "en/not_collected.txt"
    "en/hand_over_refused.txt"
    "en/checked_out.txt"
    "en/being_verified.txt"
    "en/failed.txt"
    "en/cancelled.txt"
    "en/returned.txt"
    "en/return_requested.txt"
    "en/returned_damaged.txt"
    "en/return_due.txt"
    "en/overdue.txt"
    "en/overdue_escalated.txt"
    "en/extension_asked.txt"
    "en/extension_reminder.txt"
    "en/extension_granted.txt"
    "en/due_date_changed.txt"
    "en/drift_found.txt"
    "en/extension_rejected.txt"
    "en/needs_person.txt"
    "en/promise_at_risk.txt"
    "en/unit_is_there.txt"
    "en/no_unit.txt"
    "en/period_over.txt"
    "en/somebody_waits.txt"
    "en/hold_granted.txt"
    "en/waiting_ended.txt"
    "en/project_submitted.txt"
    "en/project_activated.txt"
    "en/project_rejected.txt"
    "en/member_added.txt"
    "en/member_role_changed.txt"
    "en/member_removed.txt"
    "en/deputy_named.txt"
    "en/deputy_ended.txt"
    "pt/labels.txt"
    "pt/digest.txt"
    "pt/submitted.txt"
    "pt/edited.txt"
    "pt/approval_needed.txt"
    "pt/endorsement_needed.txt"
    "pt/approval_reminder.txt"
    "pt/approved.txt"
    "pt/partly_approved.txt"
    "pt/rejected.txt"
    "pt/handed_over.txt"
    "pt/not_collected.txt"
    "pt/hand_over_refused.txt"
    "pt/checked_out.txt"
    "pt/being_verified.txt"
    "pt/failed.txt"
    "pt/cancelled.txt"
    "pt/returned.txt"
    "pt/return_requested.txt"
    "pt/returned_damaged.txt"
    "pt/return_due.txt"
    "pt/overdue.txt"
    "pt/overdue_escalated.txt"
    "pt/extension_asked.txt"
    "pt/extension_reminder.txt"
    "pt/extension_granted.txt"
    "pt/due_date_changed.txt"
    "pt/drift_found.txt"
    "pt/extension_rejected.txt"
    "pt/needs_person.txt"
    "pt/promise_at_risk.txt"
    "pt/unit_is_there.txt"
    "pt/no_unit.txt"
    "pt/period_over.txt"
    "pt/somebody_waits.txt"
    "pt/hold_granted.txt"
    "pt/waiting_ended.txt"
    "pt/project_submitted.txt"
    "pt/project_activated.txt"
    "pt/project_rejected.txt"
    "pt/member_added.txt"
    "pt/member_role_changed.txt"
    "pt/member_removed.txt"
    "pt/deputy_named.txt"
    "pt/deputy_ended.txt"
];

/// The template of one event in one language.
pub(super) fn name_of(event: NotificationEvent, language: Language) -> String {
    format!("{language}/{event}.txt")
}

/// What stands around the entries of a digest.
pub(super) fn digest_in(language: Language) -> String {
    format!("{language}/digest.txt")
}

/// Everything is parsed here, once: a broken template fails every test, not the thousandth letter.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .expect("the default marks do not collide"),
    );
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).expect("the embedded templates are well-formed, tests render each");
    }
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_letter_in_every_language() {
        let environment = environment();
        for &event in NotificationEvent::ALL {
            for &language in Language::ALL {
                let name = name_of(event, language);
                assert!(environment.get_template(&name).is_ok(), "{name} is missing");
            }
        }
    }
}

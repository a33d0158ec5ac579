//! Each notification arrived as a letter, and none too often.

use std::collections::HashMap;

use super::{Found, Wrong};
use crate::storm::world::World;

pub(super) fn check(world: &World, found: &mut Found) {
    let mut copies: HashMap<&str, usize> = HashMap::new();
    for mail in &world.mails {
        *copies.entry(notification_in(mail)).or_default() += 1;
    }
    for notification in &world.notifications {
        if !copies.contains_key(notification.to_string().as_str()) {
            found.note(Wrong::MailMissing, None, format!("the letter {notification} never arrived"));
        }
    }
    for (letter, copies) in copies {
        for _ in 1..copies {
            found.note(Wrong::MailDoubled, None, format!("the letter {letter} arrived {copies} times"));
        }
    }
}

/// `<notification@domain>`
fn notification_in(message_id: &str) -> &str {
    let inner = message_id.trim().trim_start_matches('<').trim_end_matches('>');
    inner.split_once('@').map_or(inner, |(notification, _)| notification)
}

//! Which letters arrived, told apart by their Message-ID: it names the notification that each one is.

use std::{collections::HashMap, time::Duration};

use anyhow::Result;
use makerlab_shared::domain::notification::NotificationEvent;

use super::{
    cast::{Cast, PROJECT},
    expected::{Played, Step},
};
use crate::{
    mailbox::{Mailbox, Message},
    stack::{NotificationSeen, Person, until},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// What letters are about that name a kept unit, and neither a requisition nor the project.
pub const WAITING_LIST: &str = "waiting list";

/// Who was to get which letter about what: a requisition by its number, the project, or the waiting list.
pub type Letter = (String, String, NotificationEvent);

/// All that the project and the day's steps must cause, each exactly once.
pub fn expected(cast: &Cast, played: &[Played]) -> Vec<Letter> {
    let about_project = |to: &str, event| (PROJECT.to_owned(), to.to_owned(), event);
    let mut letters = vec![
        about_project(&cast.technician.email, NotificationEvent::ProjectSubmitted),
        about_project(&cast.professor.email, NotificationEvent::ProjectActivated),
    ];
    letters.extend(cast.students.iter().map(|who| about_project(&who.email, NotificationEvent::MemberAdded)));
    for Played { step, number, requester_email, .. } in played {
        let to = |address: &str, event: &NotificationEvent| (number.clone(), address.to_owned(), *event);
        letters.extend(step.letters_to_requester().iter().map(|event| to(requester_email, event)));
        letters.extend(step.letters_to_technician().iter().map(|event| to(&cast.technician.email, event)));
        if *step == Step::WaitedFor {
            letters.push((WAITING_LIST.to_owned(), requester_email.clone(), NotificationEvent::HoldGranted));
        }
    }
    letters.sort();
    letters
}

/// Waits until somebody has read a letter whose subject says this: what is over sooner is told nobody. In vain: the checks
/// miss the letter.
pub async fn is_read(mailbox: Option<&Mailbox>, by: &Person, subject: &str) {
    let Some(mailbox) = mailbox else { return };
    let _ = until(&format!("{} reads of {subject}", by.email), PATIENCE, async || {
        let mut mails = mailbox.messages().into_iter();
        mails.any(|mail| mail.is_to(&by.email) && mail.subject.contains(subject)).then_some(())
    })
    .await;
}

/// Waits until there are as many letters as expected, or in vain; then says what is there.
pub async fn arrived(cast: &Cast, mailbox: &Mailbox, expected: usize) -> Result<Vec<Letter>> {
    let what = format!("{expected} letters are there");
    // In vain: the comparison shows which ones are missing.
    let _ = until(&what, PATIENCE, async || (mailbox.messages().len() >= expected).then_some(())).await;
    let written = notifications(cast).await?;
    let mut letters: Vec<_> = mailbox.messages().iter().map(|message| letter_of(message, &written)).collect();
    letters.sort();
    Ok(letters)
}

async fn notifications(cast: &Cast) -> Result<HashMap<String, NotificationSeen>> {
    let mut written = HashMap::new();
    for person in cast.everybody() {
        written.extend(person.notifications().await?.into_iter().map(|written| (written.id.to_string(), written)));
    }
    Ok(written)
}

/// A letter that nobody's notification knows is shown by its subject and fits nothing that is expected.
fn letter_of(message: &Message, written: &HashMap<String, NotificationSeen>) -> Letter {
    let id = message.message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
    let event = written.get(id).map_or(NotificationEvent::NeedsPerson, |written| written.event);
    if event == NotificationEvent::HoldGranted {
        return (WAITING_LIST.to_owned(), message.envelope_to.join(","), event);
    }
    let otherwise = if message.subject.contains(PROJECT) { PROJECT } else { &message.subject };
    let number = message.subject.split_whitespace().find(|word| word.starts_with("R-")).unwrap_or(otherwise);
    let number = number.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    (number, message.envelope_to.join(","), event)
}

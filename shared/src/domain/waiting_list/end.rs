//! Places that end because their people may not ask for what they wait for any more.

use super::{WaitingEntry, WaitingStatus};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, NewNotification, Recipient},
    id::{ModelId, NotificationId, ProjectId, UserId},
    job::{DueTime, NewJob},
    notification::{Message, NotificationEvent},
};
use std::collections::{BTreeMap, BTreeSet};

/// A place in a line with its model's name, for a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedEntry {
    pub entry: WaitingEntry,
    pub model_name: String,
}

/// What was kept goes to the next in line. Whoever did not see to it themselves hears of all their places in one letter.
pub fn end_places(places: impl IntoIterator<Item = NamedEntry>, cause: &Cause) -> Change {
    let mut change = Change::default();
    let mut models = BTreeSet::<ModelId>::new();
    let mut to_tell = BTreeMap::<(UserId, ProjectId), Vec<String>>::new();
    for place in places {
        let entry = &place.entry;
        models.insert(entry.model_id);
        if cause.actor != Actor::User(entry.user_id) {
            to_tell.entry((entry.user_id, entry.project_id)).or_default().push(place.in_words());
        }
        change.append(place.entry.end(WaitingStatus::Ended, cause));
    }
    change.jobs.extend(models.into_iter().map(|model| NewJob::serve_waiting_list(model, DueTime::AtOnce)));
    for ((user, project), places) in to_tell {
        change.notify(NewNotification {
            id: NotificationId::generate(),
            event: NotificationEvent::WaitingEnded,
            to: Recipient::User(user),
            requisition_id: None,
            subject_id: project.0,
            message: Some(Message::Said(places.join(", "))),
        });
    }
    change
}

impl NamedEntry {
    pub(super) fn in_words(&self) -> String {
        format!("{} × {}", self.entry.quantity, self.model_name)
    }
}

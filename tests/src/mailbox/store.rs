//! What was received, what was counted, and the bell for those who wait.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::fault::Faults;
use super::message::{Envelope, Message};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub connections: u32,
    pub logins: u32,
    pub recipients_refused: u32,
    /// Whole texts that came in, kept or not.
    pub texts: u32,
    pub kept: u32,
}

#[derive(Default)]
pub(super) struct Store {
    inner: Mutex<Inner>,
    faults: Faults,
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct Inner {
    messages: Vec<Message>,
    counts: Counts,
}

impl Store {
    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(super) fn messages(&self) -> Vec<Message> {
        self.lock().messages.clone()
    }

    pub(super) fn message_ids(&self) -> Vec<String> {
        self.lock().messages.iter().map(|message| message.message_id.clone()).collect()
    }

    pub(super) fn find(&self, id: u32) -> Option<Message> {
        self.lock().messages.iter().find(|message| message.id == id).cloned()
    }

    pub(super) fn counts(&self) -> Counts {
        self.lock().counts
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.lock().counts);
    }

    pub(super) fn keep(&self, envelope: Envelope, raw: Vec<u8>) {
        {
            let mut inner = self.lock();
            inner.counts.kept += 1;
            let message = Message::read(inner.counts.kept, envelope, raw);
            inner.messages.push(message);
        }
        self.changed.send_replace(());
    }

    pub(super) fn clear(&self) {
        self.lock().messages.clear();
        self.changed.send_replace(());
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The ways in which a mail server lets its clients down.

use std::sync::{Mutex, PoisonError};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// Greets with this code instead of 220, and hangs up.
    RefuseGreeting {
        code: u16,
        text: String,
    },
    /// Refuses every login.
    RefuseLogin {
        code: u16,
        text: String,
    },
    RefuseSender {
        code: u16,
        text: String,
    },
    RefuseRecipient {
        code: u16,
        text: String,
    },
    /// Answers the command DATA with this code; no text is sent.
    RefuseData {
        code: u16,
        text: String,
    },
    /// Takes the text and answers with this code.
    RefuseText {
        code: u16,
        text: String,
    },
    /// Never greets.
    HangAtGreeting,
    /// Never answers the command DATA.
    HangBeforeText,
    /// Takes the text and never answers.
    HangAfterText {
        keep: bool,
    },
    /// Hangs up instead of answering the command DATA.
    DropBeforeText,
    /// Hangs up after the text instead of answering.
    DropAfterText {
        keep: bool,
    },
}

/// The fault in force, and for how many conversations more.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<(Fault, Option<u32>)>);

impl Faults {
    pub(super) fn always(&self, fault: Fault) {
        *self.lock() = (fault, None);
    }

    pub(super) fn times(&self, fault: Fault, times: u32) {
        *self.lock() = (fault, Some(times));
    }

    /// The fault that this question picks out of those in force, counted as used.
    pub(super) fn take<T>(&self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        let mut guard = self.lock();
        let (fault, left) = &mut *guard;
        let picked = pick(fault)?;
        match left {
            None => {}
            Some(0) => return None,
            Some(n) => *n -= 1,
        }
        Some(picked)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Fault, Option<u32>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

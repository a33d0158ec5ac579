//! The truth a test compares claims with: every effect that happened and every request that arrived, append-only.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use makerlab_shared::domain::inventory::Holder;
use serde::Serialize;
use tokio::sync::watch;

use super::call::CallKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    Checkout,
    Checkin,
    Patch,
    Delete,
    Restore,
}

/// Who caused an effect. `Late`: a request whose client had gone before the effect landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Api,
    Human,
    Late,
}

/// One change of an asset row, recorded in the moment in which it was saved.
#[derive(Debug, Clone, Serialize)]
pub struct Effect {
    pub number: u64,
    pub asset: i64,
    pub kind: EffectKind,
    /// Who has it after a check-out; who had it before a check-in.
    pub holder: Option<Holder>,
    pub last_checkout: Option<NaiveDateTime>,
    pub note: Option<String>,
    /// What stood between `[op:` and `]` in the note.
    pub marker: Option<String>,
    pub user_agent: Option<String>,
    pub at: DateTime<Utc>,
    /// The number of the request in this ledger; none for a person's hands.
    pub request: Option<u64>,
    pub by: By,
}

#[derive(Debug, Clone, Serialize)]
pub struct RequestSeen {
    pub number: u64,
    pub method: String,
    pub path: String,
    pub call: Option<CallKind>,
    /// What was answered; none while it runs, or when the answer was lost.
    pub status: Option<u16>,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Default, Clone, Serialize)]
pub struct LedgerPage {
    pub effects: Vec<Effect>,
    pub requests: Vec<RequestSeen>,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "the ledger did not come to what was waited for within {waited:?}; it holds {effects} effects and {requests} requests"
)]
pub struct WaitedInVain {
    pub waited: Duration,
    pub effects: usize,
    pub requests: usize,
}

#[derive(Debug)]
pub struct Ledger {
    page: Mutex<LedgerPage>,
    changed: watch::Sender<()>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self { page: Mutex::default(), changed: watch::Sender::new(()) }
    }

    pub fn effects(&self) -> Vec<Effect> {
        self.page().effects.clone()
    }

    pub fn effects_on(&self, asset: i64) -> Vec<Effect> {
        self.page().effects.iter().filter(|effect| effect.asset == asset).cloned().collect()
    }

    pub fn requests(&self) -> Vec<RequestSeen> {
        self.page().requests.clone()
    }

    pub fn count_requests(&self) -> usize {
        self.page().requests.len()
    }

    pub fn count_calls(&self, kind: CallKind) -> usize {
        self.page().requests.iter().filter(|request| request.call == Some(kind)).count()
    }

    pub fn count_answers(&self, status: u16) -> usize {
        self.page().requests.iter().filter(|request| request.status == Some(status)).count()
    }

    /// Check-outs and check-ins that were asked for over the API.
    pub fn count_lendings_by_programs(&self) -> usize {
        let is_lending = |effect: &&Effect| matches!(effect.kind, EffectKind::Checkout | EffectKind::Checkin);
        self.page().effects.iter().filter(is_lending).filter(|effect| effect.by != By::Human).count()
    }

    pub fn snapshot(&self) -> LedgerPage {
        self.page().clone()
    }

    /// Waits until the ledger satisfies the condition; never longer than the deadline.
    pub async fn wait_for(
        &self,
        condition: impl Fn(&LedgerPage) -> bool,
        deadline: Duration,
    ) -> Result<(), WaitedInVain> {
        let mut changes = self.changed.subscribe();
        let seen = async {
            while !condition(&self.page()) {
                changes.changed().await.expect("the sender lives in this ledger");
            }
        };
        tokio::time::timeout(deadline, seen).await.map_err(|_| {
            let page = self.page();
            WaitedInVain { waited: deadline, effects: page.effects.len(), requests: page.requests.len() }
        })
    }

    pub(super) fn received(&self, method: &str, path: &str, call: Option<CallKind>, at: DateTime<Utc>) -> u64 {
        let number = {
            let mut page = self.page();
            let number = page.requests.len() as u64 + 1;
            let (method, path) = (method.to_owned(), path.to_owned());
            page.requests.push(RequestSeen { number, method, path, call, status: None, at });
            number
        };
        self.changed.send_replace(());
        number
    }

    pub(super) fn answered(&self, number: u64, status: u16) {
        self.page().requests[number as usize - 1].status = Some(status);
        self.changed.send_replace(());
    }

    /// Numbers the effect and reads the marker out of its note.
    pub(super) fn record(&self, mut effect: Effect) {
        {
            let mut page = self.page();
            effect.number = page.effects.len() as u64 + 1;
            effect.marker = effect.note.as_deref().and_then(marker_in);
            page.effects.push(effect);
        }
        self.changed.send_replace(());
    }

    fn page(&self) -> MutexGuard<'_, LedgerPage> {
        self.page.lock().expect("no panic while the ledger is held")
    }
}

fn marker_in(note: &str) -> Option<String> {
    let (_, rest) = note.split_once("[op:")?;
    let (marker, _) = rest.split_once(']')?;
    Some(marker.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_is_what_stands_between_the_brackets() {
        assert_eq!(marker_in("R-2026-000001 [op:01J0]"), Some("01J0".into()));
        assert_eq!(marker_in("no marker"), None);
        assert_eq!(marker_in("[op:never closed"), None);
    }
}

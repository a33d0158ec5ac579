//! Whether the broker can be reached, for readiness, status and the second bell.

use crate::broker::BrokerError;
use chrono::{DateTime, SecondsFormat, Utc};
use tokio::sync::watch;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokerState {
    Connected,
    /// `since`: when it was lost; when this process began, if it was never there.
    Down {
        reason: String,
        since: DateTime<Utc>,
    },
}

impl BrokerState {
    pub(super) fn connecting() -> Self {
        Self::Down { reason: "not connected yet".to_owned(), since: Utc::now() }
    }

    /// The latest reason, and the instant of the first.
    pub(super) fn lost(&self, error: &BrokerError) -> Self {
        let since = match self {
            Self::Connected => Utc::now(),
            Self::Down { since, .. } => *since,
        };
        Self::Down { reason: error.to_string(), since }
    }

    /// What is wrong and what it means, for whoever operates it; `None`: nothing is.
    pub fn trouble(&self) -> Option<String> {
        let Self::Down { reason, since } = self else { return None };
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        Some(format!("the broker is away since {since} ({reason}): the second bell does all the work, more slowly"))
    }
}

#[derive(Debug, Clone)]
pub struct RelayHealth(watch::Receiver<BrokerState>);

impl RelayHealth {
    pub(super) fn new(state: watch::Receiver<BrokerState>) -> Self {
        Self(state)
    }

    pub fn state(&self) -> BrokerState {
        self.0.borrow().clone()
    }

    pub fn is_connected(&self) -> bool {
        matches!(*self.0.borrow(), BrokerState::Connected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_away_since_it_was_lost_however_often_it_is_missed_since() {
        let began = BrokerState::connecting();
        let BrokerState::Down { since: first, .. } = began else { panic!("{began:?}") };

        let missed = began.lost(&BrokerError::NotTaken);
        assert!(matches!(&missed, BrokerState::Down { since, .. } if *since == first));
        assert!(missed.trouble().unwrap().starts_with("the broker is away since 20"), "{missed:?}");
        let lost_later = BrokerState::Connected.lost(&BrokerError::NotTaken);
        assert!(matches!(lost_later, BrokerState::Down { since, .. } if since >= first));
        assert_eq!(BrokerState::Connected.trouble(), None);
    }
}

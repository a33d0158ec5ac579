//! Whether the broker can be reached, for readiness, status and the second bell.

use crate::broker::BrokerError;
use tokio::sync::watch;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokerState {
    Connected,
    Down { reason: String },
}

impl BrokerState {
    pub(super) fn connecting() -> Self {
        Self::Down { reason: "not connected yet".to_owned() }
    }

    pub(super) fn down(error: &BrokerError) -> Self {
        Self::Down { reason: error.to_string() }
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

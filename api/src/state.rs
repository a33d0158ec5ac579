//! What every handler may use.

use crate::database::Database;
use chrono_tz::Tz;
use makerlab_shared::relay::{RelayHealth, Waker};

#[derive(Clone)]
pub struct AppState {
    pub pool: Database,
    /// To be woken after a commit, so that the bell rings at once.
    pub waker: Waker,
    /// Whether the broker can be reached from here.
    pub relay: RelayHealth,
    /// In which days and hours are told and understood.
    pub lab_timezone: Tz,
}

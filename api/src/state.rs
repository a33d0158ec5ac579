//! What every handler may use.

use makerlab_shared::relay::{RelayHealth, Waker};
use sqlx::PgPool;

#[derive(Clone)]
pub struct AppState {
    pub pool: PgPool,
    /// To be woken after a commit, so that the bell rings at once.
    pub waker: Waker,
    /// Whether the broker can be reached from here.
    pub relay: RelayHealth,
}

//! Everything a running simulator holds, behind one handle that tests, server and hands share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::clock::ServerClock;
use super::faults::Faults;
use super::hands::Hands;
use super::inventory::Inventory;
use super::ledger::{Ledger, LedgerPage, WaitedInVain};
use super::product::Product;
use super::throttle::Throttle;

/// A handle: clones show the same simulated server.
#[derive(Debug, Clone)]
pub struct State(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: String,
    base_path: String,
    clock: ServerClock,
    inventory: Mutex<Inventory>,
    tokens: Mutex<HashMap<String, i64>>,
    ledger: Ledger,
    faults: Faults,
    throttle: Throttle,
    product: Product,
}

impl State {
    /// `origin` is scheme, host and port; `base_path` is empty or starts with a slash.
    pub(super) fn new(origin: &str, base_path: &str, clock: ServerClock, inventory: Inventory) -> Self {
        Self(Arc::new(Inner {
            root: format!("{origin}{base_path}"),
            base_path: base_path.to_owned(),
            clock,
            inventory: Mutex::new(inventory),
            tokens: Mutex::default(),
            ledger: Ledger::new(),
            faults: Faults::default(),
            throttle: Throttle::new(None),
            product: Product::new(),
        }))
    }

    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    pub fn product(&self) -> &Product {
        &self.0.product
    }

    pub fn clock(&self) -> &ServerClock {
        &self.0.clock
    }

    /// A person at the web interface: the administrator.
    pub fn hands(&self) -> Hands {
        Hands::new(self.clone())
    }

    /// The tables, for looking. Change them through hands, so that the ledger knows.
    pub fn inventory(&self) -> MutexGuard<'_, Inventory> {
        self.0.inventory.lock().expect("no panic while the tables are held")
    }

    /// Lets everything that was changed by now look as old as if this time had passed since. The clock stands where it stood.
    pub fn let_time_pass(&self, by: chrono::Duration) {
        self.inventory().grow_older(by);
    }

    /// Lets this token act as this user from now on.
    pub fn set_token(&self, token: &str, user: i64) {
        self.tokens().insert(token.to_owned(), user);
    }

    /// From now on this token is answered with 401.
    pub fn revoke_token(&self, token: &str) {
        self.tokens().remove(token);
    }

    /// Waits until the ledger satisfies the condition; never longer than the deadline.
    ///
    /// The condition runs while the ledger is held: it may look at the page, not at the inventory.
    pub async fn wait_for(
        &self,
        condition: impl Fn(&LedgerPage) -> bool,
        deadline: Duration,
    ) -> Result<(), WaitedInVain> {
        self.ledger().wait_for(condition, deadline).await
    }

    pub(super) fn user_of(&self, token: &str) -> Option<i64> {
        self.tokens().get(token).copied()
    }

    /// The address of the application, without a slash at the end.
    pub(super) fn root(&self) -> &str {
        &self.0.root
    }

    pub(super) fn base_path(&self) -> &str {
        &self.0.base_path
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<String, i64>> {
        self.0.tokens.lock().expect("no panic while the tokens are held")
    }
}

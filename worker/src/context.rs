//! Everything that a handler may use. Cheap to clone.

use crate::{
    mail::{Composer, MailTransport},
    snipeit::SnipeIt,
};
use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::{
    domain::{budget::BudgetPolicy, drift::SnipeitClock, label_policy::LabelPolicy, notification::MailRules},
    relay::Waker,
    settings::{LabSettings, ProtocolTimes},
    store::link::Link,
};
use sqlx::PgPool;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use url::Url;

#[derive(Clone)]
pub struct Context {
    pub pool: PgPool,
    pub snipeit: SnipeIt,
    pub budget: Arc<BudgetPolicy>,
    pub times: ProtocolTimes,
    pub rules: Arc<WorkerRules>,
    pub zones: LabSettings,
    pub mail: Arc<Post>,
    pub waker: Waker,
    pub clock: SnipeItClock,
}

impl Context {
    /// How Snipe-IT's wall time becomes ours.
    pub fn snipeit_clock(&self, link: &Link) -> SnipeitClock {
        SnipeitClock { zone: self.zones.snipeit_timezone, offset: link.clock_offset, lab: self.zones.lab_timezone }
    }

    /// Snipe-IT's clock when it was furthest behind ours since the last sweep: whatever has changed since then is dated by
    /// this one or a later.
    pub fn slowest_snipeit_clock(&self, link: &Link) -> SnipeitClock {
        SnipeitClock { offset: link.least_offset, ..self.snipeit_clock(link) }
    }
}

/// What sends letters.
pub struct Post {
    pub transport: MailTransport,
    pub composer: Composer,
    pub rules: MailRules,
    /// Where people see requisitions; letters link there.
    pub public_url: Option<Url>,
}

/// How this worker goes about things that are a lab's choice.
#[derive(Debug, Clone)]
pub struct WorkerRules {
    /// Create a Snipe-IT user for a borrower who has none. Off unless asked for.
    pub create_snipeit_users: bool,
    /// When people get a letter about an outcome that is still unknown.
    pub verifying_mail_after: std::time::Duration,
    pub sweep_interval: std::time::Duration,
    pub sync_interval: std::time::Duration,
    /// How long a lane may deliver nothing, or a job be overdue, before the second bell rings.
    pub second_bell_after: std::time::Duration,
    /// Answers that look like an outage, one after another, before everything pauses.
    pub outage_threshold: i32,
    /// Labels that Snipe-IT gets together with a check-in. Where none is chosen the label stays, and technicians alone are told.
    pub labels: LabelPolicy,
}

/// Snipe-IT's clock as learnt from its `Date` header; whole seconds, so half a second off at the most.
#[derive(Debug, Clone, Default)]
pub struct SnipeItClock(Arc<AtomicI64>);

impl SnipeItClock {
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.0.load(Ordering::Relaxed))
    }

    pub fn learn(&self, difference: TimeDelta) {
        self.0.store(difference.num_milliseconds(), Ordering::Relaxed);
    }
}

//! Metered calls: every call to Snipe-IT takes from the shared budget first, and tells afterwards what it saw.

use crate::{
    context::Context,
    snipeit::{CallSeen, Read, ReadFailure, ReadFailureKind, SnipeIt},
};
use chrono::Utc;
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        budget::{RateSeen, Taken},
        inventory::{Answer, NotApplied},
        job::Lane,
    },
    store::{self, StoreError, budget, link},
};
use std::time::Duration;

/// Why a read gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallFailure {
    #[error("the call budget is used up for another {wait:?}")]
    NoBudget { wait: Duration },
    #[error(transparent)]
    Read(#[from] ReadFailure),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for CallFailure {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// How an answer speaks for the health of the whole installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    Good,
    Throttled,
    Outage(String),
    Installation(String),
}

impl Health {
    pub fn of_answer(answer: &Answer) -> Self {
        match answer {
            Answer::Applied | Answer::Refused { .. } => Self::Good,
            Answer::Unknown { what } => Self::Outage(what.clone()),
            Answer::NotApplied { why } => Self::of_not_applied(why),
        }
    }

    pub fn of_failure(failure: &ReadFailure) -> Self {
        match &failure.kind {
            ReadFailureKind::NotFound { .. } | ReadFailureKind::Malformed { .. } => Self::Good,
            ReadFailureKind::Throttled => Self::Throttled,
            ReadFailureKind::Installation { what } => Self::Installation(what.clone()),
            ReadFailureKind::Unreachable { what } | ReadFailureKind::Trouble { what } => Self::Outage(what.clone()),
        }
    }

    fn of_not_applied(why: &NotApplied) -> Self {
        match why {
            NotApplied::Throttled => Self::Throttled,
            NotApplied::Installation { what } => Self::Installation(what.clone()),
            NotApplied::Unreachable { what } => Self::Outage(what.clone()),
        }
    }
}

/// Calls that a whole sync leaves to sweeps and all that is more urgent, of 120: what is changed by hand while it runs is
/// found as soon as at other times.
const FLOOR_OF_SYNC: i32 = 30;

/// Calls that are left to work more urgent than this lane's, of 120.
pub fn floor(lane: Lane) -> i32 {
    match lane {
        Lane::Counter => 0,
        Lane::Inventory => 16,
        Lane::Bulk => 20,
        Lane::Internal | Lane::Mail => 0,
    }
}

impl Context {
    /// One read within the budget.
    ///
    /// # Errors
    /// [`CallFailure`]; the budget and the link know of it already.
    pub async fn read<T>(
        &self,
        lane: Lane,
        call: impl AsyncFnOnce(&SnipeIt) -> Result<Read<T>, ReadFailure>,
    ) -> Result<Read<T>, CallFailure> {
        self.read_above(floor(lane), lane, call).await
    }

    /// One read of a whole sync: as [`Self::read`], with less of the budget.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_for_sync<T>(
        &self,
        call: impl AsyncFnOnce(&SnipeIt) -> Result<Read<T>, ReadFailure>,
    ) -> Result<Read<T>, CallFailure> {
        self.read_above(FLOOR_OF_SYNC, Lane::Bulk, call).await
    }

    async fn read_above<T>(
        &self,
        floor: i32,
        lane: Lane,
        call: impl AsyncFnOnce(&SnipeIt) -> Result<Read<T>, ReadFailure>,
    ) -> Result<Read<T>, CallFailure> {
        let taken = self.take_above(floor, 1).await?;
        crash::pass_in(lane, CrashPoint::CallTaken);
        let read = call(&self.snipeit).await;
        match &read {
            Ok(read) => self.note_call(taken, 0, &read.seen, &Health::Good).await?,
            Err(failure) => self.note_call(taken, 0, &failure.seen, &Health::of_failure(failure)).await?,
        }
        Ok(read?)
    }

    /// Takes calls in a transaction of their own.
    pub async fn take_calls(&self, lane: Lane, calls: i32) -> Result<Taken, CallFailure> {
        self.take_above(floor(lane), calls).await
    }

    async fn take_above(&self, floor: i32, calls: i32) -> Result<Taken, CallFailure> {
        let mut transaction = self.pool.begin().await?;
        let taken = budget::take(&mut transaction, calls, floor, &self.budget).await?;
        transaction.commit().await?;
        taken.map_err(|refused| CallFailure::NoBudget { wait: refused.wait.to_std().unwrap_or_default() })
    }

    /// Gives calls back that were taken and not made.
    pub async fn give_back(&self, taken: Taken, calls: i32) -> Result<(), StoreError> {
        if !self.budget.is_limited {
            return Ok(());
        }
        let mut transaction = self.pool.begin().await?;
        budget::note_answer(&mut transaction, taken.window_number, calls, None, &self.budget).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Tells the budget and the link what one answer, or its absence, showed.
    pub async fn note_call(
        &self,
        taken: Taken,
        unused: i32,
        seen: &CallSeen,
        health: &Health,
    ) -> Result<(), StoreError> {
        let rate = seen.rate_limit.map(|rate| RateSeen {
            limit: i32::try_from(rate.limit).unwrap_or(i32::MAX),
            remaining: i32::try_from(rate.remaining).unwrap_or(i32::MAX),
        });
        if let Some(difference) = seen.clock_difference() {
            self.clock.learn(difference);
        }
        let mut transaction = self.pool.begin().await?;
        if self.budget.is_limited {
            budget::note_answer(&mut transaction, taken.window_number, unused, rate, &self.budget).await?;
        }
        match health {
            Health::Good => link::note_answer(&mut transaction, seen.clock_seen(Utc::now())).await?,
            Health::Throttled => budget::note_throttled(&mut transaction, &self.budget).await?,
            Health::Outage(what) => self.note_outage(&mut transaction, what).await?,
            Health::Installation(cause) => self.pause(&mut transaction, cause).await?,
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn note_outage(&self, conn: &mut sqlx::PgConnection, what: &str) -> Result<(), store::StoreError> {
        let streak = link::note_outage(conn).await?;
        if streak >= self.rules.outage_threshold {
            self.pause(conn, &format!("Snipe-IT does not answer: {what}")).await?;
        }
        Ok(())
    }

    async fn pause(&self, conn: &mut sqlx::PgConnection, cause: &str) -> Result<(), store::StoreError> {
        if link::pause(conn, cause, self.times.probe_interval).await? {
            tracing::error!(
                pause.cause = cause,
                "Nothing is sent to Snipe-IT any more until a probe succeeds: {cause}"
            );
        }
        Ok(())
    }
}

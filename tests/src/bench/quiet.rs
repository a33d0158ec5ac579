//! An idle lab: one requisition at a time, from the submit to the call that Snipe-IT receives, and what a loan costs in calls.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use makerlab_shared::domain::id::LoanId;

use super::{cast::Cast, ground::Ground, report::median};
use crate::simulator::{CallKind, RequestSeen};

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy)]
pub struct Quiet {
    pub first_call_p50_ms: f64,
    pub calls_per_checkout: f64,
    pub calls_per_checkin: f64,
}

/// Lends and takes back `loans` units. Nothing else may be going on.
pub async fn measure(ground: &Ground, cast: &Cast, loans: usize) -> anyhow::Result<Quiet> {
    // The borrower is known from the first loan on.
    let mut given = vec![lend(ground, cast, 0).await?.loan];
    let before = calls(ground);
    let mut waits = Vec::new();
    for turn in 1..=loans {
        let lent = lend(ground, cast, turn).await?;
        waits.push((lent.called_at - lent.sent_at).as_seconds_f64() * 1000.0);
        given.push(lent.loan);
    }
    let between = calls(ground);
    for loan in given.drain(1..) {
        cast.student.give_back(loan).await?;
        ground.idle().await?;
    }
    ground.in_status("returned", loans).await?;
    let share = |calls: usize| calls as f64 / loans as f64;
    Ok(Quiet {
        first_call_p50_ms: median(waits),
        calls_per_checkout: share(between - before),
        calls_per_checkin: share(calls(ground) - between),
    })
}

struct Lent {
    loan: LoanId,
    sent_at: DateTime<Utc>,
    /// When Snipe-IT received the check-out.
    called_at: DateTime<Utc>,
}

async fn lend(ground: &Ground, cast: &Cast, turn: usize) -> anyhow::Result<Lent> {
    let ledger = ground.simulator.state().ledger();
    let check_outs = ledger.count_calls(CallKind::Checkout);
    let sent_at = Utc::now();
    let loan = cast.request(turn).await?.loans.first().context("a unit was promised")?.id;
    let is_check_out = |request: &&RequestSeen| request.call == Some(CallKind::Checkout);
    ledger.wait_for(|page| page.requests.iter().filter(is_check_out).count() > check_outs, PATIENCE).await?;
    let call = ledger.requests().iter().rfind(is_check_out).map(|call| call.at);
    ground.idle().await?;
    Ok(Lent { loan, sent_at, called_at: call.context("a check-out was received")? })
}

fn calls(ground: &Ground) -> usize {
    ground.simulator.state().ledger().requests().len()
}

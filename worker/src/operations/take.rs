//! The take: calls, job and intent in one transaction, or nothing at all.

use super::held::Held;
use crate::{
    borrower::{self, Match},
    calls,
    context::Context,
    jobs::{Failure, Ran},
};
use chrono::TimeDelta;
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        actor::Actor,
        budget::{Refused, Taken},
        change::Cause,
        inventory::{SnipeitLabelId, SnipeitUserId},
        label_policy::LabelUse,
        operation::{Action, Event, Operation, OperationKind, choose_fingerprint, decide},
        requisition::{Dossier, ReturnCondition, ReturnReport},
    },
    store::{
        budget, catalogue,
        commit::{CommitError, commit},
        jobs::{self, Due, Postponement, RunCounts},
        labels, link, operations,
    },
};
use serde_json::json;
use sqlx::{Postgres, Transaction};
use std::time::Duration;

/// How long an operation waits for another one on the same asset.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// How long until an operation is to be seen that took the asset at the same moment.
const BESIDE: Duration = Duration::from_millis(200);
/// How long a check-out waits for a unit that somebody else has from the counter.
const UNIT_AWAY_WAIT: Duration = Duration::from_secs(15 * 60);
/// How long an operation waits for a technician to mend the borrower; settling the finding makes it due at once.
const UNMATCHED_WAIT: Duration = Duration::from_secs(15 * 60);

/// Everything that carrying an operation out needs; nothing of it changes on the way.
#[derive(Debug, Clone)]
pub(super) struct TakenOperation {
    pub operation: Operation,
    pub first: Action,
    pub budget: Taken,
    pub borrower: Option<SnipeitUserId>,
    pub requisition_number: String,
    pub due_at: chrono::DateTime<chrono::Utc>,
    /// What a check-in sets with it, by what was said of the unit's condition.
    pub label: Option<SnipeitLabelId>,
}

pub(super) enum Took {
    Ready(Box<TakenOperation>),
    /// The run is over already.
    Ended(Ran),
}

type Tx = Transaction<'static, Postgres>;

/// Takes what a write needs and writes the intent; what is too late is given up instead.
pub(super) async fn for_write(
    context: &Context,
    mut transaction: Tx,
    held: &Held,
    dossier: Dossier,
    operation: Operation,
) -> Result<Took, Failure> {
    if dossier.is_too_late(&operation) {
        return give_up(context, transaction, held, dossier).await;
    }
    let link = link::load(&mut transaction).await?;
    if link.pause.is_some() {
        return Ok(Took::Ended(Ran::Paused));
    }
    if operations::is_asset_busy(&mut transaction, operation.asset, operation.id).await? {
        return postpone(transaction, held, BUSY_WAIT, "another operation on this asset has no known outcome yet")
            .await;
    }
    if operation.kind == OperationKind::CheckOut
        && operations::is_handed_over_to_another(&mut transaction, &operation).await?
    {
        return postpone(transaction, held, UNIT_AWAY_WAIT, "the unit was handed over to somebody else").await;
    }
    let borrower = match operation.kind {
        OperationKind::CheckIn => operation.tenure.map(|tenure| tenure.user),
        OperationKind::CheckOut => {
            let loan = dossier.find_loan(operation.loan_id).ok_or_else(|| broken("the loan is not there"))?;
            let borrower = operations::find_borrower(&mut transaction, loan.borrower_id).await?;
            if borrower.is_none() {
                let user = loan.borrower_id;
                transaction.commit().await?;
                return match_first(context, held, user).await;
            }
            borrower
        }
    };
    let newest = catalogue::find_newest_checkout(&mut transaction, operation.asset).await?;
    // Before the first sweep there is the first sync, which has just read everything.
    let unseen_for = link.swept_at.map_or(TimeDelta::zero(), |swept_at| held.job.taken_at - swept_at);
    let chosen = choose_fingerprint(context.clock.now(), context.zones.snipeit_timezone, newest, unseen_for);
    let fingerprint = match (operation.kind, operation.fingerprint, chosen) {
        (OperationKind::CheckIn, ..) | (OperationKind::CheckOut, Some(_), _) => None,
        (OperationKind::CheckOut, None, Ok(fingerprint)) => Some(fingerprint),
        (OperationKind::CheckOut, None, Err(early)) => {
            let wait = early.retry_after.to_std().unwrap_or(BUSY_WAIT);
            return postpone(transaction, held, wait, &early.to_string()).await;
        }
    };
    let budget = match take_calls(context, &mut transaction, held, &operation).await? {
        Ok(budget) => budget,
        Err(refused) => return Ok(no_budget(refused)),
    };
    let label = find_label(context, &mut transaction, &dossier, &operation).await?;
    let look_after = held.job.taken_at + context.times.look_after_take();
    let (operation, actions) = decide(operation, Event::Taken { look_after, fingerprint });
    let taken = TakenOperation { label, ..taken_operation(&dossier, operation, actions, budget, borrower) };
    let cause = Cause::new(Actor::System, "sent");
    let change = dossier.advance(taken.operation.clone(), &cause);
    match commit(&mut transaction, &change).await {
        Ok(()) => {}
        // Another worker took another operation on this asset at the same moment.
        Err(CommitError::Constraint(_)) => {
            // Everything is rolled back and the bell is kept: by the next try that one is to be seen.
            return Ok(Took::Ended(Ran::NoBudget { wait: BESIDE }));
        }
        Err(error) => return Err(error.into()),
    }
    let intent = json!({
        "fingerprint": taken.operation.fingerprint, "marker": taken.operation.id.marker(), "look_after": look_after,
        "borrower": borrower,
    });
    append(&mut transaction, held, &taken.operation, "intent", intent).await?;
    jobs::defer_next_ring(&mut transaction, &held.job, look_after).await?;
    crash::pass_in(held.job.lane, CrashPoint::TakeBeforeCommit);
    transaction.commit().await?;
    crash::pass_in(held.job.lane, CrashPoint::TakeAfterCommit);
    Ok(Took::Ready(Box::new(taken)))
}

/// Takes what a look needs: the asset, and perhaps the log.
pub(super) async fn for_look(
    context: &Context,
    mut transaction: Tx,
    held: &Held,
    dossier: Dossier,
    operation: Operation,
) -> Result<Took, Failure> {
    if link::load(&mut transaction).await?.pause.is_some() {
        return Ok(Took::Ended(Ran::Paused));
    }
    // One in doubt may stand behind another one on its asset.
    if operation.in_doubt && operations::is_asset_busy(&mut transaction, operation.asset, operation.id).await? {
        return postpone(transaction, held, BUSY_WAIT, "another operation on this asset has no known outcome yet")
            .await;
    }
    let taken = budget::take(&mut transaction, 1, calls::floor(held.job.lane), &context.budget).await?;
    let budget = match taken {
        Ok(budget) => budget,
        Err(refused) => return Ok(no_budget(refused)),
    };
    let loan = dossier.find_loan(operation.loan_id).ok_or_else(|| broken("the loan is not there"))?;
    let borrower = match operation.tenure {
        Some(tenure) => Some(tenure.user),
        None => operations::find_addressee(&mut transaction, operation.id, loan.borrower_id).await?,
    };
    let taken = taken_operation(&dossier, operation, vec![Action::Look], budget, borrower);
    // What was `sent` by somebody who died is `unknown` from here on.
    let change = dossier.advance(taken.operation.clone(), &Cause::new(Actor::System, "looking"));
    match commit(&mut transaction, &change).await {
        Ok(()) => {}
        Err(CommitError::Constraint(_)) => return Ok(Took::Ended(Ran::NoBudget { wait: BESIDE })),
        Err(error) => return Err(error.into()),
    }
    crash::pass_in(held.job.lane, CrashPoint::LookBeforeCommit);
    transaction.commit().await?;
    crash::pass_in(held.job.lane, CrashPoint::LookAfterCommit);
    Ok(Took::Ready(Box::new(taken)))
}

async fn take_calls(
    context: &Context,
    transaction: &mut Tx,
    held: &Held,
    operation: &Operation,
) -> Result<Result<Taken, Refused>, Failure> {
    // A check-in reads the tenure before it sends.
    let calls = match operation.kind {
        OperationKind::CheckOut => 1,
        OperationKind::CheckIn => 2,
    };
    Ok(budget::take(transaction, calls, calls::floor(held.job.lane), &context.budget).await?)
}

/// The transaction is dropped and so rolled back: nothing has happened.
fn no_budget(refused: Refused) -> Took {
    Took::Ended(Ran::NoBudget { wait: refused.wait.to_std().unwrap_or_default() })
}

fn taken_operation(
    dossier: &Dossier,
    mut operation: Operation,
    actions: Vec<Action>,
    budget: Taken,
    borrower: Option<SnipeitUserId>,
) -> TakenOperation {
    // The row's version moves with the commit that follows.
    let first = actions.into_iter().next().unwrap_or(Action::Finish);
    // An extension moves the loan, not the requisition.
    let loan = dossier.find_loan(operation.loan_id);
    let due_at = loan.map_or(dossier.requisition.period, |loan| loan.period).due_at;
    let number = dossier.requisition.number.as_ref().map(|number| number.0.clone()).unwrap_or_default();
    operation.settled_at = None;
    TakenOperation { operation, first, budget, borrower, requisition_number: number, due_at, label: None }
}

/// `None`: the unit keeps its label, since nothing was said, nothing was chosen, or Snipe-IT has no such label.
async fn find_label(
    context: &Context,
    transaction: &mut Tx,
    dossier: &Dossier,
    operation: &Operation,
) -> Result<Option<SnipeitLabelId>, Failure> {
    let loan = dossier.find_loan(operation.loan_id).filter(|_| operation.kind == OperationKind::CheckIn);
    let meant_for = match loan.and_then(|loan| loan.returned_as.as_ref()).map(ReturnReport::condition) {
        None | Some(ReturnCondition::Fine | ReturnCondition::Incomplete) => return Ok(None),
        Some(ReturnCondition::Damaged) => LabelUse::Damaged,
        Some(ReturnCondition::Lost) => LabelUse::Lost,
    };
    Ok(context.rules.labels.find(meant_for, &labels::list(transaction).await?))
}

async fn append(
    transaction: &mut Tx,
    held: &Held,
    operation: &Operation,
    event: &'static str,
    detail: serde_json::Value,
) -> Result<(), Failure> {
    let evidence = operations::Evidence { event, detail };
    Ok(operations::append_evidence(transaction, operation.id, operation.attempts, held.job.epoch, &evidence).await?)
}

async fn postpone(mut transaction: Tx, held: &Held, wait: Duration, reason: &str) -> Result<Took, Failure> {
    let reason = reason.to_owned();
    let later = Postponement { due: Due::In(wait), reason, run: RunCounts::GivenBack };
    jobs::postpone(&mut transaction, &held.job, &later).await?;
    crash::pass_in(held.job.lane, CrashPoint::PutOffBeforeCommit);
    transaction.commit().await?;
    crash::pass_in(held.job.lane, CrashPoint::PutOffAfterCommit);
    Ok(Took::Ended(Ran::Settled))
}

/// Whatever else of the requisition is too late goes with it; the jobs of those find them given up.
async fn give_up(context: &Context, mut transaction: Tx, held: &Held, dossier: Dossier) -> Result<Took, Failure> {
    commit(&mut transaction, &dossier.release_too_late(held.job.taken_at)).await?;
    jobs::finish(&mut transaction, &held.job, "period_over").await?;
    transaction.commit().await?;
    context.waker.wake();
    Ok(Took::Ended(Ran::Settled))
}

/// Nothing is sent for a borrower whom Snipe-IT does not know: the job finds out first, then comes again.
async fn match_first(
    context: &Context,
    held: &Held,
    user: makerlab_shared::domain::id::UserId,
) -> Result<Took, Failure> {
    let (wait, reason) = match borrower::find_and_remember(context, held.job.lane, user).await {
        Ok(Match::Found) => (Duration::ZERO, String::new()),
        Ok(Match::Unclear) => {
            (UNMATCHED_WAIT, "the borrower is not matched to one Snipe-IT user; see findings".to_owned())
        }
        Err(failure) if failure.is_transient() => (crate::jobs::backoff(&held.job), failure.to_string()),
        Err(failure) => return Err(failure),
    };
    let mut transaction = context.pool.begin().await?;
    if !jobs::is_still_ours(&mut transaction, &held.job).await? {
        return Ok(Took::Ended(Ran::NothingToDo));
    }
    let took = postpone(transaction, held, wait, &reason).await?;
    context.waker.wake();
    Ok(took)
}

fn broken(what: &str) -> Failure {
    Failure::Broken(what.to_owned())
}

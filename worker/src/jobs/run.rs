//! `run(job_id)`: take, handle, settle. A second delivery finds nothing to take.

use super::{Failure, Handled, Settlement};
use crate::{
    approvals, borrower, calls::CallFailure, catalogue, context::Context, counter, labels, letters, loans, operations,
    promises, waiting_list,
};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        change::Change,
        finding::{FindingKind, NewFinding},
        id::{FindingId, JobId},
        job::JobKind,
        text_enum::UnknownWord,
    },
    retry::RetryPolicy,
    store::{
        StoreError,
        commit::commit,
        digests,
        jobs::{self, Due, Postponement, RunCounts, TakenJob},
    },
};
use std::time::{Duration, Instant};

/// How a job that failed on our side comes again.
const RETRY: RetryPolicy = RetryPolicy::new(Duration::from_secs(2), Duration::from_secs(120));

/// How long a settle waits before it tries the database again.
pub(crate) const SETTLE_RETRY: Duration = Duration::from_millis(200);

/// So long it tries at least: a letter has prolonged its lease, and a try may wait for a connection as long as a short lease
/// lasts. Trying too long harms nobody, since nothing is stored for a job that somebody else has.
const SETTLE_AT_LEAST: Duration = Duration::from_secs(30);

/// What became of a bell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// The job was taken and settled, or postponed.
    Settled,
    /// Done, taken by somebody else, or not due: the bell is to be forgotten.
    NothingToDo,
    /// Nothing has happened: the bell is to be kept until the budget allows it.
    NoBudget { wait: Duration },
    /// Nothing has happened: nothing is sent to Snipe-IT at the moment.
    Paused,
}

/// Runs one job.
///
/// # Errors
/// [`Failure`] when nothing could be settled; the lease runs out and the bell rings again.
pub async fn run(context: &Context, id: JobId) -> Result<Ran, Failure> {
    let began = Instant::now();
    let mut transaction = context.pool.begin().await?;
    let job = match jobs::take(&mut transaction, id, context.times.lease).await {
        Ok(Some(job)) => job,
        Ok(None) => return Ok(Ran::NothingToDo),
        // A kind of job that only a newer version knows.
        Err(StoreError::UnknownWord(word)) => {
            drop(transaction);
            return set_unreadable_aside(context, id, &word).await;
        }
        Err(error) => return Err(error.into()),
    };
    if job.kind == JobKind::RunOperation {
        return operations::run(context, transaction, job, began).await;
    }
    crash::pass_in(job.lane, CrashPoint::TakeBeforeCommit);
    transaction.commit().await?;
    crash::pass_in(job.lane, CrashPoint::TakeAfterCommit);
    let handled = if is_out_of_runs(context, &job) {
        Err(Failure::Broken("it was taken as often as it may be".to_owned()))
    } else {
        handle(context, &job).await
    };
    settle(context, &job, handled, began + context.times.lease.max(SETTLE_AT_LEAST)).await
}

pub(crate) fn is_out_of_runs(context: &Context, job: &TakenJob) -> bool {
    u32::try_from(job.runs).unwrap_or(0) > context.times.max_runs
}

async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    match job.kind {
        JobKind::RunOperation => operations::never_here(),
        JobKind::MatchBorrower => borrower::handle(context, job).await,
        JobKind::SyncCatalogue => catalogue::handle_sync(context, job).await,
        JobKind::Sweep => catalogue::handle_sweep(context, job).await,
        JobKind::NoticeVerifying => letters::handle_notice(context, job).await,
        JobKind::WatchReturn => loans::handle_watch(context, job).await,
        JobKind::SetExpectedCheckin => loans::handle_expected_checkin(context, job).await,
        JobKind::SetLabel => labels::handle(context, job).await,
        JobKind::ReleaseUncollected => counter::handle_uncollected(context, job).await,
        JobKind::RemindApprovers => approvals::handle_reminder(context, job).await,
        JobKind::RemindOfWish => approvals::handle_wish(context, job).await,
        JobKind::SendMail => letters::handle_send(context, job).await,
        JobKind::SendDigest => letters::handle_digest(context, job).await,
        JobKind::WatchPromise => promises::handle_watch(context, job).await,
        JobKind::ServeWaitingList => waiting_list::handle_serve(context, job).await,
    }
}

/// A database that is away for a moment must not make a letter go out twice.
async fn settle(
    context: &Context,
    job: &TakenJob,
    handled: Result<Handled, Failure>,
    try_until: Instant,
) -> Result<Ran, Failure> {
    let handled = match handled {
        Ok(handled) => handled,
        Err(failure) if failure.is_transient() => again_later(job, &failure),
        Err(failure) => return set_aside(context, job, &failure).await,
    };
    loop {
        match try_settle(context, job, &handled).await {
            Err(failure) if failure.is_transient() && Instant::now() + SETTLE_RETRY < try_until => {
                tracing::warn!(
                    error = &failure as &dyn std::error::Error,
                    "The outcome of job {} could not be stored yet; it is tried again",
                    job.id
                );
                tokio::time::sleep(SETTLE_RETRY).await;
            }
            settled => return settled,
        }
    }
}

async fn try_settle(context: &Context, job: &TakenJob, handled: &Handled) -> Result<Ran, Failure> {
    let mut transaction = context.pool.begin().await?;
    if !jobs::is_still_ours(&mut transaction, job).await? {
        return Ok(Ran::NothingToDo);
    }
    commit(&mut transaction, &handled.change).await?;
    match &handled.settlement {
        Settlement::Done(outcome) => jobs::finish(&mut transaction, job, outcome).await?,
        Settlement::Again(postponement) => jobs::postpone(&mut transaction, job, postponement).await?,
        Settlement::DigestDone { person, outcome } => {
            if digests::lock_waiting(&mut transaction, *person).await?.is_empty() {
                jobs::finish(&mut transaction, job, outcome).await?
            } else {
                let reason = "more waits to be told".to_owned();
                let next = Postponement { due: Due::In(Duration::ZERO), reason, run: RunCounts::NewRound };
                jobs::postpone(&mut transaction, job, &next).await?
            }
        }
    };
    crash::pass_in(job.lane, CrashPoint::SettleBeforeCommit);
    transaction.commit().await?;
    crash::pass_in(job.lane, CrashPoint::SettleAfterCommit);
    context.waker.wake();
    Ok(Ran::Settled)
}

fn again_later(job: &TakenJob, failure: &Failure) -> Handled {
    // A budget that is used up, or Snipe-IT being away, is not the job's fault.
    let (wait, run) = match failure {
        Failure::Call(CallFailure::NoBudget { wait }) => (*wait, RunCounts::GivenBack),
        Failure::Call(CallFailure::Read(read)) if read.is_transient() => (backoff(job), RunCounts::GivenBack),
        _ => (backoff(job), RunCounts::Yes),
    };
    tracing::warn!(job.id = %job.id, error = failure as &dyn std::error::Error, "Job {} comes again later", job.id);
    Handled::again(wait, failure.to_string(), run)
}

pub(crate) fn backoff(job: &TakenJob) -> Duration {
    let attempt = u32::try_from(job.runs - 1).unwrap_or(0);
    RETRY.delay(attempt, &mut rand::rng()).max(Duration::from_millis(200))
}

/// A job that cannot be run is a person's: dead, with a finding.
async fn set_aside(context: &Context, job: &TakenJob, failure: &Failure) -> Result<Ran, Failure> {
    tracing::error!(job.id = %job.id, error = failure as &dyn std::error::Error, "Job {} is set aside", job.id);
    let mut transaction = context.pool.begin().await?;
    if jobs::bury(&mut transaction, job, &failure.to_string()).await? {
        commit(&mut transaction, &buried(job, failure)).await?;
        crash::pass_in(job.lane, CrashPoint::SetAsideBeforeCommit);
        transaction.commit().await?;
        crash::pass_in(job.lane, CrashPoint::SetAsideAfterCommit);
    }
    Ok(Ran::Settled)
}

async fn set_unreadable_aside(context: &Context, id: JobId, word: &UnknownWord) -> Result<Ran, Failure> {
    tracing::error!(job.id = %id, error = word as &dyn std::error::Error, "Job {id} is not understood and set aside");
    let mut transaction = context.pool.begin().await?;
    if jobs::bury_unreadable(&mut transaction, id, &word.to_string()).await? {
        let summary = format!("A job was set aside because this version does not understand it: {word}");
        commit(&mut transaction, &finding_of(id, summary, serde_json::json!({ "job_id": id }))).await?;
        transaction.commit().await?;
    }
    Ok(Ran::Settled)
}

fn buried(job: &TakenJob, failure: &Failure) -> Change {
    let evidence =
        serde_json::json!({ "job_id": job.id, "kind": job.kind, "runs": job.runs, "subject_id": job.subject_id });
    finding_of(job.id, format!("A {} job was set aside: {failure}", job.kind), evidence)
}

fn finding_of(job: JobId, summary: String, evidence: serde_json::Value) -> Change {
    let finding = NewFinding {
        id: FindingId::generate(),
        kind: FindingKind::JobOutOfRuns,
        subject_id: job.0,
        requisition_id: None,
        summary,
        evidence,
    };
    Change { findings: vec![finding], ..Change::default() }
}

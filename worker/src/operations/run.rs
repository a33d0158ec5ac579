//! One run of an operation's job: what is due, taken in one transaction, carried out, settled.

use super::{doubt::accept_database, held::Held, perform, settle, take};
use crate::{
    context::Context,
    jobs::{Failure, Ran},
};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        id::OperationId,
        operation::{Action, Event, Operation, decide},
        requisition::Dossier,
    },
    store::{
        dossier,
        jobs::{self, Due, Postponement, RunCounts, TakenJob},
        lineage,
    },
};
use sqlx::{Postgres, Transaction};
use std::time::{Duration, Instant};

/// Runs the operation of a job that was just taken in this transaction. `began`: before the take was asked for, so
/// that our idea of the lease never outlasts PostgreSQL's.
pub async fn run(
    context: &Context,
    mut transaction: Transaction<'static, Postgres>,
    job: TakenJob,
    began: Instant,
) -> Result<Ran, Failure> {
    if !lineage::is_accepted(&mut transaction).await? {
        drop(transaction);
        accept_database(context).await?;
        return Ok(Ran::NoBudget { wait: Duration::ZERO });
    }
    let held = Held { lease_ends: began + context.times.lease, job };
    let id = OperationId(held.job.subject_id);
    let Some((dossier, operation)) = load(&mut transaction, id).await? else {
        jobs::bury(&mut transaction, &held.job, "the operation does not exist").await?;
        transaction.commit().await?;
        return Ok(Ran::Settled);
    };
    if crate::jobs::is_out_of_runs(context, &held.job) {
        transaction.commit().await?;
        crash::pass_in(held.job.lane, CrashPoint::OutOfRunsTaken);
        return settle::out_of_runs(context, &held, operation).await;
    }
    let (operation, actions) = decide(operation, Event::Due { now: held.job.taken_at });
    match actions.first() {
        Some(Action::Take) => match take::for_write(context, transaction, &held, dossier, operation).await? {
            take::Took::Ready(taken) => perform::run(context, held, *taken).await,
            take::Took::Ended(ran) => Ok(ran),
        },
        Some(Action::Look) => match take::for_look(context, transaction, &held, dossier, operation).await? {
            take::Took::Ready(taken) => perform::run(context, held, *taken).await,
            take::Took::Ended(ran) => Ok(ran),
        },
        Some(Action::WaitUntil(instant)) => {
            let reason = "the outcome is being verified".to_owned();
            let wait = Postponement { due: Due::At(*instant), reason, run: RunCounts::GivenBack };
            jobs::postpone(&mut transaction, &held.job, &wait).await?;
            crash::pass_in(held.job.lane, CrashPoint::WaitBeforeCommit);
            transaction.commit().await?;
            crash::pass_in(held.job.lane, CrashPoint::WaitAfterCommit);
            Ok(Ran::Settled)
        }
        _ => {
            jobs::finish(&mut transaction, &held.job, operation.state.as_str()).await?;
            crash::pass_in(held.job.lane, CrashPoint::CloseBeforeCommit);
            transaction.commit().await?;
            crash::pass_in(held.job.lane, CrashPoint::CloseAfterCommit);
            Ok(Ran::Settled)
        }
    }
}

async fn load(
    transaction: &mut Transaction<'static, Postgres>,
    id: OperationId,
) -> Result<Option<(Dossier, Operation)>, Failure> {
    let Some(dossier) = dossier::load_for_operation(transaction, id).await? else { return Ok(None) };
    let operation = dossier.find_operation(id).cloned();
    Ok(operation.map(|operation| (dossier, operation)))
}

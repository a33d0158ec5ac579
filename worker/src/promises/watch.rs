//! Ahead of time, a look at the unit that is kept for a loan: exchanged if it will not be there, else people are told.

use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use chrono::TimeDelta;
use makerlab_shared::{
    domain::{
        availability::{Obstacle, Outlook},
        change::Change,
        id::LoanId,
        job::NewJob,
        notification::NotificationEvent,
        requisition::{Dossier, OpenPromise},
    },
    store::{catalogue, commit::commit, dossier, jobs::TakenJob, letters, shelf},
};
use sqlx::PgConnection;

/// How soon it is looked for another unit again where none was free.
const NEXT_LOOK: TimeDelta = TimeDelta::hours(1);

/// Job `watch_promise`; its subject is the loan. Over when the loan begins: its check-out looks after itself.
///
/// Committed here, under the requisition's lock. A second delivery finds the unit exchanged, or the people told.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let id = LoanId(job.subject_id);
    let mut transaction = context.pool.begin().await?;
    let found = dossier::load_for_loan(&mut transaction, id).await?;
    let Some((promise, dossier)) = found.and_then(|dossier| Some((dossier.find_open_promise(id)?, dossier))) else {
        return Ok(Handled::done("not_a_promise_any_more"));
    };
    let (now, starts_at) = (dossier.now, promise.loan.period.starts_at);
    if starts_at <= now {
        return Ok(Handled::done("begun"));
    }
    let plans = shelf::list_plans(&mut transaction, promise.model_id, None).await?;
    let plan = plans.iter().find(|plan| plan.unit.id == promise.loan.equipment_id);
    let why = match shelf::load_rules(&mut transaction).await?.outlook(plan) {
        Outlook::Fine => return Ok(Handled::done("unit_is_there")),
        Outlook::ComesBack { due_at } if due_at < starts_at => {
            return Ok(Handled::at_lab_time(due_at, "the unit is due before the loan begins"));
        }
        Outlook::ComesBack { .. } => return Ok(Handled::done("unit_is_due_when_the_loan_begins")),
        Outlook::AtRisk(why) => why,
    };
    let (change, is_exchanged) = respond(&mut transaction, dossier, &promise, why).await?;
    commit(&mut transaction, &change).await?;
    transaction.commit().await?;
    context.waker.wake();
    match is_exchanged {
        true => Ok(Handled::done("unit_exchanged")),
        false => {
            let next = (now + NEXT_LOOK).min(starts_at);
            Ok(Handled::at_lab_time(next, "the unit is not there and no other is free"))
        }
    }
}

/// Another unit where the line allows one and one is free; else the people concerned are told, once.
async fn respond(
    conn: &mut PgConnection,
    dossier: Dossier,
    promise: &OpenPromise,
    why: Obstacle,
) -> Result<(Change, bool), Failure> {
    if promise.any_unit {
        let former = [promise.loan.equipment_id];
        let free = catalogue::choose_units(conn, promise.model_id, promise.loan.period, 1, &former).await?;
        if let Some(unit) = free.into_iter().next() {
            let mut change = dossier.exchange_unit(promise, unit, why);
            // The unit that was chosen may be out as well, and due in time.
            change.jobs.push(NewJob::watch_promise(promise.loan.id, promise.loan.period));
            return Ok((change, true));
        }
    }
    if letters::was_told(conn, NotificationEvent::PromiseAtRisk, promise.loan.id.0).await? {
        return Ok((Change::default(), false));
    }
    Ok((dossier.tell_promise_at_risk(promise), false))
}

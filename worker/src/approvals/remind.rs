//! Those who have not decided are reminded after the lab's number of hours, by the lab's clock; what nobody has decided when
//! its period is over lapses.

use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use makerlab_shared::{
    domain::{id::RequisitionId, requisition::Reminded},
    store::{
        approvers,
        commit::commit,
        dossier,
        jobs::{self, TakenJob},
        lab_settings,
    },
};
use sqlx::{Postgres, Transaction};

const REMINDED: &str = "reminded";
const WAITS: &str = "waits for a decision";

/// Job `remind_approvers`; its subject is the requisition.
///
/// Committed here, under the requisition's lock and together with its note of it: a second delivery finds them reminded, or
/// nothing that waits.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let id = RequisitionId(job.subject_id);
    let mut transaction = context.pool.begin().await?;
    let dossier = dossier::load_for_update(&mut transaction, id).await?;
    let dossier = dossier.ok_or_else(|| Failure::Broken("the requisition does not exist".to_owned()))?;
    let hours = lab_settings::load(&mut transaction).await?.numbers.remind_approvers_after_hours;
    let approvers = approvers::list(&mut transaction, &dossier.requisition).await?;
    settle(context, job, transaction, dossier.remind_approvers(&approvers, hours)).await
}

/// Commits what has come of it, or says when to look again.
pub(super) async fn settle(
    context: &Context,
    job: &TakenJob,
    mut transaction: Transaction<'static, Postgres>,
    reminded: Reminded,
) -> Result<Handled, Failure> {
    match reminded {
        Reminded::NotWaiting => Ok(Handled::done("not_waiting")),
        Reminded::Wait { until } => Ok(Handled::at_lab_time(until, WAITS)),
        Reminded::Already => end(transaction, job).await,
        Reminded::Now { change, then: None } => {
            commit(&mut transaction, &change).await?;
            let handled = end(transaction, job).await?;
            context.waker.wake();
            Ok(handled)
        }
        Reminded::Now { change, then: Some(until) } => {
            commit(&mut transaction, &change).await?;
            transaction.commit().await?;
            context.waker.wake();
            Ok(Handled::at_lab_time(until, WAITS))
        }
        Reminded::Lapsed(change) => {
            commit(&mut transaction, &change).await?;
            transaction.commit().await?;
            context.waker.wake();
            Ok(Handled::done("lapsed"))
        }
    }
}

/// Under the lock under which another is asked for: it finds either this job open, or none.
async fn end(mut transaction: Transaction<'static, Postgres>, job: &TakenJob) -> Result<Handled, Failure> {
    jobs::finish(&mut transaction, job, REMINDED).await?;
    transaction.commit().await?;
    Ok(Handled::done(REMINDED))
}

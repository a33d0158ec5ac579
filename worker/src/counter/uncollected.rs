//! What nobody collects at the counter is released after the lab's number of days.

use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use makerlab_shared::{
    domain::{id::LoanId, requisition::Uncollected},
    store::{commit::commit, counter, dossier, jobs::TakenJob, lab_settings},
};

/// Job `release_uncollected`; its subject is the loan that waits.
///
/// Committed here, under the requisition's lock: what waits together is released together and told once. A second
/// delivery finds nothing that waits.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let loan = LoanId(job.subject_id);
    let mut transaction = context.pool.begin().await?;
    let dossier = dossier::load_for_loan(&mut transaction, loan).await?;
    let dossier = dossier.ok_or_else(|| Failure::Broken("the loan does not exist".to_owned()))?;
    let days = lab_settings::load(&mut transaction).await?.numbers.release_uncollected_after_days;
    let there = counter::list_units_there(&mut transaction, dossier.requisition.id).await?;
    match dossier.release_uncollected(loan, &there, days) {
        Uncollected::NotWaiting => Ok(Handled::done("not_waiting")),
        Uncollected::Wait { until } => Ok(Handled::at_lab_time(until, "waits to be collected")),
        Uncollected::Released(change) => {
            commit(&mut transaction, &change).await?;
            transaction.commit().await?;
            context.waker.wake();
            Ok(Handled::done("released"))
        }
    }
}

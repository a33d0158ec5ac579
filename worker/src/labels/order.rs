//! Which units need another label, found by comparing our promises with what was seen: nothing has to be remembered when a
//! promise is made or ends, and nothing is missed by a crash.

use crate::{context::Context, jobs::Failure};
use makerlab_shared::{
    domain::{change::Change, job::NewJob, label_policy::LabelUse, reserved_label::Labels},
    store::{StoreError, commit::commit, labels, reserved_labels},
};
use sqlx::PgConnection;

/// Ordered by one sweep; the rest by the next.
const MOST: i64 = 50;

/// Orders a job for each unit whose label does not fit; a unit that has one gets no second.
///
/// # Errors
/// When the database did not answer: the next sweep asks again.
pub async fn order(context: &Context) -> Result<(), Failure> {
    let mut transaction = context.pool.begin().await?;
    let reserved = find_labels(&mut transaction, context).await?.reserved;
    let units = reserved_labels::list_to_change(&mut transaction, reserved, MOST).await?;
    if units.is_empty() {
        return Ok(());
    }
    let jobs = units.into_iter().map(NewJob::set_label).collect();
    commit(&mut transaction, &Change { jobs, ..Change::default() }).await?;
    transaction.commit().await?;
    context.waker.wake();
    Ok(())
}

/// Those that were chosen and fit.
pub(super) async fn find_labels(conn: &mut PgConnection, context: &Context) -> Result<Labels, StoreError> {
    let (policy, seen) = (&context.rules.labels, labels::list(conn).await?);
    let find = |meant_for| policy.find(meant_for, &seen);
    Ok(Labels { reserved: find(LabelUse::Reserved), damaged: find(LabelUse::Damaged), lost: find(LabelUse::Lost) })
}

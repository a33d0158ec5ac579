//! Which units need another label, found by comparing our promises with what was seen: nothing has to be remembered when a
//! promise is made or ends, and nothing is missed by a crash.

use crate::{context::Context, jobs::Failure};
use makerlab_shared::{
    domain::{change::Change, inventory::SnipeitLabelId, job::NewJob, label_policy::LabelUse},
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
    let label = find_label(&mut transaction, context).await?;
    let units = reserved_labels::list_to_change(&mut transaction, label, MOST).await?;
    if units.is_empty() {
        return Ok(());
    }
    let jobs = units.into_iter().map(NewJob::set_label).collect();
    commit(&mut transaction, &Change { jobs, ..Change::default() }).await?;
    transaction.commit().await?;
    context.waker.wake();
    Ok(())
}

/// The label for what is reserved, if one was chosen and fits.
pub(super) async fn find_label(
    conn: &mut PgConnection,
    context: &Context,
) -> Result<Option<SnipeitLabelId>, StoreError> {
    let policy = &context.rules.labels;
    if policy.reserved.is_none() {
        return Ok(None);
    }
    Ok(policy.find(LabelUse::Reserved, &labels::list(conn).await?))
}

//! What a requester waited for and has kept: their requisition takes it.

use crate::problem::Problem;
use makerlab_shared::{
    domain::{
        change::Change,
        id::{ModelId, RequisitionId},
        requisition::Submission,
    },
    store::waiting_list,
};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Takes the entries that serve a submission. Where somebody must decide the units stay kept until then.
pub(super) async fn take(
    conn: &mut PgConnection,
    submission: &Submission,
    recorded: RequisitionId,
) -> Result<Change, Problem> {
    let mut change = Change::default();
    let models: BTreeSet<ModelId> = submission.lines.iter().map(|promised| promised.line.model_id).collect();
    let mut held = waiting_list::list_held(conn, submission.requester_id).await?;
    for model in models {
        let serves = held.iter().position(|entry| entry.serves(model, submission.period, submission.now));
        if let Some(index) = serves {
            change.append(held.swap_remove(index).take(recorded, submission.needs_approval()));
        }
    }
    Ok(change)
}

//! What a requester waited for and has kept: their requisition takes it.

use crate::problem::Problem;
use makerlab_shared::{
    domain::{change::Change, id::RequisitionId, requisition::Submission, waiting_list::Claim},
    store::waiting_list,
};
use sqlx::PgConnection;

/// Takes the entries that serve a submission: none of another project, whose history would tell of it; not where it names units, and none of those that are kept. Where somebody must
/// decide, as many units as are asked for stay kept until then.
pub(super) async fn take(
    conn: &mut PgConnection,
    submission: &Submission,
    recorded: RequisitionId,
) -> Result<Change, Problem> {
    let mut change = Change::default();
    let lines = submission.lines.iter().map(|promised| &promised.line);
    let claims = Claim::of_lines(lines.map(|line| (line.model_id, line.equipment_id, line.quantity)));
    let mut held = waiting_list::list_held(conn, submission.requester_id).await?;
    for (model, claim) in claims {
        let serves = held.iter().position(|(entry, units)| {
            entry.serves(submission.project_id, model, submission.period, submission.now)
                && claim.asks_for_one_of(units)
        });
        if let Some(index) = serves {
            let undecided = submission.needs_approval().then_some(claim);
            let (entry, _) = held.remove(index);
            change.append(entry.take(recorded, undecided));
        }
    }
    Ok(change)
}

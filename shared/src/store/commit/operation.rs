//! Rows of operations.

use super::{CommitError, guard};
use crate::domain::operation::Operation;
use sqlx::PgConnection;

pub(super) async fn insert_operation(conn: &mut PgConnection, operation: &Operation) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into operations (id, requisition_id, loan_id, equipment_id, snipeit_asset_id, kind, state,
                                 tenure_user_id, tenure_checkout, any_unit, units_tried, requested_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        operation.id.0,
        operation.requisition_id.0,
        operation.loan_id.0,
        operation.equipment_id.0,
        operation.asset.0,
        operation.kind.as_str(),
        operation.state.as_str(),
        operation.tenure.map(|tenure| tenure.user.0),
        operation.tenure.map(|tenure| tenure.last_checkout),
        operation.any_unit,
        operation.units_tried,
        operation.requested_by.map(|id| id.0),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_operation(conn: &mut PgConnection, operation: &Operation) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update operations
         set state = $3, attempts = $4, fingerprint = $5, borrower_looked_up_again = $6, refusal = $7,
             look_after = $8, settled_at = $9, confirmed_at = $10, in_doubt = $11, version = version + 1
         where id = $1 and version = $2",
        operation.id.0,
        operation.version,
        operation.state.as_str(),
        operation.attempts,
        operation.fingerprint,
        operation.borrower_looked_up_again,
        operation.refusal,
        operation.look_after,
        operation.settled_at,
        operation.confirmed_at,
        operation.in_doubt,
    )
    .execute(conn)
    .await?;
    guard("operation", updated.rows_affected())
}

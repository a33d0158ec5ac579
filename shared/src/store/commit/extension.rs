//! Rows of extensions.

use super::{CommitError, guard};
use crate::domain::requisition::Extension;
use sqlx::PgConnection;

pub(super) async fn insert_extension(conn: &mut PgConnection, extension: &Extension) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into loan_extensions (id, loan_id, asked_by, due_before, due_at, reason, status, decided_by, decided_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        extension.id.0,
        extension.loan_id.0,
        extension.asked_by.0,
        extension.due_before,
        extension.due_at,
        extension.reason,
        extension.status.as_str(),
        extension.decided_by.map(|id| id.0),
        extension.decided_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_extension(conn: &mut PgConnection, extension: &Extension) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update loan_extensions
         set status = $3, decided_by = $4, decided_at = $5, decision_reason = $6, version = version + 1
         where id = $1 and version = $2",
        extension.id.0,
        extension.version,
        extension.status.as_str(),
        extension.decided_by.map(|id| id.0),
        extension.decided_at,
        extension.decision_reason,
    )
    .execute(conn)
    .await?;
    guard("extension", updated.rows_affected())
}

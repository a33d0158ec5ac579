//! Rows of extensions.

use super::{CommitError, guard};
use crate::domain::{id::ExtensionId, person::Language, quota::Exceeded, reason::Reason, requisition::Extension};
use sqlx::PgConnection;

pub(super) async fn insert_extension(conn: &mut PgConnection, extension: &Extension) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into loan_extensions
             (id, loan_id, asked_by, due_before, due_at, reason, status, decided_by, decided_at, asked_because,
              asked_grounds, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        extension.id.0,
        extension.loan_id.0,
        extension.asked_by.0,
        extension.due_before,
        extension.due_at,
        extension.reason,
        extension.status.as_str(),
        extension.decided_by.map(|id| id.0),
        extension.decided_at,
        extension.asked_because.as_ref().map(|because| because.in_words(Language::En)),
        extension.asked_because.as_ref().map(Reason::to_json),
        extension.asked_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_extension(conn: &mut PgConnection, extension: &Extension) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update loan_extensions
         set status = $3, decided_by = $4, decided_at = $5, decision_reason = $6, loan_id = $7, reminded_at = $8,
             version = version + 1
         where id = $1 and version = $2",
        extension.id.0,
        extension.version,
        extension.status.as_str(),
        extension.decided_by.map(|id| id.0),
        extension.decided_at,
        extension.decision_reason,
        extension.loan_id.0,
        extension.reminded_at,
    )
    .execute(conn)
    .await?;
    guard("extension", updated.rows_affected())
}

pub(super) async fn insert_exceptions(
    conn: &mut PgConnection,
    extension: ExtensionId,
    exceeded: &[Exceeded],
) -> Result<(), CommitError> {
    for over in exceeded {
        sqlx::query!(
            "insert into extension_exceptions (extension_id, quota_id, most, used, asked) values ($1, $2, $3, $4, $5)",
            extension.0,
            over.quota_id.0,
            over.most,
            over.used,
            over.asked,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

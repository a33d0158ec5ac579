//! Rows of deputies.

use super::{CommitError, guard};
use crate::domain::deputy::Deputy;
use sqlx::PgConnection;

pub(super) async fn insert_deputy(conn: &mut PgConnection, deputy: &Deputy) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into deputies (id, user_id, deputy_id, starts_at, until) values ($1, $2, $3, $4, $5)",
        deputy.id.0,
        deputy.user_id.0,
        deputy.deputy_id.0,
        deputy.starts_at,
        deputy.until,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_deputy(conn: &mut PgConnection, deputy: &Deputy) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update deputies set ended_at = $3, version = version + 1 where id = $1 and version = $2",
        deputy.id.0,
        deputy.version,
        deputy.ended_at,
    )
    .execute(conn)
    .await?;
    guard("deputy", updated.rows_affected())
}

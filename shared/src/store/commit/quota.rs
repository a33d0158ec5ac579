//! Rows of quotas, and what requisitions went over.

use super::{CommitError, guard};
use crate::domain::{
    id::RequisitionId,
    quota::{Exceeded, Quota},
};
use sqlx::PgConnection;

pub(super) async fn insert_quota(conn: &mut PgConnection, quota: &Quota) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into quotas (id, scope, project_id, category, measure, most) values ($1, $2, $3, $4, $5, $6)",
        quota.id.0,
        quota.scope.as_str(),
        quota.project_id.map(|id| id.0),
        quota.category,
        quota.measure.as_str(),
        quota.most,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_quota(conn: &mut PgConnection, quota: &Quota) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update quotas set most = $3, removed_at = $4, version = version + 1 where id = $1 and version = $2",
        quota.id.0,
        quota.version,
        quota.most,
        quota.removed_at,
    )
    .execute(conn)
    .await?;
    guard("quota", updated.rows_affected())
}

pub(super) async fn insert_exceptions(
    conn: &mut PgConnection,
    requisition: RequisitionId,
    of_edit: i32,
    exceeded: &[Exceeded],
) -> Result<(), CommitError> {
    for over in exceeded {
        sqlx::query!(
            "insert into quota_exceptions (requisition_id, quota_id, of_edit, most, used, asked)
             values ($1, $2, $3, $4, $5, $6)",
            requisition.0,
            over.quota_id.0,
            of_edit,
            over.most,
            over.used,
            over.asked,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

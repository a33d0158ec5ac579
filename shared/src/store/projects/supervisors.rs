//! Who supervises a project.

use crate::{
    domain::id::{ProjectId, UserId},
    store::StoreError,
};
use sqlx::PgConnection;

/// Those who can be asked: whoever was erased cannot.
pub async fn list_supervisors(conn: &mut PgConnection, project: ProjectId) -> Result<Vec<UserId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "select m.user_id
         from memberships m
         join users u on u.id = m.user_id
         where m.project_id = $1 and m.role = 'supervisor' and m.left_at is null and u.erased_at is null
         order by m.added_at, m.user_id",
        project.0
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(UserId).collect())
}

//! Who can be asked for a decision.

use super::{StoreError, deputies, projects};
use crate::domain::{
    id::{ProjectId, UserId},
    requisition::Approvers,
};
use sqlx::PgConnection;

/// For a project's requisitions; whoever was erased cannot be asked.
pub async fn list(conn: &mut PgConnection, project: ProjectId) -> Result<Approvers, StoreError> {
    let supervisors = projects::list_supervisors(conn, project).await?;
    let deputies = deputies::list_of_project(conn, project).await?;
    let technicians = list_technicians(conn).await?;
    Ok(Approvers { supervisors, deputies, technicians })
}

/// And whoever stands in for one.
async fn list_technicians(conn: &mut PgConnection) -> Result<Vec<UserId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "select id from users
         where erased_at is null
             and (role = 'technician' or exists (
                 select from standing_deputies d
                 join users away on away.id = d.user_id and away.role = 'technician'
                 where d.deputy_id = users.id))
         order by created_at, id"
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(UserId).collect())
}

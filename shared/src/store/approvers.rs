//! Who can be asked for a decision.

use super::{StoreError, deputies, projects};
use crate::domain::{
    id::{RequisitionId, UserId},
    requisition::{Approvers, Requisition},
};
use sqlx::PgConnection;

/// For a requisition; whoever was erased cannot be asked.
pub async fn list(conn: &mut PgConnection, requisition: &Requisition) -> Result<Approvers, StoreError> {
    let supervisors = projects::list_supervisors(conn, requisition.project_id).await?;
    let deputies = deputies::list_of_project(conn, requisition.project_id).await?;
    let insiders = list_insiders(conn, requisition.id).await?;
    let staff = list_staff(conn).await?;
    Ok(Approvers { supervisors, deputies, staff, insiders })
}

/// Who may not decide it: whoever asked for it or has edited it, and whoever has borrowed for its project since.
pub async fn list_insiders(conn: &mut PgConnection, requisition: RequisitionId) -> Result<Vec<UserId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"select distinct user_id as "user_id!" from requisition_insiders where requisition_id = $1"#,
        requisition.0
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(UserId).collect())
}

/// Those who stand in for one of them are of the lab themselves.
async fn list_staff(conn: &mut PgConnection) -> Result<Vec<UserId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "select id from users where erased_at is null and role in ('technician', 'admin') order by created_at, id"
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(UserId).collect())
}

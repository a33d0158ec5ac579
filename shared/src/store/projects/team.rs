//! One project with its members, for a transition.

use crate::{
    domain::{
        id::{ProjectId, UserId},
        project::{Member, Team},
    },
    store::{StoreError, waiting_list},
};
use sqlx::PgConnection;

/// Reads a team and locks it against every other transition of the project, and against submissions for it, until the
/// transaction ends. So are the places of those who wait for equipment.
pub async fn load_for_update(conn: &mut PgConnection, id: ProjectId) -> Result<Option<Team>, StoreError> {
    // A statement of its own: what is read next is what stood when the lock was got.
    let locked = sqlx::query_scalar!("select created_by from projects where id = $1 for no key update", id.0);
    let Some(creator) = locked.fetch_optional(&mut *conn).await? else { return Ok(None) };
    let Some(found) = super::find(conn, id, UserId(creator)).await? else { return Ok(None) };
    let members = super::list_members(conn, id).await?.into_iter();
    let members = members.map(|member| Member { project_id: id, user_id: member.user_id, role: member.role });
    let waiting = waiting_list::list_for_update(conn, id).await?;
    let insiders = sqlx::query_scalar!(
        r#"select distinct user_id as "user_id!" from project_insiders where project_id = $1"#,
        id.0
    );
    let insiders = insiders.fetch_all(&mut *conn).await?.into_iter().map(UserId).collect();
    Ok(Some(Team { project: found.project, members: members.collect(), waiting, insiders }))
}

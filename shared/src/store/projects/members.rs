//! Who is in a project, and where somebody stands in it.

use crate::{
    domain::{
        id::{ProjectId, UserId},
        person::PersonName,
        project::{MemberRole, ProjectStatus},
    },
    store::StoreError,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What decides whether somebody may submit for a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The lab's time.
    pub now: DateTime<Utc>,
    /// `None`: there is no such project.
    pub project_status: Option<ProjectStatus>,
    pub member_role: Option<MemberRole>,
    /// The requester's user in Snipe-IT is known.
    pub requester_is_matched: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMember {
    pub user_id: UserId,
    pub name: PersonName,
    pub role: MemberRole,
    pub added_at: DateTime<Utc>,
}

/// Where a requester stands in a project.
///
/// Until the transaction ends, nobody ends the project; others submit meanwhile.
pub async fn find_standing(
    conn: &mut PgConnection,
    project: ProjectId,
    requester: UserId,
) -> Result<Standing, StoreError> {
    let row = sqlx::query!(
        r#"with project as (select id, status from projects where id = $1 for share)
           select lab_now() as "now!", project.status as "status?", m.role as "role?",
                  u.snipeit_user_id is not null as "is_matched!"
           from users u
           left join project on true
           left join project_members m on m.project_id = project.id and m.user_id = u.id
           where u.id = $2"#,
        project.0,
        requester.0
    );
    let row = row.fetch_one(conn).await?;
    Ok(Standing {
        now: row.now,
        project_status: row.status.map(|word| word.parse()).transpose()?,
        member_role: row.role.map(|word| word.parse()).transpose()?,
        requester_is_matched: row.is_matched,
    })
}

/// What somebody is in a project.
pub async fn find_role(
    conn: &mut PgConnection,
    project: ProjectId,
    user: UserId,
) -> Result<Option<MemberRole>, StoreError> {
    let role = sqlx::query_scalar!(
        r#"select role as "role!" from project_members where project_id = $1 and user_id = $2"#,
        project.0,
        user.0
    );
    Ok(role.fetch_optional(conn).await?.map(|word| word.parse()).transpose()?)
}

/// In the order in which they joined.
pub async fn list_members(conn: &mut PgConnection, project: ProjectId) -> Result<Vec<ListedMember>, StoreError> {
    let rows = sqlx::query!(
        r#"select m.user_id as "user_id!", u.name, m.role as "role!", m.added_at as "added_at!"
           from project_members m
           join users u on u.id = m.user_id
           where m.project_id = $1
           order by m.added_at, m.user_id"#,
        project.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(ListedMember {
            user_id: UserId(row.user_id),
            name: PersonName::from_stored(row.name),
            role: row.role.parse()?,
            added_at: row.added_at,
        })
    });
    rows.collect()
}

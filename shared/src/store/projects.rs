//! Projects and their members, as the api reads them.

use super::{StoreError, page::Page};
use crate::domain::{
    id::{ProjectId, UserId},
    person::PersonName,
    project::{MemberRole, Project, ProjectStatus},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A project as one person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedProject {
    pub project: Project,
    pub created_at: DateTime<Utc>,
    /// The role of the person who asks, if they are a member.
    pub own_role: Option<MemberRole>,
}

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

struct ProjectRow {
    id: Uuid,
    name: String,
    description: String,
    status: String,
    created_by: Uuid,
    version: i32,
    created_at: DateTime<Utc>,
    own_role: Option<String>,
}

/// One project with the role in it of the person who asks.
pub async fn find(
    conn: &mut PgConnection,
    id: ProjectId,
    asked_by: UserId,
) -> Result<Option<ListedProject>, StoreError> {
    let row = sqlx::query_as!(
        ProjectRow,
        r#"select p.id, p.name, p.description, p.status, p.created_by, p.version, p.created_at, m.role as "own_role?"
           from projects p
           left join project_members m on m.project_id = p.id and m.user_id = $2
           where p.id = $1"#,
        id.0,
        asked_by.0
    );
    row.fetch_optional(conn).await?.map(listed).transpose()
}

/// The projects of one person, or all of them; the newest first.
pub async fn list(
    conn: &mut PgConnection,
    asked_by: UserId,
    scope: ProjectScope,
    page: Page,
) -> Result<Vec<ListedProject>, StoreError> {
    let rows = sqlx::query_as!(
        ProjectRow,
        r#"select p.id, p.name, p.description, p.status, p.created_by, p.version, p.created_at, m.role as "own_role?"
           from projects p
           left join project_members m on m.project_id = p.id and m.user_id = $1
           where ($2 or m.user_id is not null)
               and ($3::timestamptz is null or (p.created_at, p.id) < ($3, $4::uuid))
           order by p.created_at desc, p.id desc
           limit $5"#,
        asked_by.0,
        matches!(scope, ProjectScope::All),
        page.created_before(),
        page.id_before(),
        page.limit
    );
    rows.fetch_all(conn).await?.into_iter().map(listed).collect()
}

/// Whose projects are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectScope {
    Own,
    All,
}

/// Where a requester stands in a project.
pub async fn find_standing(
    conn: &mut PgConnection,
    project: ProjectId,
    requester: UserId,
) -> Result<Standing, StoreError> {
    let row = sqlx::query!(
        r#"select lab_now() as "now!", p.status as "status?", m.role as "role?",
                  u.snipeit_user_id is not null as "is_matched!"
           from users u
           left join projects p on p.id = $1
           left join project_members m on m.project_id = p.id and m.user_id = u.id
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
        "select role from project_members where project_id = $1 and user_id = $2",
        project.0,
        user.0
    );
    Ok(role.fetch_optional(conn).await?.map(|word| word.parse()).transpose()?)
}

/// In the order in which they joined.
pub async fn list_members(conn: &mut PgConnection, project: ProjectId) -> Result<Vec<ListedMember>, StoreError> {
    let rows = sqlx::query!(
        "select m.user_id, u.name, m.role, m.added_at
         from project_members m
         join users u on u.id = m.user_id
         where m.project_id = $1
         order by m.added_at, m.user_id",
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

fn listed(row: ProjectRow) -> Result<ListedProject, StoreError> {
    let project = Project {
        id: ProjectId(row.id),
        name: row.name,
        description: row.description,
        status: row.status.parse()?,
        created_by: UserId(row.created_by),
        version: row.version,
    };
    let own_role = row.own_role.map(|word| word.parse()).transpose()?;
    Ok(ListedProject { project, created_at: row.created_at, own_role })
}

//! Projects as the api reads them: their pages, their members, what keeps them from ending, their history.

mod history;
mod members;
mod obstacles;
mod supervisors;
mod team;

pub use history::{ProjectEvent, list_history};
pub use members::{ListedMember, Standing, find_role, find_standing, list_members};
pub use obstacles::list_obstacles;
pub use supervisors::list_supervisors;
pub use team::load_for_update;

use super::{StoreError, page::Page};
use crate::domain::{
    id::{ProjectId, UserId},
    person::PersonName,
    project::{AcademicYear, GroupNumber, Link, MemberRole, Project, ProjectDetails, ProjectStatus, Tag},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// A project as one person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedProject {
    pub project: Project,
    pub created_at: DateTime<Utc>,
    /// The role of the person who asks, if they are a member.
    pub own_role: Option<MemberRole>,
    pub supervisors: Vec<Supervisor>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervisor {
    pub user_id: UserId,
    pub name: PersonName,
}

/// Whose projects are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectScope {
    Own,
    All,
}

/// Which of them are wanted.
#[derive(Debug, Clone, Default)]
pub struct ProjectFilter {
    pub status: Option<ProjectStatus>,
    pub academic_year: Option<AcademicYear>,
    pub tag: Option<Tag>,
    /// Part of the name, the course or the description.
    pub text: Option<String>,
}

struct ProjectRow {
    id: Uuid,
    name: String,
    description: String,
    course: String,
    academic_year: Option<String>,
    group_number: Option<i32>,
    tags: Vec<String>,
    links: Json<Vec<Link>>,
    status: String,
    created_by: Uuid,
    version: i32,
    created_at: DateTime<Utc>,
    own_role: Option<String>,
    supervisors: Json<Vec<SupervisorRow>>,
}

#[derive(Deserialize)]
struct SupervisorRow {
    user_id: UserId,
    name: String,
}

/// One project with the role in it of the person who asks.
pub async fn find(
    conn: &mut PgConnection,
    id: ProjectId,
    asked_by: UserId,
) -> Result<Option<ListedProject>, StoreError> {
    let row = sqlx::query_as!(
        ProjectRow,
        r#"select p.id, p.name, p.description, p.course, p.academic_year, p.group_number, p.tags,
                  p.links as "links: Json<Vec<Link>>", p.status, p.created_by, p.version, p.created_at,
                  m.role as "own_role?",
                  (select coalesce(json_agg(json_build_object('user_id', u.id, 'name', u.name)
                                            order by s.added_at, u.id), '[]')
                   from project_members s
                   join users u on u.id = s.user_id
                   where s.project_id = p.id and s.role = 'supervisor') as "supervisors!: Json<Vec<SupervisorRow>>"
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
    filter: &ProjectFilter,
    page: Page,
) -> Result<Vec<ListedProject>, StoreError> {
    let rows = sqlx::query_as!(
        ProjectRow,
        r#"select p.id, p.name, p.description, p.course, p.academic_year, p.group_number, p.tags,
                  p.links as "links: Json<Vec<Link>>", p.status, p.created_by, p.version, p.created_at,
                  m.role as "own_role?",
                  (select coalesce(json_agg(json_build_object('user_id', u.id, 'name', u.name)
                                            order by s.added_at, u.id), '[]')
                   from project_members s
                   join users u on u.id = s.user_id
                   where s.project_id = p.id and s.role = 'supervisor') as "supervisors!: Json<Vec<SupervisorRow>>"
           from projects p
           left join project_members m on m.project_id = p.id and m.user_id = $1
           where ($2 or m.user_id is not null)
               and ($3::text is null or p.status = $3)
               and ($4::text is null or p.academic_year = $4)
               and ($5::text is null or p.tags @> array[$5])
               and ($6::text is null
                    or position(lower($6) in lower(concat_ws(' ', p.name, p.course, p.description))) > 0)
               and ($7::timestamptz is null or (p.created_at, p.id) < ($7, $8::uuid))
           order by p.created_at desc, p.id desc
           limit $9"#,
        asked_by.0,
        matches!(scope, ProjectScope::All),
        filter.status.map(ProjectStatus::as_str),
        filter.academic_year.as_ref().map(AcademicYear::as_str),
        filter.tag.as_ref().map(Tag::as_str),
        filter.text,
        page.created_before(),
        page.id_before(),
        page.limit
    );
    rows.fetch_all(conn).await?.into_iter().map(listed).collect()
}

fn listed(row: ProjectRow) -> Result<ListedProject, StoreError> {
    let project = Project {
        id: ProjectId(row.id),
        details: ProjectDetails {
            name: row.name,
            description: row.description,
            course: row.course,
            academic_year: row.academic_year.map(AcademicYear::from_stored),
            group_number: row.group_number.map(GroupNumber::from_stored),
            tags: row.tags.into_iter().map(Tag::from_stored).collect(),
            links: row.links.0,
        },
        status: row.status.parse()?,
        created_by: UserId(row.created_by),
        version: row.version,
    };
    let supervisors = row.supervisors.0.into_iter();
    let supervisors =
        supervisors.map(|row| Supervisor { user_id: row.user_id, name: PersonName::from_stored(row.name) });
    Ok(ListedProject {
        project,
        created_at: row.created_at,
        own_role: row.own_role.map(|word| word.parse()).transpose()?,
        supervisors: supervisors.collect(),
    })
}

//! Projects and members as clients see them.

use super::fields::LinkView;
use crate::{
    http::{caller::Caller, words},
    problem::Problem,
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        id::{ProjectId, UserId},
        project::{AcademicYear, GroupNumber, MemberRole, ProjectStatus, Tag, Team},
    },
    store::projects::{self, ListedMember, ListedProject},
};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectView {
    id: Uuid,
    name: String,
    description: String,
    course: String,
    #[schema(value_type = Option<String>, example = "2026/27")]
    academic_year: Option<AcademicYear>,
    #[schema(value_type = Option<i32>)]
    group_number: Option<GroupNumber>,
    #[schema(value_type = Vec<String>)]
    tags: Vec<Tag>,
    links: Vec<LinkView>,
    #[schema(schema_with = words::project_status)]
    status: ProjectStatus,
    supervisors: Vec<SupervisorView>,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    /// What the caller is in it; null for staff who are not members.
    #[schema(schema_with = words::member_role_or_null)]
    own_role: Option<MemberRole>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SupervisorView {
    user_id: Uuid,
    name: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct MemberView {
    user_id: Uuid,
    name: String,
    #[schema(schema_with = words::member_role)]
    role: MemberRole,
    added_at: DateTime<Utc>,
}

/// The project, if the caller may do to it what they came for.
pub(crate) async fn load_permitted(
    conn: &mut PgConnection,
    id: ProjectId,
    caller: Caller,
) -> Result<ListedProject, Problem> {
    let found = projects::find(conn, id, caller.user_id).await?;
    let project = found.ok_or_else(no_such_project)?;
    caller.check("project", project.own_role, false)?;
    Ok(project)
}

/// As [`load_permitted`], with its members, locked until the transaction ends.
pub(super) async fn lock_permitted(conn: &mut PgConnection, id: ProjectId, caller: Caller) -> Result<Team, Problem> {
    let team = lock(conn, id).await?;
    caller.check("project", team.role_of(caller.user_id), false)?;
    Ok(team)
}

/// Whatever the caller may; the transition asks.
pub(super) async fn lock(conn: &mut PgConnection, id: ProjectId) -> Result<Team, Problem> {
    projects::load_for_update(conn, id).await?.ok_or_else(no_such_project)
}

pub(super) async fn find_member(conn: &mut PgConnection, id: ProjectId, user: UserId) -> Result<MemberView, Problem> {
    let members = projects::list_members(conn, id).await?;
    let found = members.into_iter().find(|member| member.user_id == user);
    found.map(MemberView::from).ok_or_else(|| Problem::not_found("member"))
}

fn no_such_project() -> Problem {
    Problem::not_found("project")
}

impl From<ListedProject> for ProjectView {
    fn from(ListedProject { project, created_at, own_role, supervisors }: ListedProject) -> Self {
        let details = project.details;
        let links = details.links.into_iter().map(|link| LinkView { title: link.title, url: link.url });
        let supervisors = supervisors.into_iter();
        let supervisors = supervisors
            .map(|person| SupervisorView { user_id: person.user_id.0, name: person.name.expose().to_owned() });
        Self {
            id: project.id.0,
            name: details.name,
            description: details.description,
            course: details.course,
            academic_year: details.academic_year,
            group_number: details.group_number,
            tags: details.tags,
            links: links.collect(),
            status: project.status,
            supervisors: supervisors.collect(),
            created_by: project.created_by.0,
            created_at,
            own_role,
        }
    }
}

impl From<ListedMember> for MemberView {
    fn from(member: ListedMember) -> Self {
        Self {
            user_id: member.user_id.0,
            name: member.name.expose().to_owned(),
            role: member.role,
            added_at: member.added_at,
        }
    }
}

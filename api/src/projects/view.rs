//! Projects and members as clients see them.

use crate::{
    http::{caller::Caller, words},
    problem::Problem,
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        id::ProjectId,
        project::{MemberRole, ProjectStatus},
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
    #[schema(schema_with = words::project_status)]
    status: ProjectStatus,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    /// What the caller is in it; null for staff who are not members.
    #[schema(schema_with = words::member_role_or_null)]
    own_role: Option<MemberRole>,
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
pub(super) async fn load_permitted(
    conn: &mut PgConnection,
    id: ProjectId,
    caller: Caller,
) -> Result<ListedProject, Problem> {
    let found = projects::find(conn, id, caller.user_id).await?;
    let project = found.ok_or_else(|| Problem::not_found("project"))?;
    caller.check("project", project.own_role, false)?;
    Ok(project)
}

impl From<ListedProject> for ProjectView {
    fn from(ListedProject { project, created_at, own_role }: ListedProject) -> Self {
        Self {
            id: project.id.0,
            name: project.name,
            description: project.description,
            status: project.status,
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

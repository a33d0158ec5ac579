//! Rows of projects and their members.

use super::{CommitError, guard};
use crate::domain::project::{Member, Project};
use sqlx::PgConnection;

pub(super) async fn insert_project(conn: &mut PgConnection, project: &Project) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into projects (id, name, description, status, created_by) values ($1, $2, $3, $4, $5)",
        project.id.0,
        project.name,
        project.description,
        project.status.as_str(),
        project.created_by.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_project(conn: &mut PgConnection, project: &Project) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update projects set name = $3, description = $4, status = $5, version = version + 1
         where id = $1 and version = $2",
        project.id.0,
        project.version,
        project.name,
        project.description,
        project.status.as_str(),
    )
    .execute(conn)
    .await?;
    guard("project", updated.rows_affected())
}

pub(super) async fn insert_member(conn: &mut PgConnection, member: &Member) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into project_members (project_id, user_id, role) values ($1, $2, $3)",
        member.project_id.0,
        member.user_id.0,
        member.role.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

//! Rows of projects and their members. A membership that ended keeps its row, and is taken up again by a return.

use super::{CommitError, guard};
use crate::domain::project::{AcademicYear, GroupNumber, Member, Project, Tag};
use sqlx::{PgConnection, types::Json};

pub(super) async fn insert_project(conn: &mut PgConnection, project: &Project) -> Result<(), CommitError> {
    let details = &project.details;
    sqlx::query!(
        "insert into projects
             (id, status, created_by, name, description, course, academic_year, group_number, tags, links)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        project.id.0,
        project.status.as_str(),
        project.created_by.0,
        details.name,
        details.description,
        details.course,
        details.academic_year.as_ref().map(AcademicYear::as_str),
        details.group_number.map(GroupNumber::number),
        &words(&details.tags),
        Json(&details.links) as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_project(conn: &mut PgConnection, project: &Project) -> Result<(), CommitError> {
    let details = &project.details;
    let updated = sqlx::query!(
        "update projects
         set status = $3, name = $4, description = $5, course = $6, academic_year = $7, group_number = $8, tags = $9,
             links = $10, version = version + 1
         where id = $1 and version = $2",
        project.id.0,
        project.version,
        project.status.as_str(),
        details.name,
        details.description,
        details.course,
        details.academic_year.as_ref().map(AcademicYear::as_str),
        details.group_number.map(GroupNumber::number),
        &words(&details.tags),
        Json(&details.links) as _,
    )
    .execute(conn)
    .await?;
    guard("project", updated.rows_affected())
}

fn words(tags: &[Tag]) -> Vec<String> {
    tags.iter().map(|tag| tag.as_str().to_owned()).collect()
}

pub(super) async fn insert_member(conn: &mut PgConnection, member: &Member) -> Result<(), CommitError> {
    let joined = sqlx::query!(
        "insert into memberships (project_id, user_id, role, added_at) values ($1, $2, $3, lab_now())
         on conflict (project_id, user_id) do update
         set role = excluded.role, added_at = excluded.added_at, left_at = null
         where memberships.left_at is not null",
        member.project_id.0,
        member.user_id.0,
        member.role.as_str(),
    )
    .execute(conn)
    .await?;
    guard("member", joined.rows_affected())
}

pub(super) async fn update_member(conn: &mut PgConnection, member: &Member) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update memberships set role = $3 where project_id = $1 and user_id = $2 and left_at is null",
        member.project_id.0,
        member.user_id.0,
        member.role.as_str(),
    )
    .execute(conn)
    .await?;
    guard("member", updated.rows_affected())
}

pub(super) async fn end_membership(conn: &mut PgConnection, member: &Member) -> Result<(), CommitError> {
    let ended = sqlx::query!(
        "update memberships set left_at = lab_now() where project_id = $1 and user_id = $2 and left_at is null",
        member.project_id.0,
        member.user_id.0,
    )
    .execute(conn)
    .await?;
    guard("member", ended.rows_affected())
}

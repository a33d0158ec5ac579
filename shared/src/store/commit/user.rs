//! Rows of people.

use super::{CommitError, guard};
use crate::domain::{id::UserId, user::User};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub(super) async fn insert_user(conn: &mut PgConnection, user: &User) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into users (id, name, email, language, role, snipeit_user_id) values ($1, $2, $3, $4, $5, $6)",
        user.id.0,
        user.name.expose(),
        user.email.expose(),
        user.language.as_str(),
        user.role.as_str(),
        user.snipeit_user_id.map(|id| id.0),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_user(conn: &mut PgConnection, user: &User) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update users
         set name = $3, email = $4, language = $5, role = $6, snipeit_user_id = $7,
             snipeit_matched_at = case when $7::bigint is null then null else now() end,
             version = version + 1
         where id = $1 and version = $2",
        user.id.0,
        user.version,
        user.name.expose(),
        user.email.expose(),
        user.language.as_str(),
        user.role.as_str(),
        user.snipeit_user_id.map(|id| id.0),
    )
    .execute(conn)
    .await?;
    guard("user", updated.rows_affected())
}

pub(super) async fn excuse_overdue(
    conn: &mut PgConnection,
    user: UserId,
    until: DateTime<Utc>,
) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update users set overdue_excused_until = $2, version = version + 1 where id = $1 and erased_at is null",
        user.0,
        until,
    )
    .execute(conn)
    .await?;
    guard("user", updated.rows_affected())
}

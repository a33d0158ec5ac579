//! Users as borrowers: who they are to us and to Snipe-IT.

use super::StoreError;
use crate::domain::{
    id::UserId,
    inventory::SnipeitUserId,
    person::{EmailAddress, PersonName},
    user::User,
};
use sqlx::PgConnection;

/// A user who has not been erased.
pub async fn find(conn: &mut PgConnection, id: UserId) -> Result<Option<User>, StoreError> {
    let row = sqlx::query!(
        "select id, name, email, language, role, snipeit_user_id, version from users
         where id = $1 and erased_at is null",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(User {
        id: row.id.into(),
        name: PersonName::from_stored(row.name),
        email: EmailAddress::from_stored(row.email),
        language: row.language.parse()?,
        role: row.role.parse()?,
        snipeit_user_id: row.snipeit_user_id.map(SnipeitUserId),
        version: row.version,
    }))
}

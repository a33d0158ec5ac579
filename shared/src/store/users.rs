//! Users as the api and the commands read them. Writing goes through `commit`.

use super::{StoreError, page::Page};
use crate::domain::{
    id::UserId,
    inventory::SnipeitUserId,
    person::{EmailAddress, PersonName},
    user::User,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A user and when they were added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUser {
    pub user: User,
    /// How many of Snipe-IT's users had the same address in the latest full read. `None`: nobody has read them yet.
    pub snipeit_users: Option<i32>,
    pub created_at: DateTime<Utc>,
}

struct UserRow {
    id: Uuid,
    name: String,
    email: String,
    language: String,
    role: String,
    snipeit_user_id: Option<i64>,
    version: i32,
    snipeit_users: Option<i32>,
    created_at: DateTime<Utc>,
}

/// A user who has not been erased.
pub async fn find(conn: &mut PgConnection, id: UserId) -> Result<Option<ListedUser>, StoreError> {
    let row = sqlx::query_as!(
        UserRow,
        "select id, name, email, language, role, snipeit_user_id, version, created_at,
                (select cardinality(snipeit_user_ids) from borrower_sights where user_id = users.id) as snipeit_users
         from users
         where id = $1 and erased_at is null",
        id.0
    );
    row.fetch_optional(conn).await?.map(listed).transpose()
}

/// The user with this address, whatever its case: one mailbox is one person to us.
pub async fn find_by_email(conn: &mut PgConnection, email: &EmailAddress) -> Result<Option<ListedUser>, StoreError> {
    let row = sqlx::query_as!(
        UserRow,
        "select id, name, email, language, role, snipeit_user_id, version, created_at,
                (select cardinality(snipeit_user_ids) from borrower_sights where user_id = users.id) as snipeit_users
         from users
         where lower(email) = lower($1) and erased_at is null",
        email.expose()
    );
    row.fetch_optional(conn).await?.map(listed).transpose()
}

/// The newest first.
pub async fn list(conn: &mut PgConnection, page: Page) -> Result<Vec<ListedUser>, StoreError> {
    let rows = sqlx::query_as!(
        UserRow,
        "select id, name, email, language, role, snipeit_user_id, version, created_at,
                (select cardinality(snipeit_user_ids) from borrower_sights where user_id = users.id) as snipeit_users
         from users
         where erased_at is null
             and ($1::timestamptz is null or (created_at, id) < ($1, $2::uuid))
         order by created_at desc, id desc
         limit $3",
        page.created_before(),
        page.id_before(),
        page.limit
    );
    rows.fetch_all(conn).await?.into_iter().map(listed).collect()
}

fn listed(row: UserRow) -> Result<ListedUser, StoreError> {
    let user = User {
        id: UserId(row.id),
        name: PersonName::from_stored(row.name),
        email: EmailAddress::from_stored(row.email),
        language: row.language.parse()?,
        role: row.role.parse()?,
        snipeit_user_id: row.snipeit_user_id.map(SnipeitUserId),
        version: row.version,
    };
    Ok(ListedUser { user, snipeit_users: row.snipeit_users, created_at: row.created_at })
}

//! API tokens: found by their prefix, compared by their hash, never stored in clear.

use super::StoreError;
use crate::domain::{
    id::{TokenId, UserId},
    user::Role,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What a presented token is checked against, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub token_id: TokenId,
    pub hash: Vec<u8>,
    pub user_id: UserId,
    pub role: Role,
    /// Noted at most once a minute; `true` when that minute is over.
    pub use_is_stale: bool,
}

/// A token to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    pub id: TokenId,
    pub user_id: UserId,
    pub prefix: String,
    pub hash: [u8; 32],
    pub label: String,
    pub expires_at: DateTime<Utc>,
}

/// A token as its owner sees it: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub user_id: UserId,
    pub prefix: String,
    pub label: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// The valid token with this prefix: not expired, not revoked, its user not erased.
pub async fn find_credential(conn: &mut PgConnection, prefix: &str) -> Result<Option<Credential>, StoreError> {
    let row = sqlx::query!(
        r#"select t.id, t.hash, t.user_id, u.role,
               coalesce(t.last_used_at < now() - interval '1 minute', true) as "use_is_stale!"
           from api_tokens t
           join users u on u.id = t.user_id
           where t.prefix = $1 and t.revoked_at is null and t.expires_at > now() and u.erased_at is null"#,
        prefix
    );
    let Some(row) = row.fetch_optional(conn).await? else { return Ok(None) };
    Ok(Some(Credential {
        token_id: TokenId(row.id),
        hash: row.hash,
        user_id: UserId(row.user_id),
        role: row.role.parse()?,
        use_is_stale: row.use_is_stale,
    }))
}

/// Notes that a token was used, unless somebody did within the last minute.
pub async fn note_use(conn: &mut PgConnection, id: TokenId) -> Result<(), StoreError> {
    sqlx::query!(
        "update api_tokens
         set last_used_at = now()
         where id = $1 and coalesce(last_used_at < now() - interval '1 minute', true)",
        id.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn insert(conn: &mut PgConnection, token: &NewToken) -> Result<Token, StoreError> {
    let found = sqlx::query_as!(
        Token,
        "insert into api_tokens (id, user_id, prefix, hash, label, expires_at)
         values ($1, $2, $3, $4, $5, $6)
         returning id, user_id, prefix, label, created_at, expires_at, last_used_at, revoked_at",
        token.id.0,
        token.user_id.0,
        token.prefix,
        &token.hash[..],
        token.label,
        token.expires_at
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

/// The tokens of one user, or of everybody; the newest first.
pub async fn list(conn: &mut PgConnection, of: Option<UserId>) -> Result<Vec<Token>, StoreError> {
    let found = sqlx::query_as!(
        Token,
        "select id, user_id, prefix, label, created_at, expires_at, last_used_at, revoked_at
         from api_tokens
         where $1::uuid is null or user_id = $1
         order by created_at desc, id desc
         limit 1000",
        of.map(|user| user.0)
    )
    .fetch_all(conn)
    .await?;
    Ok(found)
}

pub async fn find(conn: &mut PgConnection, id: TokenId) -> Result<Option<Token>, StoreError> {
    let found = sqlx::query_as!(
        Token,
        "select id, user_id, prefix, label, created_at, expires_at, last_used_at, revoked_at
         from api_tokens
         where id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

/// The token with this prefix, valid or not: people name tokens by it.
pub async fn find_by_prefix(conn: &mut PgConnection, prefix: &str) -> Result<Option<Token>, StoreError> {
    let found = sqlx::query_as!(
        Token,
        "select id, user_id, prefix, label, created_at, expires_at, last_used_at, revoked_at
         from api_tokens
         where prefix = $1",
        prefix
    )
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

/// From now on the token opens nothing; the first revocation counts.
pub async fn revoke(conn: &mut PgConnection, id: TokenId) -> Result<(), StoreError> {
    sqlx::query!("update api_tokens set revoked_at = now() where id = $1 and revoked_at is null", id.0)
        .execute(conn)
        .await?;
    Ok(())
}

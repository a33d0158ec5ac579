//! API tokens: found by their prefix, compared by their hash, never stored in clear. Writing goes through `commit`.

use super::StoreError;
use crate::domain::{
    id::{TokenId, UserId},
    token::Token,
    user::Role,
};
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

/// As [`find`], locked until the transaction ends.
pub async fn find_for_update(conn: &mut PgConnection, id: TokenId) -> Result<Option<Token>, StoreError> {
    let found = sqlx::query_as!(
        Token,
        "select id, user_id, prefix, label, created_at, expires_at, last_used_at, revoked_at
         from api_tokens
         where id = $1
         for update",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

/// The token with this prefix, valid or not: people name tokens by it.
pub async fn find_id(conn: &mut PgConnection, prefix: &str) -> Result<Option<TokenId>, StoreError> {
    let found = sqlx::query_scalar!("select id from api_tokens where prefix = $1", prefix);
    Ok(found.fetch_optional(conn).await?.map(TokenId))
}

//! Rows of API tokens.

use super::{CommitError, guard};
use crate::domain::{id::TokenId, token::NewToken};
use sqlx::PgConnection;

pub(super) async fn insert_token(conn: &mut PgConnection, token: &NewToken) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into api_tokens (id, user_id, prefix, hash, label, expires_at) values ($1, $2, $3, $4, $5, $6)",
        token.id.0,
        token.user_id.0,
        token.prefix,
        &token.hash[..],
        token.label,
        token.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn revoke_token(conn: &mut PgConnection, id: TokenId) -> Result<(), CommitError> {
    let revoked = sqlx::query!("update api_tokens set revoked_at = now() where id = $1 and revoked_at is null", id.0)
        .execute(conn)
        .await?;
    guard("token", revoked.rows_affected())
}

//! Answers kept for 48 hours, so that a client that did not hear the first one gets it again, not a second effect.
//!
//! All of it happens in the transaction of the effect: there is no answer without effect and no effect without answer.

use super::StoreError;
use crate::domain::id::UserId;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// One request of one user: the same three name the same request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestName {
    pub user: UserId,
    /// Method and path.
    pub route: String,
    pub key: String,
}

/// What was answered to a request with which body.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptAnswer {
    pub body_hash: Vec<u8>,
    pub status: i16,
    pub location: Option<String>,
    /// Of what the answer shows.
    pub version: Option<i32>,
    pub body: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Nobody else works on it until the transaction ends, and no answer was seen.
    Ours,
    /// Another transaction works on the same request.
    TakenByAnother,
    Answered(KeptAnswer),
}

/// Claims a request for the transaction. One round trip; the answer is looked for under the lock, so that whoever has
/// claimed a request knows that nobody has answered it.
pub async fn claim(conn: &mut PgConnection, name: &RequestName) -> Result<Claim, StoreError> {
    let row = sqlx::query!(
        r#"select locked as "locked!", body_hash, status, location, version, body from claim_request($1, $2, $3, $4)"#,
        lock_number(name),
        name.user.0,
        name.route,
        name.key
    )
    .fetch_one(conn)
    .await?;
    Ok(match (row.locked, row.body_hash, row.status, row.body) {
        (_, Some(body_hash), Some(status), Some(body)) => {
            Claim::Answered(KeptAnswer { body_hash, status, location: row.location, version: row.version, body })
        }
        (true, ..) => Claim::Ours,
        (false, ..) => Claim::TakenByAnother,
    })
}

/// Keeps the answer to a request that was claimed. `false`: somebody kept one without claiming it; roll back.
pub async fn keep(conn: &mut PgConnection, name: &RequestName, answer: &KeptAnswer) -> Result<bool, StoreError> {
    let kept = sqlx::query!(
        "insert into idempotency_keys as old (user_id, route, key, body_hash, status, location, version, body)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (user_id, route, key) do update
         set body_hash = excluded.body_hash, status = excluded.status, location = excluded.location,
             version = excluded.version, body = excluded.body, created_at = now()
         where old.created_at <= now() - interval '48 hours'",
        name.user.0,
        name.route,
        name.key,
        answer.body_hash,
        answer.status,
        answer.location,
        answer.version,
        answer.body
    )
    .execute(conn)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Removes what nobody may ask for again.
pub async fn forget_expired(conn: &mut PgConnection) -> Result<u64, StoreError> {
    let forgotten = sqlx::query!(
        "delete from idempotency_keys
         where ctid = any(array(
             select ctid from idempotency_keys where created_at <= now() - interval '48 hours' limit 1000))"
    );
    Ok(forgotten.execute(conn).await?.rows_affected())
}

/// PostgreSQL's advisory locks have 64-bit names.
fn lock_number(name: &RequestName) -> i64 {
    let mut hash = Sha256::new();
    hash.update(name.user.0.as_bytes());
    hash.update(name.route.as_bytes());
    hash.update([0]);
    hash.update(name.key.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut number = [0; 8];
    number.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(number)
}

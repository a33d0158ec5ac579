//! What happens to rows of notifications after they were written; digests.

use super::{CommitError, guard};
use crate::{
    domain::notice::{DigestProgress, Moot, NewDigest, Reach, Reading, Resend},
    telemetry::traceparent,
};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn insert_resend(conn: &mut PgConnection, resend: &Resend) -> Result<(), CommitError> {
    let inserted = sqlx::query!(
        "with letter as (
             insert into notifications
                 (id, event, recipient_id, requisition_id, subject_id, message, grounds, channel, status, resend_of)
             select $1, event, recipient_id, requisition_id, subject_id, message, grounds, 'mail', 'queued', id
             from notifications
             where id = $2
             returning id
         )
         insert into jobs (id, kind, lane, subject_id, state, due_at, traceparent)
         select gen_random_uuid(), 'send_mail', 'mail', id, 'open', now(), $3 from letter",
        resend.id.0,
        resend.of.0,
        traceparent::current(),
    )
    .execute(conn)
    .await?;
    guard("notification", inserted.rows_affected())
}

pub(super) async fn insert_digest(conn: &mut PgConnection, digest: &NewDigest) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into digests (id, recipient_id, day, status, created_at) values ($1, $2, $3, 'queued', lab_now())",
        digest.id.0,
        digest.recipient_id.0,
        digest.day,
    )
    .execute(&mut *conn)
    .await?;
    let told: Vec<Uuid> = digest.notifications.iter().map(|id| id.0).collect();
    let gathered = sqlx::query!(
        "update notifications set digest_id = $1
         where id = any($2) and recipient_id = $3 and channel = 'digest' and digest_id is null and status = 'queued'",
        digest.id.0,
        &told,
        digest.recipient_id.0,
    )
    .execute(conn)
    .await?;
    if gathered.rows_affected() == told.len() as u64 { Ok(()) } else { Err(CommitError::Conflict("notification")) }
}

pub(super) async fn update_digest(conn: &mut PgConnection, progress: &DigestProgress) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update digests
         set status = $3, attempts = $4, outcome = $5, sent_at = case when $3 = 'sent' then now() end,
             settled_at = case when $6 then now() end
         where id = $1 and attempts = $2 and settled_at is null",
        progress.id.0,
        progress.attempts_before,
        progress.status.as_str(),
        progress.attempts,
        progress.outcome,
        progress.is_settled,
    )
    .execute(&mut *conn)
    .await?;
    guard("digest", updated.rows_affected())?;
    let told: Vec<Uuid> = progress.told.iter().map(|id| id.0).collect();
    // What became moot while it was on its way has left, or perhaps has, or stays here after all.
    sqlx::query!(
        "update notifications
         set status = case when status = 'moot' and $2 = 'queued' then 'moot' else $2 end, attempts = $3, outcome = $4,
             sent_at = case when $2 = 'sent' then now() end
         where digest_id = $1 and id = any($5)",
        progress.id.0,
        progress.status.as_str(),
        progress.attempts,
        progress.outcome,
        &told,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Also what was tried and certainly not accepted, and what a digest was to tell. What may have arrived keeps telling so.
pub(super) async fn mark_moot(conn: &mut PgConnection, moot: &Moot) -> Result<(), CommitError> {
    let events: Vec<&str> = moot.events.iter().map(|event| event.as_str()).collect();
    sqlx::query!(
        "update notifications set status = 'moot'
         where subject_id = $1 and event = any($2) and status = 'queued'",
        moot.subject_id,
        &events as &[&str],
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn mark_read(conn: &mut PgConnection, reading: &Reading) -> Result<(), CommitError> {
    let up_to = match reading.reach {
        Reach::ThisOne => false,
        Reach::UpToThis => true,
    };
    sqlx::query!(
        "update notifications set read_at = lab_now()
         from notifications last
         where last.id = $2 and last.recipient_id = $1
           and notifications.recipient_id = $1 and notifications.read_at is null
           and (notifications.id = last.id
                or ($3 and (notifications.created_at, notifications.id) <= (last.created_at, last.id)))",
        reading.reader.0,
        reading.last.0,
        up_to,
    )
    .execute(conn)
    .await?;
    Ok(())
}

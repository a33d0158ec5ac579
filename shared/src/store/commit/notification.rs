//! Rows of letters, each new one with its job.

use super::{CommitError, guard};
use crate::{
    domain::change::{LetterProgress, NewNotification, Recipient},
    telemetry::traceparent,
};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn update_notification(conn: &mut PgConnection, progress: &LetterProgress) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update notifications
         set status = $3, attempts = $4, outcome = $5, sent_at = case when $3 = 'sent' then now() end
         where id = $1 and attempts = $2 and status in ('queued', 'unknown')",
        progress.id.0,
        progress.attempts_before,
        progress.status.as_str(),
        progress.attempts,
        progress.outcome,
    )
    .execute(conn)
    .await?;
    guard("notification", updated.rows_affected())
}

/// A letter to the technicians becomes one row for each of them; every row gets its mail job.
pub(super) async fn insert_notifications(
    conn: &mut PgConnection,
    letters: &[NewNotification],
) -> Result<(), CommitError> {
    if letters.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = letters.iter().map(|letter| letter.id.0).collect();
    let events: Vec<&str> = letters.iter().map(|letter| letter.event.as_str()).collect();
    let recipients: Vec<Option<Uuid>> = letters
        .iter()
        .map(|letter| match letter.to {
            Recipient::User(id) => Some(id.0),
            Recipient::Technicians => None,
        })
        .collect();
    let requisitions: Vec<Option<Uuid>> = letters.iter().map(|letter| letter.requisition_id.map(|id| id.0)).collect();
    let subjects: Vec<Uuid> = letters.iter().map(|letter| letter.subject_id).collect();
    let messages: Vec<Option<&str>> = letters.iter().map(|letter| letter.message.as_deref()).collect();
    sqlx::query!(
        "with letter as (
             insert into notifications (id, event, recipient_id, requisition_id, subject_id, message, status)
             select case when asked.recipient_id is null then gen_random_uuid() else asked.id end,
                    asked.event, users.id, asked.requisition_id, asked.subject_id, asked.message, 'queued'
             from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[])
                 as asked (id, event, recipient_id, requisition_id, subject_id, message)
             join users on users.id = asked.recipient_id
                 or (asked.recipient_id is null and users.role = 'technician')
             where users.erased_at is null
             returning id
         )
         insert into jobs (id, kind, lane, subject_id, state, due_at, traceparent)
         select gen_random_uuid(), 'send_mail', 'mail', id, 'open', now(), $7 from letter",
        &ids,
        &events as &[&str],
        &recipients as &[Option<Uuid>],
        &requisitions as &[Option<Uuid>],
        &subjects,
        &messages as &[Option<&str>],
        traceparent::current(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

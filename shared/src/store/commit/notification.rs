//! Rows of letters, each new one with its job.

use super::{CommitError, guard};
use crate::{
    domain::{
        change::{LetterProgress, NewNotification, Recipient},
        notification::Message,
        person::Language,
    },
    telemetry::traceparent,
};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn update_notification(conn: &mut PgConnection, progress: &LetterProgress) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update notifications
         set status = case when status = 'moot' and $3 = 'queued' then 'moot' else $3 end,
             attempts = $4, outcome = $5, sent_at = case when $3 = 'sent' then now() end
         where id = $1 and attempts = $2 and status in ('queued', 'unknown', 'moot')",
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

/// A letter to the technicians becomes one row for each of them, and for whoever stands in for one; of a question only for
/// those who may answer it. Each reader's own choice, as it is at this moment, decides: a row with a mail job, one for the
/// digest that is open already or is opened here, or a row alone.
///
/// The readers are locked first, as the rows' foreign key would do later: see `digests::lock_waiting`.
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
            Recipient::Technicians | Recipient::Deciders(_) => None,
        })
        .collect();
    let decisions: Vec<Option<&str>> = letters
        .iter()
        .map(|letter| match letter.to {
            Recipient::Deciders(decision) => Some(decision.as_str()),
            Recipient::User(_) | Recipient::Technicians => None,
        })
        .collect();
    let requisitions: Vec<Option<Uuid>> = letters.iter().map(|letter| letter.requisition_id.map(|id| id.0)).collect();
    let subjects: Vec<Uuid> = letters.iter().map(|letter| letter.subject_id).collect();
    let in_words = |message: &Message| message.in_words(Language::En);
    let messages: Vec<Option<String>> = letters.iter().map(|letter| letter.message.as_ref().map(in_words)).collect();
    let grounds: Vec<Option<Value>> = letters.iter().map(|letter| letter.message.as_ref()?.grounds()).collect();
    let defaults: Vec<&str> = letters.iter().map(|letter| letter.event.default_channel().as_str()).collect();
    let must_be_heard: Vec<bool> = letters.iter().map(|letter| letter.event.must_be_heard()).collect();
    sqlx::query!(
        "with asked as materialized (
             select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $8::text[],
                                  $9::boolean[], $10::jsonb[], $11::text[])
                 as asked (id, event, recipient_id, requisition_id, subject_id, message, usual, must_be_heard, grounds,
                           decision)
         ),
         decider as materialized (
             select asked.id as asked_id, may.id as user_id
             from asked
             cross join lateral deciders(coalesce(asked.requisition_id, asked.subject_id), asked.decision) as may (id)
             where asked.decision is not null
         ),
         reader as materialized (
             select users.id, runs_lab
             from users
             cross join lateral (select role = 'technician' or exists (
                 select from standing_deputies d
                 join users away on away.id = d.user_id and away.role = 'technician'
                 where d.deputy_id = users.id)) as place (runs_lab)
             where erased_at is null
               and (id in (select recipient_id from asked union all select user_id from decider)
                    or (runs_lab and exists (select from asked where recipient_id is null and decision is null)))
             for key share of users
         ),
         letter as (
             insert into notifications
                 (id, event, recipient_id, requisition_id, subject_id, message, grounds, channel, status)
             select case when asked.recipient_id is null then gen_random_uuid() else asked.id end,
                    asked.event, reader.id, asked.requisition_id, asked.subject_id, asked.message, asked.grounds,
                    wish.channel, case when wish.channel = 'none' then 'not_wanted' else 'queued' end
             from asked
             join reader on reader.id = asked.recipient_id
                 or (asked.recipient_id is null and asked.decision is null and reader.runs_lab)
                 or exists (select from decider where asked_id = asked.id and user_id = reader.id)
             left join channel_choices choice on choice.user_id = reader.id and choice.event = asked.event
                 and not (choice.channel = 'none' and asked.must_be_heard)
             cross join lateral (select coalesce(choice.channel, asked.usual)) as wish (channel)
             returning id, recipient_id, channel
         ),
         job as (
             select id as subject_id, 'send_mail' as kind from letter where channel = 'mail'
             union all
             (select distinct recipient_id, 'send_digest' from letter where channel = 'digest' order by recipient_id)
         )
         insert into jobs (id, kind, lane, subject_id, state, due_at, traceparent)
         select gen_random_uuid(), kind, 'mail', subject_id, 'open', now(), $7 from job
         on conflict (subject_id) where state = 'open' and kind = 'send_digest' do nothing",
        &ids,
        &events as &[&str],
        &recipients as &[Option<Uuid>],
        &requisitions as &[Option<Uuid>],
        &subjects,
        &messages as &[Option<String>],
        traceparent::current(),
        &defaults as &[&str],
        &must_be_heard,
        &grounds as &[Option<Value>],
        &decisions as &[Option<&str>],
    )
    .execute(conn)
    .await?;
    Ok(())
}

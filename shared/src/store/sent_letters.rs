//! Letters as the staff sees them: whom, about what, how far. Neither addresses nor what people wrote.

use super::{StoreError, page::Page};
use crate::domain::{
    id::{DigestId, NotificationId, RequisitionId, UserId},
    notice::PastLetter,
    notification::{NotificationEvent, NotificationStatus},
    preference::Channel,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLetter {
    pub id: NotificationId,
    pub event: NotificationEvent,
    pub recipient_id: UserId,
    pub requisition_id: Option<RequisitionId>,
    pub channel: Channel,
    /// The letter in which it was told together with others.
    pub digest_id: Option<DigestId>,
    pub resend_of: Option<NotificationId>,
    pub status: NotificationStatus,
    pub attempts: i32,
    /// What the mail server said, the address masked.
    pub outcome: Option<String>,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct LetterFilter {
    pub recipient: Option<UserId>,
    pub status: Option<NotificationStatus>,
}

/// Everything that was to leave by mail; the newest first.
pub async fn list(conn: &mut PgConnection, filter: LetterFilter, page: Page) -> Result<Vec<ListedLetter>, StoreError> {
    let rows = sqlx::query_as!(
        LetterRow,
        "select id, event, recipient_id, requisition_id, channel, digest_id, resend_of, status, attempts, outcome,
                created_at, sent_at
         from notifications
         where channel <> 'none'
             and ($1::uuid is null or recipient_id = $1)
             and ($2::text is null or status = $2)
             and ($3::timestamptz is null or (created_at, id) < ($3, $4::uuid))
         order by created_at desc, id desc
         limit $5",
        filter.recipient.map(|id| id.0),
        filter.status.map(NotificationStatus::as_str),
        page.created_before(),
        page.id_before(),
        page.limit
    );
    rows.fetch_all(conn).await?.into_iter().map(listed).collect()
}

/// Nobody else touches it until the transaction ends.
pub async fn find_for_update(conn: &mut PgConnection, id: NotificationId) -> Result<Option<PastLetter>, StoreError> {
    let row = sqlx::query!(
        "select id, requisition_id, status, resend_of from notifications where id = $1 for no key update",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(PastLetter {
        id: row.id.into(),
        requisition_id: row.requisition_id.map(Into::into),
        status: row.status.parse()?,
        resend_of: row.resend_of.map(Into::into),
    }))
}

/// One letter as the list has it.
pub async fn find(conn: &mut PgConnection, id: NotificationId) -> Result<Option<ListedLetter>, StoreError> {
    let row = sqlx::query_as!(
        LetterRow,
        "select id, event, recipient_id, requisition_id, channel, digest_id, resend_of, status, attempts, outcome,
                created_at, sent_at
         from notifications
         where id = $1",
        id.0
    );
    row.fetch_optional(conn).await?.map(listed).transpose()
}

struct LetterRow {
    id: Uuid,
    event: String,
    recipient_id: Uuid,
    requisition_id: Option<Uuid>,
    channel: String,
    digest_id: Option<Uuid>,
    resend_of: Option<Uuid>,
    status: String,
    attempts: i32,
    outcome: Option<String>,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
}

fn listed(row: LetterRow) -> Result<ListedLetter, StoreError> {
    Ok(ListedLetter {
        id: row.id.into(),
        event: row.event.parse()?,
        recipient_id: row.recipient_id.into(),
        requisition_id: row.requisition_id.map(Into::into),
        channel: row.channel.parse()?,
        digest_id: row.digest_id.map(Into::into),
        resend_of: row.resend_of.map(Into::into),
        status: row.status.parse()?,
        attempts: row.attempts,
        outcome: row.outcome,
        created_at: row.created_at,
        sent_at: row.sent_at,
    })
}

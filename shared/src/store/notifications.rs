//! Notifications as their recipients see them. Writing goes through `commit`, sending through the worker.
//!
//! A letter that was sent again is no news: its repetitions are the staff's business and stand in `sent_letters`.

use super::{StoreError, page::Page};
use crate::domain::{
    id::{NotificationId, ProjectId, RequisitionId, UserId},
    notification::{About, Message, NotificationEvent, NotificationStatus},
    preference::Channel,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedNotification {
    pub id: NotificationId,
    pub event: NotificationEvent,
    pub requisition_id: Option<RequisitionId>,
    /// Where it is about a project itself.
    pub project_id: Option<ProjectId>,
    /// In the language of whoever it was written to.
    pub message: Option<String>,
    pub channel: Channel,
    /// How far the letter got.
    pub status: NotificationStatus,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub read_at: Option<DateTime<Utc>>,
}

/// What was written to one person; the newest first. What is moot counts as read.
pub async fn list(
    conn: &mut PgConnection,
    recipient: UserId,
    unread: Option<bool>,
    page: Page,
) -> Result<Vec<ListedNotification>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, event, requisition_id, subject_id, message, grounds, channel, status, created_at, sent_at, read_at,
                (select language from users where users.id = recipient_id) as "language!",
                (select w.project_id from waiting_list w where w.id = subject_id) as waited_for
         from notifications
         where recipient_id = $1 and resend_of is null
             and ($5::boolean is null or $5 = (read_at is null and status <> 'moot'))
             and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid))
         order by created_at desc, id desc
         limit $4"#,
        recipient.0,
        page.created_before(),
        page.id_before(),
        page.limit,
        unread,
    );
    let notifications = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let event: NotificationEvent = row.event.parse()?;
        let project_id = match event.about() {
            About::Requisition | About::Deputy => None,
            About::Project => Some(ProjectId(row.subject_id)),
            About::WaitingEntry => Some(ProjectId(row.waited_for.unwrap_or(row.subject_id))),
        };
        let (message, language) = (Message::from_stored(row.message, row.grounds), row.language.parse()?);
        Ok(ListedNotification {
            id: NotificationId(row.id),
            event,
            requisition_id: row.requisition_id.map(RequisitionId),
            project_id,
            message: message.map(|message| message.in_words(language)),
            channel: row.channel.parse()?,
            status: row.status.parse()?,
            created_at: row.created_at,
            sent_at: row.sent_at,
            read_at: row.read_at,
        })
    });
    notifications.collect()
}

pub async fn count_unread(conn: &mut PgConnection, recipient: UserId) -> Result<i64, StoreError> {
    let unread = sqlx::query_scalar!(
        r#"select count(*) as "unread!" from notifications
           where recipient_id = $1 and read_at is null and status <> 'moot' and resend_of is null"#,
        recipient.0
    );
    Ok(unread.fetch_one(conn).await?)
}

/// Whom it was written to.
pub async fn find_recipient(conn: &mut PgConnection, id: NotificationId) -> Result<Option<UserId>, StoreError> {
    let recipient = sqlx::query_scalar!("select recipient_id from notifications where id = $1", id.0);
    Ok(recipient.fetch_optional(conn).await?.map(UserId))
}

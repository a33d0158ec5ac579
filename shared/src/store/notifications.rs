//! Letters as their recipients see them. Writing goes through `commit`, sending through the worker.

use super::{StoreError, page::Page};
use crate::domain::{
    id::{NotificationId, ProjectId, RequisitionId, UserId},
    notification::{About, NotificationEvent, NotificationStatus},
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
    pub message: Option<String>,
    /// How far the letter got.
    pub status: NotificationStatus,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
}

/// What was written to one person; the newest first.
pub async fn list(
    conn: &mut PgConnection,
    recipient: UserId,
    page: Page,
) -> Result<Vec<ListedNotification>, StoreError> {
    let rows = sqlx::query!(
        "select id, event, requisition_id, subject_id, message, status, created_at, sent_at
         from notifications
         where recipient_id = $1
             and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid))
         order by created_at desc, id desc
         limit $4",
        recipient.0,
        page.created_before(),
        page.id_before(),
        page.limit
    );
    let notifications = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let event: NotificationEvent = row.event.parse()?;
        let project_id = match event.about() {
            About::Requisition => None,
            About::Project => Some(ProjectId(row.subject_id)),
        };
        Ok(ListedNotification {
            id: NotificationId(row.id),
            event,
            requisition_id: row.requisition_id.map(RequisitionId),
            project_id,
            message: row.message,
            status: row.status.parse()?,
            created_at: row.created_at,
            sent_at: row.sent_at,
        })
    });
    notifications.collect()
}

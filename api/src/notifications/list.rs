//! `GET /v1/notifications`: what was written to the caller.

use crate::{
    http::{
        caller::Caller,
        paging::{Listed, PageParams},
        params::Query,
        words,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::notification::{NotificationEvent, NotificationStatus},
    store::{
        notifications::{self, ListedNotification},
        page::After,
    },
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationView {
    id: Uuid,
    #[schema(schema_with = words::notification_event)]
    event: NotificationEvent,
    requisition_id: Option<Uuid>,
    /// Where it is about a project itself.
    project_id: Option<Uuid>,
    message: Option<String>,
    /// How far the letter got.
    #[schema(schema_with = words::notification_status)]
    status: NotificationStatus,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
}

/// My notifications, the newest first.
#[utoipa::path(
    get,
    path = "/v1/notifications",
    operation_id = "list_notifications",
    tag = "notifications",
    params(PageParams),
    responses((status = 200, body = Listed<NotificationView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(paging): Query<PageParams>,
) -> Result<Json<Listed<NotificationView>>, Problem> {
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = notifications::list(&mut conn, caller.user_id, page).await?;
    let position = |row: &ListedNotification| After { created_at: row.created_at, id: row.id.0 };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}

impl From<ListedNotification> for NotificationView {
    fn from(notification: ListedNotification) -> Self {
        Self {
            id: notification.id.0,
            event: notification.event,
            requisition_id: notification.requisition_id.map(|id| id.0),
            project_id: notification.project_id.map(|id| id.0),
            message: notification.message,
            status: notification.status,
            created_at: notification.created_at,
            sent_at: notification.sent_at,
        }
    }
}

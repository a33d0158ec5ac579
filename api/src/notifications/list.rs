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
    domain::{
        notification::{NotificationEvent, NotificationStatus},
        preference::Channel,
    },
    store::{
        notifications::{self, ListedNotification},
        page::After,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationView {
    id: Uuid,
    #[schema(schema_with = words::notification_event)]
    event: NotificationEvent,
    requisition_id: Option<Uuid>,
    /// Where it is about a project itself.
    project_id: Option<Uuid>,
    /// A person's or Snipe-IT's words as they were said; the lab's own in the language of the reader.
    message: Option<String>,
    /// The way in which it reaches the person beside this list.
    #[schema(schema_with = words::channel)]
    channel: Channel,
    /// How far the letter got.
    #[schema(schema_with = words::notification_status)]
    status: NotificationStatus,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    read_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationParams {
    /// Only those not read yet (`true`) or only the others (`false`).
    unread: Option<bool>,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// My notifications, the newest first.
#[utoipa::path(
    get,
    path = "/v1/notifications",
    operation_id = "list_notifications",
    tag = "notifications",
    params(NotificationParams),
    responses((status = 200, body = Listed<NotificationView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(params): Query<NotificationParams>,
) -> Result<Json<Listed<NotificationView>>, Problem> {
    let paging = PageParams { cursor: params.cursor, limit: params.limit };
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = notifications::list(&mut conn, caller.user_id, params.unread, page).await?;
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
            channel: notification.channel,
            status: notification.status,
            created_at: notification.created_at,
            sent_at: notification.sent_at,
            read_at: notification.read_at,
        }
    }
}

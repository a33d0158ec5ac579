//! `GET /v1/notifications/unread-count`: the number beside the bell.

use crate::{http::caller::Caller, problem::Problem, state::AppState};
use axum::{Json, extract::State};
use makerlab_shared::store::notifications;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unread {
    unread: i64,
}

/// How many of mine I have not read.
#[utoipa::path(
    get,
    path = "/v1/notifications/unread-count",
    operation_id = "count_unread",
    tag = "notifications",
    responses((status = 200, body = Unread))
)]
pub(crate) async fn count_unread(State(app): State<AppState>, caller: Caller) -> Result<Json<Unread>, Problem> {
    let mut conn = app.pool.acquire().await?;
    Ok(Json(count(&mut conn, caller).await?))
}

pub(super) async fn count(conn: &mut PgConnection, caller: Caller) -> Result<Unread, Problem> {
    Ok(Unread { unread: notifications::count_unread(conn, caller.user_id).await? })
}

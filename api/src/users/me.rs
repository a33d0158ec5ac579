//! `GET /v1/users/me`.

use super::view::UserView;
use crate::{http::caller::Caller, problem::Problem, state::AppState};
use axum::{Json, extract::State};
use makerlab_shared::store::users;

/// Who I am.
#[utoipa::path(
    get,
    path = "/v1/users/me",
    operation_id = "read_me",
    tag = "users", responses((status = 200, body = UserView))
)]
pub(crate) async fn me(State(app): State<AppState>, caller: Caller) -> Result<Json<UserView>, Problem> {
    let mut conn = app.pool.acquire().await?;
    let user = users::find(&mut conn, caller.user_id).await?;
    user.map(|user| Json(user.into())).ok_or_else(|| Problem::not_found("user"))
}

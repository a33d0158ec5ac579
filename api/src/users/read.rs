//! `GET /v1/users/{id}`.

use super::view::UserView;
use crate::{
    http::{caller::Caller, params::Id},
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{domain::id::UserId, store::users};

/// One person.
#[utoipa::path(
    get,
    path = "/v1/users/{id}",
    operation_id = "read_user",
    tag = "users",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = UserView), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn read(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
) -> Result<Json<UserView>, Problem> {
    caller.check_own("user", id)?;
    let mut conn = app.pool.acquire().await?;
    let user = users::find(&mut conn, id).await?;
    user.map(|user| Json(user.into())).ok_or_else(|| Problem::not_found("user"))
}

//! `GET /v1/users/me/deputy`: who decides in my place, and in whose place I decide.

use super::view::DeputyView;
use crate::{http::caller::Caller, problem::Problem, state::AppState};
use axum::{Json, extract::State};
use makerlab_shared::{domain::id::UserId, store::deputies};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnDeputies {
    /// Whom I have named whose time is not over, the first to begin at first.
    deputies: Vec<DeputyView>,
    /// Who has named me, unless the time is over.
    stands_in_for: Vec<DeputyView>,
}

/// Who decides in my place, and in whose place I decide
#[utoipa::path(
    get,
    path = "/v1/users/me/deputy",
    operation_id = "read_deputy",
    tag = "users",
    responses((status = 200, body = OwnDeputies))
)]
pub(crate) async fn read(State(app): State<AppState>, caller: Caller) -> Result<Json<OwnDeputies>, Problem> {
    let mut conn = app.pool.acquire().await?;
    Ok(Json(load(&mut conn, caller.user_id).await?))
}

pub(super) async fn load(conn: &mut PgConnection, user: UserId) -> Result<OwnDeputies, Problem> {
    let named = deputies::list_named_by(conn, user).await?.into_iter().map(Into::into).collect();
    let stands_in_for = deputies::list_present_of(conn, user).await?.into_iter().map(Into::into).collect();
    Ok(OwnDeputies { deputies: named, stands_in_for })
}

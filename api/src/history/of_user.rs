//! `GET /v1/users/{id}/history`: what a person did, and what became of what is theirs.

use super::{tell::tell, view::EventView};
use crate::{
    http::{
        caller::Caller,
        paging::{Listed, PageParams},
        params::{Id, Query},
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::id::UserId,
    store::{history::Story, users},
};

/// What a person did and what happened to what is theirs, the newest first.
#[utoipa::path(
    get,
    path = "/v1/users/{id}/history",
    operation_id = "read_user_history",
    tag = "history",
    params(("id" = Uuid, Path), PageParams),
    responses(
        (status = 200, body = Listed<EventView>),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn of_user(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
    Query(paging): Query<PageParams>,
) -> Result<Json<Listed<EventView>>, Problem> {
    caller.check_own("user", id)?;
    let mut conn = app.pool.acquire().await?;
    users::find(&mut conn, id).await?.ok_or_else(|| Problem::not_found("user"))?;
    tell(&mut conn, Story::User(id), &paging).await
}

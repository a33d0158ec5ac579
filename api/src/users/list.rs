//! `GET /v1/users`.

use super::view::UserView;
use crate::{
    http::{
        paging::{Listed, PageParams},
        params::Query,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::store::{page::After, users};

/// Everybody, the newest first.
#[utoipa::path(
    get,
    path = "/v1/users",
    operation_id = "list_users",
    tag = "users", params(PageParams), responses((status = 200, body = Listed<UserView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    Query(paging): Query<PageParams>,
) -> Result<Json<Listed<UserView>>, Problem> {
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = users::list(&mut conn, page).await?;
    let position = |row: &users::ListedUser| After { created_at: row.created_at, id: row.user.id.0 };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}

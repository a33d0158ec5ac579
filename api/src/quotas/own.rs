//! `GET /v1/users/me/quotas`: what is left for me.

use super::view::StandingView;
use crate::{http::caller::Caller, problem::Problem, state::AppState};
use axum::{Json, extract::State};
use makerlab_shared::{domain::quota::QuotaScope, store::quotas};

/// My quotas, in whatever project, and what is left of them.
#[utoipa::path(
    get,
    path = "/v1/users/me/quotas",
    operation_id = "read_own_quotas",
    tag = "quotas",
    responses((status = 200, body = Vec<StandingView>))
)]
pub(crate) async fn own(State(app): State<AppState>, caller: Caller) -> Result<Json<Vec<StandingView>>, Problem> {
    let mut conn = app.pool.acquire().await?;
    let mut held = quotas::list(&mut conn).await?;
    held.retain(|quota| quota.scope == QuotaScope::Person);
    let standings = quotas::measure(&mut conn, held, None, Some(caller.user_id), None).await?;
    Ok(Json(standings.into_iter().map(Into::into).collect()))
}

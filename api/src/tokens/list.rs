//! `GET /v1/tokens`.

use super::view::TokenView;
use crate::{
    http::{caller::Caller, params::Query},
    problem::Problem,
    requisitions::user_or_me,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::store::tokens;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenParams {
    /// A user's id, `me` (also if left out), or `all`.
    user_id: Option<String>,
}

/// Tokens without their secrets.
#[utoipa::path(
    get,
    path = "/v1/tokens",
    operation_id = "list_tokens",
    tag = "tokens", params(TokenParams), responses((status = 200, body = Vec<TokenView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(params): Query<TokenParams>,
) -> Result<Json<Vec<TokenView>>, Problem> {
    let of = match params.user_id.as_deref() {
        Some("all") => None,
        Some(who) => Some(user_or_me("user_id", who, caller)?),
        None => Some(caller.user_id),
    };
    if of != Some(caller.user_id) {
        caller.check_anywhere()?;
    }
    let mut conn = app.pool.acquire().await?;
    let tokens = tokens::list(&mut conn, of).await?;
    Ok(Json(tokens.into_iter().map(Into::into).collect()))
}

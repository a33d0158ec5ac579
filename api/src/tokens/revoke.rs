//! `DELETE /v1/tokens/{id}`: from now on it opens nothing; the row stays.

use crate::{
    http::{caller::Caller, params::Id},
    problem::Problem,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use makerlab_shared::{
    domain::{change::Cause, id::TokenId},
    store::{commit::commit, tokens},
};

/// Revoke a token; once more changes nothing.
#[utoipa::path(
    delete,
    path = "/v1/tokens/{id}",
    operation_id = "revoke_token",
    tag = "tokens",
    params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn revoke(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, Problem> {
    let mut transaction = app.pool.begin().await?;
    let token = tokens::find_for_update(&mut transaction, id).await?;
    let token = token.ok_or_else(|| Problem::not_found("token"))?;
    caller.check_own("token", token.user_id)?;
    commit(&mut transaction, &token.revoke(&Cause::new(caller.actor(), "revoked"))).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `DELETE /v1/users/me/deputy`: from now on I decide alone again; the rows stay.

use crate::{
    http::{caller::Caller, params::Query},
    problem::Problem,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use makerlab_shared::{
    domain::change::Change,
    store::{clock, commit::commit, deputies},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichDeputy {
    /// Of those that I have named; left out: all of them.
    id: Option<Uuid>,
}

/// Let nobody decide in my place any more, or one of them not; once more changes nothing
#[utoipa::path(
    delete,
    path = "/v1/users/me/deputy",
    operation_id = "end_deputy",
    tag = "users",
    params(WhichDeputy),
    responses((status = 204))
)]
pub(crate) async fn end(
    State(app): State<AppState>,
    caller: Caller,
    Query(which): Query<WhichDeputy>,
) -> Result<StatusCode, Problem> {
    let mut transaction = app.pool.begin().await?;
    let named = deputies::list_named_for_update(&mut transaction, caller.user_id).await?;
    let now = clock::now(&mut transaction).await?;
    let mut change = Change::default();
    for deputy in named.into_iter().filter(|deputy| which.id.is_none_or(|id| deputy.id.0 == id)) {
        change.append(deputy.end(now));
    }
    commit(&mut transaction, &change).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

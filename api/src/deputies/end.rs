//! `DELETE /v1/users/me/deputy`: from now on I decide alone again; the row stays.

use crate::{http::caller::Caller, problem::Problem, state::AppState};
use axum::{extract::State, http::StatusCode};
use makerlab_shared::store::{clock, commit::commit, deputies};

/// Let nobody decide in my place any more; once more changes nothing
#[utoipa::path(
    delete,
    path = "/v1/users/me/deputy",
    operation_id = "end_deputy",
    tag = "users",
    responses((status = 204))
)]
pub(crate) async fn end(State(app): State<AppState>, caller: Caller) -> Result<StatusCode, Problem> {
    let mut transaction = app.pool.begin().await?;
    if let Some(present) = deputies::find_present_for_update(&mut transaction, caller.user_id).await? {
        let now = clock::now(&mut transaction).await?;
        commit(&mut transaction, &present.end(now)).await?;
        transaction.commit().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

//! `GET /v1/lab-settings`: the rules' numbers are no secret.

use super::view::{LabSettingsView, tagged};
use crate::{http::precondition::Tagged, problem::Problem, state::AppState};
use axum::extract::State;
use makerlab_shared::store::lab_settings;

/// The numbers that the lab sets for itself.
#[utoipa::path(
    get,
    path = "/v1/lab-settings",
    operation_id = "read_lab_settings",
    tag = "lab",
    responses((status = 200, body = LabSettingsView, headers(("ETag" = String))))
)]
pub(crate) async fn read(State(app): State<AppState>) -> Result<Tagged<LabSettingsView>, Problem> {
    let mut conn = app.pool.acquire().await?;
    Ok(tagged(lab_settings::load(&mut conn).await?))
}

//! `GET /readyz`: the database answers and has our schema. Without broker or Snipe-IT the api still records what
//! people ask for, so that is `degraded`, not down.

use crate::{MIGRATIONS, problem::Problem, state::AppState};
use axum::{Json, extract::State};
use makerlab_shared::store::{link, status};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    status: ReadyStatus,
    /// What does not work at the moment, and what that means.
    reasons: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReadyStatus {
    Ready,
    Degraded,
}

/// Ready for requests.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "about",
    responses((status = 200, body = Readiness), (status = 503, description = "The database cannot be used")),
    security(())
)]
pub(crate) async fn readyz(State(app): State<AppState>) -> Result<Json<Readiness>, Problem> {
    let mut conn = app.pool.acquire().await?;
    check_schema(&mut conn).await?;
    let broker = app.relay.state().trouble();
    let snipeit = link::load(&mut conn).await?.pause.map(|pause| pause.trouble());
    let reasons: Vec<String> = broker.into_iter().chain(snipeit).collect();
    let status = if reasons.is_empty() { ReadyStatus::Ready } else { ReadyStatus::Degraded };
    Ok(Json(Readiness { status, reasons }))
}

async fn check_schema(conn: &mut PgConnection) -> Result<(), Problem> {
    let wanted = MIGRATIONS.iter().map(|migration| migration.version).max();
    if status::find_schema_version(conn).await? >= wanted {
        return Ok(());
    }
    let detail = "the database lacks migrations; run `makerlab-api migrate` as the owner of the tables";
    Err(Problem::new(crate::ProblemType::DatabaseUnavailable, detail))
}

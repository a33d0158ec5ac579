//! `GET /v1/sync-runs`.

use crate::{
    http::{
        paging::{Listed, PageParams},
        params::Query,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use makerlab_shared::store::{
    page::After,
    sync_runs::{self, ListedRun},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncRunView {
    id: Uuid,
    started_at: DateTime<Utc>,
    /// Null: it runs, or it was stopped and goes on behind its last page.
    finished_at: Option<DateTime<Utc>>,
    /// The day of the lab of whose night it is the full comparison; null: it is none.
    night: Option<NaiveDate>,
    /// Rows read and what became of them, by kind; with what was compared, how much of it sweeps had missed, and the
    /// differences.
    #[schema(value_type = Object)]
    counts: serde_json::Value,
    /// Why it ended in vain or was stopped; null: all is well.
    error: Option<String>,
}

impl From<ListedRun> for SyncRunView {
    fn from(run: ListedRun) -> Self {
        let ListedRun { id, started_at, finished_at, night, counts, error } = run;
        Self { id: id.0, started_at, finished_at, night, counts, error }
    }
}

/// When the whole catalogue was read and what came of it, the newest first.
#[utoipa::path(
    get,
    path = "/v1/sync-runs",
    operation_id = "list_sync_runs",
    tag = "equipment",
    params(PageParams),
    responses((status = 200, body = Listed<SyncRunView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    Query(paging): Query<PageParams>,
) -> Result<Json<Listed<SyncRunView>>, Problem> {
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = sync_runs::list(&mut conn, page).await?;
    let position = |run: &ListedRun| After { created_at: run.started_at, id: run.id.0 };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}

//! `GET /v1/equipment/{id}/history`: all that one unit went through.

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
    domain::id::EquipmentId,
    store::{catalogue_reads::is_unit, history::Story},
};

/// What happened to a unit, to its loans and in Snipe-IT for them, the newest first.
#[utoipa::path(
    get,
    path = "/v1/equipment/{id}/history",
    operation_id = "read_equipment_history",
    tag = "history",
    params(("id" = Uuid, Path), PageParams),
    responses(
        (status = 200, body = Listed<EventView>),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn of_equipment(
    State(app): State<AppState>,
    _: Caller,
    Id(id): Id<EquipmentId>,
    Query(paging): Query<PageParams>,
) -> Result<Json<Listed<EventView>>, Problem> {
    let mut conn = app.pool.acquire().await?;
    if !is_unit(&mut conn, id).await? {
        return Err(Problem::not_found("equipment"));
    }
    tell(&mut conn, Story::Equipment(id), &paging).await
}

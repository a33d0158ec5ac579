//! `GET /v1/requisitions/{id}`: one requisition with its whole story.

use super::view::{self, RequisitionView};
use crate::{
    http::{caller::Caller, params::Id, precondition::Tagged},
    problem::Problem,
    state::AppState,
};
use axum::extract::State;
use makerlab_shared::domain::id::RequisitionId;

/// One requisition.
#[utoipa::path(
    get,
    path = "/v1/requisitions/{id}",
    operation_id = "read_requisition",
    tag = "requisitions",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = RequisitionView, headers(("ETag" = String))),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn read(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<RequisitionId>,
) -> Result<Tagged<RequisitionView>, Problem> {
    let mut conn = app.pool.acquire().await?;
    view::load(&mut conn, id, caller.viewer()).await
}

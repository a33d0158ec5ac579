//! `GET /v1/loans/{id}/history`: how one unit went out and came back.

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
    domain::id::LoanId,
    store::{history::Story, requisition_reads::find_loan_standing},
};

/// What happened to a loan, the newest first.
#[utoipa::path(
    get,
    path = "/v1/loans/{id}/history",
    operation_id = "read_loan_history",
    tag = "history",
    params(("id" = Uuid, Path), PageParams),
    responses(
        (status = 200, body = Listed<EventView>),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn of_loan(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<LoanId>,
    Query(paging): Query<PageParams>,
) -> Result<Json<Listed<EventView>>, Problem> {
    let mut conn = app.pool.acquire().await?;
    let standing = find_loan_standing(&mut conn, id, caller.user_id).await?;
    let standing = standing.ok_or_else(|| Problem::not_found("loan"))?;
    caller.check("loan", standing.member_role, standing.borrower_id == caller.user_id)?;
    tell(&mut conn, Story::Loan(id), &paging).await
}

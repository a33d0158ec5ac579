//! `GET /v1/loans`.

use crate::{
    http::{
        caller::Caller,
        paging::{Listed, PageParams},
        params::Query,
        words,
    },
    problem::Problem,
    requisitions::{LoanView, user_or_me},
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::requisition::LoanStatus,
    store::{
        page::After,
        requisition_reads::{self, LoanFilter},
    },
};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoanParams {
    #[param(schema_with = words::loan_status)]
    status: Option<LoanStatus>,
    /// A user's id, or `me`.
    borrower_id: Option<String>,
    /// `true`: only those for which more time was asked and nobody has decided.
    #[serde(default)]
    extension_asked: bool,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// Loans, the newest first.
#[utoipa::path(
    get,
    path = "/v1/loans",
    operation_id = "list_loans",
    tag = "loans",
    params(LoanParams),
    responses((status = 200, body = Listed<LoanView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(params): Query<LoanParams>,
) -> Result<Json<Listed<LoanView>>, Problem> {
    let borrower = params.borrower_id.as_deref().map(|who| user_or_me("borrower_id", who, caller)).transpose()?;
    let filter = LoanFilter { status: params.status, borrower, extension_asked: params.extension_asked };
    let paging = PageParams { cursor: params.cursor, limit: params.limit };
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = requisition_reads::list_loans(&mut conn, caller.viewer(), &filter, page).await?;
    let position = |row: &requisition_reads::ListedLoan| After { created_at: row.created_at, id: row.loan.id.0 };
    Ok(Json(paging.listed(rows, position, |row| row.loan.into())?))
}

//! `GET /v1/approval-rules`: all of them, in the order in which they are asked.

use super::view::ApprovalRuleView;
use crate::{problem::Problem, state::AppState};
use axum::{Json, extract::State};
use makerlab_shared::store::approval_rules;

/// The rules that say who must approve, in the order in which they are asked
#[utoipa::path(
    get,
    path = "/v1/approval-rules",
    operation_id = "list_approval_rules",
    tag = "approval rules",
    responses((status = 200, body = Vec<ApprovalRuleView>))
)]
pub(crate) async fn list(State(app): State<AppState>) -> Result<Json<Vec<ApprovalRuleView>>, Problem> {
    let mut conn = app.pool.acquire().await?;
    let rules = approval_rules::list(&mut conn).await?;
    Ok(Json(rules.into_iter().map(Into::into).collect()))
}

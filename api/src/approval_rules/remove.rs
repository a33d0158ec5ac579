//! `POST /v1/approval-rules/{id}/remove`: it is asked no longer; what was decided by it can still be read.

use super::view::{ApprovalRuleView, load};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::Problem,
};
use axum::http::StatusCode;
use makerlab_shared::domain::{approval::ApprovalRule, id::ApprovalRuleId};

/// Switch a rule off; once more changes nothing
#[utoipa::path(
    post,
    path = "/v1/approval-rules/{id}/remove",
    operation_id = "remove_approval_rule",
    tag = "approval rules",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = ApprovalRuleView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn remove(
    caller: Caller,
    Id(id): Id<ApprovalRuleId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let rule = load(effect.conn(), id).await?;
    let off = ApprovalRule { enabled: false, ..rule.clone() };
    effect.commit(&rule.change(caller.user_id, off)).await?;
    let removed = load(effect.conn(), id).await?;
    effect.finish(Answer::new(StatusCode::OK, &ApprovalRuleView::from(removed))?).await
}

//! `POST /v1/approval-rules`.

use super::{
    fields,
    view::{ApprovalRuleView, load},
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        input::Invalid,
        words,
    },
    problem::Problem,
};
use axum::http::StatusCode;
use makerlab_shared::domain::{
    approval::{ApprovalRule, Conditions, Need},
    id::ApprovalRuleId,
    user::Role,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A condition that is left out does not matter; all others must be met.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApprovalRule {
    /// The first rule that fits counts, from position 1 on.
    #[schema(minimum = 1, maximum = 1_000_000)]
    position: i64,
    /// The category of models, as Snipe-IT names it.
    #[schema(min_length = 1, max_length = 200)]
    category: Option<String>,
    model_id: Option<Uuid>,
    /// What the line's units cost together, at the least.
    #[schema(minimum = 0)]
    value_from_cents: Option<i64>,
    #[schema(minimum = 0, maximum = 366)]
    longer_than_days: Option<i64>,
    #[schema(minimum = 0, maximum = 50)]
    more_than_units: Option<i64>,
    #[schema(schema_with = words::role_or_null)]
    requester_role: Option<Role>,
    /// `true`: only where a quota is gone over. Only such a rule can let it through without a technician.
    over_quota: Option<bool>,
    #[schema(schema_with = words::approval_need)]
    outcome: Need,
}

/// Set a rule that says who must approve
#[utoipa::path(
    post,
    path = "/v1/approval-rules",
    operation_id = "create_approval_rule",
    tag = "approval rules",
    request_body = NewApprovalRule,
    responses(
        (status = 201, body = ApprovalRuleView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn create(caller: Caller, Post { body, exchange }: Post<NewApprovalRule>) -> Result<Answer, Problem> {
    let rule = check(&body)?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    fields::check_model(effect.conn(), &rule.conditions).await?;
    let id = rule.id;
    effect.commit(&rule.create(caller.user_id)).await?;
    let created = load(effect.conn(), id).await?;
    effect.finish(Answer::new(StatusCode::CREATED, &ApprovalRuleView::from(created))?).await
}

fn check(body: &NewApprovalRule) -> Result<ApprovalRule, Problem> {
    let invalid = &mut Invalid::default();
    let rule = ApprovalRule {
        id: ApprovalRuleId::generate(),
        position: fields::position(invalid, body.position),
        conditions: Conditions {
            category: fields::category(invalid, body.category.as_deref()),
            model_id: fields::model(body.model_id),
            value_from: fields::value_from(invalid, body.value_from_cents),
            longer_than_days: fields::longer_than_days(invalid, body.longer_than_days),
            more_than_units: fields::more_than_units(invalid, body.more_than_units),
            requester_role: body.requester_role,
            over_quota: body.over_quota,
        },
        outcome: body.outcome,
        enabled: true,
        version: 1,
    };
    std::mem::take(invalid).into_result()?;
    Ok(rule)
}

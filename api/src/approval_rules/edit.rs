//! `PATCH /v1/approval-rules/{id}`: what waits already keeps the verdict that it was given.

use super::{
    fields,
    view::{ApprovalRuleView, load},
};
use crate::{
    http::{
        caller::Caller,
        input::Invalid,
        params::Id,
        precondition::{Patch, Tagged, given},
        words,
    },
    problem::Problem,
    state::AppState,
};
use axum::extract::State;
use makerlab_shared::{
    domain::{
        approval::{ApprovalRule, Conditions, Need},
        id::ApprovalRuleId,
        user::Role,
    },
    store::commit::commit,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is left out stays as it is; null takes a condition away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalRuleEdit {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = i64, required = false, minimum = 1, maximum = 1_000_000)]
    position: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    category: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    model_id: Option<Option<Uuid>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    value_from_cents: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 366)]
    longer_than_days: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 50)]
    more_than_units: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = words::role_or_null, required = false)]
    requester_role: Option<Option<Role>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    over_quota: Option<Option<bool>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = words::approval_need, required = false)]
    outcome: Option<Need>,
    /// `true` switches it on again.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool, required = false)]
    enabled: Option<bool>,
}

/// Change a rule; what waits already keeps the verdict that it was given
#[utoipa::path(
    patch,
    path = "/v1/approval-rules/{id}",
    operation_id = "edit_approval_rule",
    tag = "approval rules",
    params(("id" = Uuid, Path)),
    request_body = ApprovalRuleEdit,
    responses(
        (status = 200, body = ApprovalRuleView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 412, body = crate::problem::ProblemBody, description = "precondition-failed"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input"),
        (status = 428, body = crate::problem::ProblemBody, description = "precondition-required")
    )
)]
pub(crate) async fn edit(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<ApprovalRuleId>,
    Patch { body, if_match }: Patch<ApprovalRuleEdit>,
) -> Result<Tagged<ApprovalRuleView>, Problem> {
    let mut transaction = app.pool.begin().await?;
    let rule = load(&mut transaction, id).await?;
    if_match.check("approval rule", rule.version)?;
    let after = apply(&body, &rule)?;
    fields::check_model(&mut transaction, &after.conditions).await?;
    commit(&mut transaction, &rule.change(caller.user_id, after)).await?;
    let changed = load(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(Tagged { version: changed.version, body: changed.into() })
}

fn apply(body: &ApprovalRuleEdit, before: &ApprovalRule) -> Result<ApprovalRule, Problem> {
    let invalid = &mut Invalid::default();
    let was = before.conditions.clone();
    let conditions = Conditions {
        category: body.category.as_ref().map_or(was.category, |text| fields::category(invalid, text.as_deref())),
        model_id: body.model_id.map_or(was.model_id, fields::model),
        value_from: body.value_from_cents.map_or(was.value_from, |cents| fields::value_from(invalid, cents)),
        longer_than_days: body
            .longer_than_days
            .map_or(was.longer_than_days, |days| fields::longer_than_days(invalid, days)),
        more_than_units: body
            .more_than_units
            .map_or(was.more_than_units, |units| fields::more_than_units(invalid, units)),
        requester_role: body.requester_role.unwrap_or(was.requester_role),
        over_quota: body.over_quota.unwrap_or(was.over_quota),
    };
    let position = body.position.map_or(before.position, |number| fields::position(invalid, number));
    std::mem::take(invalid).into_result()?;
    Ok(ApprovalRule {
        position,
        conditions,
        outcome: body.outcome.unwrap_or(before.outcome),
        enabled: body.enabled.unwrap_or(before.enabled),
        ..before.clone()
    })
}

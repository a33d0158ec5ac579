//! A rule of approval as clients see it.

use crate::{http::words, problem::Problem};
use makerlab_shared::{
    domain::{
        approval::{ApprovalRule, Need},
        id::ApprovalRuleId,
        money::Cents,
        user::Role,
    },
    store::approval_rules,
};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

/// All conditions that are not null must be met.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalRuleView {
    id: Uuid,
    position: i32,
    /// The rule as whoever waits because of it reads it.
    #[schema(example = "rule 3: category Oscilloscopes, longer than 14 days")]
    in_words: String,
    category: Option<String>,
    model_id: Option<Uuid>,
    value_from_cents: Option<i64>,
    longer_than_days: Option<i32>,
    more_than_units: Option<i32>,
    #[schema(schema_with = words::role_or_null)]
    requester_role: Option<Role>,
    over_quota: Option<bool>,
    #[schema(schema_with = words::approval_need)]
    outcome: Need,
    enabled: bool,
}

/// The rule, locked.
pub(super) async fn load(conn: &mut PgConnection, id: ApprovalRuleId) -> Result<ApprovalRule, Problem> {
    approval_rules::load_for_update(conn, id).await?.ok_or_else(|| Problem::not_found("approval rule"))
}

impl From<ApprovalRule> for ApprovalRuleView {
    fn from(rule: ApprovalRule) -> Self {
        Self {
            id: rule.id.0,
            position: rule.position,
            in_words: rule.in_words(),
            category: rule.conditions.category,
            model_id: rule.conditions.model_id.map(|id| id.0),
            value_from_cents: rule.conditions.value_from.map(Cents::get),
            longer_than_days: rule.conditions.longer_than_days,
            more_than_units: rule.conditions.more_than_units,
            requester_role: rule.conditions.requester_role,
            over_quota: rule.conditions.over_quota,
            outcome: rule.outcome,
            enabled: rule.enabled,
        }
    }
}

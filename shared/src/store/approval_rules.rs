//! The rules of approval, in the order in which they are asked.

use super::StoreError;
use crate::domain::{
    approval::{ApprovalRule, Conditions},
    id::{ApprovalRuleId, ModelId},
    money::Cents,
};
use sqlx::PgConnection;
use uuid::Uuid;

struct RuleRow {
    id: Uuid,
    position: i32,
    category: Option<String>,
    model_id: Option<Uuid>,
    value_from_cents: Option<i64>,
    longer_than_days: Option<i32>,
    more_than_units: Option<i32>,
    requester_role: Option<String>,
    over_quota: Option<bool>,
    outcome: String,
    enabled: bool,
    version: i32,
}

/// All of them, those that are switched off too.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<ApprovalRule>, StoreError> {
    let rows = sqlx::query_as!(
        RuleRow,
        "select id, position, category, model_id, value_from_cents, longer_than_days, more_than_units, requester_role,
                over_quota, outcome, enabled, version
         from approval_rules
         order by position, id"
    );
    rows.fetch_all(conn).await?.into_iter().map(rule).collect()
}

/// Locked until the transaction ends.
pub async fn load_for_update(conn: &mut PgConnection, id: ApprovalRuleId) -> Result<Option<ApprovalRule>, StoreError> {
    let row = sqlx::query_as!(
        RuleRow,
        "select id, position, category, model_id, value_from_cents, longer_than_days, more_than_units, requester_role,
                over_quota, outcome, enabled, version
         from approval_rules
         where id = $1
         for update",
        id.0
    );
    row.fetch_optional(conn).await?.map(rule).transpose()
}

fn rule(row: RuleRow) -> Result<ApprovalRule, StoreError> {
    Ok(ApprovalRule {
        id: ApprovalRuleId(row.id),
        position: row.position,
        conditions: Conditions {
            category: row.category,
            model_id: row.model_id.map(ModelId),
            value_from: row.value_from_cents.map(Cents::from_stored),
            longer_than_days: row.longer_than_days,
            more_than_units: row.more_than_units,
            requester_role: row.requester_role.map(|word| word.parse()).transpose()?,
            over_quota: row.over_quota,
        },
        outcome: row.outcome.parse()?,
        enabled: row.enabled,
        version: row.version,
    })
}

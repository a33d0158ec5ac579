//! Rows of the rules of approval.

use super::{CommitError, guard};
use crate::domain::{approval::ApprovalRule, money::Cents, user::Role};
use sqlx::PgConnection;

pub(super) async fn insert_approval_rule(conn: &mut PgConnection, rule: &ApprovalRule) -> Result<(), CommitError> {
    let conditions = &rule.conditions;
    sqlx::query!(
        "insert into approval_rules
             (id, position, category, model_id, value_from_cents, longer_than_days, more_than_units, requester_role,
              over_quota, outcome, enabled)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        rule.id.0,
        rule.position,
        conditions.category,
        conditions.model_id.map(|id| id.0),
        conditions.value_from.map(Cents::get),
        conditions.longer_than_days,
        conditions.more_than_units,
        conditions.requester_role.map(Role::as_str),
        conditions.over_quota,
        rule.outcome.as_str(),
        rule.enabled,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_approval_rule(conn: &mut PgConnection, rule: &ApprovalRule) -> Result<(), CommitError> {
    let conditions = &rule.conditions;
    let updated = sqlx::query!(
        "update approval_rules
         set position = $3, category = $4, model_id = $5, value_from_cents = $6, longer_than_days = $7,
             more_than_units = $8, requester_role = $9, over_quota = $10, outcome = $11, enabled = $12,
             version = version + 1
         where id = $1 and version = $2",
        rule.id.0,
        rule.version,
        rule.position,
        conditions.category,
        conditions.model_id.map(|id| id.0),
        conditions.value_from.map(Cents::get),
        conditions.longer_than_days,
        conditions.more_than_units,
        conditions.requester_role.map(Role::as_str),
        conditions.over_quota,
        rule.outcome.as_str(),
        rule.enabled,
    )
    .execute(conn)
    .await?;
    guard("approval rule", updated.rows_affected())
}

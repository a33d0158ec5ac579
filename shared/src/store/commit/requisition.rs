//! Rows of requisitions and their lines.

use super::{CommitError, guard};
use crate::domain::{
    approval::Stage,
    person::Language,
    reason::Reason,
    requisition::{Edit, Line, Requisition},
};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn insert_requisition(conn: &mut PgConnection, requisition: &Requisition) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into requisitions
             (id, project_id, requester_id, purpose, starts_at, due_at, status, waiting_for, waiting_since, approval_reason,
              approval_grounds)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        requisition.id.0,
        requisition.project_id.0,
        requisition.requester_id.0,
        requisition.purpose.as_str(),
        requisition.period.starts_at,
        requisition.period.due_at,
        requisition.status.as_str(),
        requisition.waiting_for.map(Stage::as_str),
        requisition.waiting_since,
        requisition.approval_reason.as_ref().map(as_told),
        requisition.approval_reason.as_ref().map(Reason::to_json),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_requisition(conn: &mut PgConnection, requisition: &Requisition) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update requisitions
         set status = $3, decided_by = $4, decided_at = $5, decision_reason = $6, waiting_for = $7, endorsed_by = $8,
             endorsed_at = $9, waiting_since = $10, reminded_at = $11, purpose = $12, starts_at = $13, due_at = $14,
             approval_reason = $15, edits = $16, endorsed_for = $17, approval_grounds = $18,
             edition = $19, version = version + 1
         where id = $1 and version = $2",
        requisition.id.0,
        requisition.version,
        requisition.status.as_str(),
        requisition.decided_by.map(|id| id.0),
        requisition.decided_at,
        requisition.decision_reason,
        requisition.waiting_for.map(Stage::as_str),
        requisition.endorsed.map(|endorsed| endorsed.by.0),
        requisition.endorsed.map(|endorsed| endorsed.at),
        requisition.waiting_since,
        requisition.reminded_at,
        requisition.purpose.as_str(),
        requisition.period.starts_at,
        requisition.period.due_at,
        requisition.approval_reason.as_ref().map(as_told),
        requisition.edits,
        requisition.endorsed.and_then(|endorsed| endorsed.on_behalf_of).map(|id| id.0),
        requisition.approval_reason.as_ref().map(Reason::to_json),
        requisition.edition,
    )
    .execute(conn)
    .await?;
    guard("requisition", updated.rows_affected())
}

/// As the API answers, and as it stays readable whatever becomes of the rule.
fn as_told(reason: &Reason) -> String {
    reason.in_words(Language::En)
}

pub(super) async fn insert_edit(conn: &mut PgConnection, edit: &Edit) -> Result<(), CommitError> {
    let before = &edit.before;
    sqlx::query!(
        "insert into requisition_edits
             (requisition_id, number, edited_by, edited_at, purpose, starts_at, due_at, waiting_for, approval_reason,
              endorsed_by, endorsed_at, endorsed_for)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        edit.requisition_id.0,
        edit.number,
        edit.by.0,
        edit.at,
        before.purpose.as_str(),
        before.period.starts_at,
        before.period.due_at,
        before.waiting_for.map(Stage::as_str),
        before.approval_reason.as_ref().map(as_told),
        before.endorsed.map(|endorsed| endorsed.by.0),
        before.endorsed.map(|endorsed| endorsed.at),
        before.endorsed.and_then(|endorsed| endorsed.on_behalf_of).map(|id| id.0),
    )
    .execute(&mut *conn)
    .await?;
    insert_verdicts(conn, edit).await
}

async fn insert_verdicts(conn: &mut PgConnection, edit: &Edit) -> Result<(), CommitError> {
    let lines: Vec<Uuid> = edit.verdicts.iter().map(|(line, _)| line.0).collect();
    let needs: Vec<&str> = edit.verdicts.iter().map(|(_, verdict)| verdict.need.as_str()).collect();
    let rules: Vec<Option<Uuid>> = edit.verdicts.iter().map(|(_, verdict)| verdict.rule_id.map(|id| id.0)).collect();
    let reasons: Vec<String> = edit.verdicts.iter().map(|(_, verdict)| as_told(&verdict.reason)).collect();
    sqlx::query!(
        "insert into requisition_edit_verdicts
             (requisition_id, number, line_id, approval, approval_rule_id, approval_reason)
         select $1, $2, * from unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[])",
        edit.requisition_id.0,
        edit.number,
        &lines,
        &needs as &[&str],
        &rules as &[Option<Uuid>],
        &reasons,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn insert_line(conn: &mut PgConnection, line: &Line) -> Result<(), CommitError> {
    let verdict = line.verdict.as_ref();
    sqlx::query!(
        "insert into requisition_lines
             (id, requisition_id, position, model_id, equipment_id, quantity, status, approval, approval_rule_id,
              approval_reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        line.id.0,
        line.requisition_id.0,
        line.position,
        line.model_id.0,
        line.equipment_id.map(|id| id.0),
        line.quantity,
        line.status.as_str(),
        verdict.map(|verdict| verdict.need.as_str()),
        verdict.and_then(|verdict| verdict.rule_id).map(|id| id.0),
        verdict.map(|verdict| as_told(&verdict.reason)),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_line(conn: &mut PgConnection, line: &Line) -> Result<(), CommitError> {
    let decided = line.decided.as_ref();
    let granted = decided.and_then(|decided| decided.granted);
    let verdict = line.verdict.as_ref();
    let updated = sqlx::query!(
        "update requisition_lines
         set status = $3, granted_model_id = $4, granted_quantity = $5, granted_units_named = $6, decided_by = $7,
             decided_at = $8, decision_reason = $9, approval = $10, approval_rule_id = $11, approval_reason = $12,
             version = version + 1
         where id = $1 and version = $2",
        line.id.0,
        line.version,
        line.status.as_str(),
        granted.map(|granted| granted.model_id.0),
        granted.map(|granted| granted.quantity),
        granted.map(|granted| granted.units_are_named),
        decided.map(|decided| decided.by.0),
        decided.map(|decided| decided.at),
        decided.and_then(|decided| decided.reason.as_deref()),
        verdict.map(|verdict| verdict.need.as_str()),
        verdict.and_then(|verdict| verdict.rule_id).map(|id| id.0),
        verdict.map(|verdict| as_told(&verdict.reason)),
    )
    .execute(conn)
    .await?;
    guard("requisition line", updated.rows_affected())
}

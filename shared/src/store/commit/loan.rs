//! Rows of loans.

use super::{CommitError, guard};
use crate::domain::{
    id::{EquipmentId, LoanId},
    loan_watch::Step,
    requisition::{Loan, ReturnCondition, ReturnReport},
};
use sqlx::PgConnection;

pub(super) async fn insert_loan(conn: &mut PgConnection, loan: &Loan) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into loans
             (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at, checked_out_at,
              snipeit_user_id, fingerprint, watched_since, handed_over_at, handed_over_by, instead_of, told_step)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        loan.id.0,
        loan.requisition_id.0,
        loan.line_id.0,
        loan.equipment_id.0,
        loan.borrower_id.0,
        loan.status.as_str(),
        loan.period.starts_at,
        loan.period.due_at,
        loan.checked_out_at,
        loan.snipeit_user_id.map(|id| id.0),
        loan.fingerprint,
        loan.watch.since,
        loan.handed_over_at,
        loan.handed_over_by.map(|id| id.0),
        loan.instead_of.map(|id| id.0),
        loan.watch.told.map(Step::days),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_loan(conn: &mut PgConnection, loan: &Loan) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update loans
         set equipment_id = $3, status = $4, due_at = $14, checked_out_at = $5, returned_at = $6, snipeit_user_id = $7,
             fingerprint = $8, failure = $9, return_condition = $10, return_note = $11, watched_since = $12, told_step = $13,
             handed_over_at = $15, handed_over_by = $16, return_wished_by = $17, replaced_at = $18, version = version + 1
         where id = $1 and version = $2",
        loan.id.0,
        loan.version,
        loan.equipment_id.0,
        loan.status.as_str(),
        loan.checked_out_at,
        loan.returned_at,
        loan.snipeit_user_id.map(|id| id.0),
        loan.fingerprint,
        loan.failure,
        loan.returned_as.as_ref().map(|report| report.condition().as_str()),
        loan.returned_as.as_ref().and_then(ReturnReport::note),
        loan.watch.since,
        loan.watch.told.map(Step::days),
        loan.period.due_at,
        loan.handed_over_at,
        loan.handed_over_by.map(|id| id.0),
        loan.return_wished_by.map(|id| id.0),
        loan.replaced_at,
    )
    .execute(conn)
    .await?;
    guard("loan", updated.rows_affected())
}

/// Whoever has had the unit since has left it as they brought it: what is said of an earlier loan is over.
pub(super) async fn tell_condition(
    conn: &mut PgConnection,
    unit: EquipmentId,
    of: LoanId,
    condition: Option<ReturnCondition>,
) -> Result<(), CommitError> {
    sqlx::query!(
        "update equipment set told_as = $3
         where id = $1
             and not exists (
                 select from loans told
                 join loans later on later.equipment_id = $1 and later.id <> told.id
                     and coalesce(later.handed_over_at, later.checked_out_at) >= told.returned_at
                 where told.id = $2)",
        unit.0,
        of.0,
        condition.map(ReturnCondition::as_str),
    )
    .execute(conn)
    .await?;
    Ok(())
}

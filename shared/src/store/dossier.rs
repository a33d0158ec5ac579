//! One requisition with its lines, loans and operations.

use super::StoreError;
use crate::domain::{
    approval::Verdict,
    id::{LoanId, OperationId, RequisitionId},
    inventory::{SnipeitAssetId, SnipeitUserId},
    loan_watch::{Step, Watch},
    operation::{Operation, Tenure},
    reason::Reason,
    requisition::{
        Decided, Dossier, Endorsed, Granted, Line, Loan, Period, Purpose, Requisition, RequisitionNumber, ReturnReport,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Reads a dossier and locks it against every other transition until the transaction ends.
pub async fn load_for_update(conn: &mut PgConnection, id: RequisitionId) -> Result<Option<Dossier>, StoreError> {
    let locked = sqlx::query_scalar!("select id from requisitions where id = $1 for update", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    match locked {
        Some(_) => load(conn, id).await,
        None => Ok(None),
    }
}

/// The dossier that an operation belongs to, locked.
pub async fn load_for_operation(conn: &mut PgConnection, id: OperationId) -> Result<Option<Dossier>, StoreError> {
    let requisition = sqlx::query_scalar!("select requisition_id from operations where id = $1", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    match requisition {
        Some(requisition) => load_for_update(conn, RequisitionId(requisition)).await,
        None => Ok(None),
    }
}

/// The dossier that a loan belongs to, locked.
pub async fn load_for_loan(conn: &mut PgConnection, id: LoanId) -> Result<Option<Dossier>, StoreError> {
    let requisition =
        sqlx::query_scalar!("select requisition_id from loans where id = $1", id.0).fetch_optional(&mut *conn).await?;
    match requisition {
        Some(requisition) => load_for_update(conn, RequisitionId(requisition)).await,
        None => Ok(None),
    }
}

pub async fn load(conn: &mut PgConnection, id: RequisitionId) -> Result<Option<Dossier>, StoreError> {
    let Some((requisition, now)) = find_requisition(conn, id).await? else { return Ok(None) };
    let lines = list_lines(conn, id).await?;
    let loans = list_loans(conn, id).await?;
    let operations = list_operations(conn, id).await?;
    Ok(Some(Dossier { now, requisition, lines, loans, operations }))
}

/// With the lab's time, which everything is decided by that is decided about it.
async fn find_requisition(
    conn: &mut PgConnection,
    id: RequisitionId,
) -> Result<Option<(Requisition, DateTime<Utc>)>, StoreError> {
    let row = sqlx::query!(
        r#"select id, number, project_id, requester_id, purpose, starts_at, due_at, status, decided_by, decided_at,
                  decision_reason, waiting_for, waiting_since, reminded_at, endorsed_by, endorsed_for, endorsed_at,
                  approval_reason, approval_grounds, edits, edition, version, lab_now() as "now!",
                  array(select distinct edited_by from requisition_edits where requisition_id = requisitions.id)
                      as "editors!"
           from requisitions where id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let requisition = Requisition {
        id: row.id.into(),
        number: Some(RequisitionNumber(row.number)),
        project_id: row.project_id.into(),
        requester_id: row.requester_id.into(),
        purpose: Purpose::from_stored(row.purpose),
        period: Period { starts_at: row.starts_at, due_at: row.due_at },
        status: row.status.parse()?,
        decided_by: row.decided_by.map(Into::into),
        decided_at: row.decided_at,
        decision_reason: row.decision_reason,
        waiting_for: row.waiting_for.map(|word| word.parse()).transpose()?,
        waiting_since: row.waiting_since,
        reminded_at: row.reminded_at,
        endorsed: row.endorsed_by.zip(row.endorsed_at).map(|(by, at)| Endorsed {
            by: by.into(),
            on_behalf_of: row.endorsed_for.map(Into::into),
            at,
        }),
        approval_reason: Reason::from_stored(row.approval_grounds, row.approval_reason),
        edits: row.edits,
        editors: row.editors.into_iter().map(Into::into).collect(),
        edition: row.edition,
        version: row.version,
    };
    Ok(Some((requisition, row.now)))
}

async fn list_lines(conn: &mut PgConnection, id: RequisitionId) -> Result<Vec<Line>, StoreError> {
    let rows = sqlx::query!(
        "select id, requisition_id, position, model_id, equipment_id, quantity, status, granted_model_id,
                granted_quantity, granted_units_named, decided_by, decided_at, decision_reason, approval,
                approval_rule_id, approval_reason, version
         from requisition_lines where requisition_id = $1 order by position",
        id.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let granted = match (row.granted_model_id, row.granted_quantity, row.granted_units_named) {
                (Some(model), Some(quantity), Some(units_are_named)) => {
                    Some(Granted { model_id: model.into(), quantity, units_are_named })
                }
                (None, _, _) | (_, None, _) | (_, _, None) => None,
            };
            let decided = row.decided_by.zip(row.decided_at);
            let reason = row.decision_reason;
            let rule_id = row.approval_rule_id.map(Into::into);
            let verdict = match row.approval.zip(row.approval_reason) {
                Some((need, told)) => Some(Verdict { need: need.parse()?, rule_id, reason: Reason::said(told) }),
                None => None,
            };
            Ok(Line {
                id: row.id.into(),
                requisition_id: row.requisition_id.into(),
                position: row.position,
                model_id: row.model_id.into(),
                equipment_id: row.equipment_id.map(Into::into),
                quantity: row.quantity,
                status: row.status.parse()?,
                verdict,
                decided: decided.map(|(by, at)| Decided { by: by.into(), at, granted, reason }),
                version: row.version,
            })
        })
        .collect()
}

async fn list_loans(conn: &mut PgConnection, id: RequisitionId) -> Result<Vec<Loan>, StoreError> {
    let rows = sqlx::query!(
        "select id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at, handed_over_at,
                handed_over_by, checked_out_at, returned_at, snipeit_user_id, fingerprint, failure, return_wished_by, instead_of,
                replaced_at, return_condition, return_note, watched_since, told_step, version
         from loans where requisition_id = $1 order by id",
        id.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let condition = row.return_condition.map(|word| word.parse()).transpose()?;
            Ok(Loan {
                id: row.id.into(),
                requisition_id: row.requisition_id.into(),
                line_id: row.line_id.into(),
                equipment_id: row.equipment_id.into(),
                borrower_id: row.borrower_id.into(),
                status: row.status.parse()?,
                period: Period { starts_at: row.starts_at, due_at: row.due_at },
                handed_over_at: row.handed_over_at,
                handed_over_by: row.handed_over_by.map(Into::into),
                checked_out_at: row.checked_out_at,
                returned_at: row.returned_at,
                snipeit_user_id: row.snipeit_user_id.map(SnipeitUserId),
                fingerprint: row.fingerprint,
                failure: row.failure,
                returned_as: condition.map(|condition| ReturnReport::from_stored(condition, row.return_note)),
                watch: Watch { since: row.watched_since, told: row.told_step.map(Step::from_stored) },
                return_wished_by: row.return_wished_by.map(Into::into),
                instead_of: row.instead_of.map(Into::into),
                replaced_at: row.replaced_at,
                version: row.version,
            })
        })
        .collect()
}

async fn list_operations(conn: &mut PgConnection, id: RequisitionId) -> Result<Vec<Operation>, StoreError> {
    let rows = sqlx::query!(
        "select id, requisition_id, loan_id, equipment_id, snipeit_asset_id, kind, state, attempts, fingerprint,
                tenure_user_id, tenure_checkout, any_unit, units_tried, borrower_looked_up_again, in_doubt, refusal,
                look_after, requested_by, settled_at, confirmed_at, version
         from operations where requisition_id = $1 order by requested_at, id",
        id.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let tenure = row.tenure_user_id.zip(row.tenure_checkout);
            Ok(Operation {
                id: row.id.into(),
                requisition_id: row.requisition_id.into(),
                loan_id: row.loan_id.into(),
                equipment_id: row.equipment_id.into(),
                asset: SnipeitAssetId(row.snipeit_asset_id),
                kind: row.kind.parse()?,
                state: row.state.parse()?,
                attempts: row.attempts,
                fingerprint: row.fingerprint,
                tenure: tenure.map(|(user, last_checkout)| Tenure { user: SnipeitUserId(user), last_checkout }),
                any_unit: row.any_unit,
                units_tried: row.units_tried,
                borrower_looked_up_again: row.borrower_looked_up_again,
                in_doubt: row.in_doubt,
                refusal: row.refusal,
                look_after: row.look_after,
                requested_by: row.requested_by.map(Into::into),
                settled_at: row.settled_at,
                confirmed_at: row.confirmed_at,
                version: row.version,
            })
        })
        .collect()
}

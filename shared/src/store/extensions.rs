//! Extensions of a loan, and what speaks against one. Writing goes through [`commit`](super::commit).

use super::StoreError;
use crate::domain::{
    id::{LoanId, UserId},
    requisition::{Extension, ExtensionGround},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Read it under the requisition's lock. `due_at`: the date that is wished; `None`: the one that was asked for.
pub async fn load_ground(
    conn: &mut PgConnection,
    loan: LoanId,
    due_at: Option<DateTime<Utc>>,
) -> Result<ExtensionGround, StoreError> {
    let before = list(&mut *conn, loan).await?;
    let due_at = due_at.or_else(|| before.last().map(|latest| latest.due_at));
    let row = sqlx::query!(
        r#"select least(
                      (select min(other.starts_at) from loans other
                       where other.equipment_id = l.equipment_id and other.id <> l.id and other.status = 'promised'
                           and other.starts_at < $2 and other.due_at > l.due_at),
                      (select min(kept.starts_at) from live_holds() kept
                       where kept.equipment_id = l.equipment_id and kept.starts_at < $2 and kept.due_at > l.due_at))
                      as promised_from,
                  exists (
                      select from requisition_lines n
                      join requisitions r on r.id = n.requisition_id
                      join equipment e on e.id = l.equipment_id
                      where n.status = 'pending' and n.model_id = e.model_id
                          and (n.equipment_id is null or n.equipment_id = e.id)
                          and r.starts_at < $2 and r.due_at > l.due_at and r.due_at > lab_now()
                          and r.requester_id <> l.borrower_id)
                  or exists (
                      select from waiting_list w
                      join equipment e on e.id = l.equipment_id
                      where w.model_id = e.model_id and w.status = 'waiting' and w.user_id <> l.borrower_id
                          and w.starts_at < $2 and w.due_at > l.due_at) as "somebody_waits!"
           from loans l where l.id = $1"#,
        loan.0,
        due_at,
    )
    .fetch_one(&mut *conn)
    .await?;
    let limits = super::lab_settings::load(conn).await?.numbers;
    Ok(ExtensionGround { limits, before, promised_from: row.promised_from, somebody_waits: row.somebody_waits })
}

/// The oldest first.
async fn list(conn: &mut PgConnection, loan: LoanId) -> Result<Vec<Extension>, StoreError> {
    let rows = sqlx::query!(
        "select id, loan_id, asked_by, due_before, due_at, reason, status, decided_by, decided_at, decision_reason, version
         from loan_extensions where loan_id = $1 order by created_at, id",
        loan.0
    );
    let extensions = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(Extension {
            id: row.id.into(),
            loan_id: row.loan_id.into(),
            asked_by: row.asked_by.into(),
            due_before: row.due_before,
            due_at: row.due_at,
            reason: row.reason,
            status: row.status.parse()?,
            decided_by: row.decided_by.map(UserId),
            decided_at: row.decided_at,
            decision_reason: row.decision_reason,
            version: row.version,
        })
    });
    extensions.collect()
}

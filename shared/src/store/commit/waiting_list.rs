//! Rows of the waiting list, and of the units that are kept for it.

use super::{CommitError, guard};
use crate::domain::{
    id::{RequisitionId, WaitingEntryId},
    waiting_list::{Hold, WaitingEntry},
};
use sqlx::PgConnection;

pub(super) async fn insert_entry(conn: &mut PgConnection, entry: &WaitingEntry) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into waiting_list (id, project_id, model_id, user_id, quantity, starts_at, due_at, status)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        entry.id.0,
        entry.project_id.0,
        entry.model_id.0,
        entry.user_id.0,
        entry.quantity,
        entry.period.starts_at,
        entry.period.due_at,
        entry.status.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_entry(conn: &mut PgConnection, entry: &WaitingEntry) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update waiting_list
         set status = $3, held_until = $4, requisition_id = $5, starts_at = $6, version = version + 1
         where id = $1 and version = $2",
        entry.id.0,
        entry.version,
        entry.status.as_str(),
        entry.held_until,
        entry.requisition_id.map(|id| id.0),
        entry.period.starts_at,
    )
    .execute(conn)
    .await?;
    guard("waiting list", updated.rows_affected())
}

pub(super) async fn insert_hold(conn: &mut PgConnection, hold: &Hold) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into holds (id, entry_id, equipment_id, starts_at, due_at) values ($1, $2, $3, $4, $5)",
        hold.id.0,
        hold.entry_id.0,
        hold.equipment_id.0,
        hold.period.starts_at,
        hold.period.due_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn end_holds(conn: &mut PgConnection, entry: WaitingEntryId) -> Result<(), CommitError> {
    sqlx::query!("update holds set ended_at = lab_now() where entry_id = $1 and ended_at is null", entry.0)
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn end_holds_for(conn: &mut PgConnection, requisition: RequisitionId) -> Result<(), CommitError> {
    sqlx::query!(
        "update holds set ended_at = lab_now()
         from waiting_list w
         where w.id = holds.entry_id and w.requisition_id = $1 and holds.ended_at is null",
        requisition.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

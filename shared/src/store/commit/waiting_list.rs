//! Rows of the waiting list, and of the units that are kept for it.

use super::{CommitError, guard};
use crate::domain::{
    id::{ModelId, WaitingEntryId},
    waiting_list::{Hold, HoldLimit, WaitingEntry},
};
use sqlx::PgConnection;
use uuid::Uuid;

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

/// Units that are named stay first; of the others those that were kept first.
pub(super) async fn limit_holds(conn: &mut PgConnection, limit: &HoldLimit) -> Result<(), CommitError> {
    let named: Vec<Uuid> = limit.claim.named.iter().map(|unit| unit.0).collect();
    sqlx::query!(
        "with kept as (
             select h.id, h.equipment_id = any($3) as is_named, promised.is_promised,
                    row_number() over (
                        partition by h.equipment_id = any($3), promised.is_promised order by h.id) as place
             from holds h
             join waiting_list w on w.id = h.entry_id
             cross join lateral (select exists (
                 select from loans l
                 where l.requisition_id = $1 and l.equipment_id = h.equipment_id
                     and l.status in ('promised', 'handed_over', 'checked_out'))) as promised (is_promised)
             where w.requisition_id = $1 and w.model_id = $2 and h.ended_at is null
         )
         update holds set ended_at = lab_now()
         from kept
         where holds.id = kept.id and (is_promised or (not is_named and place > $4))",
        limit.requisition_id.0,
        limit.model_id.0,
        &named,
        i64::from(limit.claim.any),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// As with everything that is moot, not what may have arrived.
pub(super) async fn mark_nobody_waits(conn: &mut PgConnection, model: ModelId) -> Result<(), CommitError> {
    sqlx::query!(
        "update notifications set status = 'moot'
         from loans l
         join equipment e on e.id = l.equipment_id
         where notifications.subject_id = l.id and notifications.event = 'somebody_waits'
             and notifications.status = 'queued' and e.model_id = $1 and is_with_borrower(l.status, l.replaced_at)
             and not is_waited_for(e.model_id, l.borrower_id, l.starts_at, l.due_at)",
        model.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

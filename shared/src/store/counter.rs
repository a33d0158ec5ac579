//! What the counter must know: which unit a tag is on, who else waits for it, and since when something waits.

use super::StoreError;
use crate::domain::{
    equipment::Unit,
    id::{EquipmentId, LoanId, RequisitionId},
    inventory::SnipeitAssetId,
    requisition::{ForLoan, Period, PromisedAt, UnitAtCounter},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What identifies a unit at the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// As it was scanned or typed; blanks around it and its case do not count.
    Tag(String),
    Unit(EquipmentId),
}

/// What a scan is to be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    pub requisition: RequisitionId,
    pub period: Period,
    /// The lab's time: until the period begins, others may have been promised the unit.
    pub now: DateTime<Utc>,
}

/// The unit, if it is known and no other listed unit has the same tag but for its case.
pub async fn find_unit(
    conn: &mut PgConnection,
    scanned: &Scanned,
    occasion: Occasion,
    wish: ForLoan,
) -> Result<Option<UnitAtCounter>, StoreError> {
    let (tag, id) = match scanned {
        Scanned::Tag(tag) => (Some(tag.trim()), None),
        Scanned::Unit(id) => (None, Some(id.0)),
    };
    let rows = sqlx::query!(
        r#"select e.id, e.snipeit_asset_id, e.tag, e.model_id, m.name as model_name, m.collection,
                  (e.presence = 'listed') as "is_listed!",
                  (e.presence = 'listed' and e.label_kind = 'deployable'
                      and e.label_id not in (select snipeit_label_id from status_labels where not is_free))
                      as "is_lendable!",
                  (e.holder_id is not null) as "is_held!",
                  (select r.number from loans l join requisitions r on r.id = l.requisition_id
                   where l.equipment_id = e.id and l.requisition_id <> $3
                       and l.status in ('handed_over', 'checked_out')) as out_on,
                  (select r.number from loans l join requisitions r on r.id = l.requisition_id
                   where l.equipment_id = e.id and l.requisition_id <> $3
                       and ((l.status = 'promised' and tstzrange(l.starts_at, l.due_at) && tstzrange($4, $5))
                           or exists (
                               select from operations o
                               where o.loan_id = l.id and o.equipment_id = e.id
                                   and o.state in ('sent', 'unknown', 'with_person')))
                   order by l.starts_at limit 1) as kept_for
           from equipment e
           join equipment_models m on m.id = e.model_id
           where e.id = $2 or lower(e.tag) = lower($1)
           order by e.presence = 'listed' desc, e.tag = $1 desc, e.id"#,
        tag,
        id,
        occasion.requisition.0,
        occasion.now.min(occasion.period.starts_at),
        occasion.period.due_at,
    )
    .fetch_all(conn)
    .await?;
    let is_clear = rows.len() < 2 || tag.is_some_and(|tag| rows[0].tag == tag) || !rows[1].is_listed;
    let Some(row) = rows.into_iter().next().filter(|_| is_clear) else { return Ok(None) };
    let snipeit_asset_id = SnipeitAssetId(row.snipeit_asset_id);
    Ok(Some(UnitAtCounter {
        is_scanned: tag.is_some(),
        unit: Unit { id: row.id.into(), snipeit_asset_id, collection: row.collection.parse()? },
        tag: row.tag,
        model_id: row.model_id.into(),
        model_name: row.model_name,
        is_lendable: row.is_lendable,
        is_held: row.is_held,
        out_on: row.out_on,
        kept_for: row.kept_for,
        wish,
    }))
}

/// When each loan of a requisition was promised, by the lab's clock.
pub async fn list_promised_at(
    conn: &mut PgConnection,
    requisition: RequisitionId,
) -> Result<Vec<PromisedAt>, StoreError> {
    let rows = sqlx::query!("select id, created_at from loans where requisition_id = $1", requisition.0)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| PromisedAt { loan: LoanId(row.id), at: row.created_at }).collect())
}

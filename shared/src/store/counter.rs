//! What the counter must know: which unit a tag is on, who else waits for it, and since when something waits.

use super::{StoreError, extensions, shelf};
use crate::domain::{
    equipment::Unit,
    id::{EquipmentId, LoanId, ModelId, RequisitionId},
    inventory::SnipeitAssetId,
    requisition::{BroughtBack, ForLoan, KeptFor, Period, Requisition, UnitAtCounter, UnitThere},
};
use sqlx::PgConnection;

/// What identifies a unit at the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// As it was scanned or typed; blanks around it and its case do not count.
    Tag(String),
    Unit(EquipmentId),
}

/// The unit that a scan is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedUnit {
    pub unit: Unit,
    pub tag: String,
    pub model_id: ModelId,
    pub model_name: String,
    pub is_scanned: bool,
}

/// The unit, if it is known and no other listed unit has the same tag but for its case.
pub async fn find_unit(conn: &mut PgConnection, scanned: &Scanned) -> Result<Option<ScannedUnit>, StoreError> {
    let (tag, id) = match scanned {
        Scanned::Tag(tag) => (Some(tag.trim()), None),
        Scanned::Unit(id) => (None, Some(id.0)),
    };
    let rows = sqlx::query!(
        r#"select e.id, e.snipeit_asset_id, e.tag, e.model_id, m.name as model_name, m.collection,
                  (e.presence = 'listed') as "is_listed!"
           from equipment e
           join equipment_models m on m.id = e.model_id
           where e.id = $2 or lower(e.tag) = lower($1)
           order by e.presence = 'listed' desc, e.tag = $1 desc, e.id"#,
        tag,
        id,
    )
    .fetch_all(conn)
    .await?;
    let is_clear = rows.len() < 2 || tag.is_some_and(|tag| rows[0].tag == tag) || !rows[1].is_listed;
    let Some(row) = rows.into_iter().next().filter(|_| is_clear) else { return Ok(None) };
    let snipeit_asset_id = SnipeitAssetId(row.snipeit_asset_id);
    Ok(Some(ScannedUnit {
        unit: Unit { id: row.id.into(), snipeit_asset_id, collection: row.collection.parse()? },
        tag: row.tag,
        model_id: row.model_id.into(),
        model_name: row.model_name,
        is_scanned: tag.is_some(),
    }))
}

/// What keeps the unit from being given out for a requisition. Call it while its model is locked: what is kept for those who
/// wait is chosen under the same lock.
pub async fn look_at(
    conn: &mut PgConnection,
    scanned: ScannedUnit,
    requisition: &Requisition,
    wish: ForLoan,
) -> Result<UnitAtCounter, StoreError> {
    let asker = shelf::Asker { user: requisition.requester_id, project: requisition.project_id };
    let plans = shelf::list_plans(&mut *conn, scanned.model_id, Some(asker)).await?;
    let id = scanned.unit.id;
    let row = sqlx::query!(
        r#"select (select r.number from loans l join requisitions r on r.id = l.requisition_id
                   where l.equipment_id = $1 and l.requisition_id <> $2 and is_out(l.status)) as out_on,
                  (select min(r.number) from operations o join requisitions r on r.id = o.requisition_id
                   where o.equipment_id = $1 and o.requisition_id <> $2
                       and o.state in ('sent', 'unknown', 'with_person')) as in_doubt_on,
                  (select e.snipeit_asset_id from loans l join equipment e on e.id = l.equipment_id
                   where l.id = $3) as comes_back"#,
        id.0,
        requisition.id.0,
        wish.loan.map(|id| id.0),
    )
    .fetch_one(&mut *conn)
    .await?;
    let asked = match wish.loan {
        Some(loan) => extensions::find_asked(&mut *conn, loan).await?,
        None => None,
    };
    Ok(UnitAtCounter {
        plan: plans.into_iter().find(|plan| plan.unit.id == id),
        out_on: row.out_on,
        in_doubt_on: row.in_doubt_on,
        kept_for: list_kept_for(conn, id, requisition.id).await?,
        comes_back: row.comes_back.map(SnipeitAssetId),
        brought_back: BroughtBack { report: None, wish: asked },
        wish,
        unit: scanned.unit,
        tag: scanned.tag,
        model_id: scanned.model_id,
        model_name: scanned.model_name,
        is_scanned: scanned.is_scanned,
    })
}

/// To whom else it is promised.
async fn list_kept_for(
    conn: &mut PgConnection,
    unit: EquipmentId,
    requisition: RequisitionId,
) -> Result<Vec<KeptFor>, StoreError> {
    let rows = sqlx::query!(
        "select r.number, l.starts_at, l.due_at
         from loans l
         join requisitions r on r.id = l.requisition_id
         where l.equipment_id = $1 and l.requisition_id <> $2 and l.status = 'promised'
         order by l.starts_at",
        unit.0,
        requisition.0
    )
    .fetch_all(conn)
    .await?;
    let kept = rows.into_iter().map(|row| KeptFor {
        requisition: row.number,
        period: Period { starts_at: row.starts_at, due_at: row.due_at },
    });
    Ok(kept.collect())
}

/// Since when the unit of each loan of a requisition could be collected: since it was promised, or since another took its
/// place or it came after all, as history tells; not while people were told last that it may not be there.
pub async fn list_units_there(
    conn: &mut PgConnection,
    requisition: RequisitionId,
) -> Result<Vec<UnitThere>, StoreError> {
    let rows = sqlx::query!(
        r#"select l.id, l.created_at, told.event as "event?", told.at as "at?"
           from loans l
           left join lateral (
               select event, at from status_history
               where entity_id = l.id and entity = 'loan'
                   and event in ('promise_at_risk', 'unit_exchanged', 'unit_is_there')
               order by id desc
               limit 1) told on true
           where l.requisition_id = $1"#,
        requisition.0
    );
    let there = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let is_missing = row.event.as_deref() == Some("promise_at_risk");
        UnitThere { loan: LoanId(row.id), since: (!is_missing).then(|| row.at.unwrap_or(row.created_at)) }
    });
    Ok(there.collect())
}

/// Whether people were told last that the unit of a promise may not be there.
pub async fn is_told_at_risk(conn: &mut PgConnection, loan: LoanId) -> Result<bool, StoreError> {
    let last = sqlx::query_scalar!(
        "select event from status_history
         where entity_id = $1 and entity = 'loan' and event in ('promise_at_risk', 'unit_exchanged', 'unit_is_there')
         order by id desc
         limit 1",
        loan.0
    );
    Ok(last.fetch_optional(conn).await?.as_deref() == Some("promise_at_risk"))
}

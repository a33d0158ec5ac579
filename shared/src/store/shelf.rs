//! The units of a model with what is planned for them, as the rule of availability wants to see them.

use super::StoreError;
use crate::domain::{
    availability::{Occupation, OccupationKind, Rules, UnitPlan},
    equipment::Unit,
    id::{EquipmentId, ModelId},
    inventory::SnipeitAssetId,
    requisition::{LoanStatus, Period},
};
use chrono::TimeDelta;
use sqlx::PgConnection;

/// The units that Snipe-IT lists, by tag.
pub async fn list_plans(conn: &mut PgConnection, model: ModelId) -> Result<Vec<UnitPlan>, StoreError> {
    let rows = sqlx::query!(
        r#"select e.id, e.snipeit_asset_id, m.collection, e.label_kind = 'deployable' as "is_in_order!",
                  e.holder_id is not null as "is_held!",
                  (select max(l.returned_at) from loans l where l.equipment_id = e.id and l.status = 'returned')
                      as last_return,
                  planned.status as "status?", planned.starts_at as "starts_at?", planned.due_at as "due_at?"
           from equipment e
           join equipment_models m on m.id = e.model_id
           left join loans planned
               on planned.equipment_id = e.id and planned.status in ('promised', 'handed_over', 'checked_out')
           where e.model_id = $1 and e.presence = 'listed'
           order by e.tag, e.id"#,
        model.0
    )
    .fetch_all(conn)
    .await?;
    let mut plans: Vec<UnitPlan> = Vec::new();
    for row in rows {
        let id = EquipmentId(row.id);
        if plans.last().is_none_or(|plan| plan.unit.id != id) {
            let snipeit_asset_id = SnipeitAssetId(row.snipeit_asset_id);
            let unit = Unit { id, snipeit_asset_id, collection: row.collection.parse()? };
            let (is_in_order, is_held) = (row.is_in_order, row.is_held);
            plans.push(UnitPlan { unit, is_in_order, is_held, last_return: row.last_return, occupations: Vec::new() });
        }
        if let (Some(plan), Some(status), Some(starts_at), Some(due_at)) =
            (plans.last_mut(), row.status, row.starts_at, row.due_at)
        {
            let is_out = status.parse::<LoanStatus>()?.is_out();
            let kind = if is_out { OccupationKind::Lent } else { OccupationKind::Promised };
            plan.occupations.push(Occupation { kind, period: Period { starts_at, due_at } });
        }
    }
    Ok(plans)
}

/// The lab's time and its buffer, as they are now.
pub async fn load_rules(conn: &mut PgConnection) -> Result<Rules, StoreError> {
    let row = sqlx::query!(r#"select lab_now() as "now!", buffer_after_return_hours from lab_settings"#)
        .fetch_one(conn)
        .await?;
    Ok(Rules { now: row.now, buffer: TimeDelta::hours(row.buffer_after_return_hours.into()) })
}

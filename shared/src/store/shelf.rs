//! The units of a model with what is planned for them, as the rule of availability wants to see them.

use super::StoreError;
use crate::domain::{
    availability::{Occupation, Rules, UnitPlan},
    equipment::Unit,
    id::{EquipmentId, ModelId, UserId},
    inventory::SnipeitAssetId,
    requisition::Period,
};
use chrono::TimeDelta;
use sqlx::PgConnection;

/// The units that Snipe-IT lists, by tag. What is kept for the asker keeps them from nothing.
pub async fn list_plans(
    conn: &mut PgConnection,
    model: ModelId,
    asker: Option<UserId>,
) -> Result<Vec<UnitPlan>, StoreError> {
    let rows = sqlx::query!(
        r#"select e.id, e.snipeit_asset_id, m.collection,
                  (e.label_kind = 'deployable'
                      and e.label_id not in (select snipeit_label_id from status_labels where not is_free))
                      as "is_in_order!",
                  e.holder_id is not null as "is_held!",
                  (select max(l.returned_at) from loans l where l.equipment_id = e.id and l.status = 'returned')
                      as last_return,
                  planned.kind as "kind?", planned.is_askers as "is_askers?", planned.starts_at as "starts_at?",
                  planned.due_at as "due_at?"
           from equipment e
           join equipment_models m on m.id = e.model_id
           left join lateral (
               select case status when 'promised' then status else 'checked_out' end as kind, false as is_askers,
                       starts_at, due_at
               from loans
               where equipment_id = e.id and status in ('promised', 'handed_over', 'checked_out')
               union all
               select 'held', coalesce(user_id = $2, false), starts_at, due_at
               from live_holds()
               where equipment_id = e.id
           ) planned on true
           where e.model_id = $1 and e.presence = 'listed'
           order by e.tag, e.id"#,
        model.0,
        asker.map(|id| id.0),
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
            let (last_return, is_kept_for_asker) = (row.last_return, false);
            let occupations = Vec::new();
            plans.push(UnitPlan { unit, is_in_order, is_held, last_return, is_kept_for_asker, occupations });
        }
        if let (Some(plan), Some(kind), Some(starts_at), Some(due_at)) =
            (plans.last_mut(), row.kind, row.starts_at, row.due_at)
        {
            match row.is_askers {
                Some(true) => plan.is_kept_for_asker = true,
                Some(false) | None => {
                    let (kind, period) = (kind.parse()?, Period { starts_at, due_at });
                    plan.occupations.push(Occupation { kind, period });
                }
            }
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

//! The units of a model with what is planned for them, as the rule of availability wants to see them.

use super::StoreError;
use crate::domain::{
    availability::{Occupation, Rules, UnitPlan},
    equipment::Unit,
    id::{EquipmentId, ModelId, ProjectId, UserId},
    inventory::SnipeitAssetId,
    requisition::Period,
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

/// Who asks for units, and for which project: what was kept for another is not theirs to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    pub user: UserId,
    pub project: ProjectId,
}

/// The units that Snipe-IT lists, by tag. What is kept for the asker keeps them from nothing.
pub async fn list_plans(
    conn: &mut PgConnection,
    model: ModelId,
    asker: Option<Asker>,
) -> Result<Vec<UnitPlan>, StoreError> {
    let rows = sqlx::query!(
        r#"select e.id, e.snipeit_asset_id, m.collection,
                  (e.label_kind = 'deployable'
                      and e.told_as is null
                      and e.label_id not in (select snipeit_label_id from status_labels where not is_free))
                      as "is_in_order!",
                  e.holder_id is not null as "is_held!",
                  (select max(l.returned_at) from loans l where l.equipment_id = e.id and l.status = 'returned')
                      as last_return,
                  planned.kinds as "kinds!", planned.starts as "starts!", planned.ends as "ends!",
                  planned.is_kept_for_asker as "is_kept_for_asker!"
           from equipment e
           join equipment_models m on m.id = e.model_id
           cross join lateral (
               select coalesce(array_agg(kind) filter (where not is_askers), '{}') as kinds,
                      coalesce(array_agg(starts_at) filter (where not is_askers), '{}') as starts,
                      coalesce(array_agg(due_at) filter (where not is_askers), '{}') as ends,
                      coalesce(bool_or(is_askers), false) as is_kept_for_asker
               from (
                   select case status when 'promised' then status else 'checked_out' end as kind, false as is_askers,
                          starts_at, due_at
                   from loans
                   where equipment_id = e.id and status in ('promised', 'handed_over', 'checked_out')
                   union all
                   -- Of one unit nothing is kept twice for one time.
                   select 'held',
                          exists (
                              select from holds h
                              join waiting_list w on w.id = h.entry_id
                              where h.equipment_id = e.id and h.ended_at is null and h.starts_at = live.starts_at
                                  and w.user_id = $2 and w.project_id = $3),
                          starts_at, due_at
                   from live_holds() live
                   where equipment_id = e.id
               ) one
           ) planned
           where e.model_id = $1 and e.presence = 'listed'
           order by e.tag, e.id"#,
        model.0,
        asker.map(|asker| asker.user.0),
        asker.map(|asker| asker.project.0),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (id, snipeit_asset_id) = (EquipmentId(row.id), SnipeitAssetId(row.snipeit_asset_id));
            Ok(UnitPlan {
                unit: Unit { id, snipeit_asset_id, collection: row.collection.parse()? },
                is_in_order: row.is_in_order,
                is_held: row.is_held,
                last_return: row.last_return,
                is_kept_for_asker: row.is_kept_for_asker,
                occupations: occupations(&row.kinds, row.starts.into_iter().zip(row.ends))?,
            })
        })
        .collect()
}

fn occupations(
    kinds: &[String],
    periods: impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)>,
) -> Result<Vec<Occupation>, StoreError> {
    let periods = periods.map(|(starts_at, due_at)| Period { starts_at, due_at });
    kinds.iter().zip(periods).map(|(kind, period)| Ok(Occupation { kind: kind.parse()?, period })).collect()
}

/// The lab's time and its buffer, as they are now.
pub async fn load_rules(conn: &mut PgConnection) -> Result<Rules, StoreError> {
    let row = sqlx::query!(r#"select lab_now() as "now!", buffer_after_return_hours from lab_settings"#)
        .fetch_one(conn)
        .await?;
    Ok(Rules { now: row.now, buffer: TimeDelta::hours(row.buffer_after_return_hours.into()) })
}

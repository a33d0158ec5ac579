//! What people can ask for: models with their free units, and units with what was last seen of them.

use super::StoreError;
use crate::domain::{
    equipment::{Approval, EquipmentModel, Presence},
    id::{EquipmentId, ModelId},
    inventory::{SnipeitAssetId, SnipeitModelId},
    money::Cents,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A model and how many of its units could be lent now, as far as the cache knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedModel {
    pub model: EquipmentModel,
    pub model_number: Option<String>,
    pub category: Option<String>,
    pub manufacturer: Option<String>,
    pub units: i64,
    pub free_units: i64,
    /// When Snipe-IT was asked for the oldest part of this.
    pub as_of: DateTime<Utc>,
    /// Not in Snipe-IT any more since then.
    pub gone_at: Option<DateTime<Utc>>,
}

/// Which models are wanted.
#[derive(Debug, Clone, Default)]
pub struct ModelFilter {
    pub id: Option<ModelId>,
    /// Part of the name, whatever its case.
    pub name_part: Option<String>,
}

struct ModelRow {
    id: Uuid,
    snipeit_model_id: i64,
    name: String,
    approval: String,
    collection: String,
    version: i32,
    model_number: Option<String>,
    category: Option<String>,
    manufacturer: Option<String>,
    units: i64,
    free_units: i64,
    as_of: DateTime<Utc>,
    gone_at: Option<DateTime<Utc>>,
}

/// Models by name, from the one after `after` on.
pub async fn list_models(
    conn: &mut PgConnection,
    filter: &ModelFilter,
    after: Option<ModelId>,
    limit: i64,
) -> Result<Vec<ListedModel>, StoreError> {
    let rows = sqlx::query_as!(
        ModelRow,
        r#"select m.id, m.snipeit_model_id, m.name, m.approval, m.collection, m.version, m.model_number, m.category, m.manufacturer,
                  units.listed as "units!", units.free as "free_units!", least(m.seen_at, units.oldest) as "as_of!",
                  m.gone_at
           from equipment_models m
           cross join lateral (
               select count(*) filter (where e.presence = 'listed') as listed,
                      count(*) filter (
                          where e.presence = 'listed' and e.label_kind = 'deployable' and e.holder_id is null
                              and e.label_id not in (select snipeit_label_id from status_labels where not is_free)
                              and not exists (
                                  select from loans l
                                  where l.equipment_id = e.id
                                      and (l.status in ('handed_over', 'checked_out')
                                          or (l.status = 'promised' and l.starts_at <= lab_now() and l.due_at > lab_now())))
                              and not exists (
                                  select from live_holds() h
                                  where h.equipment_id = e.id and h.starts_at <= lab_now() and h.due_at > lab_now())
                      ) as free,
                      min(e.seen_at) filter (where e.presence = 'listed') as oldest
               from equipment e
               where e.model_id = m.id
           ) units
           where ($1::uuid is null or m.id = $1)
               and ($1::uuid is not null or m.gone_at is null)
               and ($2::text is null or position(lower($2) in lower(m.name)) > 0)
               and ($3::uuid is null or (m.name, m.id) > (select name, id from equipment_models where id = $3))
           order by m.name, m.id
           limit $4"#,
        filter.id.map(|id| id.0),
        filter.name_part,
        after.map(|id| id.0),
        limit
    );
    rows.fetch_all(conn).await?.into_iter().map(listed).collect()
}

pub async fn find_model(conn: &mut PgConnection, id: ModelId) -> Result<Option<ListedModel>, StoreError> {
    let filter = ModelFilter { id: Some(id), name_part: None };
    Ok(list_models(conn, &filter, None, 1).await?.pop())
}

/// One unit as last seen in Snipe-IT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUnit {
    pub id: EquipmentId,
    pub snipeit_asset_id: SnipeitAssetId,
    pub tag: String,
    pub name: Option<String>,
    pub label: String,
    pub presence: Presence,
    /// Could be lent now: listed, deployable, with nobody, neither promised nor kept for somebody at this moment.
    pub is_free: bool,
    pub as_of: DateTime<Utc>,
}

/// The units of a model by tag.
pub async fn list_units(conn: &mut PgConnection, model: ModelId) -> Result<Vec<ListedUnit>, StoreError> {
    let rows = sqlx::query!(
        r#"select e.id, e.snipeit_asset_id, e.tag, e.name, e.label_name, e.presence, e.seen_at,
                  (e.presence = 'listed' and e.label_kind = 'deployable' and e.holder_id is null
                      and e.label_id not in (select snipeit_label_id from status_labels where not is_free)
                      and not exists (
                          select from loans l
                          where l.equipment_id = e.id
                              and (l.status in ('handed_over', 'checked_out')
                                  or (l.status = 'promised' and l.starts_at <= lab_now() and l.due_at > lab_now())))
                      and not exists (
                          select from live_holds() h
                          where h.equipment_id = e.id and h.starts_at <= lab_now() and h.due_at > lab_now()))
                      as "is_free!"
           from equipment e
           where e.model_id = $1
           order by e.tag, e.id
           limit 1000"#,
        model.0
    );
    let units = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(ListedUnit {
            id: EquipmentId(row.id),
            snipeit_asset_id: SnipeitAssetId(row.snipeit_asset_id),
            tag: row.tag,
            name: row.name,
            label: row.label_name,
            presence: row.presence.parse()?,
            is_free: row.is_free,
            as_of: row.seen_at,
        })
    });
    units.collect()
}

/// Whether the unit was ever seen in Snipe-IT.
pub async fn is_unit(conn: &mut PgConnection, id: EquipmentId) -> Result<bool, StoreError> {
    let known = sqlx::query_scalar!(r#"select exists (select from equipment where id = $1) as "known!""#, id.0);
    Ok(known.fetch_one(conn).await?)
}

/// What a line that is asked for refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub model_id: ModelId,
    pub model_name: String,
    pub approval: Approval,
    pub category: Option<String>,
    /// Of the unit, or of the dearest of the model.
    pub unit_cost: Option<Cents>,
    /// Set when a unit was named.
    pub equipment_id: Option<EquipmentId>,
}

/// The models and the units that lines name, in one query; what is not known, or gone from Snipe-IT, is not in the answer.
pub async fn list_wanted(
    conn: &mut PgConnection,
    models: &[ModelId],
    units: &[EquipmentId],
) -> Result<Vec<Wanted>, StoreError> {
    let models: Vec<Uuid> = models.iter().map(|id| id.0).collect();
    let units: Vec<Uuid> = units.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select m.id as "model_id!", m.name as "name!", m.approval as "approval!", m.category,
                  (select max(e.purchase_cost_cents) from equipment e where e.model_id = m.id and e.presence = 'listed')
                      as unit_cost,
                  null::uuid as equipment_id
           from equipment_models m
           where m.id = any($1) and m.gone_at is null
           union all
           select m.id, m.name, m.approval, m.category, e.purchase_cost_cents, e.id
           from equipment e
           join equipment_models m on m.id = e.model_id
           where e.id = any($2) and e.presence = 'listed'"#,
        &models,
        &units
    );
    let wanted = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(Wanted {
            model_id: ModelId(row.model_id),
            model_name: row.name,
            approval: row.approval.parse()?,
            category: row.category,
            unit_cost: row.unit_cost.map(Cents::from_stored),
            equipment_id: row.equipment_id.map(EquipmentId),
        })
    });
    wanted.collect()
}

fn listed(row: ModelRow) -> Result<ListedModel, StoreError> {
    let model = EquipmentModel {
        id: ModelId(row.id),
        snipeit_model_id: SnipeitModelId(row.snipeit_model_id),
        name: row.name,
        approval: row.approval.parse()?,
        collection: row.collection.parse()?,
        version: row.version,
    };
    Ok(ListedModel {
        model,
        model_number: row.model_number,
        category: row.category,
        manufacturer: row.manufacturer,
        units: row.units,
        free_units: row.free_units,
        as_of: row.as_of,
        gone_at: row.gone_at,
    })
}

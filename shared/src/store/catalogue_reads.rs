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
    /// Where its picture is.
    pub image_url: Option<String>,
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
    image_url: Option<String>,
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
        r#"select m.id, m.snipeit_model_id, m.name, m.approval, m.collection, m.version, m.model_number, m.category,
                  m.manufacturer, m.image_url, units.listed as "units!", free.units as "free_units!",
                  least(m.seen_at, units.oldest) as "as_of!", m.gone_at
           from equipment_models m
           cross join lateral (
               select count(*) as listed, min(e.seen_at) as oldest
               from equipment e
               where e.model_id = m.id and e.presence = 'listed'
           ) units
           cross join lateral (select count(*) as units from free_equipment where model_id = m.id) free
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

/// When Snipe-IT was asked for the oldest part of what is known of a model and its units. `None`: no such model.
pub async fn find_as_of(conn: &mut PgConnection, id: ModelId) -> Result<Option<DateTime<Utc>>, StoreError> {
    let as_of = sqlx::query_scalar!(
        r#"select least(m.seen_at, (select min(e.seen_at) from equipment e
                                    where e.model_id = m.id and e.presence = 'listed')) as "as_of!"
           from equipment_models m
           where m.id = $1"#,
        id.0
    );
    Ok(as_of.fetch_optional(conn).await?)
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
    /// Where to fetch it, by Snipe-IT's name of the place: what nobody has is where it lives if Snipe-IT says nothing else.
    pub location: Option<String>,
    /// Where it lives.
    pub home_location: Option<String>,
    /// Whether Snipe-IT's own request button is offered for it; `None`: nobody has read it yet.
    pub requestable: Option<bool>,
    /// Could be lent now: listed, deployable, with nobody, neither promised nor kept for somebody at this moment.
    pub is_free: bool,
    pub as_of: DateTime<Utc>,
}

/// The units of a model by tag.
pub async fn list_units(conn: &mut PgConnection, model: ModelId) -> Result<Vec<ListedUnit>, StoreError> {
    let rows = sqlx::query!(
        r#"select e.id, e.snipeit_asset_id, e.tag, e.name, e.label_name, e.presence, e.home_location, e.requestable,
                  e.seen_at,
                  coalesce(e.location, case when e.holder_id is null then e.home_location end) as location,
                  e.id in (select id from free_equipment where model_id = $1) as "is_free!"
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
            location: row.location,
            home_location: row.home_location,
            requestable: row.requestable,
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
        image_url: row.image_url,
        units: row.units,
        free_units: row.free_units,
        as_of: row.as_of,
        gone_at: row.gone_at,
    })
}

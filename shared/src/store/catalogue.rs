//! The catalogue cache: what was last seen in Snipe-IT, and which units can be promised.

use super::StoreError;
use crate::domain::{
    equipment::{Presence, Unit},
    id::{EquipmentId, ModelId},
    inventory::{AssetSeen, Holder, LabelSeen, SnipeitAssetId, SnipeitModelId},
    requisition::Period,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Chooses free units of a model for a period, lowest tag first; at most `quantity`, fewer if there are no more.
///
/// Choosers of one model wait for each other until their transaction ends, so none chooses what another is about to
/// promise; the exclusion constraint stands behind that.
pub async fn choose_units(
    conn: &mut PgConnection,
    model: ModelId,
    period: Period,
    quantity: i64,
    excluding: &[EquipmentId],
) -> Result<Vec<Unit>, StoreError> {
    let (high, low) = model.0.as_u64_pair();
    sqlx::query!("select pg_advisory_xact_lock($1)", (high ^ low).cast_signed()).execute(&mut *conn).await?;
    let excluded: Vec<Uuid> = excluding.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select id, snipeit_asset_id from equipment
         where model_id = $1 and presence = 'listed' and label_kind = 'deployable' and holder_id is null
           and id <> all($4)
           and not exists (
               select from loans
               where loans.equipment_id = equipment.id
                 and (loans.status = 'checked_out'
                      or (loans.status = 'promised'
                          and tstzrange(loans.starts_at, loans.due_at) && tstzrange($2, $3))))
         order by tag, id limit $5",
        model.0,
        period.starts_at,
        period.due_at,
        &excluded,
        quantity,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Unit { id: row.id.into(), snipeit_asset_id: SnipeitAssetId(row.snipeit_asset_id) })
        .collect())
}

/// The named unit, if it can be promised for the period.
pub async fn choose_named_unit(
    conn: &mut PgConnection,
    equipment: EquipmentId,
    period: Period,
) -> Result<Option<Unit>, StoreError> {
    let model = sqlx::query_scalar!("select model_id from equipment where id = $1", equipment.0)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(model) = model else { return Ok(None) };
    let free = choose_units(conn, ModelId(model), period, i64::from(i32::MAX), &[]).await?;
    Ok(free.into_iter().find(|unit| unit.id == equipment))
}

/// Stores what was seen of assets that we know. `asked_at`: when Snipe-IT was asked; older sight never wins.
pub async fn note_seen(
    conn: &mut PgConnection,
    seen: &AssetSeen,
    presence: Presence,
    asked_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update equipment
         set tag = $2, name = $3, serial = $4, label_id = $5, label_name = $6, label_kind = $7, presence = $8,
             holder_kind = $9, holder_id = $10, last_checkout = $11, last_checkin = $12, changed_at = $13, seen_at = $14
         where snipeit_asset_id = $1 and seen_at <= $14",
        seen.id.0,
        seen.tag,
        seen.name,
        seen.serial,
        seen.label.id.0,
        seen.label.name,
        label_kind_word(seen),
        presence.as_str(),
        seen.holder.map(|holder| holder_kind_word(&holder)),
        seen.holder.map(|holder| holder.id),
        seen.last_checkout,
        seen.last_checkin,
        seen.updated_at,
        asked_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What our own effect must look like, until Snipe-IT is read again.
pub async fn note_checked_out(
    conn: &mut PgConnection,
    asset: SnipeitAssetId,
    holder: Holder,
    last_checkout: NaiveDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update equipment set holder_kind = $2, holder_id = $3, last_checkout = $4, seen_at = now()
         where snipeit_asset_id = $1",
        asset.0,
        holder_kind_word(&holder),
        holder.id,
        last_checkout,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn note_checked_in(conn: &mut PgConnection, asset: SnipeitAssetId) -> Result<(), StoreError> {
    sqlx::query!(
        "update equipment set holder_kind = null, holder_id = null, seen_at = now() where snipeit_asset_id = $1",
        asset.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest check-out that is known of an asset: seen in Snipe-IT or chosen by us. Fingerprints must be later.
pub async fn find_newest_checkout(
    conn: &mut PgConnection,
    asset: SnipeitAssetId,
) -> Result<Option<NaiveDateTime>, StoreError> {
    let newest = sqlx::query_scalar!(
        "select greatest(
             (select max(last_checkout) from equipment where snipeit_asset_id = $1),
             (select max(fingerprint) from operations where snipeit_asset_id = $1)) as newest",
        asset.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(newest)
}

/// One model as Snipe-IT lists it.
#[derive(Debug, Clone)]
pub struct ModelRow<'a> {
    pub id: SnipeitModelId,
    pub name: &'a str,
    pub model_number: Option<&'a str>,
    pub category: Option<&'a str>,
    pub manufacturer: Option<&'a str>,
}

/// Adds or renames a model; what only we know of it stays.
pub async fn upsert_model(
    conn: &mut PgConnection,
    model: &ModelRow<'_>,
    asked_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into equipment_models (id, snipeit_model_id, name, model_number, category, manufacturer, seen_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (snipeit_model_id) do update
         set name = excluded.name, model_number = excluded.model_number, category = excluded.category,
             manufacturer = excluded.manufacturer, seen_at = excluded.seen_at, gone_at = null",
        ModelId::generate().0,
        model.id.0,
        model.name,
        model.model_number,
        model.category,
        model.manufacturer,
        asked_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn upsert_label(
    conn: &mut PgConnection,
    label: &LabelSeen,
    asked_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into status_labels (snipeit_label_id, name, kind, seen_at) values ($1, $2, $3, $4)
         on conflict (snipeit_label_id) do update
         set name = excluded.name, kind = excluded.kind, seen_at = excluded.seen_at",
        label.id.0,
        label.name,
        text_of(&label.kind),
        asked_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds or updates an asset. `false`: its model is not known; read the models again.
pub async fn upsert_asset(
    conn: &mut PgConnection,
    seen: &AssetSeen,
    presence: Presence,
    asked_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let stored = sqlx::query!(
        "insert into equipment (id, snipeit_asset_id, model_id, tag, name, serial, label_id, label_name, label_kind,
                                presence, holder_kind, holder_id, last_checkout, last_checkin, changed_at, seen_at)
         select $1, $2, equipment_models.id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
         from equipment_models where snipeit_model_id = $3
         on conflict (snipeit_asset_id) do update
         set model_id = case when equipment.seen_at <= excluded.seen_at then excluded.model_id else equipment.model_id end",
        EquipmentId::generate().0,
        seen.id.0,
        seen.model_id.0,
        seen.tag,
        seen.name,
        seen.serial,
        seen.label.id.0,
        seen.label.name,
        label_kind_word(seen),
        presence.as_str(),
        seen.holder.map(|holder| holder_kind_word(&holder)),
        seen.holder.map(|holder| holder.id),
        seen.last_checkout,
        seen.last_checkin,
        seen.updated_at,
        asked_at,
    )
    .execute(&mut *conn)
    .await?;
    if stored.rows_affected() == 0 {
        return Ok(false);
    }
    note_seen(conn, seen, presence, asked_at).await?;
    Ok(true)
}

/// Marks what a full sync did not see; nothing is ever deleted.
pub async fn mark_gone(conn: &mut PgConnection, asked_at: DateTime<Utc>) -> Result<(u64, u64), StoreError> {
    let assets = sqlx::query!(
        "update equipment set presence = 'gone' where seen_at < $1 and presence <> 'gone'",
        asked_at
    )
    .execute(&mut *conn)
    .await?;
    let models = sqlx::query!(
        "update equipment_models set gone_at = now() where seen_at < $1 and gone_at is null",
        asked_at
    )
    .execute(conn)
    .await?;
    Ok((assets.rows_affected(), models.rows_affected()))
}

fn label_kind_word(seen: &AssetSeen) -> &'static str {
    text_of(&seen.label.kind)
}

fn text_of(kind: &crate::domain::inventory::LabelKind) -> &'static str {
    use crate::domain::inventory::LabelKind;
    match kind {
        LabelKind::Deployable => "deployable",
        LabelKind::Pending => "pending",
        LabelKind::Undeployable => "undeployable",
        LabelKind::Archived => "archived",
    }
}

fn holder_kind_word(holder: &Holder) -> &'static str {
    use crate::domain::inventory::HolderKind;
    match holder.kind {
        HolderKind::User => "user",
        HolderKind::Location => "location",
        HolderKind::Asset => "asset",
    }
}

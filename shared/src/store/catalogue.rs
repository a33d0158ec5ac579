//! The catalogue cache: what was last seen in Snipe-IT, and which units can be promised.

use super::{
    StoreError,
    commit::CommitError,
    shelf::{self, Asker},
    sync, waiting_list,
};
use crate::domain::{
    availability::{Wish, pick},
    equipment::{Presence, Unit},
    id::{EquipmentId, ModelId},
    inventory::{AssetSeen, Holder, HolderKind, LabelKind, SnipeitAssetId, SnipeitLabelId, SnipeitModelId},
    money::Cents,
    requisition::Period,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::PgConnection;

/// Chooses free units of a model for a period, those that fit best first; at most `quantity`, fewer if there are no more.
///
/// Choosers of one model wait for each other until their transaction ends, so none chooses what another is about to
/// promise; the exclusion constraint stands behind that. Where too few are free already nobody waits to hear so: a crowd
/// that wants the last unit would stand in a line, each with a connection in hand. Nobody overtakes those who wait for the
/// model: what was released is kept for whoever is first in line before anybody chooses.
pub async fn choose_units(
    conn: &mut PgConnection,
    model: ModelId,
    period: Period,
    quantity: usize,
    excluding: &[EquipmentId],
) -> Result<Vec<Unit>, CommitError> {
    choose(conn, None, model, &Wish { period, quantity, excluding, only: None }).await
}

/// As [`choose_units`], for somebody for whom units may be kept.
pub async fn choose_units_for(
    conn: &mut PgConnection,
    asker: Asker,
    model: ModelId,
    period: Period,
    quantity: usize,
    excluding: &[EquipmentId],
) -> Result<Vec<Unit>, CommitError> {
    choose(conn, Some(asker), model, &Wish { period, quantity, excluding, only: None }).await
}

/// The named unit, if it can be promised for the period.
pub async fn choose_named_unit(
    conn: &mut PgConnection,
    equipment: EquipmentId,
    period: Period,
) -> Result<Option<Unit>, CommitError> {
    choose_named(conn, None, equipment, period).await
}

/// As [`choose_named_unit`], for somebody for whom it may be kept.
pub async fn choose_named_unit_for(
    conn: &mut PgConnection,
    asker: Asker,
    equipment: EquipmentId,
    period: Period,
) -> Result<Option<Unit>, CommitError> {
    choose_named(conn, Some(asker), equipment, period).await
}

async fn choose_named(
    conn: &mut PgConnection,
    asker: Option<Asker>,
    equipment: EquipmentId,
    period: Period,
) -> Result<Option<Unit>, CommitError> {
    let model = sqlx::query_scalar!("select model_id from equipment where id = $1", equipment.0)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(model) = model else { return Ok(None) };
    let wish = Wish { period, quantity: 1, excluding: &[], only: Some(equipment) };
    Ok(choose(conn, asker, ModelId(model), &wish).await?.pop())
}

async fn choose(
    conn: &mut PgConnection,
    asker: Option<Asker>,
    model: ModelId,
    wish: &Wish<'_>,
) -> Result<Vec<Unit>, CommitError> {
    let is_alone = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "is_alone!""#, lock_of(model))
        .fetch_one(&mut *conn)
        .await?;
    if !is_alone {
        let free = list_free(conn, asker, model, wish).await?;
        // Of what is free for those who wait, how much is left is known once they are served.
        if free.is_empty() || (free.len() < wish.quantity && !waiting_list::is_waited_for(conn, model).await?) {
            return Ok(free);
        }
    }
    lock_for_choosing(conn, model).await?;
    Ok(list_free(conn, asker, model, wish).await?)
}

/// As [`lock_model`], and whoever is first in line for the model has what is free kept, as if the job that does so had run.
pub async fn lock_for_choosing(conn: &mut PgConnection, model: ModelId) -> Result<(), CommitError> {
    lock_model(conn, model).await?;
    waiting_list::serve_first(conn, model).await
}

/// Until the transaction ends, nobody else chooses units of the model.
pub async fn lock_model(conn: &mut PgConnection, model: ModelId) -> Result<(), StoreError> {
    sqlx::query!("select pg_advisory_xact_lock($1)", lock_of(model)).execute(conn).await?;
    Ok(())
}

fn lock_of(model: ModelId) -> i64 {
    let (high, low) = model.0.as_u64_pair();
    (high ^ low).cast_signed()
}

async fn list_free(
    conn: &mut PgConnection,
    asker: Option<Asker>,
    model: ModelId,
    wish: &Wish<'_>,
) -> Result<Vec<Unit>, StoreError> {
    let rules = shelf::load_rules(conn).await?;
    let plans = shelf::list_plans(conn, model, asker).await?;
    Ok(pick(&plans, wish, &rules))
}

/// Stores what was seen of an asset that we know; of a model that nobody knows yet the former stands. `asked_at`: when
/// Snipe-IT was asked; older sight never wins.
pub async fn note_seen(conn: &mut PgConnection, seen: &AssetSeen, asked_at: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "update equipment
         set tag = $2, name = $3, serial = $4, label_id = $5, label_name = $6, label_kind = $7, presence = $8,
             holder_kind = $9, holder_id = $10, last_checkout = $11, last_checkin = $12, changed_at = $13, seen_at = $14,
             purchase_cost_cents = $15, expected_checkin = $16, location = $17, home_location = $18, requestable = $19,
             model_id = coalesce((select id from equipment_models where snipeit_model_id = $20), model_id)
         where snipeit_asset_id = $1 and seen_at <= $14",
        seen.id.0,
        seen.tag,
        seen.name,
        seen.serial,
        seen.label.id.0,
        seen.label.name,
        label_kind_word(seen.label.kind),
        Presence::of(seen).as_str(),
        seen.holder.map(|holder| holder_kind_word(holder.kind)),
        seen.holder.map(|holder| holder.id),
        seen.last_checkout,
        seen.last_checkin,
        seen.updated_at,
        asked_at,
        seen.particulars.purchase_cost.map(Cents::get),
        seen.expected_checkin,
        seen.particulars.location,
        seen.particulars.home_location,
        seen.particulars.requestable,
        seen.model_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What our own effect must look like, until Snipe-IT is read again. A later check-out that was seen meanwhile stays: it
/// may have painted ours over, and the next fingerprint must not be its second.
pub async fn note_checked_out(
    conn: &mut PgConnection,
    asset: SnipeitAssetId,
    holder: Holder,
    last_checkout: NaiveDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update equipment
         set holder_kind = $2, holder_id = $3, last_checkout = greatest(last_checkout, $4), seen_at = now()
         where snipeit_asset_id = $1",
        asset.0,
        holder_kind_word(holder.kind),
        holder.id,
        last_checkout,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// With the label that went with it: what kind of label it is the next read tells, and until then nobody is promised the
/// unit.
pub async fn note_checked_in(
    conn: &mut PgConnection,
    asset: SnipeitAssetId,
    label: Option<SnipeitLabelId>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update equipment
         set holder_kind = null, holder_id = null, seen_at = now(), label_id = coalesce($2, label_id),
             label_kind = case when $2::bigint is null then label_kind else 'pending' end
         where snipeit_asset_id = $1",
        asset.0,
        label.map(|label| label.0),
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
    pub image_url: Option<&'a str>,
}

/// Adds or renames one model; what only we know of it stays.
pub async fn upsert_model(
    conn: &mut PgConnection,
    model: &ModelRow<'_>,
    asked_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sync::upsert_models(conn, std::slice::from_ref(model), asked_at).await
}

/// Adds or updates one asset. `false`: its model is not known; read the models again.
pub async fn upsert_asset(
    conn: &mut PgConnection,
    seen: &AssetSeen,
    asked_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let unplaced = sync::upsert_assets(conn, std::slice::from_ref(seen), asked_at).await?;
    Ok(unplaced.is_empty())
}

pub(super) fn label_kind_word(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Deployable => "deployable",
        LabelKind::Pending => "pending",
        LabelKind::Undeployable => "undeployable",
        LabelKind::Archived => "archived",
    }
}

/// The schema knows these four.
pub(super) fn label_kind(word: &str) -> LabelKind {
    match word {
        "deployable" => LabelKind::Deployable,
        "undeployable" => LabelKind::Undeployable,
        "archived" => LabelKind::Archived,
        _ => LabelKind::Pending,
    }
}

pub(super) fn holder_kind_word(kind: HolderKind) -> &'static str {
    match kind {
        HolderKind::User => "user",
        HolderKind::Location => "location",
        HolderKind::Asset => "asset",
    }
}

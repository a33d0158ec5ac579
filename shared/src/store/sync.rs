//! The full sync's writes: a page at a time into the cache, one statement each, and what no list showed.
//!
//! Older sight never wins: every row keeps when Snipe-IT was asked for it.

use super::{
    StoreError,
    cases::holder,
    catalogue::{ModelRow, holder_kind_word, label_kind_word},
};
use crate::domain::{
    comparison::Cached,
    equipment::Presence,
    id::{EquipmentId, ModelId},
    inventory::{AssetSeen, LabelSeen, Landmark, SnipeitAssetId, SnipeitLabelId, SnipeitModelId},
    money::Cents,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

pub async fn upsert_labels(
    conn: &mut PgConnection,
    labels: &[LabelSeen],
    asked_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let labels: BTreeMap<i64, &LabelSeen> = labels.iter().map(|label| (label.id.0, label)).collect();
    let ids: Vec<i64> = labels.keys().copied().collect();
    let names: Vec<&str> = labels.values().map(|label| label.name.as_str()).collect();
    let kinds: Vec<&str> = labels.values().map(|label| label_kind_word(label.kind)).collect();
    sqlx::query!(
        "insert into status_labels (snipeit_label_id, name, kind, seen_at)
         select id, name, kind, $4 from unnest($1::bigint[], $2::text[], $3::text[]) as seen (id, name, kind)
         on conflict (snipeit_label_id) do update
         set name = excluded.name, kind = excluded.kind, seen_at = excluded.seen_at
         where status_labels.seen_at <= excluded.seen_at",
        &ids,
        &names as &[&str],
        &kinds as &[&str],
        asked_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Units follow their labels' names and types, unless they were seen since; returns those that changed. A label for the
/// archive takes its units from the default list, and gives them back when it is one no more.
pub async fn spread_labels(conn: &mut PgConnection) -> Result<Vec<SnipeitAssetId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "with changed as (
             select e.id, l.name, l.kind,
                    case when e.presence not in ('listed', 'archived') then e.presence
                         when l.kind = 'archived' then 'archived' else 'listed' end as presence
             from equipment e
             join status_labels l on l.snipeit_label_id = e.label_id
             where (e.label_name, e.label_kind) is distinct from (l.name, l.kind) and e.seen_at <= l.seen_at
             order by e.snipeit_asset_id for update of e
         )
         update equipment set label_name = changed.name, label_kind = changed.kind, presence = changed.presence
         from changed where equipment.id = changed.id
         returning snipeit_asset_id"
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SnipeitAssetId).collect())
}

/// Units that were not reached by what the list of labels last said of their label, and when it did.
pub async fn list_behind_labels(conn: &mut PgConnection) -> Result<Vec<(SnipeitAssetId, DateTime<Utc>)>, StoreError> {
    let rows = sqlx::query!(
        "select e.snipeit_asset_id, l.seen_at
         from equipment e
         join status_labels l on l.snipeit_label_id = e.label_id
         where e.label_kind <> l.kind and e.seen_at <= l.seen_at
         order by e.snipeit_asset_id"
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (SnipeitAssetId(row.snipeit_asset_id), row.seen_at)).collect())
}

/// Adds or renames models; what only we know of them stays.
pub async fn upsert_models(
    conn: &mut PgConnection,
    models: &[ModelRow<'_>],
    asked_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    // A statement may not meet a row twice.
    let models: BTreeMap<i64, &ModelRow<'_>> = models.iter().map(|model| (model.id.0, model)).collect();
    let ids: Vec<Uuid> = models.iter().map(|_| ModelId::generate().0).collect();
    let snipeit_ids: Vec<i64> = models.keys().copied().collect();
    let names: Vec<&str> = models.values().map(|model| model.name).collect();
    let numbers: Vec<Option<&str>> = models.values().map(|model| model.model_number).collect();
    let categories: Vec<Option<&str>> = models.values().map(|model| model.category).collect();
    let manufacturers: Vec<Option<&str>> = models.values().map(|model| model.manufacturer).collect();
    let images: Vec<Option<&str>> = models.values().map(|model| model.image_url).collect();
    sqlx::query!(
        "insert into equipment_models (id, snipeit_model_id, name, model_number, category, manufacturer, image_url, seen_at)
         select seen.*, $8
         from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as seen
         on conflict (snipeit_model_id) do update
         set name = excluded.name, model_number = excluded.model_number, category = excluded.category,
             manufacturer = excluded.manufacturer, image_url = excluded.image_url, seen_at = excluded.seen_at,
             gone_at = null
         where equipment_models.seen_at <= excluded.seen_at",
        &ids,
        &snipeit_ids,
        &names as &[&str],
        &numbers as &[Option<&str>],
        &categories as &[Option<&str>],
        &manufacturers as &[Option<&str>],
        &images as &[Option<&str>],
        asked_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds or updates the assets of one page, each as what it is, whatever list showed it; returns those whose model is not
/// known.
pub async fn upsert_assets(
    conn: &mut PgConnection,
    assets: &[AssetSeen],
    asked_at: DateTime<Utc>,
) -> Result<Vec<SnipeitAssetId>, StoreError> {
    let assets: BTreeMap<i64, &AssetSeen> = assets.iter().map(|asset| (asset.id.0, asset)).collect();
    let columns = AssetColumns::of(assets.into_values());
    let unplaced = sqlx::query_scalar!(
        r#"with seen as (
               select *
               from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                           $8::text[], $9::text[], $10::text[], $11::bigint[], $12::timestamp[], $13::timestamp[],
                           $14::timestamp[], $15::text[], $17::bigint[], $18::date[], $19::text[], $20::text[],
                           $21::boolean[])
                   as seen (id, asset_id, model_id, tag, name, serial, label_id, label_name, label_kind, holder_kind,
                            holder_id, last_checkout, last_checkin, changed_at, presence, purchase_cost_cents,
                            expected_checkin, location, home_location, requestable)
           ), stored as (
               insert into equipment (id, snipeit_asset_id, model_id, tag, name, serial, label_id, label_name, label_kind,
                                      presence, holder_kind, holder_id, last_checkout, last_checkin, changed_at, seen_at,
                                      purchase_cost_cents, expected_checkin, location, home_location, requestable)
               select seen.id, asset_id, models.id, tag, seen.name, serial, label_id, label_name, label_kind,
                      presence, holder_kind, holder_id, last_checkout, last_checkin, changed_at, $16,
                      purchase_cost_cents, expected_checkin, location, home_location, requestable
               from seen join equipment_models models on models.snipeit_model_id = seen.model_id
               on conflict (snipeit_asset_id) do update
               set model_id = excluded.model_id, tag = excluded.tag, name = excluded.name, serial = excluded.serial,
                   label_id = excluded.label_id, label_name = excluded.label_name, label_kind = excluded.label_kind,
                   presence = excluded.presence, holder_kind = excluded.holder_kind, holder_id = excluded.holder_id,
                   last_checkout = excluded.last_checkout, last_checkin = excluded.last_checkin,
                   changed_at = excluded.changed_at, seen_at = excluded.seen_at,
                   purchase_cost_cents = excluded.purchase_cost_cents, expected_checkin = excluded.expected_checkin,
                   location = excluded.location, home_location = excluded.home_location,
                   requestable = excluded.requestable
               where equipment.seen_at <= excluded.seen_at
           )
           select asset_id as "asset_id!" from seen
           where not exists (select from equipment_models where snipeit_model_id = seen.model_id)"#,
        &columns.ids,
        &columns.asset_ids,
        &columns.model_ids,
        &columns.tags as &[&str],
        &columns.names as &[Option<&str>],
        &columns.serials as &[Option<&str>],
        &columns.label_ids,
        &columns.label_names as &[&str],
        &columns.label_kinds as &[&str],
        &columns.holder_kinds as &[Option<&str>],
        &columns.holder_ids as &[Option<i64>],
        &columns.last_checkouts as &[Option<NaiveDateTime>],
        &columns.last_checkins as &[Option<NaiveDateTime>],
        &columns.changed as &[Option<NaiveDateTime>],
        &columns.presences as &[&str],
        asked_at,
        &columns.purchase_costs as &[Option<i64>],
        &columns.expected_checkins as &[Option<NaiveDate>],
        &columns.locations as &[Option<&str>],
        &columns.homes as &[Option<&str>],
        &columns.requestables as &[Option<bool>],
    )
    .fetch_all(conn)
    .await?;
    Ok(unplaced.into_iter().map(SnipeitAssetId).collect())
}

/// A page of assets turned on its side, as `unnest` wants it.
#[derive(Default)]
struct AssetColumns<'a> {
    ids: Vec<Uuid>,
    asset_ids: Vec<i64>,
    model_ids: Vec<i64>,
    tags: Vec<&'a str>,
    names: Vec<Option<&'a str>>,
    serials: Vec<Option<&'a str>>,
    label_ids: Vec<i64>,
    label_names: Vec<&'a str>,
    label_kinds: Vec<&'static str>,
    holder_kinds: Vec<Option<&'static str>>,
    holder_ids: Vec<Option<i64>>,
    last_checkouts: Vec<Option<NaiveDateTime>>,
    last_checkins: Vec<Option<NaiveDateTime>>,
    changed: Vec<Option<NaiveDateTime>>,
    presences: Vec<&'static str>,
    purchase_costs: Vec<Option<i64>>,
    expected_checkins: Vec<Option<NaiveDate>>,
    locations: Vec<Option<&'a str>>,
    homes: Vec<Option<&'a str>>,
    requestables: Vec<Option<bool>>,
}

impl<'a> AssetColumns<'a> {
    fn of(assets: impl Iterator<Item = &'a AssetSeen>) -> Self {
        let mut columns = Self::default();
        for asset in assets {
            columns.ids.push(EquipmentId::generate().0);
            columns.asset_ids.push(asset.id.0);
            columns.model_ids.push(asset.model_id.0);
            columns.tags.push(&asset.tag);
            columns.names.push(asset.name.as_deref());
            columns.serials.push(asset.serial.as_deref());
            columns.label_ids.push(asset.label.id.0);
            columns.label_names.push(&asset.label.name);
            columns.label_kinds.push(label_kind_word(asset.label.kind));
            columns.holder_kinds.push(asset.holder.map(|holder| holder_kind_word(holder.kind)));
            columns.holder_ids.push(asset.holder.map(|holder| holder.id));
            columns.last_checkouts.push(asset.last_checkout);
            columns.last_checkins.push(asset.last_checkin);
            columns.changed.push(asset.updated_at);
            columns.presences.push(Presence::of(asset).as_str());
            columns.expected_checkins.push(asset.expected_checkin);
            let particulars = &asset.particulars;
            columns.purchase_costs.push(particulars.purchase_cost.map(Cents::get));
            columns.locations.push(particulars.location.as_deref());
            columns.homes.push(particulars.home_location.as_deref());
            columns.requestables.push(particulars.requestable);
        }
        columns
    }
}

/// What the cache has of these assets, to compare a full read with.
pub async fn list_cached(
    conn: &mut PgConnection,
    assets: &[SnipeitAssetId],
) -> Result<BTreeMap<SnipeitAssetId, Cached>, StoreError> {
    let ids: Vec<i64> = assets.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select e.snipeit_asset_id, m.snipeit_model_id, e.tag, e.name, e.serial, e.label_id, e.presence,
                  e.holder_kind, e.holder_id, e.last_checkout, e.last_checkin, e.expected_checkin, e.requestable,
                  e.purchase_cost_cents, e.seen_at
           from equipment e
           join equipment_models m on m.id = e.model_id
           where e.snipeit_asset_id = any($1)",
        &ids,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = SnipeitAssetId(row.snipeit_asset_id);
            let cached = Cached {
                id,
                tag: row.tag,
                name: row.name,
                serial: row.serial,
                model_id: SnipeitModelId(row.snipeit_model_id),
                label_id: SnipeitLabelId(row.label_id),
                presence: row.presence.parse()?,
                holder: holder(row.holder_kind.as_deref(), row.holder_id),
                last_checkout: row.last_checkout,
                last_checkin: row.last_checkin,
                expected_checkin: row.expected_checkin,
                requestable: row.requestable,
                purchase_cost: row.purchase_cost_cents.map(Cents::from_stored),
                seen_at: row.seen_at,
            };
            Ok((id, cached))
        })
        .collect()
}

/// Known assets that nobody has seen since a sync began: each is asked for by itself before it counts as gone. Those first
/// that somebody has or waits for.
pub async fn list_not_seen_since(
    conn: &mut PgConnection,
    since: DateTime<Utc>,
    except: &[i64],
    most: i64,
) -> Result<Vec<SnipeitAssetId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "select snipeit_asset_id from equipment e
         where seen_at < $1 and presence <> 'gone' and snipeit_asset_id <> all($2)
         order by exists (
                      select from loans l
                      where l.equipment_id = e.id and l.status in ('promised', 'handed_over', 'checked_out')) desc,
                  seen_at, snipeit_asset_id limit $3",
        since,
        except,
        most,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SnipeitAssetId).collect())
}

/// How many more assets the default list has than the cache, by those that could not be stored: `listed` were in it, and
/// `elsewhere` were not. The cache has those of it that [`super::sweep::count_listed`] counts.
pub async fn count_left_out(conn: &mut PgConnection, listed: &[i64], elsewhere: &[i64]) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"with cached as (
               select snipeit_asset_id as id from equipment
               where snipeit_asset_id = any($1::bigint[] || $2::bigint[])
                   and (presence = 'listed' or (presence = 'archived' and (select lists_archived from snipeit_link)))
           )
           select (select count(*) from unnest($1::bigint[]) as shown (id)
                   where not exists (select from cached where cached.id = shown.id))
                - (select count(*) from cached where id = any($2) and id <> all($1)) as "count!""#,
        listed,
        elsewhere,
    );
    Ok(count.fetch_one(conn).await?)
}

/// Marks assets that Snipe-IT does not know any more; nothing is ever deleted.
pub async fn mark_assets_gone(
    conn: &mut PgConnection,
    assets: &[SnipeitAssetId],
    asked_at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let ids: Vec<i64> = assets.iter().map(|id| id.0).collect();
    let marked = sqlx::query!(
        "update equipment set presence = 'gone', seen_at = $2 where snipeit_asset_id = any($1) and seen_at <= $2",
        &ids,
        asked_at,
    )
    .execute(conn)
    .await?;
    Ok(marked.rows_affected())
}

pub async fn mark_models_gone(
    conn: &mut PgConnection,
    not_seen_since: DateTime<Utc>,
    except: &[SnipeitModelId],
) -> Result<u64, StoreError> {
    let except: Vec<i64> = except.iter().map(|id| id.0).collect();
    let marked = sqlx::query!(
        "update equipment_models set gone_at = now()
         where seen_at < $1 and gone_at is null and snipeit_model_id <> all($2)",
        not_seen_since,
        &except,
    )
    .execute(conn)
    .await?;
    Ok(marked.rows_affected())
}

/// Assets by which this inventory can be told from another: those first that stay longest.
pub async fn choose_landmarks(conn: &mut PgConnection, most: i64) -> Result<Vec<Landmark>, StoreError> {
    let rows = sqlx::query!(
        "select snipeit_asset_id, tag from equipment where presence <> 'gone'
         order by array_position(array['listed', 'archived', 'deleted'], presence), snipeit_asset_id limit $1",
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Landmark { id: SnipeitAssetId(row.snipeit_asset_id), tag: row.tag }).collect())
}

/// The tags that these assets were last seen with; without those that are gone.
pub async fn list_tags(
    conn: &mut PgConnection,
    assets: &[SnipeitAssetId],
) -> Result<BTreeMap<SnipeitAssetId, String>, StoreError> {
    let ids: Vec<i64> = assets.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select snipeit_asset_id, tag from equipment where snipeit_asset_id = any($1) and presence <> 'gone'",
        &ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (SnipeitAssetId(row.snipeit_asset_id), row.tag)).collect())
}

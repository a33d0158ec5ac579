//! The naive comparison: every row of the cache beside what Snipe-IT's tables hold, column by column, in words of its own.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use makerlab_shared::domain::inventory::{HolderKind, LabelKind};
use sqlx::{PgPool, Row, postgres::PgRow};

use crate::simulator::{Asset, Inventory, Simulator};

type Columns = Vec<(&'static str, String)>;

/// One difference, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub what: String,
    /// Which asset it is about, if it is about one.
    pub asset: Option<i64>,
    /// No list that is read between two full reads tells of it: only the next one can.
    pub is_beyond_sweeps: bool,
}

pub(super) async fn compare(pool: &PgPool, simulator: &Simulator) -> anyhow::Result<Vec<Difference>> {
    let (assets, models, labels) =
        (cached(pool, ASSETS).await?, cached(pool, MODELS).await?, cached(pool, LABELS).await?);
    let mut differences = of_assets(&assets, simulator);
    let inventory = simulator.state().inventory();
    differences.extend(of_lists(&models, &models_there(&inventory), "model"));
    differences.extend(of_lists(&labels, &labels_there(&inventory), "label"));
    Ok(differences)
}

const ASSETS: &str = "select e.snipeit_asset_id as id, m.snipeit_model_id as model, e.tag, e.name, e.serial, e.label_id, \
     e.label_name, e.label_kind, e.presence, e.holder_kind, e.holder_id, e.last_checkout, e.last_checkin, \
     e.expected_checkin, e.changed_at, e.purchase_cost_cents, e.location, e.home_location, \
     e.requestable::text as requestable from equipment e join equipment_models m on m.id = e.model_id";
const MODELS: &str = "select snipeit_model_id as id, name, model_number, category, manufacturer, image_url, \
     case when gone_at is null then 'there' else 'gone' end as presence from equipment_models";
const LABELS: &str = "select snipeit_label_id as id, name, kind from status_labels";

/// Rows by Snipe-IT's number, each column as text.
async fn cached(pool: &PgPool, sql: &'static str) -> anyhow::Result<Cached> {
    let rows = sqlx::query(sql).fetch_all(pool).await?;
    Ok(rows.iter().map(|row| (row.get("id"), texts(row))).collect())
}

fn texts(row: &PgRow) -> BTreeMap<String, String> {
    use sqlx::Column;
    let text = |name: &str| {
        let any = row.try_get::<Option<String>, _>(name).ok().flatten();
        let number = || row.try_get::<Option<i64>, _>(name).ok().flatten().map(|number| number.to_string());
        let moment = || row.try_get::<Option<NaiveDateTime>, _>(name).ok().flatten().map(|at| at.to_string());
        let day = || row.try_get::<Option<NaiveDate>, _>(name).ok().flatten().map(|day| day.to_string());
        any.or_else(number).or_else(moment).or_else(day).unwrap_or_default()
    };
    row.columns().iter().map(|column| (column.name().to_owned(), text(column.name()))).collect()
}

type Cached = BTreeMap<i64, BTreeMap<String, String>>;

fn of_assets(cached: &Cached, simulator: &Simulator) -> Vec<Difference> {
    let inventory = simulator.state().inventory();
    let mut differences = Vec::new();
    for asset in inventory.assets() {
        match cached.get(&asset.id) {
            None => {
                let what = format!("asset {} is not in the cache", asset.id);
                differences.push(Difference { what, asset: Some(asset.id), is_beyond_sweeps: false });
            }
            Some(row) => {
                let wrong = wrong_columns(row, &asset_columns(&inventory, asset));
                if !wrong.is_empty() {
                    let what = format!("asset {}: {}", asset.id, wrong.join(", "));
                    differences.push(Difference { what, asset: Some(asset.id), is_beyond_sweeps: false });
                }
            }
        }
    }
    for (id, row) in cached.iter().filter(|(id, _)| inventory.find_asset(**id).is_none()) {
        if row["presence"] != "gone" {
            let what = format!("asset {id} was purged and is {} in the cache", row["presence"]);
            // It was in no list whose total anybody expects.
            let is_beyond_sweeps = row["presence"] != "listed";
            differences.push(Difference { what, asset: Some(*id), is_beyond_sweeps });
        }
    }
    differences
}

fn of_lists(cached: &Cached, there: &BTreeMap<i64, Columns>, kind: &str) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut add = |what: String| differences.push(Difference { what, asset: None, is_beyond_sweeps: false });
    for (id, columns) in there {
        match cached.get(id) {
            None if columns.iter().any(|column| *column == ("presence", "gone".to_owned())) => {}
            None => add(format!("{kind} {id} is not in the cache")),
            Some(row) => {
                let wrong = wrong_columns(row, columns);
                if !wrong.is_empty() {
                    add(format!("{kind} {id}: {}", wrong.join(", ")));
                }
            }
        }
    }
    differences
}

fn wrong_columns(row: &BTreeMap<String, String>, there: &Columns) -> Vec<String> {
    let differs = there.iter().filter(|(name, value)| row[*name] != *value);
    differs.map(|(name, value)| format!("{name} is {:?} here and {value:?} there", row[*name])).collect()
}

fn asset_columns(inventory: &Inventory, asset: &Asset) -> Columns {
    let label = inventory.label_of(asset);
    let holder_kind = asset.holder.map(|holder| match holder.kind {
        HolderKind::User => "user",
        HolderKind::Location => "location",
        HolderKind::Asset => "asset",
    });
    let place = |id: Option<i64>| text(id.and_then(|id| inventory.locations.get(&id)).map(|place| &place.name));
    let presence = match (asset.deleted_at, label.kind) {
        (Some(_), _) => "deleted",
        (None, LabelKind::Archived) => "archived",
        (None, LabelKind::Deployable | LabelKind::Pending | LabelKind::Undeployable) => "listed",
    };
    vec![
        ("model", asset.model_id.to_string()),
        ("tag", asset.tag.clone()),
        ("name", text(asset.name.as_ref())),
        ("serial", text(asset.serial.as_ref())),
        ("label_id", asset.label_id.to_string()),
        ("label_name", label.name.clone()),
        ("label_kind", kind_word(label.kind).to_owned()),
        ("presence", presence.to_owned()),
        ("holder_kind", holder_kind.unwrap_or_default().to_owned()),
        ("holder_id", text(asset.holder.map(|holder| holder.id))),
        ("last_checkout", text(asset.last_checkout)),
        ("last_checkin", text(asset.last_checkin)),
        ("expected_checkin", text(asset.expected_checkin)),
        ("changed_at", asset.updated_at.to_string()),
        ("purchase_cost_cents", text(asset.purchase_cost.as_ref().map(|cost| cost.replace('.', "")))),
        ("location", place(asset.location_id)),
        ("home_location", place(asset.rtd_location_id)),
        ("requestable", asset.requestable.to_string()),
    ]
}

fn models_there(inventory: &Inventory) -> BTreeMap<i64, Columns> {
    let columns = |model: &crate::simulator::Model| {
        let presence = if model.deleted_at.is_some() { "gone" } else { "there" };
        vec![
            ("name", model.name.clone()),
            ("model_number", text(model.number.as_ref())),
            ("category", model.category.name.clone()),
            ("manufacturer", text(model.manufacturer.as_ref().map(|maker| &maker.name))),
            ("image_url", text(model.image.as_ref())),
            ("presence", presence.to_owned()),
        ]
    };
    inventory.models.iter().map(|(id, model)| (*id, columns(model))).collect()
}

fn labels_there(inventory: &Inventory) -> BTreeMap<i64, Columns> {
    let columns = |label: &crate::simulator::Label| {
        vec![("name", label.name.clone()), ("kind", kind_word(label.kind).to_owned())]
    };
    inventory.labels.iter().map(|(id, label)| (*id, columns(label))).collect()
}

fn kind_word(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Deployable => "deployable",
        LabelKind::Pending => "pending",
        LabelKind::Undeployable => "undeployable",
        LabelKind::Archived => "archived",
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

//! From Snipe-IT's JSON to our words. Unknown fields are ignored; a missing one is named.
//!
//! Fields that the protocol decides by must be present even when null: an answer without `last_checkout` must
//! never be read as "nobody ever lent it". Text arrives HTML-escaped and is decoded exactly once, here.

use chrono::{NaiveDate, NaiveDateTime};
use makerlab_shared::domain::inventory::{
    AssetSeen, Holder, HolderKind, LabelKind, LabelSeen, Particulars, SnipeitAssetId, SnipeitLabelId, SnipeitModelId,
    SnipeitUserId,
};
use makerlab_shared::domain::money::Cents;
use serde_json::Value;

use super::activity::ActivityRow;
use super::catalogue::ModelSeen;
use super::people::UserSeen;
use super::reads::{Page, Unreadable};

/// What a row lacks, as a sentence.
pub(super) type Malformed = String;

pub(super) fn asset(row: &Value) -> Result<AssetSeen, Malformed> {
    Ok(AssetSeen {
        id: SnipeitAssetId(integer(row, "/id")?),
        tag: text(row, "/asset_tag")?,
        name: optional_text(row, "/name")?,
        serial: optional_text(row, "/serial")?,
        model_id: SnipeitModelId(integer(row, "/model/id")?),
        label: LabelSeen {
            id: SnipeitLabelId(integer(row, "/status_label/id")?),
            name: text(row, "/status_label/name")?,
            kind: label_kind(row, "/status_label/status_type")?,
        },
        holder: nullable(row, "/assigned_to")?.map(holder).transpose()?,
        last_checkout: nullable_moment(row, "/last_checkout")?,
        last_checkin: nullable_moment(row, "/last_checkin")?,
        expected_checkin: nullable(row, "/expected_checkin")?.map(date).transpose()?,
        updated_at: nullable_moment(row, "/updated_at")?,
        deleted: nullable(row, "/deleted_at")?.is_some(),
        particulars: particulars(row),
    })
}

fn particulars(row: &Value) -> Particulars {
    Particulars {
        purchase_cost: optional(row, "/purchase_cost").and_then(Value::as_str).and_then(Cents::parse),
        location: optional_text(row, "/location/name").ok().flatten(),
        home_location: optional_text(row, "/rtd_location/name").ok().flatten(),
        requestable: optional(row, "/requestable").and_then(Value::as_bool),
    }
}

pub(super) fn model(row: &Value) -> Result<ModelSeen, Malformed> {
    Ok(ModelSeen {
        id: SnipeitModelId(integer(row, "/id")?),
        name: text(row, "/name")?,
        number: optional_text(row, "/model_number")?,
        category: optional_text(row, "/category/name")?,
        manufacturer: optional_text(row, "/manufacturer/name")?,
        image: optional_text(row, "/image")?,
    })
}

pub(super) fn label(row: &Value) -> Result<LabelSeen, Malformed> {
    Ok(LabelSeen {
        id: SnipeitLabelId(integer(row, "/id")?),
        name: text(row, "/name")?,
        kind: label_kind(row, "/type")?,
    })
}

pub(super) fn user(row: &Value) -> Result<UserSeen, Malformed> {
    Ok(UserSeen {
        id: SnipeitUserId(integer(row, "/id")?),
        email: optional_text(row, "/email")?,
        username: text(row, "/username")?,
        name: optional_text(row, "/name")?.unwrap_or_default(),
        activated: row.get("activated").and_then(Value::as_bool),
    })
}

pub(super) fn activity(row: &Value) -> Result<ActivityRow, Malformed> {
    Ok(ActivityRow {
        id: integer(row, "/id")?,
        action_type: text(row, "/action_type")?,
        note: optional_text(row, "/note")?,
        user_agent: optional_text(row, "/user_agent")?,
        // Rows of other kinds point at licences and the like, which nobody here asks for.
        target: optional(row, "/target").and_then(|target| holder(target).ok()),
        created_at: optional(row, "/created_at").map(moment).transpose()?,
        action_date: optional(row, "/action_date").map(moment).transpose()?,
    })
}

/// A list as every list of Snipe-IT comes. One bad row does not hide the others.
pub(super) fn page<T>(body: &Value, row: fn(&Value) -> Result<T, Malformed>) -> Result<Page<T>, Malformed> {
    let total = body.get("total").and_then(Value::as_u64).ok_or_else(|| missing("/total", "a number"))?;
    let raw = body.get("rows").and_then(Value::as_array).ok_or_else(|| missing("/rows", "a list"))?;
    let mut page = Page { total, rows: Vec::with_capacity(raw.len()), unreadable: Vec::new() };
    for value in raw {
        match row(value) {
            Ok(parsed) => page.rows.push(parsed),
            Err(what) => page.unreadable.push(unreadable(value, what)),
        }
    }
    Ok(page)
}

/// What can be told of a row all the same.
pub(super) fn unreadable(row: &Value, what: Malformed) -> Unreadable {
    let updated_at = optional(row, "/updated_at").and_then(|at| moment(at).ok());
    Unreadable { id: row.get("id").and_then(Value::as_i64), what, updated_at }
}

pub(super) fn text(row: &Value, pointer: &str) -> Result<String, Malformed> {
    optional_text(row, pointer)?.ok_or_else(|| missing(pointer, "a text"))
}

fn holder(value: &Value) -> Result<Holder, Malformed> {
    let kind = match value.get("type").and_then(Value::as_str) {
        Some("user") => HolderKind::User,
        Some("location") => HolderKind::Location,
        Some("asset") => HolderKind::Asset,
        Some(other) => return Err(format!("a holder of type {other:?} is unknown")),
        None => return Err("the holder's `type` is missing".to_owned()),
    };
    let id = value.get("id").and_then(Value::as_i64).ok_or("the holder's `id` is missing or not a number")?;
    Ok(Holder { kind, id })
}

fn label_kind(row: &Value, pointer: &str) -> Result<LabelKind, Malformed> {
    match text(row, pointer)?.as_str() {
        "deployable" => Ok(LabelKind::Deployable),
        "pending" => Ok(LabelKind::Pending),
        "undeployable" => Ok(LabelKind::Undeployable),
        "archived" => Ok(LabelKind::Archived),
        other => Err(format!("field `{}` has the unknown value {other:?}", dotted(pointer))),
    }
}

fn integer(row: &Value, pointer: &str) -> Result<i64, Malformed> {
    row.pointer(pointer).and_then(Value::as_i64).ok_or_else(|| missing(pointer, "a number"))
}

/// Null, absent and empty are the same to us.
fn optional_text(row: &Value, pointer: &str) -> Result<Option<String>, Malformed> {
    match optional(row, pointer) {
        None => Ok(None),
        Some(Value::String(raw)) => {
            Ok(Some(html_escape::decode_html_entities(raw).into_owned()).filter(|text| !text.is_empty()))
        }
        Some(_) => Err(missing(pointer, "a text")),
    }
}

fn optional<'v>(row: &'v Value, pointer: &str) -> Option<&'v Value> {
    row.pointer(pointer).filter(|value| !value.is_null())
}

/// Must be there, may be null.
fn nullable<'v>(row: &'v Value, pointer: &str) -> Result<Option<&'v Value>, Malformed> {
    let value = row.pointer(pointer).ok_or_else(|| format!("field `{}` is missing", dotted(pointer)))?;
    Ok(Some(value).filter(|value| !value.is_null()))
}

fn nullable_moment(row: &Value, pointer: &str) -> Result<Option<NaiveDateTime>, Malformed> {
    nullable(row, pointer)?.map(moment).transpose().map_err(|what| format!("field `{}`: {what}", dotted(pointer)))
}

/// `{"datetime": "2026-11-23 10:15:00", "formatted": …}`: wall time of the server; `formatted` follows its settings.
fn moment(value: &Value) -> Result<NaiveDateTime, Malformed> {
    let raw = value.get("datetime").and_then(Value::as_str).ok_or("a date has no `datetime`")?;
    NaiveDateTime::parse_from_str(raw, "%Y-%m-%d %H:%M:%S").map_err(|_| format!("{raw:?} is not a date and time"))
}

/// `{"date": "2026-11-23", …}`; from 8.5 on `expected_checkin` has a time: `{"datetime": "2026-11-23 00:00:00", …}`.
fn date(value: &Value) -> Result<NaiveDate, Malformed> {
    let Some(raw) = value.get("date").and_then(Value::as_str) else {
        return moment(value).map(|at| at.date()).map_err(|_| "a day has neither `date` nor `datetime`".to_owned());
    };
    NaiveDate::parse_from_str(raw, "%Y-%m-%d").map_err(|_| format!("{raw:?} is not a day"))
}

fn missing(pointer: &str, expected: &str) -> Malformed {
    format!("field `{}` is missing or not {expected}", dotted(pointer))
}

fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

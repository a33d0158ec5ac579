//! The parser against what a real Snipe-IT 8.1.4 said.

use chrono::{NaiveDate, NaiveDateTime};
use makerlab_shared::domain::inventory::{
    AssetSeen, Holder, HolderKind, LabelKind, LabelSeen, Particulars, SnipeitAssetId, SnipeitLabelId, SnipeitModelId,
    SnipeitUserId,
};
use makerlab_shared::domain::money::Cents;
use serde_json::{Value, json};

use crate::snipeit::wire::{activity, asset, label, model, page, user};

macro_rules! recorded {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("fixtures/", $name, ".json"))).unwrap()
    };
}

fn at(year: i32, month: u32, day: u32, time: (u32, u32, u32)) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(time.0, time.1, time.2).unwrap()
}

#[test]
fn a_lent_asset_shows_holder_and_both_witness_dates() {
    let seen = asset(&recorded!("hardware_show_checked_out")).unwrap();

    assert_eq!(
        seen,
        AssetSeen {
            id: SnipeitAssetId(1),
            tag: "ML-00001".to_owned(),
            name: Some("Arduino Uno R3 #1".to_owned()),
            serial: Some("SN-01-1001".to_owned()),
            model_id: SnipeitModelId(1),
            label: LabelSeen { id: SnipeitLabelId(2), name: "Ready to Deploy".to_owned(), kind: LabelKind::Deployable },
            holder: Some(Holder::user(SnipeitUserId(2))),
            last_checkout: Some(at(2026, 11, 23, (16, 41, 4))),
            last_checkin: None,
            expected_checkin: NaiveDate::from_ymd_opt(2026, 12, 15),
            updated_at: Some(at(2026, 11, 23, (16, 41, 4))),
            deleted: false,
            particulars: Particulars {
                purchase_cost: Cents::parse("8.37"),
                location: None,
                home_location: Some("Storage cabinet B".to_owned()),
                requestable: Some(false),
            },
        }
    );
}

#[test]
fn an_asset_at_a_location_is_held_by_the_location() {
    let seen = asset(&recorded!("checkout_location__hardware_after")).unwrap();

    assert_eq!(seen.holder.unwrap().kind, HolderKind::Location);
}

#[test]
fn a_deleted_asset_is_seen_as_deleted() {
    assert!(asset(&recorded!("hardware_show_deleted")).unwrap().deleted);
}

#[test]
fn entities_are_decoded_exactly_once() {
    let seen = asset(&recorded!("strings_html__get")).unwrap();
    assert_eq!(seen.name.as_deref(), Some(r#"<b>Bold</b> & "quotes" 'apos' <script>alert(1)</script>"#));
    assert_eq!(seen.serial, None);

    let twice_escaped = json!({ "id": 1, "name": "a &amp;lt; b", "type": "pending" });
    assert_eq!(label(&twice_escaped).unwrap().name, "a &lt; b");
}

#[test]
fn a_missing_field_is_named_with_its_path() {
    for (pointer, expected) in [
        ("/asset_tag", "field `asset_tag` is missing or not a text"),
        ("/model/id", "field `model.id` is missing or not a number"),
        ("/status_label/status_type", "field `status_label.status_type` is missing or not a text"),
        ("/assigned_to", "field `assigned_to` is missing"),
        ("/last_checkout", "field `last_checkout` is missing"),
        ("/last_checkin", "field `last_checkin` is missing"),
        ("/deleted_at", "field `deleted_at` is missing"),
    ] {
        let mut row = recorded!("hardware_show_checked_out");
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        row.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key);

        assert_eq!(asset(&row).unwrap_err(), expected);
    }
}

#[test]
fn a_date_in_another_shape_is_refused_rather_than_read_as_never() {
    for odd in [json!("2026-11-23 16:41:04"), json!({ "datetime": "23/11/2026" }), json!({ "formatted": "today" })] {
        let mut row = recorded!("hardware_show_checked_out");
        row["last_checkout"] = odd;

        assert!(asset(&row).unwrap_err().contains("last_checkout"));
    }
}

#[test]
fn an_expected_day_with_a_time_as_later_versions_tell_it_is_that_day() {
    let mut row = recorded!("hardware_show_checked_out");
    row["expected_checkin"] = json!({ "datetime": "2026-12-15 00:00:00", "formatted": "2026-12-15 12:00 AM" });

    assert_eq!(asset(&row).unwrap().expected_checkin, NaiveDate::from_ymd_opt(2026, 12, 15));

    row["expected_checkin"] = json!({ "formatted": "2026-12-15" });
    assert!(asset(&row).unwrap_err().contains("neither `date` nor `datetime`"));
}

#[test]
fn an_unknown_holder_type_is_refused() {
    let mut row = recorded!("hardware_show_checked_out");
    row["assigned_to"]["type"] = json!("company");

    assert_eq!(asset(&row).unwrap_err(), "a holder of type \"company\" is unknown");
}

#[test]
fn one_bad_row_does_not_hide_the_others() {
    let mut body = recorded!("hardware_list_limit2");
    body["rows"][0]["model"] = Value::Null;

    let list = page(&body, asset).unwrap();

    assert_eq!(list.rows.len(), 1);
    assert_eq!(list.unreadable.len(), 1);
    assert_eq!(list.unreadable[0].id, body["rows"][0]["id"].as_i64());
    assert_eq!(list.next_offset(0), Some(2));
    assert_eq!(list.next_offset(list.total), None);
}

#[test]
fn an_empty_page_is_the_last_one_whatever_the_total_says() {
    let list = page(&json!({ "total": 900, "rows": [] }), asset).unwrap();

    assert_eq!(list.next_offset(500), None);
}

#[test]
fn a_list_without_rows_is_malformed() {
    assert_eq!(page(&json!({ "total": 1 }), asset).unwrap_err(), "field `rows` is missing or not a list");
}

#[test]
fn models_and_labels_are_read() {
    let models = page(&recorded!("models_list"), model).unwrap();
    let labels = page(&recorded!("statuslabels_list"), label).unwrap();

    assert_eq!(models.rows[0].number.as_deref(), Some("MK4S"));
    assert_eq!(models.rows[0].manufacturer.as_deref(), Some("Prusa Research"));
    assert_eq!(
        labels.rows.iter().map(|label| label.kind).collect::<Vec<_>>(),
        [LabelKind::Undeployable, LabelKind::Archived, LabelKind::Deployable]
    );
}

#[test]
fn the_activity_log_shows_stored_dates_and_whom_it_concerned() {
    let rows = page(&recorded!("checkin_ok__activity_after"), activity).unwrap().rows;

    assert_eq!(rows[0].action_type, "checkin from");
    assert_eq!(rows[0].note.as_deref(), Some("back on shelf [op:01JTESTOP000000000000000002]"));
    assert_eq!(rows[0].target, Some(Holder::user(SnipeitUserId(2))));
    assert_eq!(rows[0].created_at, Some(at(2026, 11, 23, (16, 44, 56))));
}

#[test]
fn people_are_read_and_debug_output_shows_their_id_alone() {
    let users = page(&recorded!("users_filter_email_duplicate"), user).unwrap().rows;

    assert_eq!(users.len(), 2);
    assert_eq!(users[0].email.as_deref(), Some("new.student@lab.example"));
    assert_eq!(users[0].activated, Some(false));
    assert_eq!(format!("{:?}", users[0]), "UserSeen { id: SnipeitUserId(18), .. }");
}

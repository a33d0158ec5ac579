//! The client against a server that says exactly what it is told to, and the parser against recorded answers.

mod classes;
mod requests;
mod server;
pub(crate) mod tls;
mod wire;

use chrono::NaiveDate;
use makerlab_shared::domain::inventory::{Answer, SnipeitAssetId, SnipeitUserId};

use super::*;

pub(super) const SUCCESS: &str =
    r#"{"status":"success","messages":"Asset checked out successfully.","payload":{"asset":"ML-00064"}}"#;
pub(super) const ULID: &str = "01JD8Z6T5Q3M9W7X2K4N6P8R0S";

pub(super) fn marker() -> Marker {
    Marker::parse(ULID).unwrap()
}

pub(super) fn check_out_order() -> CheckOut {
    let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    CheckOut {
        asset: SnipeitAssetId(64),
        to: SnipeitUserId(2),
        checkout_at: day.and_hms_opt(10, 15, 0).unwrap(),
        expected_checkin: NaiveDate::from_ymd_opt(2026, 12, 24),
        note: note_text(&marker(), "R-2026-000123"),
        marker: marker(),
    }
}

/// The class of an answer to a write, and of the failure of a read, in one word.
pub(super) fn class_of_write(answer: &Answer) -> &'static str {
    outcome::of_write(answer)
}

pub(super) fn class_of_read<T>(read: Result<Read<T>, ReadFailure>) -> &'static str {
    outcome::of_read(&read.map_err(|failure| failure.kind))
}

pub(super) fn check_in_order() -> CheckIn {
    CheckIn { asset: SnipeitAssetId(64), label: None, note: note_text(&marker(), "R-2026-000123"), marker: marker() }
}

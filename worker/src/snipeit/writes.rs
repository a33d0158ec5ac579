//! The calls that change Snipe-IT. They never fail: whatever happens is an `Answer`.
//!
//! Check-outs and check-ins are sent once, with the operation's marker in note and `User-Agent`. Assignments are never
//! patched: that would take assets from their holders.

use chrono::{NaiveDate, NaiveDateTime};
use makerlab_shared::domain::inventory::{Answer, SnipeitAssetId, SnipeitLabelId, SnipeitUserId};
use serde_json::{Value, json};
use tracing::Instrument;

use super::http::Call;
use super::marker::Marker;
use super::outcome::{self, call_span};
use super::seen::CallSeen;
use super::{SnipeIt, classify};

/// Lend an asset to a person. `checkout_at` is wall time of the Snipe-IT server and comes back as `last_checkout`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOut {
    pub asset: SnipeitAssetId,
    pub to: SnipeitUserId,
    pub checkout_at: NaiveDateTime,
    pub expected_checkin: Option<NaiveDate>,
    pub note: String,
    pub marker: Marker,
}

/// Take an asset back. It names no holder: whoever holds it then loses it, so look first.
/// With a label it is one effect still: Snipe-IT saves both at once, and refuses both if there is no such label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    pub asset: SnipeitAssetId,
    /// `None`: the asset keeps its label.
    pub label: Option<SnipeitLabelId>,
    pub note: String,
    pub marker: Marker,
}

/// What an extension and the label of what is promised need beside the permissions for lending, by Snipe-IT's name.
pub const EDIT_PERMISSION: &str = "assets.edit";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub answer: Answer,
    pub seen: CallSeen,
}

impl SnipeIt {
    pub async fn check_out(&self, order: &CheckOut) -> Written {
        let span = call_span!("snipeit.check_out", asset.id = %order.asset, operation.marker = %order.marker);
        let url = self.endpoint(&["hardware", &order.asset.to_string(), "checkout"]);
        let call = Call::post(url, check_out_body(order)).marked(&order.marker);
        self.write("check_out", call).instrument(span).await.0
    }

    pub async fn check_in(&self, order: &CheckIn) -> Written {
        let span = call_span!("snipeit.check_in", asset.id = %order.asset, operation.marker = %order.marker);
        let url = self.endpoint(&["hardware", &order.asset.to_string(), "checkin"]);
        // No `checkin_at`: any day but today takes effect, loses its log row and answers 500.
        let call = Call::post(url, check_in_body(order)).marked(&order.marker);
        self.write("check_in", call).instrument(span).await.0
    }

    /// Sets when the holder is expected to bring the asset back, and nothing else; the same value once more changes nothing.
    /// Names no holder: whoever holds it then is expected on that day, so look first.
    pub async fn set_expected_checkin(&self, asset: SnipeitAssetId, day: NaiveDate) -> Written {
        let span = call_span!("snipeit.set_expected_checkin", asset.id = %asset);
        let url = self.endpoint(&["hardware", &asset.to_string()]);
        let call = Call::patch(url, json!({ "expected_checkin": day.format("%Y-%m-%d").to_string() }));
        self.write("set_expected_checkin", call).instrument(span).await.0
    }

    /// Sets the label and nothing else, whoever holds it; the same value once more changes nothing.
    /// Whoever set another one meanwhile loses it, so look first.
    pub async fn set_label(&self, asset: SnipeitAssetId, label: SnipeitLabelId) -> Written {
        let span = call_span!("snipeit.set_label", asset.id = %asset);
        let url = self.endpoint(&["hardware", &asset.to_string()]);
        let call = Call::patch(url, json!({ "status_id": label }));
        self.write("set_label", call).instrument(span).await.0
    }

    pub(super) async fn write(&self, name: &'static str, call: Call) -> (Written, Option<Value>) {
        let exchange = self.exchange(call).await;
        let (answer, payload) = classify::write_answer(&exchange.heard);
        outcome::record(name, outcome::of_write(&answer), &exchange.seen);
        (Written { answer, seen: exchange.seen }, payload)
    }
}

fn check_in_body(order: &CheckIn) -> Value {
    let mut body = json!({ "note": order.note });
    if let Some(label) = order.label {
        body["status_id"] = json!(label);
    }
    body
}

fn check_out_body(order: &CheckOut) -> Value {
    let mut body = json!({
        "checkout_to_type": "user",
        "assigned_user": order.to,
        "checkout_at": order.checkout_at.format("%Y-%m-%d %H:%M:%S").to_string(),
        "note": order.note,
    });
    if let Some(day) = order.expected_checkin {
        body["expected_checkin"] = json!(day.format("%Y-%m-%d").to_string());
    }
    body
}

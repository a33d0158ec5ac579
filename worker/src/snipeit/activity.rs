//! The activity log: the second witness of an operation, which can be late, missing or forbidden.

use chrono::NaiveDateTime;
use makerlab_shared::domain::inventory::{Holder, HolderKind, SnipeitAssetId, SnipeitUserId};
use serde::Serialize;
use tracing::Instrument;

use super::http::Call;
use super::marker::Marker;
use super::outcome::call_span;
use super::seen::{Read, ReadFailure};
use super::{SnipeIt, wire};

/// Several attempts of one operation leave a handful of rows, never hundreds.
const ROWS: &str = "50";

/// What the Snipe-IT user of our token needs for the log, by Snipe-IT's name.
pub const LOG_PERMISSION: &str = "reports.view";

/// One row of `reports/activity`. `action_type` is Snipe-IT's word for it: `checkout`, `checkin from`, `create new`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActivityRow {
    pub id: i64,
    pub action_type: String,
    pub note: Option<String>,
    pub user_agent: Option<String>,
    /// To whom it was lent, or from whom it came back.
    pub target: Option<Holder>,
    /// The server's clock when the row was written.
    pub created_at: Option<NaiveDateTime>,
    /// The `checkout_at` that was sent.
    pub action_date: Option<NaiveDateTime>,
}

impl ActivityRow {
    /// By Snipe-IT's stored word, which is not translated.
    pub fn is_checkout(&self) -> bool {
        self.action_type == "checkout"
    }

    /// To which user it was lent, if it was lent to one and Snipe-IT still tells.
    pub fn borrower(&self) -> Option<SnipeitUserId> {
        self.target.filter(|target| target.kind == HolderKind::User).map(|target| SnipeitUserId(target.id))
    }

    fn carries(&self, marker: &Marker) -> bool {
        [&self.note, &self.user_agent].into_iter().flatten().any(|text| marker.is_in(text))
    }
}

impl SnipeIt {
    /// The rows of one asset that carry the marker, newest first. Needs [`LOG_PERMISSION`].
    pub async fn show_activity(
        &self,
        asset: SnipeitAssetId,
        marker: &Marker,
    ) -> Result<Read<Vec<ActivityRow>>, ReadFailure> {
        let span = call_span!("snipeit.show_activity", asset.id = %asset, operation.marker = %marker);
        let mut url = self.endpoint(&["reports", "activity"]);
        // `search` alone also finds other assets; `item_id` counts only together with `item_type`.
        url.query_pairs_mut()
            .append_pair("item_type", "asset")
            .append_pair("item_id", &asset.to_string())
            .append_pair("search", marker.as_str())
            .append_pair("sort", "id")
            .append_pair("order", "desc")
            .append_pair("limit", ROWS);
        let mut read = self.read_all("show_activity", Call::get(url), wire::activity).instrument(span).await?;
        read.value.retain(|row| row.carries(marker));
        Ok(read)
    }
}

//! What exists: assets, models, status labels.

use makerlab_shared::domain::inventory::{AssetSeen, LabelSeen, SnipeitAssetId, SnipeitModelId};
use tracing::Instrument;
use url::Url;

use super::SnipeIt;
use super::http::Call;
use super::outcome::call_span;
use super::reads::{PAGE_SIZE, Page};
use super::seen::{Read, ReadFailure};
use super::wire::{self, Malformed};

/// A slice of the assets; `limit` is at most `PAGE_SIZE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetQuery {
    pub visibility: Visibility,
    pub sort: AssetSort,
    pub limit: u32,
    pub offset: u64,
}

/// Snipe-IT's lists hide archived labels and deleted assets; each has a list of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Default,
    Archived,
    Deleted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetSort {
    /// Ascending: stable while paging.
    Id,
    /// Descending: what changed last comes first.
    UpdatedAt,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSeen {
    pub id: SnipeitModelId,
    pub name: String,
    pub number: Option<String>,
    pub category: Option<String>,
    pub manufacturer: Option<String>,
    pub image: Option<String>,
}

impl SnipeIt {
    /// One asset, also when it is archived or deleted.
    pub async fn show_asset(&self, id: SnipeitAssetId) -> Result<Read<AssetSeen>, ReadFailure> {
        let call = Call::get(self.endpoint(&["hardware", &id.to_string()]));
        self.read("show_asset", call, |body| same_asset(wire::asset(body)?, id))
            .instrument(call_span!("snipeit.show_asset", asset.id = %id))
            .await
    }

    pub async fn list_assets(&self, query: AssetQuery) -> Result<Read<Page<AssetSeen>>, ReadFailure> {
        let call = Call::get(asset_list(self.endpoint(&["hardware"]), query));
        self.read_page("list_assets", call, wire::asset).instrument(call_span!("snipeit.list_assets")).await
    }

    pub async fn list_models(&self, offset: u64) -> Result<Read<Page<ModelSeen>>, ReadFailure> {
        let call = Call::get(sorted(self.endpoint(&["models"]), ("id", "asc"), PAGE_SIZE, offset));
        self.read_page("list_models", call, wire::model).instrument(call_span!("snipeit.list_models")).await
    }

    pub async fn list_labels(&self, offset: u64) -> Result<Read<Page<LabelSeen>>, ReadFailure> {
        let call = Call::get(sorted(self.endpoint(&["statuslabels"]), ("id", "asc"), PAGE_SIZE, offset));
        self.read_page("list_labels", call, wire::label).instrument(call_span!("snipeit.list_labels")).await
    }
}

fn asset_list(url: Url, query: AssetQuery) -> Url {
    let sort = match query.sort {
        AssetSort::Id => ("id", "asc"),
        AssetSort::UpdatedAt => ("updated_at", "desc"),
    };
    let status = match query.visibility {
        Visibility::Default => None,
        Visibility::Archived => Some("Archived"),
        Visibility::Deleted => Some("Deleted"),
    };
    // Snipe-IT takes 0 for "as many as possible".
    let mut url = sorted(url, sort, query.limit.clamp(1, PAGE_SIZE), query.offset);
    if let Some(status) = status {
        url.query_pairs_mut().append_pair("status", status);
    }
    url
}

fn sorted(mut url: Url, (column, order): (&str, &str), limit: u32, offset: u64) -> Url {
    url.query_pairs_mut()
        .append_pair("limit", &limit.to_string())
        .append_pair("offset", &offset.to_string())
        .append_pair("sort", column)
        .append_pair("order", order);
    url
}

fn same_asset(asset: AssetSeen, asked: SnipeitAssetId) -> Result<AssetSeen, Malformed> {
    if asset.id == asked { Ok(asset) } else { Err(format!("asked for asset {asked}, got {}", asset.id)) }
}

//! The full comparison: a page of the full sync beside what the cache has of it, before the page is stored.

use crate::{context::Context, jobs::Failure};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        comparison::{Missed, find_missed},
        equipment::Presence,
        inventory::{AssetSeen, SnipeitAssetId},
    },
    store::{link, sync},
};

/// What one page came to.
pub(super) struct Compared {
    /// Assets that the cache knew.
    pub known: usize,
    pub missed: Vec<Missed>,
}

/// Nothing is compared before the first sweep.
pub(super) async fn compare(
    context: &Context,
    rows: &[AssetSeen],
    presence: Presence,
    asked_at: DateTime<Utc>,
) -> Result<Compared, Failure> {
    let mut conn = context.pool.acquire().await?;
    let link = link::load(&mut conn).await?;
    let swept_at = match presence {
        Presence::Listed => link.swept_at,
        Presence::Archived | Presence::Deleted | Presence::Gone => link.swept_at.and(link.hidden_read_at),
    };
    let Some(swept_at) = swept_at else { return Ok(Compared { known: 0, missed: Vec::new() }) };
    let clock = context.snipeit_clock(&link);
    let ids: Vec<SnipeitAssetId> = rows.iter().map(|row| row.id).collect();
    let cached = sync::list_cached(&mut conn, &ids).await?;
    let missed: Vec<Missed> = rows
        .iter()
        .filter_map(|row| find_missed(row, presence, cached.get(&row.id)?, swept_at, asked_at, clock))
        .collect();
    for missed in &missed {
        let fields = missed.fields.join(", ");
        tracing::warn!(asset.id = %missed.snipeit_asset_id, "No sweep has brought a change of {fields}");
    }
    Ok(Compared { known: cached.len(), missed })
}

//! The full comparison: a page of the full sync beside what the cache has of it, before the page is stored.

use crate::{context::Context, jobs::Failure, snipeit::Visibility};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        comparison::{Basis, Missed, find_missed},
        inventory::{AssetSeen, SnipeitAssetId},
    },
    store::{link, sync},
};

/// What is known of a page of the full read.
pub(super) struct PageRead {
    pub list: Visibility,
    pub asked_at: DateTime<Utc>,
    /// A full sync has come to its end before.
    pub was_whole: bool,
}

/// What one page came to.
pub(super) struct Compared {
    /// Assets that the cache knew.
    pub known: usize,
    pub missed: Vec<Missed>,
}

/// Call it once for each.
pub(super) fn tell(missed: &[Missed]) {
    for missed in missed {
        let fields = missed.fields.join(", ");
        tracing::warn!(asset.id = %missed.snipeit_asset_id, "No sweep has brought a change of {fields}");
    }
}

/// Nothing is compared before the first sweep and the first full sync.
pub(super) async fn compare(context: &Context, rows: &[AssetSeen], page: PageRead) -> Result<Compared, Failure> {
    let PageRead { list, asked_at, was_whole } = page;
    let mut conn = context.pool.acquire().await?;
    let link = link::load(&mut conn).await?;
    let swept_at = match list {
        Visibility::Default => link.swept_at,
        Visibility::Archived | Visibility::Deleted => link.swept_at.and(link.hidden_read_at),
    };
    let Some(swept_at) = swept_at.filter(|_| was_whole) else { return Ok(Compared { known: 0, missed: Vec::new() }) };
    let basis = Basis { swept_at, asked_at, clock: context.snipeit_clock(&link) };
    let ids: Vec<SnipeitAssetId> = rows.iter().map(|row| row.id).collect();
    let cached = sync::list_cached(&mut conn, &ids).await?;
    let missed = rows.iter().filter_map(|row| find_missed(row, cached.get(&row.id), basis)).collect();
    Ok(Compared { known: cached.len(), missed })
}

/// Units that the last list of labels did not reach; ask before it is read anew.
pub(super) async fn compare_labels(context: &Context) -> Result<Vec<Missed>, Failure> {
    let mut conn = context.pool.acquire().await?;
    let clock = context.snipeit_clock(&link::load(&mut conn).await?);
    let behind = sync::list_behind_labels(&mut conn).await?;
    let missed = behind.into_iter().map(|(snipeit_asset_id, said_at)| Missed {
        snipeit_asset_id,
        fields: vec!["label_kind".to_owned()],
        changed_at: clock.wall(said_at),
    });
    Ok(missed.collect())
}

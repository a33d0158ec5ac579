//! What the sweep asks of our records: effects that Snipe-IT reported and nobody has seen since.

use super::StoreError;
use crate::domain::{id::OperationId, inventory::SnipeitAssetId};
use sqlx::PgConnection;

/// An applied operation that waits for its confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unconfirmed {
    pub operation: OperationId,
    pub asset: SnipeitAssetId,
}

/// How many assets of the default list the cache has; those that are archived only if Snipe-IT shows them there.
pub async fn count_listed(conn: &mut PgConnection) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from equipment
           where presence = 'listed' or (presence = 'archived' and (select lists_archived from snipeit_link))"#
    );
    Ok(count.fetch_one(conn).await?)
}

/// Those of the given assets of which the cache's sight may be too old: an effect on them waits for its confirmation, or their
/// loans are to be compared again.
pub async fn list_awaited(
    conn: &mut PgConnection,
    assets: &[SnipeitAssetId],
) -> Result<Vec<SnipeitAssetId>, StoreError> {
    let assets: Vec<i64> = assets.iter().map(|id| id.0).collect();
    let ids = sqlx::query_scalar!(
        r#"select snipeit_asset_id as "id!" from equipment
           where snipeit_asset_id = any($1) and recompare_since is not null
           union
           select snipeit_asset_id from operations
           where state = 'applied' and confirmed_at is null and snipeit_asset_id = any($1)
             and not exists (select from findings where kind = 'effect_not_seen' and subject_id = operations.id)"#,
        &assets
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SnipeitAssetId).collect())
}

/// Those of the given assets. What became a finding once is not asked again, settled or not.
pub async fn list_unconfirmed_of(
    conn: &mut PgConnection,
    assets: &[SnipeitAssetId],
) -> Result<Vec<Unconfirmed>, StoreError> {
    let assets: Vec<i64> = assets.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select id, snipeit_asset_id from operations
         where state = 'applied' and confirmed_at is null and snipeit_asset_id = any($1)
           and not exists (select from findings where kind = 'effect_not_seen' and subject_id = operations.id)
         order by settled_at, id",
        &assets
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Unconfirmed { operation: row.id.into(), asset: SnipeitAssetId(row.snipeit_asset_id) })
        .collect())
}

/// Some assets with unconfirmed effects other than the given ones, drawn at random so that one that cannot be read
/// holds up nobody.
pub async fn list_unconfirmed_elsewhere(
    conn: &mut PgConnection,
    seen: &[SnipeitAssetId],
    most: i64,
) -> Result<Vec<SnipeitAssetId>, StoreError> {
    let seen: Vec<i64> = seen.iter().map(|id| id.0).collect();
    let ids = sqlx::query_scalar!(
        "select snipeit_asset_id from operations
         where state = 'applied' and confirmed_at is null and snipeit_asset_id <> all($1)
           and not exists (select from findings where kind = 'effect_not_seen' and subject_id = operations.id)
         group by snipeit_asset_id order by random() limit $2",
        &seen,
        most,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SnipeitAssetId).collect())
}

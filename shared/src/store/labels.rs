//! The status labels that Snipe-IT has, as they were read last.

use super::{StoreError, catalogue::label_kind, drift};
use crate::domain::inventory::{LabelSeen, SnipeitAssetId, SnipeitLabelId};
use sqlx::PgConnection;

/// All of them, by number; none before the first sync. Those that the latest reading did not show are gone.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<LabelSeen>, StoreError> {
    let rows = sqlx::query!(
        "select snipeit_label_id, name, kind from status_labels
         where seen_at = (select max(seen_at) from status_labels) order by snipeit_label_id"
    )
    .fetch_all(conn)
    .await?;
    let seen = rows.into_iter().map(|row| LabelSeen {
        id: SnipeitLabelId(row.snipeit_label_id),
        name: row.name,
        kind: label_kind(&row.kind),
    });
    Ok(seen.collect())
}

/// Units with these labels are not lent, though Snipe-IT would; those with all others are, as far as Snipe-IT does. Loans of
/// units for which this is news are compared again.
pub async fn keep_back(conn: &mut PgConnection, kept: &[SnipeitLabelId]) -> Result<(), StoreError> {
    let kept: Vec<i64> = kept.iter().map(|id| id.0).collect();
    let changed = sqlx::query_scalar!(
        "update status_labels set is_free = snipeit_label_id <> all($1)
         where is_free is distinct from (snipeit_label_id <> all($1))
         returning snipeit_label_id",
        &kept
    )
    .fetch_all(&mut *conn)
    .await?;
    if changed.is_empty() {
        return Ok(());
    }
    let units = sqlx::query_scalar!("select snipeit_asset_id from equipment where label_id = any($1)", &changed)
        .fetch_all(&mut *conn)
        .await?;
    let units: Vec<SnipeitAssetId> = units.into_iter().map(SnipeitAssetId).collect();
    drift::recompare(conn, &units).await
}

//! What an import of earlier loans has to know of the catalogue and of us.

use super::{StoreError, cases::holder};
use crate::domain::{
    id::{EquipmentId, ModelId, ProjectId},
    inventory::SnipeitAssetId,
    lent_before::{PROJECT_TAG, Shown, UnitOnRecord},
};
use sqlx::PgConnection;
use std::collections::HashMap;

/// The units of the catalogue among these assets.
pub async fn list_units(
    conn: &mut PgConnection,
    assets: &[SnipeitAssetId],
) -> Result<HashMap<SnipeitAssetId, UnitOnRecord>, StoreError> {
    let ids: Vec<i64> = assets.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select e.id, e.model_id, e.snipeit_asset_id,
                  exists (
                      select from loans l
                      where l.equipment_id = e.id and is_out(l.status)) as "is_lent!",
                  (select min(l.starts_at) from loans l
                   where l.equipment_id = e.id and l.status = 'promised') as promised_from,
                  exists (
                      select from operations o
                      where o.snipeit_asset_id = e.snipeit_asset_id
                          and o.state in ('sent', 'unknown', 'with_person')) as "is_busy!"
           from equipment e
           where e.snipeit_asset_id = any($1)"#,
        &ids,
    )
    .fetch_all(conn)
    .await?;
    let units = rows.into_iter().map(|row| {
        let unit = UnitOnRecord {
            id: EquipmentId(row.id),
            model_id: ModelId(row.model_id),
            is_lent: row.is_lent,
            promised_from: row.promised_from,
            is_busy: row.is_busy,
        };
        (SnipeitAssetId(row.snipeit_asset_id), unit)
    });
    Ok(units.collect())
}

/// What the catalogue shows of an asset by now. Until the transaction ends nobody else lends or promises its unit, nor notes
/// what they have seen of it.
pub async fn lock_shown(conn: &mut PgConnection, asset: SnipeitAssetId) -> Result<Option<Shown>, StoreError> {
    let row = sqlx::query!(
        "select presence, holder_kind, holder_id, last_checkout from equipment where snipeit_asset_id = $1 for update",
        asset.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Shown {
        presence: row.presence.parse()?,
        holder: holder(row.holder_kind.as_deref(), row.holder_id),
        last_checkout: row.last_checkout,
    }))
}

/// The project that an earlier import made, if it is still active. Imports wait for each other here until they commit.
pub async fn find_project(conn: &mut PgConnection) -> Result<Option<ProjectId>, StoreError> {
    sqlx::query!("select outage_streak from snipeit_link for update").fetch_one(&mut *conn).await?;
    let found = sqlx::query_scalar!(
        "select id from projects where status = 'active' and $1 = any(tags) order by created_at, id limit 1",
        PROJECT_TAG
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map(ProjectId))
}

//! What an import of earlier loans has to know of the catalogue and of us.

use super::StoreError;
use crate::domain::{
    id::{EquipmentId, ModelId, ProjectId},
    inventory::SnipeitAssetId,
    lent_before::{PROJECT_TAG, UnitOnRecord},
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
                      where l.equipment_id = e.id and l.status in ('handed_over', 'checked_out')) as "is_lent!",
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

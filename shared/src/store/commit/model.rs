//! Rows of equipment models: the part that is ours, not the catalogue's.

use super::{CommitError, guard};
use crate::domain::equipment::EquipmentModel;
use sqlx::PgConnection;

pub(super) async fn update_model(conn: &mut PgConnection, model: &EquipmentModel) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update equipment_models set approval = $3, collection = $4, version = version + 1 where id = $1 and version = $2",
        model.id.0,
        model.version,
        model.approval.as_str(),
        model.collection.as_str(),
    )
    .execute(conn)
    .await?;
    guard("equipment model", updated.rows_affected())
}

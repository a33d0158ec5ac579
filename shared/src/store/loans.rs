//! Single loans, for those who look after them.

use super::StoreError;
use crate::domain::{id::LoanId, inventory::SnipeitAssetId};
use sqlx::PgConnection;

/// The loan's unit in Snipe-IT.
pub async fn find_asset(conn: &mut PgConnection, loan: LoanId) -> Result<Option<SnipeitAssetId>, StoreError> {
    let asset = sqlx::query_scalar!(
        "select equipment.snipeit_asset_id
         from loans
         join equipment on equipment.id = loans.equipment_id
         where loans.id = $1",
        loan.0
    );
    Ok(asset.fetch_optional(conn).await?.map(SnipeitAssetId))
}

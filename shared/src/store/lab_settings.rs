//! The numbers that the lab sets for itself. Writing goes through `commit`.

use super::StoreError;
use crate::domain::lab_settings::{LabNumbers, LabSettings};
use sqlx::PgConnection;

/// As they are now.
pub async fn load(conn: &mut PgConnection) -> Result<LabSettings, StoreError> {
    let row = sqlx::query!(
        "select id, buffer_after_return_hours, release_uncollected_after_days, remind_approvers_after_hours, hold_hours,
                extensions_max, extension_days_max, block_overdue_after_days, version
         from lab_settings"
    )
    .fetch_one(conn)
    .await?;
    let numbers = LabNumbers {
        buffer_after_return_hours: row.buffer_after_return_hours,
        release_uncollected_after_days: row.release_uncollected_after_days,
        remind_approvers_after_hours: row.remind_approvers_after_hours,
        hold_hours: row.hold_hours,
        extensions_max: row.extensions_max,
        extension_days_max: row.extension_days_max,
        block_overdue_after_days: row.block_overdue_after_days,
    };
    Ok(LabSettings { id: row.id, numbers, version: row.version })
}

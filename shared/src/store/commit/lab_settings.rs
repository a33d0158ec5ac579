//! The one row of the lab's numbers.

use super::{CommitError, guard};
use crate::domain::lab_settings::LabSettings;
use sqlx::PgConnection;

pub(super) async fn update_lab_settings(conn: &mut PgConnection, settings: &LabSettings) -> Result<(), CommitError> {
    let numbers = settings.numbers;
    let updated = sqlx::query!(
        "update lab_settings
         set buffer_after_return_hours = $2, release_uncollected_after_days = $3, remind_approvers_after_hours = $4,
             hold_hours = $5, extensions_max = $6, extension_days_max = $7, block_overdue_after_days = $8,
             version = version + 1
         where version = $1",
        settings.version,
        numbers.buffer_after_return_hours,
        numbers.release_uncollected_after_days,
        numbers.remind_approvers_after_hours,
        numbers.hold_hours,
        numbers.extensions_max,
        numbers.extension_days_max,
        numbers.block_overdue_after_days,
    )
    .execute(conn)
    .await?;
    guard("lab's settings", updated.rows_affected())
}

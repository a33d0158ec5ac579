//! The lab's numbers as clients see them.

use crate::http::precondition::Tagged;
use makerlab_shared::domain::lab_settings::LabSettings;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabSettingsView {
    /// Hours between a return and the next promise of the same unit.
    buffer_after_return_hours: i32,
    /// Days after which what was not collected is released.
    release_uncollected_after_days: i32,
    /// Hours after which those are reminded who have not decided.
    remind_approvers_after_hours: i32,
    /// Hours for which the first on a waiting list has a unit kept.
    hold_hours: i32,
    /// How often one loan may be extended without a technician.
    extensions_max: i32,
    /// By how many days in all one loan may be extended without a technician.
    extension_days_max: i32,
    /// Days after its due date from which a unit keeps its borrower from asking for more; null: it never does.
    block_overdue_after_days: Option<i32>,
}

pub(super) fn tagged(settings: LabSettings) -> Tagged<LabSettingsView> {
    let numbers = settings.numbers;
    let body = LabSettingsView {
        buffer_after_return_hours: numbers.buffer_after_return_hours,
        release_uncollected_after_days: numbers.release_uncollected_after_days,
        remind_approvers_after_hours: numbers.remind_approvers_after_hours,
        hold_hours: numbers.hold_hours,
        extensions_max: numbers.extensions_max,
        extension_days_max: numbers.extension_days_max,
        block_overdue_after_days: numbers.block_overdue_after_days,
    };
    Tagged { version: settings.version, body }
}

//! `PATCH /v1/lab-settings`: the lab changes its mind; what is under way keeps the times that it was given.

use super::view::{LabSettingsView, tagged};
use crate::{
    http::{
        caller::Caller,
        input::Invalid,
        precondition::{Patch, Tagged, given},
    },
    problem::Problem,
    state::AppState,
};
use axum::extract::State;
use makerlab_shared::{
    domain::lab_settings::LabNumbers,
    store::{commit::commit, lab_settings},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LabSettingsEdit {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 168)]
    buffer_after_return_hours: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 60)]
    release_uncollected_after_days: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 720)]
    remind_approvers_after_hours: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 336)]
    hold_hours: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 20)]
    extensions_max: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 366)]
    extension_days_max: Option<i32>,
    /// Null: nobody is blocked.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 365)]
    block_overdue_after_days: Option<Option<i32>>,
}

/// Change the lab's numbers.
#[utoipa::path(
    patch,
    path = "/v1/lab-settings",
    operation_id = "edit_lab_settings",
    tag = "lab",
    request_body = LabSettingsEdit,
    responses(
        (status = 200, body = LabSettingsView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 412, body = crate::problem::ProblemBody, description = "precondition-failed"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input"),
        (status = 428, body = crate::problem::ProblemBody, description = "precondition-required")
    )
)]
pub(crate) async fn edit(
    State(app): State<AppState>,
    caller: Caller,
    Patch { body, if_match }: Patch<LabSettingsEdit>,
) -> Result<Tagged<LabSettingsView>, Problem> {
    let mut transaction = app.pool.begin().await?;
    let settings = lab_settings::load(&mut transaction).await?;
    if_match.check("lab's settings", settings.version)?;
    let numbers = body.applied_to(settings.numbers);
    check(&numbers)?;
    commit(&mut transaction, &settings.change(caller.user_id, numbers)).await?;
    let changed = lab_settings::load(&mut transaction).await?;
    transaction.commit().await?;
    Ok(tagged(changed))
}

fn check(numbers: &LabNumbers) -> Result<(), Problem> {
    let mut invalid = Invalid::default();
    for wrong in numbers.check().err().unwrap_or_default() {
        invalid.note(format!("/{}", wrong.name), wrong.to_string());
    }
    invalid.into_result()
}

impl LabSettingsEdit {
    fn applied_to(&self, before: LabNumbers) -> LabNumbers {
        LabNumbers {
            buffer_after_return_hours: self.buffer_after_return_hours.unwrap_or(before.buffer_after_return_hours),
            release_uncollected_after_days: self
                .release_uncollected_after_days
                .unwrap_or(before.release_uncollected_after_days),
            remind_approvers_after_hours: self
                .remind_approvers_after_hours
                .unwrap_or(before.remind_approvers_after_hours),
            hold_hours: self.hold_hours.unwrap_or(before.hold_hours),
            extensions_max: self.extensions_max.unwrap_or(before.extensions_max),
            extension_days_max: self.extension_days_max.unwrap_or(before.extension_days_max),
            block_overdue_after_days: self.block_overdue_after_days.unwrap_or(before.block_overdue_after_days),
        }
    }
}

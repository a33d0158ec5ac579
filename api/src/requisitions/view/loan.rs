//! One unit given for a line, and the more time that was asked for with it.

use super::ExceptionView;
use crate::http::words;
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::requisition::{LoanStatus, ReturnCondition},
    store::requisition_reads::LoanDetail,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoanView {
    id: Uuid,
    requisition_id: Uuid,
    line_id: Uuid,
    equipment_id: Uuid,
    /// The label on the unit.
    #[schema(example = "ML-0042")]
    tag: String,
    snipeit_asset_id: i64,
    borrower_id: Uuid,
    #[schema(schema_with = words::loan_status)]
    status: LoanStatus,
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    /// When it was handed over at the counter.
    handed_over_at: Option<DateTime<Utc>>,
    checked_out_at: Option<DateTime<Utc>>,
    returned_at: Option<DateTime<Utc>>,
    /// As whoever brought it said, or a technician after them; null while nobody has asked for its return.
    #[schema(schema_with = words::return_condition_or_null)]
    return_condition: Option<ReturnCondition>,
    /// What is wrong or missing.
    return_note: Option<String>,
    /// Why it could not be lent.
    failure: Option<String>,
    /// The loan whose unit it took the place of at the counter.
    instead_of: Option<Uuid>,
    /// How often it was extended, also before its unit took another's place.
    extensions: i64,
    /// More time that was asked for and waits for a technician.
    extension_asked: Option<ExtensionAskedView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExtensionAskedView {
    due_at: DateTime<Utc>,
    reason: Option<String>,
    /// Why it was not granted by rule.
    approval_reason: Option<String>,
    asked_by: Uuid,
    asked_at: DateTime<Utc>,
    /// The quotas that it would go over.
    exceptions: Vec<ExceptionView>,
}

impl From<LoanDetail> for LoanView {
    fn from(loan: LoanDetail) -> Self {
        Self {
            id: loan.id.0,
            requisition_id: loan.requisition_id.0,
            line_id: loan.line_id.0,
            equipment_id: loan.equipment_id.0,
            tag: loan.tag,
            snipeit_asset_id: loan.snipeit_asset_id.0,
            borrower_id: loan.borrower_id.0,
            status: loan.status,
            starts_at: loan.starts_at,
            due_at: loan.due_at,
            handed_over_at: loan.handed_over_at,
            checked_out_at: loan.checked_out_at,
            returned_at: loan.returned_at,
            return_condition: loan.return_condition,
            return_note: loan.return_note,
            failure: loan.failure,
            instead_of: loan.instead_of.map(|id| id.0),
            extensions: loan.extensions,
            extension_asked: loan.extension_asked.map(|asked| ExtensionAskedView {
                due_at: asked.due_at,
                reason: asked.reason,
                approval_reason: asked.asked_because,
                asked_by: asked.asked_by.0,
                asked_at: asked.asked_at,
                exceptions: asked.exceptions.into_iter().map(Into::into).collect(),
            }),
        }
    }
}

//! An edit, with what the requisition said before it.

use crate::http::words;
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::approval::Need,
    store::requisition_reads::{EditDetail, VerdictDetail},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An edit, with what the requisition said before it. Lines that it took out stay among the lines, `withdrawn`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditView {
    edited_by: Uuid,
    edited_at: DateTime<Utc>,
    purpose: String,
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    approval_reason: Option<String>,
    /// The supervisor who had agreed to what it was.
    endorsed_by: Option<Uuid>,
    endorsed_for: Option<Uuid>,
    endorsed_at: Option<DateTime<Utc>>,
    /// What the rules had said of the lines that stood then, also of those that stay and were judged anew.
    verdicts: Vec<VerdictView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerdictView {
    line_id: Uuid,
    #[schema(schema_with = words::approval_need)]
    approval: Need,
    /// The rule that said so; null: no rule fitted.
    approval_rule_id: Option<Uuid>,
    approval_reason: String,
}

impl From<EditDetail> for EditView {
    fn from(edit: EditDetail) -> Self {
        Self {
            edited_by: edit.edited_by.0,
            edited_at: edit.edited_at,
            purpose: edit.purpose,
            starts_at: edit.starts_at,
            due_at: edit.due_at,
            approval_reason: edit.approval_reason,
            endorsed_by: edit.endorsed_by.map(|id| id.0),
            endorsed_for: edit.endorsed_for.map(|id| id.0),
            endorsed_at: edit.endorsed_at,
            verdicts: edit.verdicts.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<VerdictDetail> for VerdictView {
    fn from(verdict: VerdictDetail) -> Self {
        Self {
            line_id: verdict.line_id.0,
            approval: verdict.approval,
            approval_rule_id: verdict.approval_rule_id.map(|id| id.0),
            approval_reason: verdict.approval_reason,
        }
    }
}

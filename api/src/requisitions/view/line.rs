//! One thing that was asked for, and what was decided about it.

use crate::http::words;
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{approval::Need, requisition::LineStatus},
    store::requisition_reads::LineDetail,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineView {
    id: Uuid,
    position: i32,
    model_id: Uuid,
    model_name: String,
    /// The unit that was asked for; null: any unit of the model.
    equipment_id: Option<Uuid>,
    quantity: i32,
    #[schema(schema_with = words::line_status)]
    status: LineStatus,
    /// Who had to say yes by the rules, when it was submitted or edited last.
    #[schema(schema_with = words::approval_need_or_null)]
    approval: Option<Need>,
    /// The rule that said so; null: no rule fitted.
    approval_rule_id: Option<Uuid>,
    approval_reason: Option<String>,
    /// How many units were granted; null: rejected, undecided, or nobody had to decide.
    granted_quantity: Option<i32>,
    /// Another model than was asked for, if it was substituted.
    granted_model_id: Option<Uuid>,
    granted_model_name: Option<String>,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    decision_reason: Option<String>,
}

impl From<LineDetail> for LineView {
    fn from(line: LineDetail) -> Self {
        Self {
            id: line.id.0,
            position: line.position,
            model_id: line.model_id.0,
            model_name: line.model_name,
            equipment_id: line.equipment_id.map(|id| id.0),
            quantity: line.quantity,
            status: line.status,
            approval: line.approval,
            approval_rule_id: line.approval_rule_id.map(|id| id.0),
            approval_reason: line.approval_reason,
            granted_quantity: line.granted_quantity,
            granted_model_id: line.granted_model_id.map(|id| id.0),
            granted_model_name: line.granted_model_name,
            decided_by: line.decided_by.map(|id| id.0),
            decided_at: line.decided_at,
            decision_reason: line.decision_reason,
        }
    }
}

//! A requisition as clients see it.

use super::history::HistoryView;
use crate::{
    http::{precondition::Tagged, words},
    problem::Problem,
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        approval::{Need, Stage},
        id::RequisitionId,
        operation::{OperationKind, OperationState},
        quota::{QuotaMeasure, QuotaScope},
        requisition::{LineStatus, LoanStatus, RequisitionStatus, ReturnCondition},
    },
    store::{
        requisition_reads::{
            self, EditDetail, ExceptionDetail, LineDetail, LoanDetail, OperationDetail, RequisitionDetail,
            VerdictDetail, Viewer,
        },
        requisition_summaries::RequisitionSummary,
    },
};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

/// A requisition without what belongs to it, for lists.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequisitionHead {
    pub(crate) id: Uuid,
    #[schema(example = "R-2026-000123")]
    pub(crate) number: String,
    pub(crate) project_id: Uuid,
    pub(crate) requester_id: Uuid,
    pub(crate) purpose: String,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) due_at: DateTime<Utc>,
    #[schema(schema_with = words::requisition_status)]
    pub(crate) status: RequisitionStatus,
    /// Something is still out past its due date.
    pub(crate) is_overdue: bool,
    pub(crate) decided_by: Option<Uuid>,
    pub(crate) decided_at: Option<DateTime<Utc>>,
    pub(crate) decision_reason: Option<String>,
    /// Who decides next; null: nothing waits.
    #[schema(schema_with = words::approval_stage_or_null)]
    pub(crate) waiting_for: Option<Stage>,
    /// The supervisor who agreed, where a rule asked for one.
    pub(crate) endorsed_by: Option<Uuid>,
    /// In whose place, if not in their own right.
    pub(crate) endorsed_for: Option<Uuid>,
    pub(crate) endorsed_at: Option<DateTime<Utc>>,
    /// What the rules said of it when it was submitted, or edited last.
    #[schema(example = "rule 3: category Oscilloscopes, longer than 14 days")]
    pub(crate) approval_reason: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
}

/// A requisition with its lines, loans, operations and history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequisitionView {
    #[serde(flatten)]
    pub(crate) head: RequisitionHead,
    pub(crate) lines: Vec<LineView>,
    /// The units given for the lines.
    pub(crate) loans: Vec<LoanView>,
    /// What Snipe-IT was or will be asked to do for the loans.
    pub(crate) operations: Vec<OperationView>,
    /// The quotas that it went over when it was submitted or edited last, which is why it waits for a decision.
    pub(crate) exceptions: Vec<ExceptionView>,
    /// The oldest first.
    pub(crate) edits: Vec<EditView>,
    pub(crate) history: Vec<HistoryView>,
}

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

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExceptionView {
    quota_id: Uuid,
    #[schema(schema_with = words::quota_scope)]
    scope: QuotaScope,
    category: Option<String>,
    #[schema(schema_with = words::quota_measure)]
    measure: QuotaMeasure,
    /// The most that needs no exception.
    most: i64,
    /// What was promised, out or waiting then, in the measure of the quota.
    used: i64,
    asked: i64,
}

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

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationView {
    id: Uuid,
    loan_id: Uuid,
    #[schema(schema_with = words::operation_kind)]
    kind: OperationKind,
    #[schema(schema_with = words::operation_state)]
    state: OperationState,
    /// We do not know yet whether it took effect.
    being_verified: bool,
    attempts: i32,
    /// Snipe-IT's own words.
    refusal: Option<String>,
    requested_by: Option<Uuid>,
    requested_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
    /// When Snipe-IT was seen to show it.
    confirmed_at: Option<DateTime<Utc>>,
    waiting_reason: Option<String>,
    next_try_at: Option<DateTime<Utc>>,
}

/// The requisition as `GET` shows it. Its version is that of what is asked for and decided; how far the loans are does not
/// count.
pub(crate) async fn load(
    conn: &mut PgConnection,
    id: RequisitionId,
    viewer: Viewer,
) -> Result<Tagged<RequisitionView>, Problem> {
    let found = requisition_reads::find(conn, id, viewer).await?;
    let found = found.ok_or_else(|| Problem::not_found("requisition"))?;
    Ok(Tagged { version: found.version, body: found.into() })
}

/// Where it is found.
pub(crate) fn location(id: RequisitionId) -> String {
    format!("/v1/requisitions/{id}")
}

impl From<RequisitionSummary> for RequisitionHead {
    fn from(summary: RequisitionSummary) -> Self {
        Self {
            id: summary.id.0,
            number: summary.number,
            project_id: summary.project_id.0,
            requester_id: summary.requester_id.0,
            purpose: summary.purpose,
            starts_at: summary.starts_at,
            due_at: summary.due_at,
            status: summary.status,
            is_overdue: summary.is_overdue,
            decided_by: summary.decided_by.map(|id| id.0),
            decided_at: summary.decided_at,
            decision_reason: summary.decision_reason,
            waiting_for: summary.waiting_for,
            endorsed_by: summary.endorsed_by.map(|id| id.0),
            endorsed_for: summary.endorsed_for.map(|id| id.0),
            endorsed_at: summary.endorsed_at,
            approval_reason: summary.approval_reason,
            created_at: summary.created_at,
        }
    }
}

impl From<RequisitionDetail> for RequisitionView {
    fn from(detail: RequisitionDetail) -> Self {
        Self {
            head: detail.summary.into(),
            lines: detail.lines.into_iter().map(Into::into).collect(),
            loans: detail.loans.into_iter().map(Into::into).collect(),
            operations: detail.operations.into_iter().map(Into::into).collect(),
            exceptions: detail.exceptions.into_iter().map(Into::into).collect(),
            edits: detail.edits.into_iter().map(Into::into).collect(),
            history: detail.history.into_iter().map(Into::into).collect(),
        }
    }
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

impl From<ExceptionDetail> for ExceptionView {
    fn from(exception: ExceptionDetail) -> Self {
        Self {
            quota_id: exception.quota_id.0,
            scope: exception.scope,
            category: exception.category,
            measure: exception.measure,
            most: exception.most,
            used: exception.used,
            asked: exception.asked,
        }
    }
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

impl From<OperationDetail> for OperationView {
    fn from(operation: OperationDetail) -> Self {
        Self {
            id: operation.id.0,
            loan_id: operation.loan_id.0,
            kind: operation.kind,
            state: operation.state,
            being_verified: operation.being_verified,
            attempts: operation.attempts,
            refusal: operation.refusal,
            requested_by: operation.requested_by.map(|id| id.0),
            requested_at: operation.requested_at,
            settled_at: operation.settled_at,
            confirmed_at: operation.confirmed_at,
            waiting_reason: operation.waiting_reason,
            next_try_at: operation.next_try_at,
        }
    }
}

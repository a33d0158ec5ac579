//! A requisition as clients see it.

mod edit;
mod line;
mod loan;
mod operation;

pub(crate) use loan::LoanView;

use super::history::HistoryView;
use crate::{
    http::{precondition::Tagged, words},
    problem::Problem,
};
use chrono::{DateTime, Utc};
use edit::EditView;
use line::LineView;
use makerlab_shared::{
    domain::{
        approval::Stage,
        id::RequisitionId,
        quota::{QuotaMeasure, QuotaScope},
        requisition::RequisitionStatus,
    },
    store::{
        requisition_reads::{self, ExceptionDetail, RequisitionDetail, Viewer},
        requisition_summaries::RequisitionSummary,
    },
};
use operation::OperationView;
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

/// The requisition as `GET` shows it. Its version is that of what is asked for and decided; how far the loans are does not
/// count.
pub(crate) async fn load(
    conn: &mut PgConnection,
    id: RequisitionId,
    viewer: Viewer,
) -> Result<Tagged<RequisitionView>, Problem> {
    let found = requisition_reads::find(conn, id, viewer).await?;
    let found = found.ok_or_else(|| Problem::not_found("requisition"))?;
    Ok(Tagged { version: found.edition, body: found.into() })
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

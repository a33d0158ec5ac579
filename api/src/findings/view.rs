//! A finding as the lab's staff sees it.

use super::case::CaseView;
use crate::{http::words, problem::Problem};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        finding::{FindingKind, FindingState, Resolution},
        id::{FindingId, OperationId},
    },
    store::{
        cases::{self, Case},
        findings::{self, Finding},
    },
};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingView {
    id: Uuid,
    #[schema(schema_with = words::finding_kind)]
    kind: FindingKind,
    /// The operation, loan, user or job that it is about.
    subject_id: Uuid,
    requisition_id: Option<Uuid>,
    summary: String,
    #[schema(schema_with = words::finding_state)]
    state: FindingState,
    /// What may be answered.
    #[schema(schema_with = words::resolutions)]
    possible_resolutions: &'static [Resolution],
    #[schema(schema_with = words::resolution_or_null)]
    resolution: Option<Resolution>,
    note: Option<String>,
    settled_by: Option<Uuid>,
    settled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingDetail {
    #[serde(flatten)]
    finding: FindingView,
    /// What was known when it was found.
    #[schema(value_type = Object)]
    evidence: serde_json::Value,
    /// The operation that it is about, with everything that was done and seen; null for a finding about something else.
    case: Option<CaseView>,
    /// What each possible answer will do.
    answers: Vec<AnswerView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AnswerView {
    #[schema(schema_with = words::resolution)]
    resolution: Resolution,
    consequence: &'static str,
}

pub(super) async fn load(conn: &mut PgConnection, id: FindingId) -> Result<Finding, Problem> {
    findings::find(conn, id).await?.ok_or_else(|| Problem::not_found("finding"))
}

pub(super) async fn load_detail(conn: &mut PgConnection, id: FindingId) -> Result<FindingDetail, Problem> {
    let finding = load(conn, id).await?;
    let case = cases::find(conn, OperationId(finding.subject_id)).await?;
    let answers = answers(&finding, case.as_ref());
    let evidence = finding.evidence.clone();
    Ok(FindingDetail { finding: finding.into(), evidence, case: case.map(Into::into), answers })
}

fn answers(finding: &Finding, case: Option<&Case>) -> Vec<AnswerView> {
    let operation = case.map(|case| case.kind);
    let told = |answer: &Resolution| {
        let consequence = finding.kind.consequence(*answer, operation)?;
        Some(AnswerView { resolution: *answer, consequence })
    };
    finding.kind.resolutions().iter().filter_map(told).collect()
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self {
            id: finding.id.0,
            kind: finding.kind,
            subject_id: finding.subject_id,
            requisition_id: finding.requisition_id.map(|id| id.0),
            summary: finding.summary,
            state: finding.state,
            possible_resolutions: finding.kind.resolutions(),
            resolution: finding.resolution,
            note: finding.note,
            settled_by: finding.settled_by.map(|id| id.0),
            settled_at: finding.settled_at,
            created_at: finding.created_at,
        }
    }
}

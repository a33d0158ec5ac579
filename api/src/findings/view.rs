//! A finding as the lab's staff sees it.

use crate::{http::words, problem::Problem};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        finding::{FindingKind, FindingState, Resolution},
        id::FindingId,
    },
    store::findings::{self, AttemptSeen, Finding},
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
    /// The operation, user or job that it is about.
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
    /// What was seen and done about the operation, in that order.
    attempts: Vec<AttemptView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AttemptView {
    at: DateTime<Utc>,
    attempt: i32,
    event: String,
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

pub(super) async fn load(conn: &mut PgConnection, id: FindingId) -> Result<Finding, Problem> {
    findings::find(conn, id).await?.ok_or_else(|| Problem::not_found("finding"))
}

pub(super) async fn load_detail(conn: &mut PgConnection, id: FindingId) -> Result<FindingDetail, Problem> {
    let finding = load(conn, id).await?;
    let attempts = findings::list_attempts(conn, finding.subject_id).await?;
    let evidence = finding.evidence.clone();
    Ok(FindingDetail { finding: finding.into(), evidence, attempts: attempts.into_iter().map(Into::into).collect() })
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

impl From<AttemptSeen> for AttemptView {
    fn from(seen: AttemptSeen) -> Self {
        Self { at: seen.at, attempt: seen.attempt, event: seen.event, detail: seen.detail }
    }
}

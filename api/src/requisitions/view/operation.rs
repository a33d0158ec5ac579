//! What Snipe-IT was or will be asked to do for a loan.

use crate::http::words;
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::operation::{OperationKind, OperationState},
    store::requisition_reads::OperationDetail,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

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

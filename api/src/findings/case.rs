//! What staff decide an operation by: the evidence side by side. Names are here because only staff may read it.

use crate::http::words;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        equipment::Presence,
        inventory::HolderKind,
        operation::{OperationKind, OperationState},
        requisition::LoanStatus,
    },
    store::{
        cases::{Case, CaseAsset, CaseLoan, Step},
        operations::LoanOut,
    },
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseView {
    operation_id: Uuid,
    #[schema(schema_with = words::operation_kind)]
    kind: OperationKind,
    #[schema(schema_with = words::operation_state)]
    state: OperationState,
    attempts: i32,
    /// Our mark in Snipe-IT's note and log.
    marker: String,
    /// What we sent as the time of the check-out, or that of the loan that a check-in was to end; wall time of the
    /// Snipe-IT server.
    #[schema(example = "2026-11-24T10:00:01")]
    checkout_at: Option<NaiveDateTime>,
    /// Snipe-IT's own words.
    refusal: Option<String>,
    requisition_number: String,
    loan: CaseLoanView,
    asset: CaseAssetView,
    /// A loan of the same unit that is out by our records.
    other_loan_out: Option<LoanOutView>,
    /// What we did and what was seen, oldest first.
    steps: Vec<StepView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CaseLoanView {
    id: Uuid,
    #[schema(schema_with = words::loan_status)]
    status: LoanStatus,
    due_at: DateTime<Utc>,
    borrower_id: Uuid,
    borrower_name: String,
    /// Whom it was sent to in Snipe-IT.
    borrower_snipeit_id: Option<i64>,
}

/// As last seen in Snipe-IT.
#[derive(Debug, Serialize, ToSchema)]
struct CaseAssetView {
    equipment_id: Uuid,
    snipeit_asset_id: i64,
    tag: String,
    model_name: String,
    label: String,
    #[schema(schema_with = words::presence)]
    presence: Presence,
    /// Null: nobody held it.
    holder: Option<HolderView>,
    last_checkout: Option<NaiveDateTime>,
    last_checkin: Option<NaiveDateTime>,
    seen_at: DateTime<Utc>,
    age_seconds: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct HolderView {
    /// `user`, `location` or `asset`, as Snipe-IT counts them.
    #[schema(value_type = String, example = "user")]
    kind: HolderKind,
    snipeit_id: i64,
    /// Our user, if it is one.
    user_id: Option<Uuid>,
    user_name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LoanOutView {
    loan_id: Uuid,
    requisition_id: Uuid,
    requisition_number: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct StepView {
    at: DateTime<Utc>,
    attempt: i32,
    event: String,
    /// What we did.
    did: String,
    /// What was seen; empty where nothing was to be seen.
    seen: String,
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

impl From<Case> for CaseView {
    fn from(case: Case) -> Self {
        let age = case.age_of_sight();
        Self {
            operation_id: case.operation_id.0,
            kind: case.kind,
            state: case.state,
            attempts: case.attempts,
            marker: case.operation_id.marker(),
            checkout_at: case.checkout_at,
            refusal: case.refusal,
            requisition_number: case.requisition_number,
            loan: case.loan.into(),
            asset: CaseAssetView::of_age(case.asset, age),
            other_loan_out: case.other_loan_out.map(Into::into),
            steps: case.steps.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<CaseLoan> for CaseLoanView {
    fn from(loan: CaseLoan) -> Self {
        Self {
            id: loan.id.0,
            status: loan.status,
            due_at: loan.due_at,
            borrower_id: loan.borrower_id.0,
            borrower_name: loan.borrower_name.expose().to_owned(),
            borrower_snipeit_id: loan.borrower_snipeit_id.map(|id| id.0),
        }
    }
}

impl CaseAssetView {
    fn of_age(asset: CaseAsset, age: TimeDelta) -> Self {
        let (user_id, user_name) = asset.holder_user.map(|(id, name)| (id.0, name.expose().to_owned())).unzip();
        let holder =
            asset.holder.map(|holder| HolderView { kind: holder.kind, snipeit_id: holder.id, user_id, user_name });
        Self {
            equipment_id: asset.equipment_id.0,
            snipeit_asset_id: asset.snipeit_asset_id.0,
            tag: asset.tag,
            model_name: asset.model_name,
            label: asset.label,
            presence: asset.presence,
            holder,
            last_checkout: asset.last_checkout,
            last_checkin: asset.last_checkin,
            seen_at: asset.seen_at,
            age_seconds: age.num_seconds(),
        }
    }
}

impl From<LoanOut> for LoanOutView {
    fn from(out: LoanOut) -> Self {
        let LoanOut { loan, requisition, requisition_number } = out;
        Self { loan_id: loan.0, requisition_id: requisition.0, requisition_number }
    }
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        let Step { at, attempt, event, told, detail } = step;
        Self { at, attempt, event, did: told.did, seen: told.seen, detail }
    }
}

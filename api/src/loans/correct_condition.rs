//! `POST /v1/loans/{id}/condition`: what a technician found, after what was said at the return.

use super::{
    report::ReportBody,
    standing::{Standing, finish, stand},
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        params::Id,
    },
    problem::{Problem, ProblemType, Refusal},
    requisitions::RequisitionView,
};
use axum::http::StatusCode;
use makerlab_shared::domain::{id::LoanId, requisition::CorrectionRefused};

/// Correct the condition in which a unit came back; what is damaged or lost after all gets its label in Snipe-IT.
///
/// What was said before stays in the loan's history.
#[utoipa::path(
    post,
    path = "/v1/loans/{id}/condition",
    operation_id = "correct_condition",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = ReportBody,
    responses(
        (status = 200, body = RequisitionView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-requisition"),
        (status = 409, body = crate::problem::ProblemBody, description = "not-returned"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn correct_condition(
    caller: Caller,
    Id(id): Id<LoanId>,
    Post { body, exchange }: Post<ReportBody>,
) -> Result<Answer, Problem> {
    let report = body.parse()?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let Standing { dossier, requisition } = stand(&mut effect, caller, id).await?;
    let change = dossier.correct_condition(id, report, caller.user_id)?;
    finish(effect, caller, requisition, &change, StatusCode::OK).await
}

impl Refusal for CorrectionRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::UnknownLoan => ProblemType::NotFound,
            Self::NotReturned(_) => ProblemType::NotReturned,
        }
    }
}

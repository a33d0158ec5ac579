//! `POST /v1/loans/{id}/condition`: what a technician found, in place of what was said at the return.

use super::report::ReportBody;
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        params::Id,
    },
    problem::{Problem, ProblemType, Refusal},
    requisitions::{self, RequisitionView},
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{id::LoanId, requisition::CorrectionRefused},
    store::{dossier, requisition_reads::find_loan_standing},
};

/// Correct the condition in which a unit came back; the unit's label in Snipe-IT stays as it is.
#[utoipa::path(
    post,
    path = "/v1/loans/{id}/condition",
    operation_id = "correct_condition",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = ReportBody,
    responses(
        (status = 200, body = RequisitionView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
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
    let no_such_loan = || Problem::not_found("loan");
    let standing = find_loan_standing(effect.conn(), id, caller.user_id).await?.ok_or_else(no_such_loan)?;
    caller.check("loan", standing.member_role, standing.borrower_id == caller.user_id)?;
    let requisition = standing.requisition_id;
    let dossier = dossier::load_for_update(effect.conn(), requisition).await?.ok_or_else(no_such_loan)?;
    let change = dossier.correct_condition(id, report, caller.user_id)?;
    effect.commit(&change).await?;
    let view = requisitions::load(effect.conn(), requisition, caller.viewer()).await?;
    effect.finish(Answer::new(StatusCode::OK, &view)?).await
}

impl Refusal for CorrectionRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::UnknownLoan => ProblemType::NotFound,
            Self::NotReturned(_) => ProblemType::NotReturned,
        }
    }
}

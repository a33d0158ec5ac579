//! `POST /v1/loans/{id}/return`: a check-in of this loan's own tenure becomes due, or there is nothing to check in.

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
use chrono::Utc;
use makerlab_shared::{
    domain::{
        id::LoanId,
        requisition::{GiveBack, ReturnRefused},
    },
    store::{dossier, lineage, requisition_reads::find_loan_standing},
};

/// Give a unit back, and say in which condition.
#[utoipa::path(
    post,
    path = "/v1/loans/{id}/return",
    operation_id = "return_loan",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = ReportBody,
    responses(
        (status = 202, body = RequisitionView, headers(("Location" = String), ("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "member-role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody, description = "not-lent, return-under-way"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn request_return(
    caller: Caller,
    Id(id): Id<LoanId>,
    Post { body, exchange }: Post<ReportBody>,
) -> Result<Answer, Problem> {
    let report = body.parse()?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let standing = find_loan_standing(effect.conn(), id, caller.user_id).await?;
    let standing = standing.ok_or_else(no_such_loan)?;
    caller.check("loan", standing.member_role, standing.borrower_id == caller.user_id)?;
    let requisition = standing.requisition_id;
    let dossier = dossier::load_for_update(effect.conn(), requisition).await?.ok_or_else(no_such_loan)?;
    let is_forgetful = lineage::is_other(effect.conn()).await?;
    let give_back = GiveBack { by: caller.user_id, now: Utc::now(), is_forgetful };
    let change = dossier.request_return(id, standing.snipeit_asset_id, report, give_back)?;
    effect.commit(&change).await?;
    let view = requisitions::load(effect.conn(), requisition, caller.viewer()).await?;
    effect.finish(Answer::tagged(StatusCode::ACCEPTED, &view)?.at(requisitions::location(requisition))).await
}

fn no_such_loan() -> Problem {
    Problem::not_found("loan")
}

impl Refusal for ReturnRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::UnknownLoan => ProblemType::NotFound,
            Self::NotLent(_) => ProblemType::NotLent,
            Self::AlreadyUnderWay => ProblemType::ReturnUnderWay,
        }
    }
}

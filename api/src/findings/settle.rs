//! `POST /v1/findings/{id}/settle`: a person's answer, and what follows from it.

use super::view::{FindingDetail, load, load_detail};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        input::{Invalid, TextRule},
        params::Id,
        words,
    },
    problem::{Problem, ProblemType},
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{
        finding::{FindingKind, Resolution},
        id::FindingId,
        inventory::SnipeitUserId,
    },
    store::{
        finding_answer::{self, AnswerRefused},
        findings::Finding,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

const NOTE: TextRule = TextRule::paragraph(1, 2000);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingAnswer {
    /// One of the finding's `possible_resolutions`.
    #[schema(schema_with = words::resolution)]
    resolution: Resolution,
    /// How it was found out.
    #[schema(max_length = 2000)]
    note: Option<String>,
    /// For a borrower who was not matched: who they are in Snipe-IT.
    #[schema(minimum = 1)]
    snipeit_user_id: Option<i64>,
}

/// Settle a finding.
#[utoipa::path(
    post,
    path = "/v1/findings/{id}/settle",
    operation_id = "settle_finding",
    tag = "findings",
    params(("id" = Uuid, Path)),
    request_body = FindingAnswer,
    responses(
        (status = 200, body = FindingDetail),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "finding-settled, another-loan-out, nothing-to-retry, borrower-unknown, tenure-forgotten, drift-changed, unit-under-way, promise-begun, period-over, unit-already-promised"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn settle(
    caller: Caller,
    Id(id): Id<FindingId>,
    Post { body, exchange }: Post<FindingAnswer>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let finding = load(effect.conn(), id).await?;
    let note = check(&finding, &body)?;
    let answer = finding_answer::FindingAnswer {
        resolution: body.resolution,
        note,
        by: caller.user_id,
        snipeit_user: body.snipeit_user_id.map(SnipeitUserId),
    };
    finding_answer::settle(effect.conn(), &finding, &answer).await?;
    let detail = load_detail(effect.conn(), id).await?;
    effect.finish(Answer::new(StatusCode::OK, &detail)?).await
}

fn check(finding: &Finding, body: &FindingAnswer) -> Result<Option<String>, Problem> {
    let mut invalid = Invalid::default();
    let possible = finding.kind.resolutions();
    if !possible.contains(&body.resolution) {
        let words: Vec<_> = possible.iter().map(|resolution| resolution.as_str()).collect();
        invalid.note("/resolution", format!("must be one of {}", words.join(", ")));
    }
    let names_borrower = finding.kind == FindingKind::BorrowerNotMatched && body.resolution == Resolution::Retried;
    if body.snipeit_user_id.is_some() && !names_borrower {
        invalid.note("/snipeit_user_id", "belongs to the resolution retried of borrower_not_matched");
    }
    if body.snipeit_user_id.is_some_and(|id| id < 1) {
        invalid.note("/snipeit_user_id", "must be the number of a user in Snipe-IT");
    }
    let note = body.note.as_deref().and_then(|note| invalid.check("/note", NOTE.parse(note)));
    invalid.into_result()?;
    Ok(note)
}

impl From<AnswerRefused> for Problem {
    fn from(refused: AnswerRefused) -> Self {
        match refused {
            AnswerRefused::SettledAlready => Self::new(ProblemType::FindingSettled, refused.to_string()),
            AnswerRefused::NotPossible { .. } => Self::invalid_field("/resolution", refused.to_string()),
            AnswerRefused::NoBorrowerAsked => Self::invalid_field("/snipeit_user_id", refused.to_string()),
            AnswerRefused::SubjectMissing => Self::new(ProblemType::ChangedMeanwhile, refused.to_string()),
            AnswerRefused::AnotherLoanOut { .. } => Self::new(ProblemType::AnotherLoanOut, refused.to_string()),
            AnswerRefused::NothingToRetry(_) => Self::new(ProblemType::NothingToRetry, refused.to_string()),
            AnswerRefused::DriftChanged => Self::new(ProblemType::DriftChanged, refused.to_string()),
            AnswerRefused::DateBeforeLoan => Self::new(ProblemType::PeriodOver, refused.to_string()),
            AnswerRefused::WantedByOthers(_) => Self::new(ProblemType::UnitAlreadyPromised, refused.to_string()),
            AnswerRefused::PromiseBegun => Self::new(ProblemType::PromiseBegun, refused.to_string()),
            AnswerRefused::UnderWay => Self::new(ProblemType::UnitUnderWay, refused.to_string()),
            AnswerRefused::BorrowerUnknown => Self::new(ProblemType::BorrowerUnknown, refused.to_string()),
            AnswerRefused::TenureForgotten => Self::new(ProblemType::TenureForgotten, refused.to_string()),
            AnswerRefused::Commit(error) => error.into(),
            AnswerRefused::Store(error) => error.into(),
        }
    }
}

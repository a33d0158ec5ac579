//! `POST /v1/notifications/{id}/resend`: a second letter for somebody whom the first one did not reach.

use super::letter::LetterView;
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::{Problem, ProblemType, Refusal},
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{id::NotificationId, notice::ResendRefused},
    store::sent_letters,
};

/// Send a letter again, in a letter of its own.
///
/// The first letter's row stays as it is; the new one names it in `resend_of` and has a Message-ID of its own.
#[utoipa::path(
    post,
    path = "/v1/notifications/{id}/resend",
    operation_id = "resend_letter",
    tag = "notifications",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 202, body = LetterView),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "letter-not-sent, resend-under-way")
    )
)]
pub(crate) async fn resend(
    caller: Caller,
    Id(id): Id<NotificationId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let missing = || Problem::not_found("letter");
    let past = sent_letters::find_for_update(effect.conn(), id).await?.ok_or_else(missing)?;
    let (id, change) = past.resend(caller.user_id)?;
    effect.commit(&change).await?;
    let letter = sent_letters::find(effect.conn(), id).await?.ok_or_else(missing)?;
    effect.finish(Answer::new(StatusCode::ACCEPTED, &LetterView::from(letter))?).await
}

impl Refusal for ResendRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::StillComing | Self::NotWanted | Self::Moot => ProblemType::LetterNotSent,
        }
    }
}

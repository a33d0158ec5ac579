//! `POST /v1/quotas/{id}/remove`: it holds no longer; what was measured by it can still be read.

use super::view::{QuotaView, load};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::Problem,
};
use axum::http::StatusCode;
use makerlab_shared::{domain::id::QuotaId, store::clock};

/// Remove a quota; once more changes nothing.
#[utoipa::path(
    post,
    path = "/v1/quotas/{id}/remove",
    operation_id = "remove_quota",
    tag = "quotas",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = QuotaView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn remove(
    caller: Caller,
    Id(id): Id<QuotaId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let now = clock::now(effect.conn()).await?;
    let change = load(effect.conn(), id).await?.remove(caller.user_id, now);
    effect.commit(&change).await?;
    let removed = load(effect.conn(), id).await?;
    effect.finish(Answer::new(StatusCode::OK, &QuotaView::from(removed))?).await
}

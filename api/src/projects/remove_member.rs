//! `POST /v1/projects/{id}/members/{user_id}/remove`: the membership ends, and stays in the history.

use super::{
    person::MemberPath,
    step,
    view::{MemberView, find_member, lock_permitted},
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        params::Id,
    },
    problem::Problem,
};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removal {
    /// Sent to the person, and kept in the history.
    #[schema(min_length = 1, max_length = 2000)]
    reason: Option<String>,
}

/// Remove somebody from a project; what they have borrowed stays theirs to return. The answer is what they were.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/members/{user_id}/remove",
    operation_id = "remove_member",
    tag = "projects",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    request_body = Removal,
    responses(
        (status = 200, body = MemberView),
        (status = 403, body = crate::problem::ProblemBody, description = "member-role-not-allowed"),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "last-leader, supervisor-stays, project-over"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn remove_member(
    caller: Caller,
    Id((id, user)): Id<MemberPath>,
    Post { body, exchange }: Post<Removal>,
) -> Result<Answer, Problem> {
    let reason = body.reason.as_deref().map(step::reason).transpose()?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let by = (caller.user_id, caller.role);
    let change = lock_permitted(effect.conn(), id, caller).await?.remove(by, user, reason.as_deref())?;
    let view = find_member(effect.conn(), id, user).await?;
    effect.commit(&change).await?;
    effect.finish(Answer::new(StatusCode::OK, &view)?).await
}

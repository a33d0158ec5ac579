//! `POST /v1/projects/{id}/leave`: one's own membership ends, and stays in the history.

use super::view::{MemberView, find_member, lock_permitted};
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
use makerlab_shared::domain::id::ProjectId;

/// Leave a project; what one has borrowed stays one's own to return. The answer is what one was.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/leave",
    operation_id = "leave_project",
    tag = "projects",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = MemberView),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "last-leader, project-over")
    )
)]
pub(crate) async fn leave(
    caller: Caller,
    Id(id): Id<ProjectId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let change = lock_permitted(effect.conn(), id, caller).await?.leave(caller.user_id)?;
    let view = find_member(effect.conn(), id, caller.user_id).await?;
    effect.commit(&change).await?;
    effect.finish(Answer::new(StatusCode::OK, &view)?).await
}

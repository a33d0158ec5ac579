//! `POST /v1/projects/{id}/activate`: from now on its members may request.

use super::{
    step::finish,
    view::{ProjectView, lock},
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::Problem,
};
use makerlab_shared::domain::id::ProjectId;

/// Let a pending project begin.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/activate",
    operation_id = "activate_project",
    tag = "projects",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = ProjectView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-project, conflict-of-interest"),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "project-not-pending")
    )
)]
pub(crate) async fn activate(
    caller: Caller,
    Id(id): Id<ProjectId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let change = lock(effect.conn(), id).await?.activate((caller.user_id, caller.role))?;
    finish(effect, caller, id, &change).await
}

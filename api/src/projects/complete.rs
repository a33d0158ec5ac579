//! `POST /v1/projects/{id}/complete`: what it was for is done, and everything is back.

use super::{
    refusal::naming_obstacles,
    step::finish,
    view::{ProjectView, lock_permitted},
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
use makerlab_shared::{domain::id::ProjectId, store::projects::list_obstacles};

/// Complete an active project; nothing of it may be out or open.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/complete",
    operation_id = "complete_project",
    tag = "projects",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = ProjectView),
        (status = 403, body = crate::problem::ProblemBody, description = "member-role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody,
            description = "units-still-out, requisitions-open (each with the list), project-not-active")
    )
)]
pub(crate) async fn complete(
    caller: Caller,
    Id(id): Id<ProjectId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let team = lock_permitted(effect.conn(), id, caller).await?;
    let obstacles = list_obstacles(effect.conn(), id).await?;
    let change = team.complete(caller.user_id, obstacles).map_err(naming_obstacles)?;
    finish(effect, caller, id, &change).await
}

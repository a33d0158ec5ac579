//! `POST /v1/projects/{id}/archive`: it goes on no longer, whether it was done or given up.

use super::{
    refusal::naming_obstacles,
    step::{self, finish},
    view::{ProjectView, lock_permitted},
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
use makerlab_shared::{domain::id::ProjectId, store::projects::list_obstacles};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archival {
    /// Kept in the history.
    #[schema(min_length = 1, max_length = 2000)]
    reason: Option<String>,
}

/// Archive an active project; nothing of it may be out or open.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/archive",
    operation_id = "archive_project",
    tag = "projects",
    params(("id" = Uuid, Path)),
    request_body = Archival,
    responses(
        (status = 200, body = ProjectView),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody,
            description = "units-still-out, requisitions-open (each with the list), project-not-active")
    )
)]
pub(crate) async fn archive(
    caller: Caller,
    Id(id): Id<ProjectId>,
    Post { body, exchange }: Post<Archival>,
) -> Result<Answer, Problem> {
    let reason = body.reason.as_deref().map(step::reason).transpose()?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let team = lock_permitted(effect.conn(), id, caller).await?;
    let obstacles = list_obstacles(effect.conn(), id).await?;
    let change = team.archive(caller.user_id, reason.as_deref(), obstacles).map_err(naming_obstacles)?;
    finish(effect, caller, id, &change).await
}

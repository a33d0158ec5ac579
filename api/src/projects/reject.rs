//! `POST /v1/projects/{id}/reject`: it may not begin, and why.

use super::{
    step::{self, finish},
    view::{ProjectView, lock},
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
use makerlab_shared::domain::id::ProjectId;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectRejection {
    /// Why, so that people know what to do; it is sent to its creator and leaders.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Refuse a pending project.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/reject",
    operation_id = "reject_project",
    tag = "projects",
    params(("id" = Uuid, Path)),
    request_body = ProjectRejection,
    responses(
        (status = 200, body = ProjectView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-project, conflict-of-interest"),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "project-not-pending"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn reject(
    caller: Caller,
    Id(id): Id<ProjectId>,
    Post { body, exchange }: Post<ProjectRejection>,
) -> Result<Answer, Problem> {
    let reason = step::reason(&body.reason)?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let change = lock(effect.conn(), id).await?.reject((caller.user_id, caller.role), &reason)?;
    finish(effect, caller, id, &change).await
}

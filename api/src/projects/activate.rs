//! `POST /v1/projects/{id}/activate`: from now on its members may request.

use super::view::{ProjectView, load_permitted};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::{Problem, ProblemType},
};
use axum::http::StatusCode;
use makerlab_shared::domain::{
    change::{Cause, Change},
    id::ProjectId,
    permission::Permission,
    project::{Project, ProjectStatus},
};

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
    let before = load_permitted(effect.conn(), id, caller).await?.project;
    if !Permission::ActivateProject.rule().allowed_while.allows_project(before.status) {
        let detail = format!("the project is {}; only a pending one can be activated", before.status);
        return Err(Problem::new(ProblemType::ProjectNotPending, detail));
    }
    let after = Project { status: ProjectStatus::Active, ..before.clone() };
    effect.commit(&Change::update_project(&before, after, &Cause::new(caller.actor(), "activated"))).await?;
    let activated = load_permitted(effect.conn(), id, caller).await?;
    effect.finish(Answer::new(StatusCode::OK, &ProjectView::from(activated))?).await
}

//! `POST /v1/projects`: the creator leads it; what staff creates is active at once.

use super::view::{ProjectView, load_permitted};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        input::{Invalid, TextRule},
    },
    problem::Problem,
};
use axum::http::StatusCode;
use makerlab_shared::domain::{
    change::{Cause, Change},
    id::ProjectId,
    project::{Member, MemberRole, Project, ProjectStatus},
};
use serde::Deserialize;
use utoipa::ToSchema;

const NAME: TextRule = TextRule::line(1, 200);
const DESCRIPTION: TextRule = TextRule::paragraph(0, 5000);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProject {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[serde(default)]
    #[schema(max_length = 5000)]
    description: String,
}

/// Ask for a project.
#[utoipa::path(
    post,
    path = "/v1/projects",
    operation_id = "create_project",
    tag = "projects",
    request_body = NewProject,
    responses(
        (status = 201, body = ProjectView, headers(("Location" = String))),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn create(caller: Caller, Post { body, exchange }: Post<NewProject>) -> Result<Answer, Problem> {
    let project = check(&body, caller)?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let id = project.id;
    let leader = Member { project_id: id, user_id: caller.user_id, role: MemberRole::Leader };
    effect.commit(&Change::create_project(project, leader, &Cause::new(caller.actor(), "created"))).await?;
    let created = load_permitted(effect.conn(), id, caller).await?;
    let answer = Answer::new(StatusCode::CREATED, &ProjectView::from(created))?.at(format!("/v1/projects/{id}"));
    effect.finish(answer).await
}

fn check(body: &NewProject, caller: Caller) -> Result<Project, Problem> {
    let mut invalid = Invalid::default();
    let name = invalid.check("/name", NAME.parse(&body.name)).unwrap_or_default();
    let description = invalid.check("/description", DESCRIPTION.parse(&body.description)).unwrap_or_default();
    invalid.into_result()?;
    let status = if caller.role.is_staff() { ProjectStatus::Active } else { ProjectStatus::Pending };
    Ok(Project { id: ProjectId::generate(), name, description, status, created_by: caller.user_id, version: 1 })
}

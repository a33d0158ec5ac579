//! `POST /v1/projects/{id}/members`: for the first time, or again.

use super::{
    person::NamedPerson,
    view::{MemberView, find_member, lock_permitted},
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        params::Id,
        words,
    },
    problem::Problem,
};
use axum::http::StatusCode;
use makerlab_shared::domain::{id::ProjectId, project::MemberRole};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMember {
    /// Who, by id …
    user_id: Option<Uuid>,
    /// … or by e-mail address.
    #[schema(format = "email")]
    email: Option<String>,
    #[schema(schema_with = words::member_role)]
    role: MemberRole,
}

/// Add somebody to a project.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/members",
    operation_id = "add_member",
    tag = "projects",
    params(("id" = Uuid, Path)),
    request_body = NewMember,
    responses(
        (status = 201, body = MemberView, headers(("Location" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "member-role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody,
            description = "already-a-member, cannot-supervise, project-over"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn add_member(
    caller: Caller,
    Id(id): Id<ProjectId>,
    Post { body, exchange }: Post<NewMember>,
) -> Result<Answer, Problem> {
    let target = NamedPerson { user_id: body.user_id, email: body.email }.check("")?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let team = lock_permitted(effect.conn(), id, caller).await?;
    let user = target.find(effect.conn()).await?;
    let change = team.add(caller.user_id, (user.id, user.role), body.role)?;
    effect.commit(&change).await?;
    let view = find_member(effect.conn(), id, user.id).await?;
    let answer = Answer::new(StatusCode::CREATED, &view)?.at(format!("/v1/projects/{id}/members"));
    effect.finish(answer).await
}

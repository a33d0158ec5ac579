//! `POST /v1/projects/{id}/members`.

use super::view::{MemberView, load_permitted};
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
use makerlab_shared::{
    domain::{
        change::{Cause, Change},
        id::{ProjectId, UserId},
        person::EmailAddress,
        project::{Member, MemberRole},
    },
    store::{projects, users},
};
use serde::Deserialize;
use sqlx::PgConnection;
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

enum Target {
    Id(UserId),
    Email(EmailAddress),
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
        (status = 409, body = crate::problem::ProblemBody, description = "already-a-member"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn add_member(
    caller: Caller,
    Id(id): Id<ProjectId>,
    Post { body, exchange }: Post<NewMember>,
) -> Result<Answer, Problem> {
    let target = check(&body)?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    load_permitted(effect.conn(), id, caller).await?;
    let user_id = find_user(effect.conn(), target).await?;
    let member = Member { project_id: id, user_id, role: body.role };
    effect.commit(&Change::add_member(member, &Cause::new(caller.actor(), "added"))).await?;
    let members = projects::list_members(effect.conn(), id).await?;
    let added = members.into_iter().find(|member| member.user_id == user_id);
    let view = added.map(MemberView::from).ok_or_else(|| Problem::not_found("member"))?;
    let answer = Answer::new(StatusCode::CREATED, &view)?.at(format!("/v1/projects/{id}/members"));
    effect.finish(answer).await
}

fn check(body: &NewMember) -> Result<Target, Problem> {
    match (body.user_id, body.email.as_deref()) {
        (Some(id), None) => Ok(Target::Id(UserId(id))),
        (None, Some(email)) => match EmailAddress::parse(email) {
            Ok(email) => Ok(Target::Email(email)),
            Err(error) => Err(Problem::invalid_field("/email", error.to_string())),
        },
        (Some(_), Some(_)) | (None, None) => {
            Err(Problem::invalid_field("/user_id", "name the person either by user_id or by email"))
        }
    }
}

async fn find_user(conn: &mut PgConnection, target: Target) -> Result<UserId, Problem> {
    let (found, field, detail) = match target {
        Target::Id(id) => (users::find(conn, id).await?, "/user_id", "no user has this id"),
        Target::Email(email) => (users::find_by_email(conn, &email).await?, "/email", "no user has this address"),
    };
    found.map(|listed| listed.user.id).ok_or_else(|| Problem::invalid_field(field, detail))
}

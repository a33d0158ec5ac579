//! `POST /v1/users`.

use super::view::UserView;
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        input::Invalid,
        words,
    },
    problem::Problem,
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{
        change::{Cause, Change},
        id::UserId,
        person::{EmailAddress, Language, PersonName},
        user::{Role, User},
    },
    store::users,
};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(format = "email", max_length = 254)]
    email: String,
    #[schema(schema_with = words::role)]
    role: Role,
    /// `en` if left out.
    #[serde(default)]
    #[schema(schema_with = words::language, required = false)]
    language: Language,
}

/// Add somebody.
#[utoipa::path(
    post,
    path = "/v1/users",
    operation_id = "create_user",
    tag = "users",
    request_body = NewUser,
    responses(
        (status = 201, body = UserView, headers(("Location" = String))),
        (status = 409, body = crate::problem::ProblemBody, description = "email-in-use"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn create(caller: Caller, Post { body, exchange }: Post<NewUser>) -> Result<Answer, Problem> {
    let user = check(body)?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let id = user.id;
    effect.commit(&Change::create_user(user, &Cause::new(caller.actor(), "created"))).await?;
    let created = users::find(effect.conn(), id).await?.ok_or_else(|| Problem::not_found("user"))?;
    let answer = Answer::new(StatusCode::CREATED, &UserView::from(created))?.at(format!("/v1/users/{id}"));
    effect.finish(answer).await
}

fn check(body: NewUser) -> Result<User, Problem> {
    let mut invalid = Invalid::default();
    let name = invalid.check("/name", PersonName::parse(&body.name));
    let email = invalid.check("/email", EmailAddress::parse(&body.email));
    invalid.into_result()?;
    let (Some(name), Some(email)) = (name, email) else {
        return Err(Problem::internal("an input without a field was not noted as invalid"));
    };
    let (language, role) = (body.language, body.role);
    Ok(User { id: UserId::generate(), name, email, language, role, snipeit_user_id: None, version: 1 })
}

//! `PUT /v1/users/{id}/language`: the language of letters, for the person and for whoever helps them.

use crate::{
    http::{body, caller::Caller, params::Id, words},
    problem::Problem,
    state::AppState,
};
use axum::{
    Json,
    extract::{Request, State},
};
use makerlab_shared::{
    domain::{change::Cause, id::UserId, person::Language, preference::Preferences},
    store::{commit::commit, preferences},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LanguageView {
    #[schema(schema_with = words::language)]
    language: Language,
}

/// Choose the language of letters to a person.
#[utoipa::path(
    put,
    path = "/v1/users/{id}/language",
    operation_id = "set_language",
    tag = "users",
    params(("id" = Uuid, Path)),
    request_body = LanguageView,
    responses((status = 200, body = LanguageView), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn set_language(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
    request: Request,
) -> Result<Json<LanguageView>, Problem> {
    caller.check_own("user", id)?;
    let (parts, body) = request.into_parts();
    let LanguageView { language } = body::parse(&body::read(&parts.headers, body).await?)?;
    let mut transaction = app.pool.begin().await?;
    let before = preferences::find_for_update(&mut transaction, id).await?;
    let before = before.ok_or_else(|| Problem::not_found("user"))?;
    let after = Preferences { language, ..before.clone() };
    commit(&mut transaction, &before.change(id, after, &Cause::new(caller.actor(), "language_changed"))).await?;
    transaction.commit().await?;
    Ok(Json(LanguageView { language }))
}

//! `GET` and `PUT /v1/users/me/preferences`: how I hear of what. Everything is in my list in any case.

use crate::{
    http::{body, caller::Caller, input::Invalid, words},
    problem::{Problem, ProblemType},
    state::AppState,
};
use axum::{
    Json,
    extract::{Request, State},
};
use makerlab_shared::{
    domain::{
        change::Cause,
        digest::DigestHour,
        notification::NotificationEvent,
        person::Language,
        preference::{CannotBeSwitchedOff, Channel, Channels, Preferences},
    },
    store::{commit::commit, preferences},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreferencesView {
    /// The language of letters to me.
    #[schema(schema_with = words::language)]
    language: Language,
    /// The hour of the lab's day at which the digest comes.
    #[schema(minimum = 0, maximum = 23)]
    digest_hour: i64,
    /// For each event a letter at once, the digest of the day, or nothing but the list. What is left out gets its default.
    /// `none` is refused where somebody waits for what the reader does: `approval_needed`, `return_requested` and others.
    #[serde(default)]
    #[schema(schema_with = words::channels, required = false)]
    channels: BTreeMap<NotificationEvent, Channel>,
}

/// How I hear of what.
#[utoipa::path(
    get,
    path = "/v1/users/me/preferences",
    operation_id = "read_preferences",
    tag = "users",
    responses((status = 200, body = PreferencesView))
)]
pub(crate) async fn read(State(app): State<AppState>, caller: Caller) -> Result<Json<PreferencesView>, Problem> {
    let mut conn = app.pool.acquire().await?;
    let found = preferences::find(&mut conn, caller.user_id).await?;
    found.map(|found| Json(found.into())).ok_or_else(|| Problem::not_found("user"))
}

/// Choose how I hear of what.
#[utoipa::path(
    put,
    path = "/v1/users/me/preferences",
    operation_id = "set_preferences",
    tag = "users",
    request_body = PreferencesView,
    responses(
        (status = 200, body = PreferencesView),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input, cannot-be-switched-off")
    )
)]
pub(crate) async fn set(
    State(app): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<Json<PreferencesView>, Problem> {
    let (parts, body) = request.into_parts();
    let after = check(body::parse(&body::read(&parts.headers, body).await?)?)?;
    let mut transaction = app.pool.begin().await?;
    let before = preferences::find_for_update(&mut transaction, caller.user_id).await?;
    let before = before.ok_or_else(|| Problem::not_found("user"))?;
    let cause = Cause::new(caller.actor(), "preferences_changed");
    commit(&mut transaction, &before.change(caller.user_id, after.clone(), &cause)).await?;
    transaction.commit().await?;
    app.waker.wake();
    Ok(Json(after.into()))
}

fn check(view: PreferencesView) -> Result<Preferences, Problem> {
    let channels = Channels::choose(view.channels)?;
    let mut invalid = Invalid::default();
    let digest_hour = invalid.check("/digest_hour", DigestHour::parse(view.digest_hour));
    invalid.into_result()?;
    Ok(Preferences { language: view.language, digest_hour: digest_hour.unwrap_or_default(), channels })
}

impl From<CannotBeSwitchedOff> for Problem {
    fn from(refused: CannotBeSwitchedOff) -> Self {
        let field = format!("/channels/{}", refused.0);
        Self::new(ProblemType::CannotBeSwitchedOff, refused.to_string()).at_field(&field)
    }
}

impl From<Preferences> for PreferencesView {
    fn from(preferences: Preferences) -> Self {
        Self {
            language: preferences.language,
            digest_hour: preferences.digest_hour.number().into(),
            channels: preferences.channels.all(),
        }
    }
}

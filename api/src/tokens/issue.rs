//! `POST /v1/tokens`. The secret is in the first answer and nowhere else: what is kept for repetitions is without it.

use super::view::TokenView;
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        input::{Invalid, TextRule},
        token::FreshToken,
    },
    problem::Problem,
};
use axum::http::StatusCode;
use chrono::{Duration, Utc};
use makerlab_shared::{
    domain::{
        id::{TokenId, UserId},
        token::NewToken,
    },
    store::{tokens, users},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const LABEL: TextRule = TextRule::line(1, 100);
const MOST_DAYS: i64 = 3650;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedToken {
    /// Whose it will be; left out: one's own.
    user_id: Option<Uuid>,
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    /// For how many days it opens anything.
    #[schema(minimum = 1, maximum = 3650)]
    days: i64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct IssuedToken {
    /// Shown now and never again; null when the request is repeated with the same Idempotency-Key.
    token: Option<String>,
    #[serde(flatten)]
    view: TokenView,
}

/// Issue a token.
#[utoipa::path(
    post,
    path = "/v1/tokens",
    operation_id = "issue_token",
    tag = "tokens",
    request_body = WantedToken,
    responses(
        (status = 201, body = IssuedToken),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn issue(caller: Caller, Post { body, exchange }: Post<WantedToken>) -> Result<Answer, Problem> {
    let user_id = body.user_id.map_or(caller.user_id, UserId);
    caller.check("user", None, user_id == caller.user_id)?;
    let fresh = FreshToken::generate();
    let token = check(&body, user_id, &fresh)?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    if users::find(effect.conn(), user_id).await?.is_none() {
        return Err(Problem::invalid_field("/user_id", "no user has this id"));
    }
    let id = token.id;
    effect.commit(&token.issue(caller.actor())).await?;
    let issued = tokens::find(effect.conn(), id).await?.ok_or_else(|| Problem::not_found("token"))?;
    let view = TokenView::from(issued);
    let secret = Some(fresh.secret.expose_secret().to_owned());
    let kept = Answer::new(StatusCode::CREATED, &IssuedToken { token: None, view: view.clone() })?;
    let answer = Answer::new(StatusCode::CREATED, &IssuedToken { token: secret, view })?;
    effect.finish_keeping(kept, answer).await
}

fn check(body: &WantedToken, user_id: UserId, fresh: &FreshToken) -> Result<NewToken, Problem> {
    let mut invalid = Invalid::default();
    let label = invalid.check("/label", LABEL.parse(&body.label)).unwrap_or_default();
    if !(1..=MOST_DAYS).contains(&body.days) {
        invalid.note("/days", format!("must be between 1 and {MOST_DAYS}"));
    }
    invalid.into_result()?;
    let (prefix, hash) = (fresh.prefix.clone(), fresh.hash);
    let expires_at = Utc::now() + Duration::days(body.days);
    Ok(NewToken { id: TokenId::generate(), user_id, prefix, hash, label, expires_at })
}

//! What is done once, a POST or an edit: its body, and the one transaction in which its effect and its answer are kept together.
//!
//! With an `Idempotency-Key` the same request gets the same answer for 48 hours, however often it is sent.

use super::{answer::Answer, body, caller::Caller};
use crate::{
    problem::{Problem, ProblemType},
    state::AppState,
};
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode},
};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::change::Change,
    store::{
        commit::commit,
        idempotency::{self, Claim, KeptAnswer, RequestName},
    },
};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, Postgres, Transaction};
use utoipa::ToSchema;

/// A POST, or another request that is done once, with a body of type `T`.
pub(crate) struct Post<T> {
    pub(crate) body: T,
    pub(crate) exchange: Exchange,
}

/// For a POST that says everything by its address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoBody {}

/// What makes two requests the same.
pub(crate) struct Exchange {
    app: AppState,
    name: Option<RequestName>,
    body_hash: [u8; 32],
}

/// How an exchange begins.
pub(crate) enum Begun {
    /// The effect is still to be made.
    New(Effect),
    /// It was made before; this was the answer.
    Answered(Answer),
}

/// The transaction of one effect; dropped without [`Effect::finish`], nothing has happened.
pub(crate) struct Effect {
    transaction: Transaction<'static, Postgres>,
    exchange: Exchange,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Post<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, app).await?;
        let key = idempotency_key(&parts.headers)?;
        let bytes = body::read(&parts.headers, body).await?;
        let route = format!("{} {}", parts.method, parts.uri.path());
        let exchange = Exchange {
            app: app.clone(),
            name: key.map(|key| RequestName { user: caller.user_id, route, key }),
            body_hash: Sha256::digest(&bytes).into(),
        };
        Ok(Self { body: body::parse(&bytes)?, exchange })
    }
}

impl Exchange {
    /// For what has no effect, so that there is no answer to keep.
    pub(crate) fn without_key(self) -> Self {
        Self { name: None, ..self }
    }

    /// Opens the transaction, unless the request was answered before.
    pub(crate) async fn begin(self) -> Result<Begun, Problem> {
        let mut transaction = self.app.pool.begin().await?;
        if let Some(name) = &self.name {
            match idempotency::claim(&mut transaction, name).await? {
                Claim::Ours => {}
                Claim::TakenByAnother => return Err(in_progress()),
                Claim::Answered(kept) => return self.replay(kept).map(Begun::Answered),
            }
        }
        Ok(Begun::New(Effect { transaction, exchange: self }))
    }

    fn replay(&self, kept: KeptAnswer) -> Result<Answer, Problem> {
        if kept.body_hash != self.body_hash {
            let detail = "the Idempotency-Key was used with another body; use a new key for a new request";
            return Err(Problem::new(ProblemType::IdempotencyKeyReused, detail));
        }
        let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.unwrap_or(StatusCode::OK);
        Ok(Answer { status, location: kept.location, version: kept.version, body: kept.body })
    }
}

impl Effect {
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Writes a change of the domain.
    pub(crate) async fn commit(&mut self, change: &Change) -> Result<(), Problem> {
        Ok(commit(&mut self.transaction, change).await?)
    }

    /// Keeps the answer, commits, and wakes the relay.
    pub(crate) async fn finish(self, answer: Answer) -> Result<Answer, Problem> {
        let kept = answer.clone();
        self.finish_keeping(kept, answer).await
    }

    /// As [`Self::finish`], for an answer with a secret in it: `kept` is what a repetition hears.
    pub(crate) async fn finish_keeping(mut self, kept: Answer, answer: Answer) -> Result<Answer, Problem> {
        if let Some(name) = &self.exchange.name {
            let kept = KeptAnswer {
                body_hash: self.exchange.body_hash.to_vec(),
                status: i16::try_from(kept.status.as_u16()).unwrap_or(200),
                location: kept.location,
                version: kept.version,
                body: kept.body,
            };
            if !idempotency::keep(&mut self.transaction, name, &kept).await? {
                return Err(in_progress());
            }
        }
        crash::pass(CrashPoint::ApiBeforeCommit);
        self.transaction.commit().await?;
        crash::pass(CrashPoint::ApiAfterCommit);
        self.exchange.app.waker.wake();
        Ok(answer)
    }
}

fn in_progress() -> Problem {
    let detail = "a request with the same Idempotency-Key is being worked on; send it again in a moment";
    Problem::new(ProblemType::RequestInProgress, detail)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let is_visible = (1..=255).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if is_visible => Ok(Some(key.to_owned())),
        Ok(_) | Err(_) => {
            let detail = "must be 1 to 255 visible ASCII characters, like a UUID";
            Err(Problem::new(ProblemType::MalformedRequest, detail).at_field("Idempotency-Key"))
        }
    }
}

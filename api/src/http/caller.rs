//! Who calls. Everything under `/v1` passes [`authenticate`]; a handler states its rule by what it extracts.

use super::token::PresentedToken;
use crate::{
    problem::{Problem, ProblemType},
    state::AppState,
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use makerlab_shared::{
    domain::{
        actor::Actor,
        id::{TokenId, UserId},
        user::Role,
    },
    store::{requisition_reads::Viewer, tokens},
};

/// The rule "anybody with a valid token".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
}

/// The rule "technicians and admins".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staff(pub(crate) Caller);

/// The rule "admins".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admin(pub(crate) Caller);

impl Caller {
    pub(crate) fn actor(self) -> Actor {
        Actor::User(self.user_id)
    }

    pub(crate) fn viewer(self) -> Viewer {
        Viewer { user: self.user_id, sees_all: self.role.is_staff() }
    }
}

/// Lets nobody through without a valid token: deny by default, whatever a handler extracts.
pub(crate) async fn authenticate(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = identify(&app, request.headers()).await?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

async fn identify(app: &AppState, headers: &HeaderMap) -> Result<Caller, Problem> {
    let token = bearer(headers).ok_or_else(|| refused("send a token: `Authorization: Bearer mlr_…`"))?;
    let unknown = || refused("the token is unknown, expired or revoked; ask for a new one");
    let token = PresentedToken::parse(token).ok_or_else(unknown)?;
    let mut conn = app.pool.acquire().await?;
    let credential = tokens::find_credential(&mut conn, &token.prefix).await?.ok_or_else(unknown)?;
    drop(conn);
    if !token.has_hash(&credential.hash) {
        return Err(unknown());
    }
    if credential.use_is_stale {
        note_use(app.clone(), credential.token_id);
    }
    Ok(Caller { user_id: credential.user_id, role: credential.role })
}

/// Beside the request: nobody waits for it, and it happens at most once a minute.
fn note_use(app: AppState, token: TokenId) {
    tokio::spawn(async move {
        let Ok(mut conn) = app.pool.acquire().await else { return };
        if let Err(error) = tokens::note_use(&mut conn, token).await {
            tracing::debug!("The last use of a token was not noted: {error}");
        }
    });
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refused(detail: &str) -> Problem {
    Problem::new(ProblemType::NotAuthenticated, detail)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().copied().ok_or_else(|| refused("this address asks for a token"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.role {
            Role::Technician | Role::Admin => Ok(Self(caller)),
            Role::Student | Role::Professor => Err(forbidden("only technicians and admins may do this")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.role {
            Role::Admin => Ok(Self(caller)),
            Role::Student | Role::Professor | Role::Technician => Err(forbidden("only admins may do this")),
        }
    }
}

pub(crate) fn forbidden(detail: &str) -> Problem {
    Problem::new(ProblemType::RoleNotAllowed, detail)
}

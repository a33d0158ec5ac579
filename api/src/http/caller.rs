//! Who calls. Everything under `/v1` passes [`enter`]; who may do what stands in one table, `domain::permission`.

use super::{endpoints::Endpoints, token::PresentedToken};
use crate::{
    problem::{Problem, ProblemType},
    state::AppState,
};
use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use makerlab_shared::{
    domain::{
        actor::Actor,
        id::{TokenId, UserId},
        permission::{Denied, Permission, Place},
        project::MemberRole,
        user::Role,
    },
    store::{requisition_reads::Viewer, tokens},
};

/// Whoever passed the door, and what for. Their role does not exclude them; whether this very thing is theirs to touch
/// is [`Caller::check`]'s question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
    permission: Permission,
}

/// What the door needs.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) app: AppState,
    pub(crate) endpoints: Endpoints,
}

impl Caller {
    pub(crate) fn actor(self) -> Actor {
        Actor::User(self.user_id)
    }

    pub(crate) fn viewer(self) -> Viewer {
        Viewer { user: self.user_id, sees_all: self.role.is_staff() }
    }

    /// Whether the caller may do this to one `what`, by what they are in its project and whether it is their own.
    ///
    /// # Errors
    /// The problem to answer with; 404 where even its existence is hidden.
    pub(crate) fn check(self, what: &str, member: Option<MemberRole>, owns: bool) -> Result<(), Problem> {
        self.check_place(what, Place { role: self.role, member, in_place_of: None, owns, has_part: false })
    }

    /// As [`Self::check`], wherever the caller stands towards it.
    pub(crate) fn check_place(self, what: &str, place: Place) -> Result<(), Problem> {
        self.permission.check(place).map_err(|denied| refusal(self.permission, denied, what))
    }

    /// As [`Self::check`], for what belongs to a person and to no project.
    pub(crate) fn check_own(self, what: &str, owner: UserId) -> Result<(), Problem> {
        self.check(what, None, owner == self.user_id)
    }

    /// Whether the caller may do this to everybody's.
    pub(crate) fn may_anywhere(self) -> bool {
        self.permission.rule().anywhere.contains(&self.role)
    }

    /// For rows that are not the caller's own.
    ///
    /// # Errors
    /// A refusal unless [`Self::may_anywhere`].
    pub(crate) fn check_anywhere(self) -> Result<(), Problem> {
        if self.may_anywhere() { Ok(()) } else { Err(refusal(self.permission, Denied::Role, "")) }
    }
}

/// Lets nobody through without a valid token, nor with a role that excludes them: deny by default, whatever a handler
/// does.
pub(crate) async fn enter(
    State(door): State<Door>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (user_id, role) = identify(&door.app, request.headers()).await?;
    let permission = door.endpoints.find(request.method(), path.as_str());
    let permission = permission.ok_or_else(|| forbidden("nobody may do this"))?;
    permission.check_role(role).map_err(|denied| refusal(permission, denied, ""))?;
    request.extensions_mut().insert(Caller { user_id, role, permission });
    Ok(next.run(request).await)
}

fn refusal(permission: Permission, denied: Denied, what: &str) -> Problem {
    let who = permission.rule().who();
    match denied {
        Denied::Hidden => Problem::not_found(what),
        Denied::Role => forbidden(&format!("your role does not allow this; it is for: {who}")),
        Denied::MemberRole => {
            let detail = format!("your role in the project does not allow this; it is for: {who}");
            Problem::new(ProblemType::MemberRoleNotAllowed, detail)
        }
        Denied::Own => {
            Problem::new(ProblemType::OwnRequisition, "nobody decides their own requisition; ask a colleague")
        }
        Denied::Conflict => {
            let detail = "you are a leader or member of its project, or were since it was asked for, so somebody else \
                          decides; ask a colleague";
            Problem::new(ProblemType::ConflictOfInterest, detail)
        }
    }
}

async fn identify(app: &AppState, headers: &HeaderMap) -> Result<(UserId, Role), Problem> {
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
    Ok((credential.user_id, credential.role))
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

fn forbidden(detail: &str) -> Problem {
    Problem::new(ProblemType::RoleNotAllowed, detail)
}

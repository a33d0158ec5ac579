//! `PATCH /v1/projects/{id}/members/{user_id}`.

use super::{
    person::{MemberPath, role_of},
    view::{MemberView, find_member, lock_permitted},
};
use crate::{
    http::{body, caller::Caller, params::Id, words},
    problem::Problem,
    state::AppState,
};
use axum::{
    Json,
    extract::{Request, State},
};
use makerlab_shared::{domain::project::MemberRole, store::commit::commit};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    #[schema(schema_with = words::member_role)]
    role: MemberRole,
}

/// Give a member another role; the same once more changes nothing.
#[utoipa::path(
    patch,
    path = "/v1/projects/{id}/members/{user_id}",
    operation_id = "change_member_role",
    tag = "projects",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    request_body = NewRole,
    responses(
        (status = 200, body = MemberView),
        (status = 403, body = crate::problem::ProblemBody, description = "member-role-not-allowed"),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "last-leader, supervisor-stays, cannot-supervise, project-over"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn change_member_role(
    State(app): State<AppState>,
    caller: Caller,
    Id((id, user)): Id<MemberPath>,
    request: Request,
) -> Result<Json<MemberView>, Problem> {
    let (parts, body) = request.into_parts();
    let new: NewRole = body::parse(&body::read(&parts.headers, body).await?)?;
    let mut transaction = app.pool.begin().await?;
    let team = lock_permitted(&mut transaction, id, caller).await?;
    let at_university = role_of(&mut transaction, user).await?;
    let change = team.change_role((caller.user_id, caller.role), (user, at_university), new.role)?;
    commit(&mut transaction, &change).await?;
    let view = find_member(&mut transaction, id, user).await?;
    transaction.commit().await?;
    Ok(Json(view))
}

//! `PUT /v1/users/{id}/overdue-excuse`: somebody may ask for more although they keep what is long overdue.

use crate::{
    http::{body, caller::Caller, params::Id},
    problem::Problem,
    state::AppState,
};
use axum::{
    Json,
    extract::{Request, State},
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{id::UserId, requisition::excuse_overdue as excuse},
    store::{clock, commit::commit, users},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExcuseView {
    /// Until when overdue units do not keep the person from submitting; in place of what was said before.
    until: DateTime<Utc>,
}

/// Let somebody submit until then although they keep overdue units.
#[utoipa::path(
    put,
    path = "/v1/users/{id}/overdue-excuse",
    operation_id = "excuse_overdue",
    tag = "users",
    params(("id" = Uuid, Path)),
    request_body = ExcuseView,
    responses(
        (status = 200, body = ExcuseView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-requisition"),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn excuse_overdue(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
    request: Request,
) -> Result<Json<ExcuseView>, Problem> {
    caller.check("user", None, id == caller.user_id)?;
    let (parts, body) = request.into_parts();
    let ExcuseView { until } = body::parse(&body::read(&parts.headers, body).await?)?;
    let mut transaction = app.pool.begin().await?;
    users::find(&mut transaction, id).await?.ok_or_else(|| Problem::not_found("user"))?;
    let now = clock::now(&mut transaction).await?;
    let change = excuse(id, until, caller.user_id, now);
    let change = change.map_err(|refused| Problem::invalid_field("/until", refused.to_string()))?;
    commit(&mut transaction, &change).await?;
    transaction.commit().await?;
    Ok(Json(ExcuseView { until }))
}

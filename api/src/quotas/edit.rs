//! `PATCH /v1/quotas/{id}`: another limit; what it counts never changes.

use super::{
    create::check_limit,
    view::{QuotaView, load},
};
use crate::{
    http::{
        caller::Caller,
        params::Id,
        precondition::{Patch, Tagged},
    },
    problem::{Problem, ProblemType},
    state::AppState,
};
use axum::extract::State;
use makerlab_shared::{domain::id::QuotaId, store::commit::commit};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuotaEdit {
    /// The most that needs no exception.
    #[schema(minimum = 0, maximum = 1_000_000_000_i64)]
    most: i64,
}

/// Change a quota's limit.
#[utoipa::path(
    patch,
    path = "/v1/quotas/{id}",
    operation_id = "edit_quota",
    tag = "quotas",
    params(("id" = Uuid, Path)),
    request_body = QuotaEdit,
    responses(
        (status = 200, body = QuotaView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "quota-removed"),
        (status = 412, body = crate::problem::ProblemBody, description = "precondition-failed"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input"),
        (status = 428, body = crate::problem::ProblemBody, description = "precondition-required")
    )
)]
pub(crate) async fn edit(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<QuotaId>,
    Patch { body, if_match }: Patch<QuotaEdit>,
) -> Result<Tagged<QuotaView>, Problem> {
    let most = check_limit(body.most).map_err(|detail| Problem::invalid_field("/most", detail))?;
    let mut transaction = app.pool.begin().await?;
    let quota = load(&mut transaction, id).await?;
    if quota.removed_at.is_some() {
        return Err(Problem::new(ProblemType::QuotaRemoved, "the quota was removed; set a new one"));
    }
    if_match.check("quota", quota.version)?;
    commit(&mut transaction, &quota.limit(caller.user_id, most)).await?;
    let changed = load(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(Tagged { version: changed.version, body: changed.into() })
}

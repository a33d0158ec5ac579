//! `PATCH /v1/equipment-models/{id}`: who must say yes before a unit goes out.

use super::view::{ModelView, load};
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
    domain::{
        change::{Cause, Change},
        equipment::{Approval, EquipmentModel},
        id::ModelId,
    },
    store::commit::commit,
};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelRule {
    #[schema(schema_with = words::approval)]
    approval: Approval,
}

/// Change the approval rule.
#[utoipa::path(
    patch,
    path = "/v1/equipment-models/{id}",
    operation_id = "set_approval",
    tag = "equipment",
    params(("id" = Uuid, Path)),
    request_body = ModelRule,
    responses(
        (status = 200, body = ModelView),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn set_approval(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<ModelId>,
    request: Request,
) -> Result<Json<ModelView>, Problem> {
    let (parts, body) = request.into_parts();
    let rule: ModelRule = body::parse(&body::read(&parts.headers, body).await?)?;
    let mut transaction = app.pool.begin().await?;
    let before = load(&mut transaction, id).await?.model;
    if before.approval != rule.approval {
        let after = EquipmentModel { approval: rule.approval, ..before.clone() };
        let cause = Cause::new(caller.actor(), "approval_changed");
        commit(&mut transaction, &Change::update_model(&before, after, &cause)).await?;
    }
    let model = load(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(Json(model.into()))
}

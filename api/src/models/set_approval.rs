//! `PATCH /v1/equipment-models/{id}`: who must say yes before a unit goes out, and how it gets to its borrower.

use super::view::{ModelView, load};
use crate::{
    http::{body, caller::Caller, params::Id, words},
    problem::{Problem, ProblemType, Refusal},
    state::AppState,
};
use axum::{
    Json,
    extract::{Request, State},
};
use makerlab_shared::{
    domain::{
        equipment::{Approval, Collection, EquipmentModel, ModelRefused},
        id::ModelId,
    },
    store::commit::commit,
};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelRules {
    /// For admins.
    #[schema(schema_with = words::approval)]
    approval: Option<Approval>,
    /// What is promised already goes on as it was promised.
    #[schema(schema_with = words::collection)]
    collection: Option<Collection>,
}

/// Change how units are collected and, as an admin, who approves; what is left out stays.
#[utoipa::path(
    patch,
    path = "/v1/equipment-models/{id}",
    operation_id = "set_approval",
    tag = "equipment",
    params(("id" = Uuid, Path)),
    request_body = ModelRules,
    responses(
        (status = 200, body = ModelView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
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
    let rules: ModelRules = body::parse(&body::read(&parts.headers, body).await?)?;
    let mut transaction = app.pool.begin().await?;
    let before = load(&mut transaction, id).await?.model;
    let after = EquipmentModel {
        approval: rules.approval.unwrap_or(before.approval),
        collection: rules.collection.unwrap_or(before.collection),
        ..before.clone()
    };
    commit(&mut transaction, &before.change(after, caller.user_id, caller.role)?).await?;
    let model = load(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(Json(model.into()))
}

impl Refusal for ModelRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::ApprovalIsForAdmins => ProblemType::RoleNotAllowed,
        }
    }
}

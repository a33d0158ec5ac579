//! `GET /problems`: what the `type` of a problem means.

use super::{Problem, ProblemType};
use axum::{
    Json,
    extract::{Path, rejection::PathRejection},
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemMeaning {
    #[serde(rename = "type")]
    #[schema(example = "/problems/no-free-unit")]
    kind: String,
    status: u16,
    title: &'static str,
}

/// Every problem that this API can answer with.
#[utoipa::path(get, path = "/problems", tag = "about", responses((status = 200, body = Vec<ProblemMeaning>)), security(()))]
pub(crate) async fn list_problems() -> Json<Vec<ProblemMeaning>> {
    Json(ProblemType::ALL.iter().copied().map(meaning).collect())
}

/// One of them.
#[utoipa::path(
    get,
    path = "/problems/{name}",
    tag = "about",
    params(("name" = String, Path, description = "The last part of the type")),
    responses((status = 200, body = ProblemMeaning)),
    security(())
)]
pub(crate) async fn find_problem(name: Result<Path<String>, PathRejection>) -> Result<Json<ProblemMeaning>, Problem> {
    // What is no text is no problem's name either; axum would refuse it in words of its own.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let found = ProblemType::ALL.iter().copied().find(|kind| kind.slug() == name);
    found.map(|kind| Json(meaning(kind))).ok_or_else(|| Problem::not_found("problem"))
}

fn meaning(kind: ProblemType) -> ProblemMeaning {
    ProblemMeaning { kind: kind.uri(), status: kind.status().as_u16(), title: kind.title() }
}

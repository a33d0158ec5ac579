//! `POST /v1/quotas`.

use super::view::{QuotaView, load};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        input::{Invalid, TextRule},
        words,
    },
    problem::{Problem, ProblemType},
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{
        id::{ProjectId, QuotaId},
        quota::{HIGHEST_LIMIT, Quota, QuotaMeasure, QuotaScope},
    },
    store::{projects, quotas},
};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

const CATEGORY: TextRule = TextRule::line(1, 200);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewQuota {
    #[schema(schema_with = words::quota_scope)]
    scope: QuotaScope,
    /// For one project, in place of the quota for all of them.
    project_id: Option<Uuid>,
    /// The category of models, as Snipe-IT names it; left out: any.
    #[schema(min_length = 1, max_length = 200)]
    category: Option<String>,
    #[schema(schema_with = words::quota_measure)]
    measure: QuotaMeasure,
    /// The most that needs no exception.
    #[schema(minimum = 0, maximum = 1_000_000_000_i64)]
    most: i64,
}

/// Set a quota.
#[utoipa::path(
    post,
    path = "/v1/quotas",
    operation_id = "create_quota",
    tag = "quotas",
    request_body = NewQuota,
    responses(
        (status = 201, body = QuotaView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody, description = "quota-exists"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn create(caller: Caller, Post { body, exchange }: Post<NewQuota>) -> Result<Answer, Problem> {
    let quota = check(&body)?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    check_place(effect.conn(), &quota).await?;
    let id = quota.id;
    effect.commit(&quota.create(caller.user_id)).await?;
    let created = load(effect.conn(), id).await?;
    effect.finish(Answer::new(StatusCode::CREATED, &QuotaView::from(created))?).await
}

pub(super) fn check_limit(most: i64) -> Result<i64, String> {
    if (0..=HIGHEST_LIMIT).contains(&most) { Ok(most) } else { Err(format!("must be between 0 and {HIGHEST_LIMIT}")) }
}

fn check(body: &NewQuota) -> Result<Quota, Problem> {
    let mut invalid = Invalid::default();
    let category = body.category.as_deref().map(|text| invalid.check("/category", CATEGORY.parse(text)));
    let most = invalid.check("/most", check_limit(body.most)).unwrap_or_default();
    if body.project_id.is_some() && body.scope == QuotaScope::Person {
        invalid.note("/project_id", "must be left out for a quota of persons, which holds in every project");
    }
    invalid.into_result()?;
    Ok(Quota {
        id: QuotaId::generate(),
        scope: body.scope,
        project_id: body.project_id.map(ProjectId),
        category: category.flatten(),
        measure: body.measure,
        most,
        removed_at: None,
        version: 1,
    })
}

async fn check_place(conn: &mut PgConnection, quota: &Quota) -> Result<(), Problem> {
    if let Some(project) = quota.project_id
        && projects::load_for_update(conn, project).await?.is_none()
    {
        return Err(Problem::invalid_field("/project_id", "no project has this id"));
    }
    let same = |other: &Quota| {
        let category = |quota: &Quota| quota.category.as_ref().map(|category| category.to_lowercase());
        (other.scope, other.project_id, other.measure) == (quota.scope, quota.project_id, quota.measure)
            && category(other) == category(quota)
    };
    match quotas::list(conn).await?.iter().find(|other| same(other)) {
        None => Ok(()),
        Some(other) => {
            let detail = format!(
                "{} is limited already, to {}; change that quota ({})",
                other.subject().in_words(),
                other.most,
                other.id
            );
            Err(Problem::new(ProblemType::QuotaExists, detail))
        }
    }
}

//! Quotas as clients see them.

use crate::{http::words, problem::Problem};
use makerlab_shared::{
    domain::{
        id::QuotaId,
        quota::{Quota, QuotaMeasure, QuotaScope, Standing},
    },
    store::quotas,
};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuotaView {
    id: Uuid,
    #[schema(schema_with = words::quota_scope)]
    scope: QuotaScope,
    /// The project that it is made for; null: every project, or every person.
    project_id: Option<Uuid>,
    /// The category of models, as Snipe-IT names it; null: any.
    category: Option<String>,
    /// `units_out`: units that are promised, out, or wait for a decision. `value_out`: what
    /// they cost, in cents. `loan_days`: days of loans that began within the last 365 days or lie ahead, with those of an
    /// extension that waits; what is handed over before its loan begins counts from then on.
    #[schema(schema_with = words::quota_measure)]
    measure: QuotaMeasure,
    /// The most that needs no exception.
    most: i64,
    is_removed: bool,
}

/// A quota and how much of it is left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandingView {
    #[serde(flatten)]
    quota: QuotaView,
    used: i64,
    /// How much may still be asked for without an exception.
    left: i64,
}

pub(super) async fn load(conn: &mut PgConnection, id: QuotaId) -> Result<Quota, Problem> {
    quotas::find(conn, id).await?.ok_or_else(|| Problem::not_found("quota"))
}

impl From<Quota> for QuotaView {
    fn from(quota: Quota) -> Self {
        Self {
            id: quota.id.0,
            scope: quota.scope,
            project_id: quota.project_id.map(|id| id.0),
            category: quota.category,
            measure: quota.measure,
            most: quota.most,
            is_removed: quota.removed_at.is_some(),
        }
    }
}

impl From<Standing> for StandingView {
    fn from(standing: Standing) -> Self {
        Self { used: standing.used, left: standing.left(), quota: standing.quota.into() }
    }
}

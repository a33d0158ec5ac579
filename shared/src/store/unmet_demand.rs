//! What was asked for and refused because too few units were free. It changes nothing: reports count it.

use super::StoreError;
use crate::domain::{
    id::{ModelId, ProjectId, UserId},
    requisition::Period,
};
use chrono::NaiveDate;
use sqlx::PgConnection;
use uuid::Uuid;

/// Units of one model that somebody wanted and could not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmetDemand {
    pub project_id: ProjectId,
    pub requester_id: UserId,
    pub model_id: ModelId,
    pub period: Period,
    pub wanted: i32,
    /// How many of these were not free; at least one.
    pub missing: i32,
    /// The lab's.
    pub day: NaiveDate,
}

/// Whoever asks again on the same day replaces what they asked for before, if they lack more.
pub async fn note(conn: &mut PgConnection, unmet: &UnmetDemand) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into unmet_demand (id, project_id, requester_id, model_id, starts_at, due_at, units_wanted, units_missing,
                                   day)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict on constraint unmet_demand_once_a_day do update
         set project_id = excluded.project_id, starts_at = excluded.starts_at, due_at = excluded.due_at,
             units_wanted = excluded.units_wanted, units_missing = excluded.units_missing
         where unmet_demand.units_missing < excluded.units_missing",
        Uuid::now_v7(),
        unmet.project_id.0,
        unmet.requester_id.0,
        unmet.model_id.0,
        unmet.period.starts_at,
        unmet.period.due_at,
        unmet.wanted,
        unmet.missing,
        unmet.day,
    )
    .execute(conn)
    .await?;
    Ok(())
}

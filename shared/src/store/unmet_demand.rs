//! What was asked for and not given because too few units were free, at once or when somebody wanted to grant it. It changes
//! nothing: reports count it.

use super::StoreError;
use crate::domain::{
    id::{ModelId, ProjectId, RequisitionId, UserId},
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
    pub counts: CountsOnce,
}

/// Asking again wants no more than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountsOnce {
    /// Refused at once, on a day of the lab.
    ADay(NaiveDate),
    /// Not free when somebody wanted to grant it.
    ARequisition(RequisitionId),
}

impl CountsOnce {
    fn day(self) -> Option<NaiveDate> {
        match self {
            Self::ADay(day) => Some(day),
            Self::ARequisition(_) => None,
        }
    }

    fn requisition(self) -> Option<RequisitionId> {
        match self {
            Self::ADay(_) => None,
            Self::ARequisition(id) => Some(id),
        }
    }
}

/// What counts once replaces what was noted before, if more is lacking.
pub async fn note(conn: &mut PgConnection, unmet: &UnmetDemand) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into unmet_demand (id, project_id, requester_id, model_id, starts_at, due_at, units_wanted, units_missing,
                                   day, requisition_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict on constraint unmet_demand_once do update
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
        unmet.counts.day(),
        unmet.counts.requisition().map(|id| id.0),
    )
    .execute(conn)
    .await?;
    Ok(())
}

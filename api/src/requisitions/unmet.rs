//! A refusal for lack of units is remembered as demand, beside the transaction that it undid.

use crate::{problem::Problem, state::AppState};
use makerlab_shared::{
    domain::{
        id::{ModelId, ProjectId, UserId},
        lab_day,
        requisition::{Period, PromisedLine},
    },
    store::{catalogue, clock, unmet_demand},
};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Who wanted what.
pub(super) struct Refused<'a> {
    pub(super) project_id: ProjectId,
    pub(super) requester_id: UserId,
    pub(super) period: Period,
    pub(super) lines: &'a [PromisedLine],
}

/// Notes what of it is not free. That it cannot be noted is no reason to answer something else.
pub(super) async fn note(app: &AppState, refused: Refused<'_>) {
    if let Err(problem) = try_to_note(app, &refused).await {
        tracing::warn!("What was refused for lack of units could not be noted: {problem:?}");
    }
}

async fn try_to_note(app: &AppState, refused: &Refused<'_>) -> Result<(), Problem> {
    let mut transaction = app.pool.begin().await?;
    let day = lab_day::day_of(clock::now(&mut transaction).await?, app.lab_timezone);
    let mut by_model = BTreeMap::<ModelId, Vec<&PromisedLine>>::new();
    for line in refused.lines {
        by_model.entry(line.line.model_id).or_default().push(line);
    }
    for (model_id, lines) in by_model {
        let wanted: i32 = lines.iter().map(|line| line.line.quantity).sum();
        let missing = count_missing(&mut transaction, model_id, &lines, refused.period).await?;
        if missing > 0 {
            let Refused { project_id, requester_id, period, .. } = *refused;
            let unmet = unmet_demand::UnmetDemand { project_id, requester_id, model_id, period, wanted, missing, day };
            unmet_demand::note(&mut transaction, &unmet).await?;
        }
    }
    Ok(transaction.commit().await?)
}

/// Named units that are not free, or what is lacking of any, whichever is more.
async fn count_missing(
    conn: &mut PgConnection,
    model: ModelId,
    lines: &[&PromisedLine],
    period: Period,
) -> Result<i32, Problem> {
    let free = catalogue::choose_units(conn, model, period, usize::MAX, &[]).await?;
    let wanted: i32 = lines.iter().map(|line| line.line.quantity).sum();
    let lacking = wanted - i32::try_from(free.len()).unwrap_or(i32::MAX);
    let named = lines.iter().filter_map(|line| line.line.equipment_id);
    let taken = named.filter(|unit| !free.iter().any(|free| free.id == *unit)).count();
    Ok(lacking.max(i32::try_from(taken).unwrap_or(i32::MAX)))
}

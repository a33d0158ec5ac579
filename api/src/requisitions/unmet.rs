//! A refusal for lack of units is remembered as demand, beside the transaction that it undid.

use super::units::Choice;
use crate::{
    problem::{Problem, ProblemType},
    state::AppState,
};
use makerlab_shared::{
    domain::{
        id::{ModelId, ProjectId, RequisitionId, UserId},
        lab_day,
        requisition::{Dossier, Line, Period, Ruling, Submission},
    },
    store::{
        catalogue, clock,
        shelf::Asker,
        unmet_demand::{self, CountsOnce, UnmetDemand},
    },
};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Who wanted what.
pub(super) struct Refused {
    project_id: ProjectId,
    requester_id: UserId,
    /// `None`: nothing was recorded.
    requisition_id: Option<RequisitionId>,
    period: Period,
    wanted: Vec<Choice>,
}

impl Refused {
    pub(super) fn submission(submission: &Submission) -> Self {
        Self {
            project_id: submission.project_id,
            requester_id: submission.requester_id,
            requisition_id: None,
            period: submission.period,
            wanted: submission.lines.iter().map(|promised| (&promised.line).into()).collect(),
        }
    }

    /// What was asked for in the lines that were to be granted. What else somebody wanted to grant in its place was not.
    pub(super) fn decision(dossier: &Dossier, rulings: &[Ruling]) -> Self {
        let requisition = &dossier.requisition;
        let wanted = rulings.iter().filter_map(|ruling| {
            let line = dossier.find_line(ruling.line_id)?;
            (ruling.granted?.model_id == line.model_id).then_some(line)
        });
        Self {
            project_id: requisition.project_id,
            requester_id: requisition.requester_id,
            requisition_id: Some(requisition.id),
            period: requisition.period,
            wanted: wanted.map(as_wanted).collect(),
        }
    }
}

fn as_wanted(line: &Line) -> Choice {
    Choice { model: line.model_id, unit: line.equipment_id, quantity: line.quantity }
}

/// Notes what of it is not free, if that is why it was refused. That it cannot be noted is no reason to answer something
/// else.
pub(super) async fn remember(app: &AppState, refused: &Refused, why: Problem) -> Problem {
    if why.kind() == ProblemType::NoFreeUnit
        && let Err(problem) = note(app, refused).await
    {
        tracing::warn!("What was refused for lack of units could not be noted: {problem:?}");
    }
    why
}

async fn note(app: &AppState, refused: &Refused) -> Result<(), Problem> {
    let mut transaction = app.pool.begin().await?;
    let day = lab_day::day_of(clock::now(&mut transaction).await?, app.lab_timezone);
    let counts = refused.requisition_id.map_or(CountsOnce::ADay(day), CountsOnce::ARequisition);
    let mut by_model = BTreeMap::<ModelId, Vec<Choice>>::new();
    for wanted in &refused.wanted {
        by_model.entry(wanted.model).or_default().push(*wanted);
    }
    for (model_id, choices) in by_model {
        let wanted = choices.iter().map(|choice| choice.quantity).sum();
        let missing = count_missing(&mut transaction, refused, model_id, &choices).await?;
        if missing > 0 {
            let Refused { project_id, requester_id, period, .. } = *refused;
            let unmet = UnmetDemand { project_id, requester_id, model_id, period, wanted, missing, counts };
            unmet_demand::note(&mut transaction, &unmet).await?;
        }
    }
    Ok(transaction.commit().await?)
}

/// Named units that are not free, or what is lacking of any, whichever is more. What is kept for whoever asked is free.
async fn count_missing(
    conn: &mut PgConnection,
    refused: &Refused,
    model: ModelId,
    choices: &[Choice],
) -> Result<i32, Problem> {
    let Refused { requester_id, project_id, period, .. } = *refused;
    let asker = Asker { user: requester_id, project: project_id };
    let free = catalogue::choose_units_for(conn, asker, model, period, usize::MAX, &[]).await?;
    let wanted: i32 = choices.iter().map(|choice| choice.quantity).sum();
    let lacking = wanted - i32::try_from(free.len()).unwrap_or(i32::MAX);
    let named = choices.iter().filter_map(|choice| choice.unit);
    let taken = named.filter(|unit| !free.iter().any(|free| free.id == *unit)).count();
    Ok(lacking.max(i32::try_from(taken).unwrap_or(i32::MAX)))
}

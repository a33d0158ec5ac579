//! The measure of most scenarios: a requisition that is submitted now, until it is checked out.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::{TimeDelta, Utc};
use makerlab_shared::domain::{
    id::RequisitionId,
    requisition::RequisitionStatus::{CheckedOut, PartlyReturned, Returned},
};
use serde_json::json;
use tokio::time::Instant;

use super::{PATIENCE, Stage};
use crate::{
    stack::until,
    storm::patient::{Heard, Patient},
};

/// Until one is accepted, checked out and, perhaps, back already.
pub async fn one_goes_through(stage: &Stage) -> Result<Duration> {
    let began = Instant::now();
    let id = one_is_accepted(stage).await?;
    let (requester, path) = (&stage.cast.borrowers[0], format!("/v1/requisitions/{id}"));
    let is_out = async || {
        let seen = stage.patient.get(requester, &path).await?;
        let status = serde_json::from_value(seen["status"].clone()).ok()?;
        [CheckedOut, PartlyReturned, Returned].contains(&status).then_some(())
    };
    until("a requisition goes through", PATIENCE, is_out).await?;
    Ok(began.elapsed())
}

pub async fn one_is_accepted(stage: &Stage) -> Result<RequisitionId> {
    of_model(stage, 0).await
}

/// Of the model of this turn: a crowd needs more units than one model has.
pub async fn of_model(stage: &Stage, turn: usize) -> Result<RequisitionId> {
    let models = &stage.cast.free_models;
    let wish = json!({
        "project_id": stage.cast.project,
        "purpose": "Looking whether it works again",
        "due_at": Utc::now() + TimeDelta::days(7),
        "lines": [{ "model_id": models[turn % models.len()], "quantity": 1 }],
    });
    match stage.patient.post(&stage.cast.borrowers[0], "/v1/requisitions", &wish, &Patient::new_key()).await {
        Heard::Done(body) => {
            let id = body["id"].as_str().context("a requisition has an id")?.parse()?;
            stage.memory.accepted(id, 1);
            Ok(id)
        }
        Heard::Refused(problem) => bail!("a requisition was refused: {problem}"),
        Heard::Nothing => bail!("a requisition got no answer"),
    }
}

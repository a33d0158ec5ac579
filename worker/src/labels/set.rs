//! Sets or takes back the label of one unit: a look, what is to be done now, at most one `PATCH` of the label and nothing else.
//! What Snipe-IT refuses is told once and tried ever less often; it is over as soon as there is nothing to set.

use super::order::find_labels;
use crate::{
    calls::CallFailure,
    context::Context,
    edit::Edited,
    jobs::{Failure, Handled},
    snipeit::{EDIT_PERMISSION, ReadFailure, ReadFailureKind},
};
use makerlab_shared::{
    domain::{
        id::EquipmentId,
        inventory::{AssetSeen, SnipeitAssetId, SnipeitLabelId},
        reserved_label::{self, LabelStep, next_step},
    },
    store::{
        jobs::{RunCounts, TakenJob},
        link, reserved_labels,
    },
};
use std::time::Duration;

/// How long it waits for the end of a pause.
const LATER: Duration = Duration::from_secs(60);
/// How long it waits for somebody to give the permission; lending goes on without it.
const UNTIL_ALLOWED: Duration = Duration::from_secs(60 * 60);

/// Job `set_label`; its subject is the unit.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let unit = EquipmentId(job.subject_id);
    let Some(asset) = find_asset(context, unit).await? else {
        return Ok(Handled::again(LATER, "nothing is sent to Snipe-IT at the moment", RunCounts::GivenBack));
    };
    let seen = match context.read(job.lane, async |snipeit| snipeit.show_asset(asset).await).await {
        Ok(read) => read.value,
        Err(CallFailure::Read(ReadFailure { kind: ReadFailureKind::NotFound { .. }, .. })) => {
            told(context, unit, None, "asset_missing").await?;
            return forget(context, unit, "asset_missing").await;
        }
        Err(failure) => return Err(failure.into()),
    };
    match decide(context, unit, &seen).await? {
        LabelStep::Told => told(context, unit, None, "told_already").await,
        LabelStep::Tell(label) => match patch(context, job, &seen, label).await {
            Ok(Edited::Applied) => told(context, unit, Some(label), "told").await,
            Ok(Edited::Refused { message }) => refused(context, unit, &seen, &message).await,
            Ok(Edited::Forbidden) => Ok(forbidden()),
            Err(failure) => not_known(context, failure),
        },
        LabelStep::Leave => keep(context, unit, "left_as_it_is").await,
        LabelStep::Forget => forget(context, unit, "another_label").await,
        LabelStep::Reserve(set) => match patch(context, job, &seen, set.label).await {
            Ok(Edited::Applied) => keep(context, unit, "reserved").await,
            Ok(Edited::Refused { message }) => refused(context, unit, &seen, &message).await,
            Ok(Edited::Forbidden) => Ok(forbidden()),
            Err(failure) => not_known(context, failure),
        },
        LabelStep::TakeBack(set) => match patch(context, job, &seen, set.over).await {
            Ok(Edited::Applied) => forget(context, unit, "taken_back").await,
            Ok(Edited::Refused { message }) => refused(context, unit, &seen, &message).await,
            Ok(Edited::Forbidden) => Ok(forbidden()),
            Err(failure) => not_known(context, failure),
        },
    }
}

/// `None`: calls are paused.
async fn find_asset(context: &Context, unit: EquipmentId) -> Result<Option<SnipeitAssetId>, Failure> {
    let mut conn = context.pool.acquire().await?;
    if link::load(&mut conn).await?.pause.is_some() {
        return Ok(None);
    }
    let found = reserved_labels::find_wanted(&mut conn, unit).await?;
    found.map(|(asset, _)| Some(asset)).ok_or_else(|| Failure::Broken("the unit does not exist".to_owned()))
}

/// By our record of now, which may have changed during the look. What is to be set is noted before.
async fn decide(context: &Context, unit: EquipmentId, seen: &AssetSeen) -> Result<LabelStep, Failure> {
    let mut transaction = context.pool.begin().await?;
    let labels = find_labels(&mut transaction, context).await?;
    let found = reserved_labels::find_wanted(&mut transaction, unit).await?;
    let step = found.map_or(LabelStep::Leave, |(_, wanted)| next_step(wanted, labels, seen));
    if let LabelStep::Reserve(set) = step {
        reserved_labels::note(&mut transaction, unit, set).await?;
        transaction.commit().await?;
    }
    Ok(step)
}

async fn patch(
    context: &Context,
    job: &TakenJob,
    seen: &AssetSeen,
    label: SnipeitLabelId,
) -> Result<Edited, CallFailure> {
    context.edit(job.lane, async |snipeit| snipeit.set_label(seen.id, label).await).await
}

/// It may have its effect until Snipe-IT's request limit is over: a look before that would judge too early.
fn not_known(context: &Context, failure: CallFailure) -> Result<Handled, Failure> {
    match &failure {
        CallFailure::Read(ReadFailure { kind: ReadFailureKind::Trouble { .. }, .. }) => {
            Ok(Handled::again(context.times.look_after_take(), failure.to_string(), RunCounts::GivenBack))
        }
        CallFailure::Read(_) | CallFailure::NoBudget { .. } | CallFailure::Store(_) => Err(failure.into()),
    }
}

async fn told(
    context: &Context,
    unit: EquipmentId,
    label: Option<SnipeitLabelId>,
    outcome: &'static str,
) -> Result<Handled, Failure> {
    let mut transaction = context.pool.begin().await?;
    reserved_labels::note_told(&mut transaction, unit, label).await?;
    reserved_labels::note_settled(&mut transaction, unit).await?;
    transaction.commit().await?;
    Ok(Handled::done(outcome))
}

/// What we have set, if anything, stays noted.
async fn keep(context: &Context, unit: EquipmentId, outcome: &'static str) -> Result<Handled, Failure> {
    let mut transaction = context.pool.begin().await?;
    reserved_labels::note_settled(&mut transaction, unit).await?;
    transaction.commit().await?;
    Ok(Handled::done(outcome))
}

async fn forget(context: &Context, unit: EquipmentId, outcome: &'static str) -> Result<Handled, Failure> {
    let mut transaction = context.pool.begin().await?;
    reserved_labels::forget(&mut transaction, unit).await?;
    reserved_labels::note_settled(&mut transaction, unit).await?;
    transaction.commit().await?;
    Ok(Handled::done(outcome))
}

/// Its job stays open, so that no sweep orders another.
async fn refused(context: &Context, unit: EquipmentId, seen: &AssetSeen, message: &str) -> Result<Handled, Failure> {
    let before = reserved_labels::count_refusals(&mut *context.pool.acquire().await?, unit).await?;
    let (pause, told) = reserved_label::refused(unit, seen, before.saturating_add(1), message);
    let why = format!("Snipe-IT refused the label: {message}");
    Ok(Handled::again(pause, why, RunCounts::GivenBack).with(told))
}

fn forbidden() -> Handled {
    let why = format!("the Snipe-IT user of the API token lacks the permission {EDIT_PERMISSION}");
    Handled::again(UNTIL_ALLOWED, why, RunCounts::GivenBack)
}

//! Comparing our loans with the assets that were just read: what is safe is followed, the rest becomes findings.

use crate::{context::Context, jobs::Failure};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        change::Change,
        drift::{Judgement, Picture, SnipeitClock, Told, close_all, judge, not_written, respond},
        id::LoanId,
        inventory::SnipeitAssetId,
        requisition::ByHand,
    },
    store::{
        commit::{CommitError, commit},
        dossier, drift, link, operations,
    },
};
use std::collections::{BTreeSet, HashMap};

/// Findings that are closed, or looked at again, in one round; and units that are compared again.
const MOST: i64 = 500;

/// Call it with what a page showed, once it is in the cache: a crash in between is made good by the next round, which
/// reads the same page again. What cannot be told yet is compared again by each sweep, whatever Snipe-IT shows.
pub(super) async fn compare(context: &Context, assets: &[SnipeitAssetId]) -> Result<(), Failure> {
    let (clock, pictures, told) = {
        let mut conn = context.pool.acquire().await?;
        let clock = context.snipeit_clock(&link::load(&mut conn).await?);
        let pictures = drift::list_pictures(&mut conn, assets).await?;
        let loans: Vec<LoanId> = pictures.iter().map(|picture| picture.loan.id).collect();
        (clock, pictures, drift::list_told(&mut conn, &loans).await?)
    };
    let is_too_early = |picture: &&Picture| judge(picture, clock) == Judgement::NotYet;
    let mut later: BTreeSet<SnipeitAssetId> =
        pictures.iter().filter(is_too_early).map(|picture| picture.sight.asset).collect();
    for picture in pictures.iter().filter(|picture| calls_for_action(picture, &told, clock)) {
        if follow_alone(context, picture, clock).await? == Followed::Forbidden {
            later.insert(picture.sight.asset);
        }
    }
    note(context, &pictures, later).await
}

/// Once a round: what was said of loans that are over by now, or that may have another unit; and what could not be told.
pub(super) async fn look_again(context: &Context) -> Result<(), Failure> {
    let mut transaction = context.pool.begin().await?;
    let over = drift::list_over(&mut transaction, MOST).await?;
    let mut again = drift::list_told_assets(&mut transaction, MOST).await?;
    again.extend(drift::list_to_recompare(&mut transaction, MOST).await?);
    match commit(&mut transaction, &close_all(&over)).await {
        Ok(()) => transaction.commit().await?,
        // Somebody has answered one at this moment: the next round closes the others.
        Err(CommitError::Conflict(_)) => transaction.rollback().await?,
        Err(error) => return Err(error.into()),
    }
    compare(context, &again).await
}

/// Which units are to be compared again although nothing new may be seen of them, and which are not any more.
async fn note(context: &Context, pictures: &[Picture], later: BTreeSet<SnipeitAssetId>) -> Result<(), Failure> {
    let told: Vec<(SnipeitAssetId, DateTime<Utc>)> = pictures
        .iter()
        .filter(|picture| !later.contains(&picture.sight.asset))
        .filter_map(|picture| Some((picture.sight.asset, picture.recompare_since?)))
        .collect();
    if later.is_empty() && told.is_empty() {
        return Ok(());
    }
    let mut conn = context.pool.acquire().await?;
    drift::recompare(&mut conn, &later.into_iter().collect::<Vec<_>>()).await?;
    Ok(drift::note_compared(&mut conn, &told).await?)
}

fn calls_for_action(picture: &Picture, told: &HashMap<LoanId, Told>, clock: SnipeitClock) -> bool {
    let judgement = judge(picture, clock);
    let told = told.get(&picture.loan.id).cloned().unwrap_or_default();
    matches!(judgement, Judgement::ReturnedByHand { .. })
        || respond(picture, judgement, &told, clock) != Change::default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Followed {
    Yes,
    Forbidden,
}

/// What the schema forbids to be written about one loan holds up no other.
async fn follow_alone(context: &Context, picture: &Picture, clock: SnipeitClock) -> Result<Followed, Failure> {
    let loan = picture.loan.id;
    let constraint = match follow(context, loan, clock).await {
        Ok(()) => return Ok(Followed::Yes),
        Err(Failure::Commit(CommitError::Constraint(name))) => name,
        Err(other) => return Err(other),
    };
    tracing::error!(loan.id = %loan, "The constraint {constraint} keeps what Snipe-IT shows of {loan} out of our record");
    let mut transaction = context.pool.begin().await?;
    if !drift::is_told_not_written(&mut transaction, loan, &constraint).await? {
        let findings = vec![not_written(picture, &constraint)];
        commit(&mut transaction, &Change { findings, ..Change::default() }).await?;
    }
    transaction.commit().await?;
    Ok(Followed::Forbidden)
}

/// Judges once more, under the requisition's lock: a return may have been asked for meanwhile.
async fn follow(context: &Context, loan: LoanId, clock: SnipeitClock) -> Result<(), Failure> {
    let mut transaction = context.pool.begin().await?;
    let Some(dossier) = dossier::load_for_loan(&mut transaction, loan).await? else { return Ok(()) };
    let Some(picture) = drift::find_picture(&mut transaction, loan).await? else { return Ok(()) };
    let told = drift::list_told(&mut transaction, &[loan]).await?.remove(&loan).unwrap_or_default();
    let judgement = judge(&picture, clock);
    let mut change = respond(&picture, judgement, &told, clock);
    if let Judgement::ReturnedByHand { at, last_checkin } = judgement {
        let now = operations::now(&mut transaction).await?;
        let why = format!("checked in by hand in Snipe-IT at {last_checkin}");
        change.append(dossier.adopt_return_by_hand(loan, ByHand { at, now, why }));
    }
    match commit(&mut transaction, &change).await {
        Ok(()) => transaction.commit().await?,
        // Somebody answers the finding at this moment: what is left to say the next round says.
        Err(CommitError::Conflict(_)) => return Ok(transaction.rollback().await?),
        Err(error) => return Err(error.into()),
    }
    context.waker.wake();
    tracing::info!(loan.id = %loan, asset.id = %picture.sight.asset, "Snipe-IT and the record of {loan} differ: {judgement:?}");
    Ok(())
}

//! Comparing our loans with the assets that were just read, and following Snipe-IT where that is safe.

use crate::{context::Context, jobs::Failure};
use makerlab_shared::{
    domain::{
        drift::{Judgement, Picture, SnipeitClock, judge},
        id::LoanId,
        inventory::SnipeitAssetId,
        requisition::ReturnByHand,
    },
    store::{commit::commit, dossier, drift, link, operations},
};

/// Call it with what a page showed, once it is in the cache: a crash in between is made good by the next round, which
/// reads the same page again.
pub(super) async fn compare(context: &Context, assets: &[SnipeitAssetId]) -> Result<(), Failure> {
    let (clock, pictures) = {
        let mut conn = context.pool.acquire().await?;
        let offset = link::load(&mut conn).await?.clock_offset;
        let clock = SnipeitClock { zone: context.zones.snipeit_timezone, offset };
        (clock, drift::list_pictures(&mut conn, assets).await?)
    };
    for picture in pictures.iter().filter(|picture| calls_for_action(picture, clock)) {
        follow(context, picture.loan.id, clock).await?;
    }
    Ok(())
}

fn calls_for_action(picture: &Picture, clock: SnipeitClock) -> bool {
    matches!(judge(picture, clock), Judgement::ReturnedByHand { .. })
}

/// Judges once more, under the requisition's lock: a return may have been asked for meanwhile.
async fn follow(context: &Context, loan: LoanId, clock: SnipeitClock) -> Result<(), Failure> {
    let mut transaction = context.pool.begin().await?;
    let Some(dossier) = dossier::load_for_loan(&mut transaction, loan).await? else { return Ok(()) };
    let Some(picture) = drift::find_picture(&mut transaction, loan).await? else { return Ok(()) };
    let Judgement::ReturnedByHand { at, last_checkin } = judge(&picture, clock) else { return Ok(()) };
    let now = operations::now(&mut transaction).await?;
    commit(&mut transaction, &dossier.adopt_return_by_hand(loan, ReturnByHand { at, last_checkin, now })).await?;
    transaction.commit().await?;
    context.waker.wake();
    tracing::info!(loan.id = %loan, asset.id = %picture.sight.asset, "Adopted the return of {loan}, made by hand in Snipe-IT");
    Ok(())
}

//! Loans of ours in the middle of it: asked for, promised, given back, through the same doors as in production.

use anyhow::Context as _;
use chrono::{TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        id::{LoanId, RequisitionId},
        inventory::SnipeitAssetId,
        requisition::{GiveBack, Period, ReturnReport},
    },
    store::{catalogue, clock, commit::commit, dossier},
};
use uuid::Uuid;

use super::dice::Dice;
use crate::floor::Floor;

/// A loan of ours begins, or is promised for later, if there is a free unit.
pub(super) async fn begin(floor: &Floor, dice: &mut Dice) -> anyhow::Result<()> {
    let starts_in = match dice.below(4) {
        0 => TimeDelta::days(3),
        1 => TimeDelta::hours(6),
        _ => TimeDelta::zero(),
    };
    if is_free(floor, starts_in).await? {
        floor.given_promised(starts_in).await;
    }
    Ok(())
}

async fn is_free(floor: &Floor, starts_in: TimeDelta) -> anyhow::Result<bool> {
    let mut transaction = floor.pool.begin().await?;
    let now = clock::now(&mut transaction).await?;
    let starts_at = now + starts_in;
    let period = Period::parse(Some(starts_at), starts_at + TimeDelta::days(7), now)?;
    let free = catalogue::choose_units(&mut transaction, floor.people.model, period, 1, &[]).await?;
    Ok(!free.is_empty())
}

/// A borrower brings something back, if anything is out.
pub(super) async fn bring_back(floor: &Floor, dice: &mut Dice) -> anyhow::Result<()> {
    let out: Vec<(Uuid, Uuid, i64)> = sqlx::query_as(
        "select l.id, l.requisition_id, e.snipeit_asset_id from loans l join equipment e on e.id = l.equipment_id
         where l.status = 'checked_out' order by l.id",
    )
    .fetch_all(&floor.pool)
    .await?;
    let Some((loan, requisition, asset)) = dice.pick(&out) else { return Ok(()) };
    let mut transaction = floor.pool.begin().await?;
    let dossier = dossier::load_for_update(&mut transaction, RequisitionId(requisition)).await?;
    let dossier = dossier.context("a loan has a requisition")?;
    let give_back = GiveBack { by: floor.people.student.id, now: Utc::now(), is_forgetful: false };
    let asked = dossier.request_return(LoanId(loan), SnipeitAssetId(asset), ReturnReport::FINE, give_back);
    // A return may be under way already.
    if let Ok(change) = asked {
        commit(&mut transaction, &change).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Units of loans that are not over.
pub(super) async fn list_units(floor: &Floor) -> anyhow::Result<Vec<i64>> {
    let units = sqlx::query_scalar(
        "select distinct e.snipeit_asset_id from loans l join equipment e on e.id = l.equipment_id
         where l.status in ('promised', 'handed_over', 'checked_out') order by 1",
    );
    Ok(units.fetch_all(&floor.pool).await?)
}

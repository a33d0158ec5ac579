//! Snipe-IT's expected date follows an extension.
//!
//! It sets a value, so doing it twice does no harm and no protocol is needed; but only on an asset that is still in our
//! tenure, so it looks before it writes. What it sets is the loan's due date at that moment.

use crate::{
    calls::CallFailure,
    context::Context,
    jobs::{Failure, Handled},
    snipeit::{ReadFailure, ReadFailureKind},
};
use chrono::NaiveDate;
use makerlab_shared::{
    domain::{
        id::LoanId,
        inventory::SnipeitAssetId,
        lab_day,
        operation::{OperationKind, Tenure},
    },
    store::{
        dossier,
        jobs::{RunCounts, TakenJob},
        link, loans,
    },
};
use std::time::Duration;

/// How long it waits for a return that is under way, or for the end of a pause.
const LATER: Duration = Duration::from_secs(60);

/// The asset that is ours, and what it is to show.
struct Wanted {
    asset: SnipeitAssetId,
    tenure: Tenure,
    day: NaiveDate,
}

enum Plan {
    Set(Wanted),
    Later(&'static str),
    NotOut,
}

/// Job `set_expected_checkin`; its subject is the loan.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let wanted = match plan(context, LoanId(job.subject_id)).await? {
        Plan::Set(wanted) => wanted,
        Plan::Later(why) => return Ok(Handled::again(LATER, why, RunCounts::GivenBack)),
        Plan::NotOut => return Ok(Handled::done("not_out")),
    };
    let read = context.read(job.lane, async |snipeit| snipeit.show_asset(wanted.asset).await).await;
    let seen = match read {
        Ok(read) => read.value,
        // The sweep tells people what became of it.
        Err(CallFailure::Read(ReadFailure { kind: ReadFailureKind::NotFound { .. }, .. })) => {
            return Ok(Handled::done("asset_missing"));
        }
        Err(failure) => return Err(failure.into()),
    };
    if !wanted.tenure.is_shown_by(&seen) {
        return Ok(Handled::done("not_our_tenure"));
    }
    if seen.expected_checkin == Some(wanted.day) {
        return Ok(Handled::done("shown_already"));
    }
    let edited = context.edit(job.lane, async |snipeit| snipeit.set_expected_checkin(wanted.asset, wanted.day).await);
    edited.await?.or_broken("the expected date")?;
    Ok(Handled::done("set"))
}

async fn plan(context: &Context, id: LoanId) -> Result<Plan, Failure> {
    let mut transaction = context.pool.begin().await?;
    if link::load(&mut transaction).await?.pause.is_some() {
        return Ok(Plan::Later("nothing is sent to Snipe-IT at the moment"));
    }
    let Some(dossier) = dossier::load_for_loan(&mut transaction, id).await? else {
        return Err(Failure::Broken("the loan does not exist".to_owned()));
    };
    let asset = loans::find_asset(&mut transaction, id).await?;
    let loan = dossier.find_loan(id).filter(|loan| loan.status.is_out());
    let (Some(loan), Some(asset)) = (loan, asset) else { return Ok(Plan::NotOut) };
    match dossier.find_live_operation(id).map(|operation| operation.kind) {
        // It may have been sent with the date of before.
        Some(OperationKind::CheckOut) => return Ok(Plan::Later("its check-out is under way")),
        Some(OperationKind::CheckIn) => return Ok(Plan::Later("a return is under way")),
        None => {}
    }
    let (Some(user), Some(last_checkout)) = (loan.snipeit_user_id, loan.fingerprint) else { return Ok(Plan::NotOut) };
    let day = lab_day::expected_day(loan.period.due_at, context.zones.lab_timezone);
    Ok(Plan::Set(Wanted { asset, tenure: Tenure { user, last_checkout }, day }))
}

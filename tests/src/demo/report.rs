//! The report of the day: what it counts is what was played, and what Snipe-IT really did.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::{Days, Utc};
use makerlab_shared::domain::requisition::{LineStatus, LoanStatus};
use serde_json::Value;

use super::{cast::Cast, checks::Check};
use crate::{
    simulator::{Effect, EffectKind},
    stack::RequisitionSeen,
};

/// Of the project alone: a given database may have seen other days.
pub async fn checks(cast: &Cast, requisitions: &[RequisitionSeen], effects: Option<&[Effect]>) -> Result<Vec<Check>> {
    let today = Utc::now().date_naive();
    // Whatever the lab's zone makes of today.
    let (from, to) = (today - Days::new(1), today + Days::new(400));
    let path = format!("/v1/projects/{}/report?from={from}&to={to}", cast.project);
    let report = cast.professor.api.get(&path).await?;
    let sheet = cast.technician.api.get(&format!("{path}&format=csv")).await?;
    let mut checks =
        vec![counts_what_was_played(&report, requisitions), is_the_same_for_a_spreadsheet(&report, &sheet)];
    checks.extend(effects.map(|effects| counts_what_snipe_it_did(&report, effects)));
    Ok(checks)
}

fn counts_what_was_played(report: &Value, requisitions: &[RequisitionSeen]) -> Check {
    let loans = || requisitions.iter().flat_map(|requisition| &requisition.loans);
    let with = |status| loans().filter(|loan| loan.status == status).count();
    let reasons: BTreeSet<_> = requisitions.iter().flat_map(reasons_of).collect();
    let played = [requisitions.len(), with(LoanStatus::CheckedOut), with(LoanStatus::Returned), reasons.len()];
    let told = [
        number(&report["requisitions"]["submitted"]),
        number(&report["out_now"]["units"]),
        number(&report["returns"]["on_time"]) + number(&report["returns"]["late"]),
        report["requisitions"]["rejections"].as_array().map_or(0, Vec::len),
    ];
    let [requisitions, out, back, _] = played;
    let what = format!("the project's report counts {requisitions} requisitions, {out} units out, {back} returned");
    Check::that(what, told == played, || format!("it counts {told:?} instead of {played:?}"))
}

/// For which lines of it were rejected.
fn reasons_of(requisition: &RequisitionSeen) -> impl Iterator<Item = Option<&str>> {
    let rejected = requisition.lines.iter().filter(|line| line.status == LineStatus::Rejected);
    rejected.map(|line| line.decision_reason.as_deref().or(requisition.decision_reason.as_deref()))
}

fn counts_what_snipe_it_did(report: &Value, effects: &[Effect]) -> Check {
    let count = |kind| effects.iter().filter(|effect| effect.kind == kind).count();
    let (out, back) = (count(EffectKind::Checkout), count(EffectKind::Checkin));
    let told = number(&report["loans"]["loans"]);
    let still_out = number(&report["out_now"]["units"]);
    let what = format!("of {out} loans that it counts Snipe-IT has got {back} back");
    Check::that(what, told == out && told == still_out + back, || format!("it counts {told} loans, {still_out} out"))
}

fn is_the_same_for_a_spreadsheet(report: &Value, sheet: &Value) -> Check {
    let row = format!("out_now,,,,units,{}\r\n", number(&report["out_now"]["units"]));
    let told = sheet.as_str().is_some_and(|sheet| sheet.starts_with("section,") && sheet.contains(&row));
    Check::that("a spreadsheet reads the same in it", told, || sheet.to_string())
}

fn number(value: &Value) -> usize {
    value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(usize::MAX)
}

//! The same report once more, by going through everything and counting.

use super::made_up::{Line, Loan, Requisition, Unmet, World};
use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::domain::{
    id::ProjectId,
    money::Cents,
    report::{ModelDemand, ModelUse, OutNow, Outcome, Rejection, Report, ReportPeriod, Returns, Waiting},
    requisition::{LineStatus, LoanStatus, RequisitionStatus, ReturnCondition},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

pub(super) fn report(world: &World, period: ReportPeriod, project: Option<ProjectId>, as_of: DateTime<Utc>) -> Report {
    let is_in = |moment: DateTime<Utc>| period.from <= moment && moment < period.to;
    let ours: Vec<_> =
        world.requisitions.iter().filter(|one| project.is_none_or(|project| one.project == project)).collect();
    let submitted: Vec<_> = ours.iter().copied().filter(|one| is_in(one.created_at)).collect();
    let unmet: Vec<_> = world
        .unmet
        .iter()
        .filter(|unmet| is_in(unmet.at) && project.is_none_or(|project| unmet.project == project))
        .collect();
    let mut outcomes = BTreeMap::new();
    for one in &submitted {
        *outcomes.entry(outcome(one)).or_insert(0) += 1;
    }
    let decided = ours.iter().filter_map(|one| Some((one.created_at, one.decided_at?)));
    let decided = decided.filter(|(_, at)| is_in(*at)).map(|(created, at)| at - created);
    let loans: Vec<(&Requisition, usize, &Loan)> = ours
        .iter()
        .flat_map(|one| one.lines.iter().map(move |line| (*one, line)))
        .flat_map(|(one, line)| line.loans.iter().map(move |loan| (one, line.model, loan)))
        .collect();
    let is_out = |status| [LoanStatus::HandedOver, LoanStatus::CheckedOut].contains(&status);
    let out: Vec<_> = loans.iter().filter(|(_, _, loan)| is_out(loan.status)).collect();
    let back: Vec<_> = loans.iter().filter(|(_, _, loan)| loan.returned_at.is_some_and(is_in)).collect();
    let came_back = |how: fn(&Loan) -> bool| count(back.iter().filter(|(_, _, loan)| how(loan)).count());
    Report {
        period,
        project,
        as_of,
        outcomes,
        rejections: rejections(&submitted),
        until_decided: waiting(decided.collect()),
        until_out: waiting(loans.iter().filter_map(|(one, _, loan)| until_out(one, loan, &is_in)).collect()),
        out_now: OutNow {
            units: count(out.len()),
            overdue: count(out.iter().filter(|(_, _, loan)| loan.due_at < as_of).count()),
            value: Cents::from_stored(out.iter().filter_map(|(_, _, loan)| loan.cost).sum()),
            without_cost: count(out.iter().filter(|(_, _, loan)| loan.cost.is_none()).count()),
        },
        use_by_model: used(world, &loans, period, as_of),
        returns: Returns {
            on_time: came_back(|loan| !is_lost(loan) && loan.returned_at <= Some(loan.due_at)),
            late: came_back(|loan| !is_lost(loan) && loan.returned_at > Some(loan.due_at)),
            lost: came_back(is_lost),
            damaged: came_back(|loan| {
                [ReturnCondition::Damaged, ReturnCondition::Incomplete].map(Some).contains(&loan.condition)
            }),
        },
        demand: demand(world, &submitted, &unmet),
    }
}

fn is_lost(loan: &Loan) -> bool {
    loan.condition == Some(ReturnCondition::Lost)
}

/// The counter comes first; what is confirmed without it is out by that.
fn out_at(loan: &Loan) -> Option<DateTime<Utc>> {
    loan.handed_over_at.or(loan.checked_out_at)
}

fn outcome(requisition: &Requisition) -> Outcome {
    let some = |status| requisition.lines.iter().any(|line| line.status == status);
    let ended = [
        (RequisitionStatus::Rejected, Outcome::Rejected),
        (RequisitionStatus::Cancelled, Outcome::Cancelled),
        (RequisitionStatus::Failed, Outcome::Failed),
    ];
    if let Some((_, outcome)) = ended.into_iter().find(|(status, _)| *status == requisition.status) {
        return outcome;
    }
    match (some(LineStatus::Pending), some(LineStatus::Approved), some(LineStatus::Rejected)) {
        (true, _, _) => Outcome::Waiting,
        (false, true, true) => Outcome::PartlyGranted,
        (false, true, false) => Outcome::Granted,
        (false, false, true) => Outcome::Rejected,
        (false, false, false) => Outcome::Cancelled,
    }
}

fn rejections(submitted: &[&Requisition]) -> Vec<Rejection> {
    let mut reasons = BTreeMap::new();
    for one in submitted {
        let rejected = one.lines.iter().filter(|line| line.status == LineStatus::Rejected);
        for reason in rejected.map(|line| line.reason.or(one.reason)).collect::<BTreeSet<_>>() {
            *reasons.entry(reason).or_insert(0) += 1;
        }
    }
    let mut told: Vec<_> = reasons.into_iter().collect();
    told.sort_by_key(|(reason, number)| (Reverse(*number), reason.is_none(), *reason));
    told.into_iter()
        .map(|(reason, requisitions)| Rejection { reason: reason.map(str::to_owned), requisitions })
        .collect()
}

fn until_out(requisition: &Requisition, loan: &Loan, is_in: &impl Fn(DateTime<Utc>) -> bool) -> Option<TimeDelta> {
    let out = out_at(loan).filter(|at| is_in(*at))?;
    let could_be_had = requisition.decided_at.unwrap_or(requisition.created_at).max(loan.starts_at);
    Some((out - could_be_had).max(TimeDelta::zero()))
}

fn used(
    world: &World,
    loans: &[(&Requisition, usize, &Loan)],
    period: ReportPeriod,
    as_of: DateTime<Utc>,
) -> Vec<ModelUse> {
    let mut used: Vec<ModelUse> = Vec::new();
    for (number, model) in world.models.iter().enumerate() {
        let mut of = ModelUse { model: model.clone(), loans: 0, seconds: 0 };
        for (_, _, loan) in loans.iter().filter(|(_, model, _)| *model == number) {
            let Some(out) = out_at(loan) else { continue };
            let back = loan.returned_at.unwrap_or(as_of);
            // Out for no time at all counts if that moment is in the period.
            let touches = out < period.to && (back > period.from || (out == back && out >= period.from));
            if touches {
                of.loans += 1;
                of.seconds += (back.min(period.to) - out.max(period.from)).num_seconds();
            }
        }
        if of.loans > 0 {
            used.push(of);
        }
    }
    used.sort_by_key(|of| (Reverse(of.seconds), of.model.name.clone()));
    used
}

fn demand(world: &World, submitted: &[&Requisition], unmet: &[&Unmet]) -> Vec<ModelDemand> {
    let mut demand = Vec::new();
    for (number, model) in world.models.iter().enumerate() {
        let lines = || submitted.iter().flat_map(|one| &one.lines).filter(move |line| asks_for(line, number));
        let asking = submitted.iter().filter(|one| one.lines.iter().any(|line| asks_for(line, number)));
        let requisitions = asking.count();
        let rejected = lines().filter(|line| line.status == LineStatus::Rejected);
        let of = ModelDemand {
            model: model.clone(),
            requisitions: count(requisitions),
            wanted: lines().map(|line| i64::from(line.quantity)).sum(),
            rejected: rejected.map(|line| i64::from(line.quantity)).sum(),
            missing: unmet.iter().filter(|unmet| unmet.model == number).map(|unmet| i64::from(unmet.missing)).sum(),
        };
        if requisitions > 0 || of.missing > 0 {
            demand.push(of);
        }
    }
    demand.sort_by_key(|of| (Reverse(of.wanted + of.missing), of.model.name.clone()));
    demand
}

/// What an edit took out was not wanted.
fn asks_for(line: &Line, model: usize) -> bool {
    line.model == model && line.status != LineStatus::Withdrawn
}

/// The first of the sorted ones that so many are no longer than.
fn waiting(mut waits: Vec<TimeDelta>) -> Waiting {
    waits.sort();
    let rank = |tenths: usize| {
        let place = (waits.len() * tenths).div_ceil(10).checked_sub(1)?;
        waits.get(place).map(TimeDelta::num_seconds)
    };
    Waiting { count: count(waits.len()), median_seconds: rank(5), p90_seconds: rank(9) }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

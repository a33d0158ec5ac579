//! The same report once more, by going through everything and counting.

use super::made_up::{Line, Loan, Requisition, Unmet, World};
use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::domain::{
    id::ProjectId,
    money::Cents,
    report::{LineOutcome, ModelDemand, ModelUse, OutNow, Outcome, Rejection, Report, ReportPeriod, Returns, Waiting},
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
    let unmet: Vec<_> =
        world.unmet.iter().filter(|unmet| project.is_none_or(|project| unmet.project == project)).collect();
    let mut outcomes = BTreeMap::new();
    for one in &submitted {
        *outcomes.entry(outcome(one)).or_insert(0) += 1;
    }
    let mut line_outcomes = BTreeMap::new();
    for outcome in submitted.iter().flat_map(|one| &one.lines).filter_map(line_outcome) {
        *line_outcomes.entry(outcome).or_insert(0) += 1;
    }
    let lines = || ours.iter().flat_map(|one| one.lines.iter().map(move |line| (*one, line)));
    let decided = lines().filter_map(|(one, line)| Some((one.created_at, line.decided_at?)));
    let decided = decided.filter(|(_, at)| is_in(*at)).map(|(created, at)| at - created);
    let waits = lines().flat_map(|(one, line)| line.loans.iter().filter_map(|loan| until_out(one, line, loan, &is_in)));
    let loans: Vec<(usize, &Loan)> =
        lines().flat_map(|(_, line)| line.loans.iter().map(move |loan| (line.model, loan))).collect();
    let is_out = |status| [LoanStatus::HandedOver, LoanStatus::CheckedOut].contains(&status);
    let out: Vec<_> = loans.iter().filter(|(_, loan)| is_out(loan.status) && loan.replaced_at.is_none()).collect();
    let back: Vec<_> = loans.iter().filter(|(_, loan)| loan.returned_at.is_some_and(is_in)).collect();
    let came_back = |how: fn(&Loan) -> bool| count(back.iter().filter(|(_, loan)| how(loan)).count());
    Report {
        period,
        project,
        as_of,
        outcomes,
        line_outcomes,
        rejections: rejections(&submitted),
        until_decided: waiting(decided.collect()),
        until_out: waiting(waits.collect()),
        out_now: OutNow {
            units: count(out.len()),
            overdue: count(out.iter().filter(|(_, loan)| loan.due_at < as_of).count()),
            value: Cents::from_stored(out.iter().filter_map(|(_, loan)| loan.cost).sum()),
            without_cost: count(out.iter().filter(|(_, loan)| loan.cost.is_none()).count()),
        },
        use_by_model: used(world, &loans, period, as_of),
        returns: Returns {
            on_time: came_back(|loan| is_last(loan) && !is_lost(loan) && loan.returned_at <= Some(loan.due_at)),
            late: came_back(|loan| is_last(loan) && !is_lost(loan) && loan.returned_at > Some(loan.due_at)),
            lost: came_back(is_lost),
            damaged: came_back(|loan| {
                [ReturnCondition::Damaged, ReturnCondition::Incomplete].map(Some).contains(&loan.condition)
            }),
        },
        demand: demand(world, &submitted, &unmet, &is_in),
    }
}

/// No other unit took its place.
fn is_last(loan: &Loan) -> bool {
    loan.replaced_at.is_none()
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
        (RequisitionStatus::Cancelled, if some(LineStatus::Lapsed) { Outcome::Lapsed } else { Outcome::Cancelled }),
        (RequisitionStatus::Failed, Outcome::Failed),
    ];
    if let Some((_, outcome)) = ended.into_iter().find(|(status, _)| *status == requisition.status) {
        return outcome;
    }
    let approved = || requisition.lines.iter().filter(|line| line.status == LineStatus::Approved);
    let has_fewer = approved().any(|line| line.granted.is_some_and(|(_, quantity)| quantity < line.quantity));
    let has_another = approved().any(|line| line.granted.is_some_and(|(model, _)| model != line.model));
    let is_refused = some(LineStatus::Rejected) || some(LineStatus::Lapsed);
    match (some(LineStatus::Pending), some(LineStatus::Approved), is_refused) {
        (true, _, _) => Outcome::Waiting,
        (false, true, true) => Outcome::PartlyGranted,
        (false, true, false) if has_fewer => Outcome::PartlyGranted,
        (false, true, false) if has_another => Outcome::Substituted,
        (false, true, false) => Outcome::Granted,
        (false, false, true) if some(LineStatus::Lapsed) => Outcome::Lapsed,
        (false, false, true) => Outcome::Rejected,
        (false, false, false) => Outcome::Cancelled,
    }
}

fn line_outcome(line: &Line) -> Option<LineOutcome> {
    let granted = line.granted.unwrap_or((line.model, line.quantity));
    match line.status {
        LineStatus::Withdrawn => None,
        LineStatus::Pending => Some(LineOutcome::Waiting),
        LineStatus::Rejected => Some(LineOutcome::Rejected),
        LineStatus::Lapsed => Some(LineOutcome::Lapsed),
        LineStatus::Cancelled => Some(LineOutcome::Cancelled),
        LineStatus::Approved if granted == (line.model, line.quantity) => Some(LineOutcome::Granted),
        LineStatus::Approved if granted.0 == line.model => Some(LineOutcome::Reduced),
        LineStatus::Approved => Some(LineOutcome::Substituted),
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

fn until_out(
    requisition: &Requisition,
    line: &Line,
    loan: &Loan,
    is_in: &impl Fn(DateTime<Utc>) -> bool,
) -> Option<TimeDelta> {
    let out = out_at(loan).filter(|at| is_in(*at) && !loan.is_instead)?;
    let could_be_had = line.decided_at.unwrap_or(requisition.created_at).max(loan.starts_at);
    Some((out - could_be_had).max(TimeDelta::zero()))
}

fn used(world: &World, loans: &[(usize, &Loan)], period: ReportPeriod, as_of: DateTime<Utc>) -> Vec<ModelUse> {
    let mut used: Vec<ModelUse> = Vec::new();
    for (number, model) in world.models.iter().enumerate() {
        let mut of = ModelUse { model: model.clone(), loans: 0, seconds: 0 };
        for (_, loan) in loans.iter().filter(|(model, _)| *model == number) {
            let Some(out) = out_at(loan) else { continue };
            let back = loan.replaced_at.or(loan.returned_at).unwrap_or(as_of);
            // Out for no time at all counts if that moment is in the period.
            let touches = out < period.to && (back > period.from || (out == back && out >= period.from));
            if touches {
                // The loan before it, which it goes on with, was out in the period as well.
                of.loans += i64::from(!(loan.is_instead && out > period.from));
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

fn demand(
    world: &World,
    submitted: &[&Requisition],
    unmet: &[&Unmet],
    is_in: &impl Fn(DateTime<Utc>) -> bool,
) -> Vec<ModelDemand> {
    let mut demand = Vec::new();
    let lacking = |number| unmet.iter().filter(move |unmet| unmet.model == number);
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
            reduced: lines().map(left_out).sum(),
            not_free: lacking(number).filter_map(|unmet| not_free(world, unmet, is_in)).sum(),
            missing: lacking(number)
                .filter(|unmet| unmet.requisition.is_none() && is_in(unmet.at))
                .map(|unmet| i64::from(unmet.missing))
                .sum(),
        };
        if requisitions > 0 || of.missing > 0 {
            demand.push(of);
        }
    }
    demand.sort_by_key(|of| (Reverse(of.wanted + of.missing), of.model.name.clone()));
    demand
}

/// Of what was asked for, by a decision that granted something.
fn left_out(line: &Line) -> i64 {
    match line.granted {
        None => 0,
        Some((model, quantity)) if model == line.model => i64::from(line.quantity - quantity),
        Some(_) => i64::from(line.quantity),
    }
}

/// Of a requisition of the period, as far as nothing was decided about it.
fn not_free(world: &World, unmet: &Unmet, is_in: &impl Fn(DateTime<Utc>) -> bool) -> Option<i64> {
    let requisition = &world.requisitions[unmet.requisition?];
    let is_open = |line: &&Line| {
        line.model == unmet.model
            && [LineStatus::Pending, LineStatus::Lapsed, LineStatus::Cancelled].contains(&line.status)
            && line.granted.is_none()
    };
    let open: i32 = requisition.lines.iter().filter(is_open).map(|line| line.quantity).sum();
    is_in(requisition.created_at).then_some(i64::from(open.min(unmet.missing)))
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

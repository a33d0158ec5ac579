//! Lines and loans by chance, as they might have come to be.

use super::{Line, Loan, REASONS};
use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::domain::requisition::{LineStatus, LoanStatus, ReturnCondition};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

/// In microseconds.
pub(super) const DAY: i64 = 86_400_000_000;

/// From nothing to so many days, to the microsecond.
fn some_time(random: &mut ChaCha8Rng, days: i64) -> TimeDelta {
    TimeDelta::microseconds(random.random_range(0..days * DAY))
}

pub(super) fn some_line(random: &mut ChaCha8Rng, created_at: DateTime<Utc>, models: usize) -> Line {
    let status = if random.random_bool(0.5) { LineStatus::Approved } else { *LineStatus::ALL.choose(random).unwrap() };
    let loans = if status == LineStatus::Approved { random.random_range(0..=3) } else { 0 };
    let quantity = random.random_range(1..=5);
    // What was granted may be cancelled afterwards.
    let is_granted = [LineStatus::Approved, LineStatus::Cancelled].contains(&status) && random.random_bool(0.5);
    let is_decided = is_granted || (status == LineStatus::Rejected && random.random_bool(0.8));
    Line {
        model: random.random_range(0..models),
        quantity,
        status,
        granted: is_granted.then(|| (random.random_range(0..models), random.random_range(1..=quantity))),
        decided_at: is_decided.then(|| created_at + some_time(random, 3)),
        reason: *REASONS.choose(random).unwrap(),
        loans: (0..loans).flat_map(|_| some_loans(random, created_at)).collect(),
    }
}

fn some_loan(random: &mut ChaCha8Rng, created_at: DateTime<Utc>) -> Loan {
    let status = if random.random_bool(0.5) { LoanStatus::Returned } else { *LoanStatus::ALL.choose(random).unwrap() };
    let starts_at = created_at + some_time(random, 4);
    let due_at = starts_at + TimeDelta::microseconds(1) + some_time(random, 12);
    // A unit is not out before now is; the youngest requisition is two days old.
    let begun = whole_microseconds((created_at + some_time(random, 5)).min(Utc::now() - TimeDelta::hours(1)));
    let (handed_over_at, checked_out_at) = match status {
        LoanStatus::HandedOver => (Some(begun), None),
        LoanStatus::CheckedOut if random.random_bool(0.5) => (None, Some(begun)),
        LoanStatus::CheckedOut => (Some(begun), Some(begun + TimeDelta::minutes(5))),
        // It may come back before Snipe-IT was asked.
        LoanStatus::Returned => {
            [(None, Some(begun)), (Some(begun), None), (Some(begun), Some(begun))][random.random_range(0..3)]
        }
        LoanStatus::Promised | LoanStatus::Failed | LoanStatus::Released => (None, None),
    };
    // Now and then to the microsecond when it is due.
    let returned_at = (status == LoanStatus::Returned)
        .then(|| if random.random_bool(0.1) { due_at.max(begun) } else { begun + some_time(random, 15) });
    let cost = random.random_bool(0.7).then(|| random.random_range(0..100_000));
    let condition =
        returned_at.and_then(|_| ReturnCondition::ALL.choose(random).filter(|_| random.random_bool(0.5)).copied());
    let (replaced_at, is_instead) = (None, false);
    Loan {
        status,
        starts_at,
        due_at,
        handed_over_at,
        checked_out_at,
        returned_at,
        condition,
        cost,
        replaced_at,
        is_instead,
    }
}

/// One that is out may be exchanged at the counter, also more than once.
fn some_loans(random: &mut ChaCha8Rng, created_at: DateTime<Utc>) -> Vec<Loan> {
    let mut loans = vec![some_loan(random, created_at)];
    while let Some(out_at) = loans.last().and_then(|loan| loan.handed_over_at.or(loan.checked_out_at))
        && random.random_bool(0.3)
    {
        let mut later = some_loan(random, created_at);
        let begun = later.handed_over_at.or(later.checked_out_at);
        let Some(replaced_at) = begun.map(|begun| begun.max(out_at)) else { continue };
        let first = loans.last_mut().expect("the one before");
        first.replaced_at = Some(replaced_at);
        first.returned_at = first.returned_at.map(|at| at.max(replaced_at));
        later.handed_over_at = Some(replaced_at);
        later.checked_out_at = later.checked_out_at.map(|at| at.max(replaced_at));
        later.returned_at = later.returned_at.map(|at| at.max(replaced_at));
        (later.starts_at, later.due_at, later.is_instead) = (first.starts_at, first.due_at, true);
        loans.push(later);
    }
    loans
}

/// As the database keeps them.
fn whole_microseconds(moment: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(moment.timestamp_micros()).unwrap()
}

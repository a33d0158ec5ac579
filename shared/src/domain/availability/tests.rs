//! The rule against a naive recomputation minute by minute, and by example.

use super::*;
use crate::domain::{
    equipment::{Collection, Unit},
    id::EquipmentId,
    inventory::SnipeitAssetId,
    requisition::Period,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::{collection::vec, prelude::*};

const LISBON: Tz = Tz::Europe__Lisbon;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn noon() -> DateTime<Utc> {
    at("2026-11-23T12:00:00Z")
}

/// From and until so many hours from noon.
fn hours(from: i64, until: i64) -> Period {
    Period { starts_at: noon() + TimeDelta::hours(from), due_at: noon() + TimeDelta::hours(until) }
}

fn rules(buffer_hours: i64) -> Rules {
    Rules { now: noon(), buffer: TimeDelta::hours(buffer_hours) }
}

fn unit() -> UnitPlan {
    let unit =
        Unit { id: EquipmentId::generate(), snipeit_asset_id: SnipeitAssetId(1), collection: Collection::Counter };
    UnitPlan {
        unit,
        is_in_order: true,
        is_held: false,
        last_return: None,
        is_kept_for_asker: false,
        occupations: Vec::new(),
    }
}

fn planned(kind: OccupationKind, periods: &[Period]) -> UnitPlan {
    let occupations = periods.iter().map(|period| Occupation { kind, period: *period }).collect();
    UnitPlan { is_held: kind == OccupationKind::Lent, occupations, ..unit() }
}

fn promised(periods: &[Period]) -> UnitPlan {
    planned(OccupationKind::Promised, periods)
}

fn lent(period: Period) -> UnitPlan {
    planned(OccupationKind::Lent, &[period])
}

fn wish(period: Period, quantity: usize) -> Wish<'static> {
    Wish { period, quantity, excluding: &[], only: None }
}

#[test]
fn the_smallest_gap_that_fits_is_taken_and_among_equals_the_first() {
    let (open, other_open) = (unit(), unit());
    let tight = promised(&[hours(0, 10), hours(20, 30)]);
    let wide = promised(&[hours(0, 4), hours(40, 50)]);
    let plans = [open.clone(), other_open.clone(), wide.clone(), tight.clone()];

    let picked = pick(&plans, &wish(hours(10, 20), 4), &rules(0));

    assert_eq!(picked, [tight.unit, wide.unit, open.unit, other_open.unit]);
}

#[test]
fn a_unit_that_is_out_is_promised_for_after_its_return_and_an_overdue_one_is_not() {
    let (out, late) = (lent(hours(-10, 5)), lent(hours(-10, -1)));
    let plans = [out.clone(), late];

    assert_eq!(pick(&plans, &wish(hours(5, 9), 2), &rules(0)), [out.unit]);
    assert_eq!(pick(&plans, &wish(hours(4, 9), 2), &rules(0)), []);
    assert_eq!(rules(0).obstacle(&plans[1], hours(5000, 5001)), Some(Obstacle::Overdue));
}

#[test]
fn the_buffer_keeps_promises_apart_on_both_sides_and_after_a_return() {
    let between = promised(&[hours(0, 10), hours(20, 30)]);
    let back = UnitPlan { last_return: Some(noon() - TimeDelta::hours(1)), ..unit() };

    assert_eq!(rules(2).obstacle(&between, hours(12, 18)), None);
    assert_eq!(rules(2).obstacle(&between, hours(11, 18)), Some(Obstacle::Buffer));
    assert_eq!(rules(2).obstacle(&between, hours(12, 19)), Some(Obstacle::Buffer));
    assert_eq!(rules(2).obstacle(&back, hours(0, 9)), Some(Obstacle::Buffer));
    assert_eq!(rules(2).obstacle(&back, hours(1, 9)), None);
}

#[test]
fn a_unit_that_came_back_since_is_free_for_what_was_asked_from_before_its_return_on() {
    let back = UnitPlan { last_return: Some(noon() - TimeDelta::hours(3)), ..unit() };

    assert_eq!(rules(0).obstacle(&back, hours(-24, 9)), None);
    assert_eq!(rules(3).obstacle(&back, hours(-24, 9)), None);
    assert_eq!(rules(4).obstacle(&back, hours(-24, 9)), Some(Obstacle::Buffer));
}

#[test]
fn what_was_kept_for_somebody_until_a_time_that_has_passed_is_free_for_what_was_asked_from_then_on() {
    let kept = planned(OccupationKind::Held, &[hours(-9, 0)]);

    assert_eq!(rules(3).obstacle(&kept, hours(-5, 9)), None);
    assert_eq!(rules(3).next_use(&kept, hours(-20, -10), hours(0, 5).due_at), None);
    assert_eq!(rules(0).obstacle(&planned(OccupationKind::Held, &[hours(-9, 1)]), hours(-5, 9)), Some(Obstacle::Held));
}

#[test]
fn a_unit_that_was_handed_over_before_its_loan_begins_is_out_from_now_on() {
    let early = lent(hours(50, 70));

    assert_eq!(rules(0).obstacle(&early, hours(10, 40)), Some(Obstacle::Lent));
    assert_eq!(rules(0).obstacle(&early, hours(0, 1)), Some(Obstacle::Lent));
    assert_eq!(rules(0).obstacle(&early, hours(70, 90)), None);
}

#[test]
fn a_unit_that_is_out_stays_out_only_until_the_time_before_its_next_use() {
    let mut plan = lent(hours(-10, 5));
    plan.occupations.push(Occupation { kind: OccupationKind::Held, period: hours(20, 30) });
    plan.occupations.push(Occupation { kind: OccupationKind::Promised, period: hours(40, 50) });
    let next = |until| rules(3).next_use(&plan, hours(-10, 5), noon() + TimeDelta::hours(until));

    assert_eq!(next(17), None);
    let met = next(18).unwrap();
    assert_eq!(
        (met.kind, met.starts_at, met.back_by),
        (OccupationKind::Held, hours(20, 30).starts_at, hours(17, 30).starts_at)
    );
    assert_eq!(next(45), Some(met), "the first of several");
    assert_eq!(
        met.to_string(),
        "kept for the waiting list from 2026-11-24 08:00 UTC on, and by the lab's time between two loans it must be back by \
         2026-11-24 05:00 UTC"
    );
    assert_eq!(next(4), None, "a shorter loan is in nobody's way");
}

#[test]
fn a_unit_out_of_order_or_with_somebody_else_is_never_free() {
    let broken = UnitPlan { is_in_order: false, ..unit() };
    let elsewhere = UnitPlan { is_held: true, ..unit() };
    assert_eq!(rules(0).obstacle(&broken, hours(1, 2)), Some(Obstacle::OutOfOrder));
    assert_eq!(rules(0).obstacle(&elsewhere, hours(1, 2)), Some(Obstacle::Lent));
}

#[test]
fn a_named_unit_is_taken_or_none_and_an_excluded_one_never() {
    let (one, other) = (unit(), unit());
    let plans = [one.clone(), other.clone()];
    let only = Wish { only: Some(other.unit.id), ..wish(hours(0, 1), 2) };
    let without = [other.unit.id];
    assert_eq!(pick(&plans, &only, &rules(0)), [other.unit]);
    assert_eq!(pick(&plans, &Wish { excluding: &without, ..only }, &rules(0)), []);
    assert_eq!(pick(&plans, &Wish { excluding: &without, only: None, ..only }, &rules(0)), [one.unit]);
}

#[test]
fn days_are_the_labs_and_have_23_and_25_hours_when_the_clocks_change() {
    for (from, to, hours) in [
        ("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", [24, 23, 24]),
        ("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", [24, 25, 24]),
    ] {
        let days = steps(at(from), at(to), StepLength::Day, LISBON, at(from)).unwrap();
        let lengths: Vec<_> = days.iter().map(|day| (day.due_at - day.starts_at).num_hours()).collect();
        assert_eq!(lengths, hours, "{from}");
    }
    let spring = steps(
        at("2026-03-29T00:00:00Z"),
        at("2026-03-29T23:00:00Z"),
        StepLength::Day,
        LISBON,
        noon() - TimeDelta::days(300),
    );
    let [day] = spring.unwrap()[..] else { panic!("one day") };
    assert_eq!(day, Period { starts_at: at("2026-03-29T00:00:00Z"), due_at: at("2026-03-29T23:00:00Z") });
}

#[test]
fn hours_go_on_evenly_when_the_clocks_change_and_the_last_may_be_shorter() {
    let (from, to) = (at("2026-10-25T00:30:00+01:00"), at("2026-10-25T02:45:00Z"));
    let hours = steps(from, to, StepLength::Hour, LISBON, from).unwrap();
    let lengths: Vec<_> = hours.iter().map(|hour| (hour.due_at - hour.starts_at).num_minutes()).collect();
    assert_eq!(lengths, [60, 60, 60, 15]);
}

#[test]
fn a_window_that_cannot_be_told_is_refused_with_the_reason() {
    let refused = |from: i64, to: i64, length| {
        let day = |days| noon() + TimeDelta::days(days);
        steps(day(from), day(to), length, LISBON, noon()).map(|steps| steps.len())
    };
    assert_eq!(refused(1, 1, StepLength::Day), Err(WindowRefused::EndsBeforeStart));
    assert_eq!(refused(-2, 1, StepLength::Day), Err(WindowRefused::InThePast));
    assert_eq!(refused(700, 733, StepLength::Day), Err(WindowRefused::TooFarAhead));
    assert_eq!(refused(0, 15, StepLength::Hour), Err(WindowRefused::TooManyHours));
    assert_eq!(refused(0, 14, StepLength::Hour), Ok(336));
    assert_eq!(refused(0, 92, StepLength::Day), Err(WindowRefused::TooManyDays));
    assert_eq!(refused(0, 91, StepLength::Day), Ok(92));
}

const SPAN: i64 = 400;

fn minutes(from: i64, until: i64) -> Period {
    Period { starts_at: noon() + TimeDelta::minutes(from), due_at: noon() + TimeDelta::minutes(until) }
}

/// Planned periods in minutes from noon, one after the other and never overlapping.
fn plans() -> impl Strategy<Value = Vec<(i64, i64)>> {
    vec((1..60_i64, 1..90_i64), 0..5).prop_map(|pieces| {
        let mut end = 0;
        pieces
            .into_iter()
            .map(|(pause, length)| {
                let start = end + pause;
                end = start + length;
                (start, end)
            })
            .collect()
    })
}

/// Every minute of the period, looked at by itself. `back`: when it came back last.
fn naive(unit: &Shelved, from: i64, until: i64, buffer: i64) -> Option<Obstacle> {
    let Shelved { mut periods, is_first_out, back } = unit.clone();
    if let (true, Some((start, _))) = (is_first_out, periods.first_mut()) {
        *start = 0;
    }
    let taken = |minute: i64| periods.iter().position(|(start, end)| (*start..*end).contains(&minute));
    let mut met: Vec<_> = (from..until).filter_map(taken).collect();
    met.sort_unstable();
    let has_rested = back.is_none_or(|back| (back..back + buffer).all(|minute| minute < from.max(0)));
    match met.first() {
        Some(0) if is_first_out => Some(Obstacle::Lent),
        Some(_) => Some(Obstacle::Promised),
        None if !has_rested => Some(Obstacle::Buffer),
        None => (from - buffer..until + buffer).any(|minute| taken(minute).is_some()).then_some(Obstacle::Buffer),
    }
}

/// Planned periods in minutes from noon, of which the first may be out already, and the minute of the last return.
#[derive(Debug, Clone)]
struct Shelved {
    periods: Vec<(i64, i64)>,
    is_first_out: bool,
    back: Option<i64>,
}

fn shelved() -> impl Strategy<Value = Shelved> {
    let parts = (plans(), any::<bool>(), proptest::option::of(-60..=0_i64));
    parts.prop_map(|(periods, is_first_out, back)| Shelved { periods, is_first_out, back })
}

proptest! {
    #[test]
    fn the_rule_says_what_looking_at_every_minute_says(
        shelf in vec(shelved(), 1..5),
        from in -60..SPAN, length in 1..120_i64, buffer in 0..40_i64,
    ) {
        let rules = Rules { now: noon(), buffer: TimeDelta::minutes(buffer) };
        let plan_of = |unit: &Shelved| {
            let periods: Vec<_> = unit.periods.iter().map(|(start, end)| minutes(*start, *end)).collect();
            let last_return = unit.back.map(|back| noon() + TimeDelta::minutes(back));
            let mut plan = UnitPlan { last_return, ..promised(&periods) };
            if let (true, Some(first)) = (unit.is_first_out, plan.occupations.first_mut()) {
                first.kind = OccupationKind::Lent;
                plan.is_held = true;
            }
            plan
        };
        let units: Vec<_> = shelf.iter().map(plan_of).collect();
        let until = from + length;

        let expected: Vec<_> = shelf.iter().map(|unit| naive(unit, from, until, buffer)).collect();

        let period = minutes(from, until);
        let told: Vec<_> = units.iter().map(|plan| rules.obstacle(plan, period)).collect();
        prop_assert_eq!(&told, &expected);
        let of = |obstacle| expected.iter().filter(|expected| **expected == obstacle).count();
        let counted = count(&units, period, &rules);
        prop_assert_eq!(counted.free, of(None));
        prop_assert_eq!(counted.lent, of(Some(Obstacle::Lent)));
        prop_assert_eq!(counted.promised, of(Some(Obstacle::Promised)));
        prop_assert_eq!(counted.buffer, of(Some(Obstacle::Buffer)));
        prop_assert_eq!(pick(&units, &wish(period, usize::MAX), &rules).len(), counted.free);
    }

    /// The unit's first plan is a loan that is out; it goes on where a new promise of all of its time would be given.
    #[test]
    fn a_loan_goes_on_exactly_where_a_promise_of_all_its_time_would_be_free(
        periods in plans().prop_filter("a loan", |periods| !periods.is_empty()), longer in 1..200_i64, buffer in 0..40_i64,
    ) {
        let rules = Rules { now: noon(), buffer: TimeDelta::minutes(buffer) };
        let periods: Vec<_> = periods.iter().map(|(start, end)| minutes(*start, *end)).collect();
        let (loan, others) = (periods[0], promised(&periods[1..]));
        let mut plan = others.clone();
        plan.occupations.insert(0, Occupation { kind: OccupationKind::Lent, period: loan });
        let due_at = loan.due_at + TimeDelta::minutes(longer);

        let new_promise = rules.obstacle(&others, Period { due_at, ..loan });
        prop_assert_eq!(rules.next_use(&plan, loan, due_at).is_none(), new_promise.is_none());
    }

    /// However promises are asked for, none of one unit come nearer to each other than the buffer.
    #[test]
    fn what_is_picked_never_overlaps_and_keeps_the_buffer(
        wishes in vec((0..SPAN, 1..80_i64), 1..30), units in 1..4_usize, buffer in 0..20_i64,
    ) {
        let rules = Rules { now: noon(), buffer: TimeDelta::minutes(buffer) };
        let mut shelf: Vec<_> = (0..units).map(|_| unit()).collect();
        for (from, length) in wishes {
            let period = minutes(from, from + length);
            for picked in pick(&shelf, &wish(period, 1), &rules) {
                let plan = shelf.iter_mut().find(|plan| plan.unit == picked).unwrap();
                plan.occupations.push(Occupation { kind: OccupationKind::Promised, period });
            }
        }
        for plan in shelf {
            let mut periods: Vec<_> = plan.occupations.iter().map(|occupation| occupation.period).collect();
            periods.sort_by_key(|period| period.starts_at);
            for pair in periods.windows(2) {
                prop_assert!(pair[0].due_at + rules.buffer <= pair[1].starts_at);
            }
        }
    }
}

//! Snipe-IT's clock against ours, by the `Date` of its answers.

use super::report::{Check, Row};
use crate::snipeit::CallSeen;
use chrono::TimeDelta;

/// Two clocks that are kept differ by less, together with the whole seconds of `Date` and the way.
const KEPT: TimeDelta = TimeDelta::seconds(5);
/// What is learnt and corrected; beyond it a clock cannot be told from a zone.
const CORRECTED: TimeDelta = TimeDelta::minutes(5);

const KEEP: &str = "Let both machines keep their time (NTP).";

/// By the quickest answer, which blurs the least.
pub(super) fn judge(calls: &[&CallSeen]) -> Row {
    let dated = calls.iter().filter_map(|call| Some((call.elapsed, call.clock_difference()?)));
    match dated.min_by_key(|(elapsed, _)| *elapsed) {
        Some((_, difference)) => of(difference),
        None => Row::cannot_tell(
            Check::Clock,
            "no answer has a Date",
            "Let the web server send its Date: without it Snipe-IT's clock is taken for ours.",
        ),
    }
}

fn of(difference: TimeDelta) -> Row {
    let way = if difference < TimeDelta::zero() { "behind" } else { "ahead of" };
    let seen = format!("{} s {way} ours", difference.num_seconds().abs());
    match difference.abs() {
        small if small <= KEPT => Row::ok(Check::Clock, seen),
        corrected if corrected <= CORRECTED => Row::warning(Check::Clock, format!("{seen}; it is corrected"), KEEP),
        _ => Row::wrong(Check::Clock, format!("Snipe-IT's clock is {seen}"), KEEP),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off() {
        for (seconds, state) in
            [(0, State::Ok), (-4, State::Ok), (30, State::Warning), (-299, State::Warning), (3600, State::Wrong)]
        {
            assert_eq!(of(TimeDelta::seconds(seconds)).state, state, "{seconds}");
        }
        assert_eq!(of(TimeDelta::seconds(-2)).seen, "2 s behind ours");
    }
}

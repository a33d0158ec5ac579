//! How many calls a minute Snipe-IT allows, whether the settings say so too, and whether others use them up.

use super::report::{Check, Row};
use crate::snipeit::RateLimit;

/// Beyond it Snipe-IT limits nothing in practice.
const PRACTICALLY_NONE: u32 = 10_000;
/// Below it people at the counter wait.
const SLOW: u32 = 60;

/// `rates`: of our own calls, in order.
pub(super) fn judge(is_limited: bool, rates: &[RateLimit]) -> Row {
    let Some(last) = rates.last() else {
        return untold(is_limited);
    };
    let (limit, left) = (last.limit, last.remaining);
    let seen = format!("{limit} calls a minute, {left} left");
    let others = count_others(rates);
    if others > 0 {
        return Row::warning(
            Check::Throttle,
            format!("{seen}; {others} calls were somebody else's"),
            "Let nobody else use this Snipe-IT user: Snipe-IT counts calls per user.",
        );
    }
    match (is_limited, limit) {
        (false, ..PRACTICALLY_NONE) => Row::wrong(
            Check::Throttle,
            format!("{seen}, and SNIPEIT_THROTTLED=false would run into it"),
            "Unset SNIPEIT_THROTTLED.",
        ),
        (true, ..SLOW) => Row::warning(
            Check::Throttle,
            seen,
            "Raise API_THROTTLE_PER_MINUTE in Snipe-IT's .env: a return takes two calls.",
        ),
        (true, SLOW..) | (false, PRACTICALLY_NONE..) => Row::ok(Check::Throttle, seen),
    }
}

fn untold(is_limited: bool) -> Row {
    if is_limited {
        return Row::cannot_tell(
            Check::Throttle,
            "no answer told a limit; 120 calls a minute are assumed",
            "Set SNIPEIT_THROTTLED=false if Snipe-IT limits nothing; something before it may drop X-RateLimit-Limit.",
        );
    }
    Row::ok(Check::Throttle, "no answer told a limit")
}

/// Calls between ours: each of ours takes one, and a new window takes none.
fn count_others(rates: &[RateLimit]) -> u32 {
    let used = rates.windows(2).map(|pair| pair[0].remaining.saturating_sub(pair[1].remaining));
    used.map(|used| used.saturating_sub(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    fn rates(limit: u32, left: &[u32]) -> Vec<RateLimit> {
        left.iter().map(|remaining| RateLimit { limit, remaining: *remaining }).collect()
    }

    #[test]
    fn the_setting_has_to_say_what_snipeit_does() {
        for (is_limited, limit, state) in [
            (true, 120, State::Ok),
            (true, 30, State::Warning),
            (true, 1_000_000, State::Ok),
            (false, 120, State::Wrong),
            (false, 1_000_000, State::Ok),
        ] {
            assert_eq!(judge(is_limited, &rates(limit, &[20, 19, 18])).state, state, "{is_limited} {limit}");
        }
        assert_eq!(judge(true, &[]).state, State::CannotTell);
        assert_eq!(judge(false, &[]).state, State::Ok);
    }

    #[test]
    fn calls_of_others_are_those_between_ours_and_a_new_window_is_none_of_theirs() {
        assert_eq!(count_others(&rates(120, &[119, 118, 117])), 0);
        assert_eq!(count_others(&rates(120, &[119, 115, 114])), 3);
        assert_eq!(count_others(&rates(120, &[2, 119, 118])), 0);
    }
}

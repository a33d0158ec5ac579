//! The model's clock: ticks of two minutes, told relative to now, so that a state does not depend on when it is reached.
//!
//! A tick is as long as a fingerprint is old: a person's check-out one tick ago stored the very second that a
//! fingerprint chosen now would take. Everything within a tick happens in the same second.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use makerlab_shared::settings::ProtocolTimes;

/// Whole ticks from now; negative in the past.
pub type Ticks = i8;

const TICK: i64 = 120;
const NOON: i64 = 1_789_992_000;

/// Production's times scaled to the tick, in production's order: a call fits twice into a lease's beginning, a request
/// lives for two ticks, a look comes three ticks after the take.
pub const TIMES: ProtocolTimes = ProtocolTimes {
    connect: std::time::Duration::from_secs(1),
    call_timeout: std::time::Duration::from_secs(118),
    lease: std::time::Duration::from_secs(239),
    server_limit: std::time::Duration::from_secs(120),
    slack: std::time::Duration::from_secs(1),
    budget_window: std::time::Duration::from_secs(61),
    probe_interval: std::time::Duration::from_secs(30),
    max_runs: 4,
};

pub fn at(ticks: Ticks) -> DateTime<Utc> {
    DateTime::from_timestamp(NOON + i64::from(ticks) * TICK, 0).expect("near noon")
}

/// The first tick that is not before an instant.
pub fn ticks_until(instant: DateTime<Utc>) -> Ticks {
    let seconds = instant.timestamp() - NOON;
    Ticks::try_from((seconds + TICK - 1).div_euclid(TICK)).expect("within the model's horizon")
}

/// The first tick at which a time that begins now is over.
pub fn ticks_of(time: std::time::Duration) -> Ticks {
    ticks_until(at(0) + time)
}

/// What is left of a time that began some ticks ago.
pub fn left_of(time: std::time::Duration, age: Ticks) -> Duration {
    Duration::from_std(time).expect("a short time") - Duration::seconds(TICK) * i32::from(age)
}

/// A second of Snipe-IT's wall clock: a tick, and a second or two beside it (a fingerprint that had to step aside).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Second {
    pub tick: Ticks,
    pub beside: i8,
}

impl Second {
    pub const NOW: Self = Self { tick: 0, beside: 0 };
    /// Before anything that happens in the model.
    pub const LONG_AGO: Self = Self { tick: OLDEST, beside: 0 };

    pub fn naive(self) -> NaiveDateTime {
        (at(self.tick) + Duration::seconds(self.beside.into())).naive_utc()
    }

    pub fn of(naive: NaiveDateTime) -> Self {
        let seconds = naive.and_utc().timestamp() - NOON;
        let tick = (seconds + TICK / 2).div_euclid(TICK);
        let beside = seconds - tick * TICK;
        let narrow = |number: i64| i8::try_from(number).expect("within the model's horizon");
        Self { tick: narrow(tick), beside: narrow(beside) }
    }
}

/// Ticks further back than this differ by their order alone: what is chosen or stored from now on is later.
const RECENT: Ticks = -1;
const OLDEST: Ticks = -100;

/// Moves old seconds together, keeping their order and what stands beside each other; the bits of `used` are the ticks
/// that occur, counted back from [`RECENT`].
pub fn shift_of(used: u128, tick: Ticks) -> Ticks {
    if tick >= RECENT {
        return tick;
    }
    let newer = used & ((1 << bit_of(tick)) - 1);
    RECENT - 1 - Ticks::try_from(newer.count_ones()).expect("few ticks")
}

pub fn note_used(used: &mut u128, tick: Ticks) {
    if tick < RECENT {
        *used |= 1 << bit_of(tick);
    }
}

fn bit_of(tick: Ticks) -> u32 {
    u32::from((RECENT - 1 - tick).unsigned_abs())
}

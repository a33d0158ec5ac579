//! What people do at random, and how time goes by.

use super::world::{PEOPLE, UNITS};
use proptest::prelude::*;
use std::ops::Range;

/// Requisitions, people and units by their index; times in hours.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Pass {
        hours: i64,
    },
    Ask {
        who: usize,
        starts_in: i64,
        length: i64,
    },
    Approve {
        requisition: usize,
    },
    /// With this unit in their hands.
    Collect {
        requisition: usize,
        unit: usize,
    },
    /// Snipe-IT confirms what is under way.
    Succeed {
        requisition: usize,
    },
    /// Asked for, or granted if that was done before.
    Extend {
        requisition: usize,
        hours: i64,
    },
    BringBack {
        requisition: usize,
    },
    Cancel {
        requisition: usize,
    },
    /// At the unit of a promise, which may be exchanged.
    Look {
        requisition: usize,
    },
    Release {
        requisition: usize,
    },
    Join {
        who: usize,
        starts_in: i64,
        length: i64,
    },
    Serve,
    /// What is kept for them, whole.
    Take {
        who: usize,
    },
}

/// Whatever comes; and now and then what chance alone leads to too seldom, with whatever comes after it.
pub(super) fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let before = prop_oneof![8 => Just(Vec::new()), 1 => a_return_meanwhile(), 1 => a_hold_before_a_promise()];
    (before, prop::collection::vec(a_deed(), 1..120)).prop_map(|(before, after)| [before, after].concat())
}

fn a_deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        5 => (1..30_i64).prop_map(|hours| Deed::Pass { hours }),
        5 => (who(), starts_in(), length()).prop_map(|(who, starts_in, length)| Deed::Ask { who, starts_in, length }),
        6 => requisition().prop_map(|requisition| Deed::Approve { requisition }),
        6 => (requisition(), unit()).prop_map(|(requisition, unit)| Deed::Collect { requisition, unit }),
        4 => requisition().prop_map(|requisition| Deed::Succeed { requisition }),
        2 => (requisition(), length()).prop_map(|(requisition, hours)| Deed::Extend { requisition, hours }),
        3 => requisition().prop_map(|requisition| Deed::BringBack { requisition }),
        1 => requisition().prop_map(|requisition| Deed::Cancel { requisition }),
        2 => requisition().prop_map(|requisition| Deed::Look { requisition }),
        1 => requisition().prop_map(|requisition| Deed::Release { requisition }),
        3 => (who(), starts_in(), length()).prop_map(|(who, starts_in, length)| Deed::Join { who, starts_in, length }),
        3 => Just(Deed::Serve),
        3 => who().prop_map(|who| Deed::Take { who }),
    ]
}

/// Two ask for the same time, and one has had a unit and brought it back before the other is granted one.
fn a_return_meanwhile() -> impl Strategy<Value = Vec<Deed>> {
    (who(), who(), length(), length(), unit(), 1..24_i64).prop_map(|(one, other, length, other_length, unit, hours)| {
        vec![
            Deed::Ask { who: one, starts_in: 0, length },
            Deed::Ask { who: other, starts_in: 0, length: other_length },
            Deed::Approve { requisition: 0 },
            Deed::Collect { requisition: 0, unit },
            Deed::BringBack { requisition: 0 },
            Deed::Pass { hours },
            Deed::Approve { requisition: 1 },
        ]
    })
}

/// All units are somebody's, and one is somebody's later as well; one of them is given up, is kept for who waits until
/// then, and is to be collected by whoever has it later.
fn a_hold_before_a_promise() -> impl Strategy<Value = Vec<Deed>> {
    let first = prop::collection::vec((who(), length()), UNITS);
    (first, who(), 30..60_i64, who(), length(), 0..UNITS, unit()).prop_map(
        |(first, later, starts_in, waits, length, given_up, unit)| {
            let granted =
                |who, starts_in, length| [Deed::Ask { who, starts_in, length }, Deed::Approve { requisition: 0 }];
            let mut deeds: Vec<_> = first.into_iter().flat_map(|(who, length)| granted(who, 0, length)).collect();
            deeds.extend(granted(later, starts_in, 10));
            deeds.extend([
                Deed::Join { who: waits, starts_in: 0, length },
                Deed::Cancel { requisition: 1 + given_up },
                Deed::Serve,
                Deed::Collect { requisition: 0, unit },
            ]);
            deeds
        },
    )
}

fn who() -> Range<usize> {
    0..PEOPLE
}

/// Counted from the one that was asked for last.
fn requisition() -> Range<usize> {
    0..4
}

fn unit() -> Range<usize> {
    0..UNITS
}

fn starts_in() -> impl Strategy<Value = i64> {
    prop_oneof![1 => Just(0), 2 => 0..60_i64]
}

fn length() -> Range<i64> {
    1..50
}

//! What people do at random, and how time goes by.

use super::world::{PEOPLE, UNITS};
use proptest::prelude::*;

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

pub(super) fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let who = || 0..PEOPLE;
    let requisition = || 0..4_usize;
    let starts_in = || prop_oneof![1 => Just(0), 2 => 0..60_i64];
    let length = || 1..50_i64;
    let deed = prop_oneof![
        5 => (1..30_i64).prop_map(|hours| Deed::Pass { hours }),
        5 => (who(), starts_in(), length()).prop_map(|(who, starts_in, length)| Deed::Ask { who, starts_in, length }),
        6 => requisition().prop_map(|requisition| Deed::Approve { requisition }),
        6 => (requisition(), 0..UNITS).prop_map(|(requisition, unit)| Deed::Collect { requisition, unit }),
        4 => requisition().prop_map(|requisition| Deed::Succeed { requisition }),
        2 => (requisition(), length()).prop_map(|(requisition, hours)| Deed::Extend { requisition, hours }),
        3 => requisition().prop_map(|requisition| Deed::BringBack { requisition }),
        1 => requisition().prop_map(|requisition| Deed::Cancel { requisition }),
        2 => requisition().prop_map(|requisition| Deed::Look { requisition }),
        1 => requisition().prop_map(|requisition| Deed::Release { requisition }),
        3 => (who(), starts_in(), length()).prop_map(|(who, starts_in, length)| Deed::Join { who, starts_in, length }),
        3 => Just(Deed::Serve),
        3 => who().prop_map(|who| Deed::Take { who }),
    ];
    prop::collection::vec(deed, 1..120)
}

//! What must hold, told from outside: by Snipe-IT's ledger, not by what our records believe.

use crate::{records::Which, search::Property, snipeit::Harm, worker::is_open, world::World};
use makerlab_shared::domain::operation::{OperationKind, OperationState};

pub const ONE_EFFECT: &str = "never two effects of one operation";
pub const REPORTED: &str = "every reported effect stands in the ledger";
pub const UNREPORTED: &str = "no effect goes unreported";
pub const TENURE: &str = "never a check-in of somebody else's tenure";
pub const PAINTED_OVER: &str = "what a person painted over becomes a finding at the next sweep";
pub const ENDS: &str = "everything ends settled or with a person";

/// What the protocol promises.
pub fn promised() -> Vec<Property<World>> {
    vec![
        Property { name: ONE_EFFECT, holds: |world, _| world.snipeit.effects.iter().all(|times| *times < 2) },
        Property { name: REPORTED, holds: |world, _| each(world, is_reported_rightly) },
        Property { name: UNREPORTED, holds: |world, _| each(world, is_not_hushed_up) },
        Property { name: TENURE, holds: |world, _| world.snipeit.harm != Some(Harm::EndedForeignTenure) },
        Property {
            name: PAINTED_OVER,
            holds: |world, is_end| !world.is_sweep_blind && (!is_end || each(world, is_seen)),
        },
        Property { name: ENDS, holds: |world, is_end| !is_end || each(world, is_over) },
    ]
}

/// While no person acts, a sweep has nothing to report.
pub fn no_false_alarm() -> Vec<Property<World>> {
    let holds = |world: &World, _| each(world, |world, which| !world.records.op(which).is_not_seen);
    vec![Property { name: "no finding without a person's hand", holds }]
}

pub const NOT_OVERTAKEN: &str = "a check-in ends no tenure that began after we looked";
pub const NOT_COVERED: &str = "what is confirmed was not saved over a person's check-out";

/// What holds only while nobody acts between our look and the effect of our check-in.
pub fn not_overtaken() -> Vec<Property<World>> {
    let holds = |world: &World, _| world.snipeit.harm != Some(Harm::EndedTenureAfterLook);
    vec![Property { name: NOT_OVERTAKEN, holds }]
}

/// What holds only while nobody checks out between Snipe-IT's check and its saving of ours.
pub fn not_covered() -> Vec<Property<World>> {
    let holds = |world: &World, _| {
        let is_covered = world.snipeit.harm == Some(Harm::CoveredPerson);
        !(is_covered && world.records.op(Which::CheckOut).is_confirmed)
    };
    vec![Property { name: NOT_COVERED, holds }]
}

/// Broken by the quiet path, to show that it is there.
pub fn never_all_confirmed() -> Vec<Property<World>> {
    vec![Property {
        name: "not everything is ever confirmed",
        holds: |world, _| {
            !Which::ALL.into_iter().all(|which| world.records.find(which).is_some_and(|op| op.is_confirmed))
        },
    }]
}

fn each(world: &World, holds: fn(&World, Which) -> bool) -> bool {
    Which::ALL.into_iter().filter(|which| world.records.find(*which).is_some()).all(|which| holds(world, which))
}

fn is_reported_rightly(world: &World, which: Which) -> bool {
    if world.records.op(which).state != OperationState::Applied {
        return true;
    }
    match which.kind() {
        OperationKind::CheckOut => world.snipeit.effects[which.index()] > 0,
        // Its goal is that our tenure is over, and somebody else may have ended it.
        OperationKind::CheckIn => world.snipeit.effects[which.index()] > 0 || !world.is_first_tenure_shown(),
    }
}

fn is_not_hushed_up(world: &World, which: Which) -> bool {
    let is_denied = matches!(world.records.op(which).state, OperationState::Refused | OperationState::Abandoned);
    !is_denied || world.snipeit.effects[which.index()] == 0
}

fn is_seen(world: &World, which: Which) -> bool {
    let op = world.records.op(which);
    op.state != OperationState::Applied || op.is_confirmed || op.is_not_seen
}

fn is_over(world: &World, which: Which) -> bool {
    !is_open(world.records.op(which).state)
}

//! Several requisitions over the same three units while days go by. Whatever is collected early, extended, exchanged,
//! brought back or kept for who waits, no unit is two people's at one time, and nobody is refused one that is free.

mod apply;
mod deeds;
mod shelf;
mod world;

use super::{HandOverRefused, UnitRefused};
use crate::domain::{id::UserId, waiting_list::Hold};
use deeds::{Deed, deeds};
use proptest::{prelude::*, strategy::ValueTree};
use std::collections::BTreeSet;
use world::{Done, World};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn whatever_is_done_no_unit_is_two_peoples_at_one_time_and_none_that_is_free_is_refused(
        buffer in prop::sample::select(&[0, 0, 3, 12]), deeds in deeds(),
    ) {
        let mut world = World::begin(buffer);
        for deed in deeds {
            let done = world.act(deed);
            check_units(&world);
            check_answer(deed, &done);
        }
    }
}

/// By plan and in hand: what the schema would refuse, and what it cannot see.
fn check_units(world: &World) {
    for unit in &world.units {
        let loans = world.live_loans(unit.id);
        assert!(loans.iter().filter(|loan| loan.status.is_out()).count() <= 1, "it is out twice");
        // One whose time is over keeps nothing, though its requisition waits for a decision.
        let keeps = |(hold, _): &(&Hold, UserId)| hold.equipment_id == unit.id && hold.period.due_at > world.now;
        let holds: Vec<_> = world.live_holds().filter(keeps).collect();
        for (index, loan) in loans.iter().enumerate() {
            for other in &loans[..index] {
                assert!(!loan.period.overlaps(other.period), "two plans: {loan:?} and {other:?}");
                assert!(!world.in_hand(loan).overlaps(world.in_hand(other)), "promised twice: {loan:?} and {other:?}");
            }
            for (hold, holder) in &holds {
                let is_kept_from_it = hold.period.overlaps(world.in_hand(loan)) && *holder != loan.borrower_id;
                assert!(!is_kept_from_it, "promised and kept for another: {loan:?} and {hold:?}");
            }
        }
        for (index, (hold, _)) in holds.iter().enumerate() {
            let twice = holds[..index].iter().any(|(other, _)| hold.period.overlaps(other.period));
            assert!(!twice, "kept twice: {hold:?}");
        }
    }
}

/// What was given was free, and what was refused was not.
fn check_answer(deed: Deed, done: &Done) {
    match done {
        Done::Refused { free } => assert_eq!(free, &[], "{deed:?} found nothing, and these are free"),
        Done::Promised { unit, free, .. } => assert!(free.contains(unit), "{deed:?} took what is not free"),
        Done::NotHandedOver { kept_and_there, why } => {
            assert!(!kept_and_there, "{deed:?}: the unit is kept for this loan, there, and nobody else's: {why}");
        }
        Done::Nothing | Done::HandedOver { .. } | Done::Extended | Done::WantedByOthers | Done::Kept | Done::Taken => {}
    }
}

/// So that nothing above holds because it never happens.
#[test]
fn the_random_days_have_every_kind_of_end() {
    let mut reached = BTreeSet::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..1500 {
        let mut world = World::begin(3);
        for deed in deeds().new_tree(&mut runner).unwrap().current() {
            reached.extend(match world.act(deed) {
                Done::Refused { .. } => Some("refused"),
                Done::Promised { came_back_since: true, .. } => Some("granted what came back since"),
                Done::Promised { .. } => Some("granted"),
                Done::HandedOver { early: true, instead: false } => Some("collected early"),
                Done::HandedOver { early: true, instead: true } => Some("exchanged before its loan begins"),
                Done::HandedOver { instead: true, .. } => Some("exchanged"),
                Done::HandedOver { .. } => Some("collected"),
                Done::NotHandedOver { why: HandOverRefused::Unit { why, .. }, .. } => match why {
                    UnitRefused::PromisedBefore { .. } => Some("too early for another's promise"),
                    UnitRefused::HeldBefore { .. } => Some("too early for who waits"),
                    UnitRefused::Resting { .. } => Some("it rests"),
                    _ => Some("not collected"),
                },
                Done::Extended => Some("extended"),
                Done::WantedByOthers => Some("not extended into another's time"),
                Done::Kept => Some("kept for who waits"),
                Done::Taken => Some("taken by who waited"),
                Done::NotHandedOver { .. } | Done::Nothing => None,
            });
        }
    }
    assert_eq!(reached.len(), 15, "{reached:?}");
}

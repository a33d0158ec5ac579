//! What goes wrong when an assumption about the world does not hold: exactly these cases stand in the README as not
//! guaranteed.

use crate::{
    properties::{NOT_COVERED, NOT_OVERTAKEN, ONE_EFFECT, not_covered, not_overtaken, promised},
    report::{Broken, break_it},
    search::Property,
    setup::{Assumption, Setup},
    world::World,
};

const BOTH_TAKE_EFFECT: [&str; 2] = ["Snipe-IT saves the check-out", "Snipe-IT saves the check-out"];
const SECOND_EFFECT: [&str; 3] =
    ["worker A sends the check-out", "Snipe-IT checks the check-out", "Snipe-IT saves the check-out"];

fn without(assumption: Assumption, setup: Setup) -> Broken {
    let setup = Setup { broken: Some(assumption), ..setup };
    break_it(assumption.words(), &setup, &promised())
}

fn with_somebody_between(setup: Setup, properties: &[Property<World>]) -> Broken {
    let assumption = Assumption::NobodyBetween;
    let setup = Setup { broken: Some(assumption), ..setup };
    break_it(assumption.words(), &setup, properties)
}

#[test]
fn a_request_beyond_the_servers_limit_takes_effect_beside_the_next() {
    without(Assumption::ServerLimit, Setup::CHECK_OUT).is(ONE_EFFECT, 13, &BOTH_TAKE_EFFECT);
}

#[test]
fn a_worker_frozen_between_the_fence_and_its_first_byte_sends_beside_the_next() {
    without(Assumption::NoFreezeAfterFence, Setup { frozen_go_on: true, ..Setup::CHECK_OUT }).is(
        ONE_EFFECT,
        16,
        &BOTH_TAKE_EFFECT,
    );
}

#[test]
fn a_check_out_dated_back_below_our_fingerprint_hides_ours() {
    without(Assumption::PresentCheckout, Setup { hands: 3, ..Setup::CHECK_OUT }).is(ONE_EFFECT, 16, &SECOND_EFFECT);
}

#[test]
fn a_loan_made_between_our_look_and_our_check_in_is_ended_by_it() {
    let last = [
        "a person checks the asset in",
        "a person checks the asset out to somebody else",
        "Snipe-IT saves the check-in",
    ];
    let setup = Setup { hands: 2, is_returned: true, ..Setup::CHECK_OUT };
    with_somebody_between(setup, &not_overtaken()).is(NOT_OVERTAKEN, 15, &last);
}

#[test]
fn a_check_out_by_hand_while_ours_is_between_check_and_save_is_covered_and_nobody_is_told() {
    let broken = with_somebody_between(Setup { hands: 1, ..Setup::CHECK_OUT }, &not_covered());
    broken.is(NOT_COVERED, 9, &["the sweep reads and compares"]);
}

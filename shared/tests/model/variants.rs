//! The protocol with one rule removed: each time something breaks, and the shortest way there is printed.
//!
//! `decide` is the same throughout. A worker that lacks a rule does something else around it, or tells it something else.

use crate::{
    properties::{ONE_EFFECT, REPORTED, TENURE, UNREPORTED, promised},
    report::{Broken, break_it},
    setup::{NextLoan, Rule, Setup},
};

const BOTH_TAKE_EFFECT: [&str; 2] = ["Snipe-IT saves the check-out", "Snipe-IT saves the check-out"];
const SECOND_EFFECT: [&str; 3] =
    ["worker A sends the check-out", "Snipe-IT checks the check-out", "Snipe-IT saves the check-out"];

fn without(rule: Rule, setup: Setup) -> Broken {
    break_it(&format!("without {}", rule.words()), &Setup { without: Some(rule), ..setup }, &promised())
}

fn check_out(hands: u8) -> Setup {
    Setup { hands, ..Setup::CHECK_OUT }
}

#[test]
fn without_the_look_what_a_person_returned_is_lent_twice() {
    without(Rule::Look, check_out(1)).is(ONE_EFFECT, 14, &SECOND_EFFECT);
}

#[test]
fn with_a_look_at_once_a_request_under_way_is_overlooked() {
    without(Rule::LookAfter, check_out(0)).is(ONE_EFFECT, 10, &BOTH_TAKE_EFFECT);
}

#[test]
fn without_the_lease_fence_a_late_request_comes_beside_the_next() {
    without(Rule::LeaseFence, check_out(0)).is(ONE_EFFECT, 13, &BOTH_TAKE_EFFECT);
}

#[test]
fn with_the_holder_as_only_witness_what_a_person_returned_is_lent_twice() {
    without(Rule::LastCheckoutAsWitness, check_out(1)).is(ONE_EFFECT, 14, &SECOND_EFFECT);
}

#[test]
fn with_the_log_as_only_witness_what_a_dying_server_did_not_log_is_denied() {
    without(Rule::AssetAsWitness, check_out(0)).is(UNREPORTED, 18, &["worker A settles its run of the check-out"]);
}

#[test]
fn with_a_retry_after_a_timeout_both_requests_take_effect() {
    without(Rule::OnePost, check_out(0)).is(ONE_EFFECT, 8, &BOTH_TAKE_EFFECT);
}

#[test]
fn a_check_in_without_tenure_ends_a_strangers_loan() {
    let setup = Setup { is_returned: true, ..check_out(2) };
    let last = ["worker A sends the check-in", "Snipe-IT checks the check-in", "Snipe-IT saves the check-in"];
    without(Rule::Tenure, setup).is(TENURE, 15, &last);
}

#[test]
fn with_the_present_second_as_fingerprint_a_persons_check_out_passes_for_ours() {
    without(Rule::PastFingerprint, check_out(1)).is(REPORTED, 6, &["worker A settles its run of the check-out"]);
}

#[test]
fn with_a_fingerprint_from_an_unswept_time_a_persons_check_out_passes_for_ours() {
    without(Rule::SweptFingerprint, check_out(1)).is(REPORTED, 7, &["worker A settles its run of the check-out"]);
}

#[test]
fn with_a_cache_that_goes_back_a_persons_check_out_passes_for_ours() {
    let setup = Setup { next_loan: NextLoan::Anytime, ..check_out(2) };
    without(Rule::CacheGoesOn, setup).is(REPORTED, 17, &["worker A settles its run of the next check-out"]);
}

#[test]
fn without_the_rule_of_later_check_outs_what_was_painted_over_is_lent_twice() {
    without(Rule::LaterThanFingerprint, check_out(3)).is(ONE_EFFECT, 16, &SECOND_EFFECT);
}

#[test]
fn without_the_epoch_a_thawed_worker_takes_back_what_is_under_way() {
    let setup = Setup { frozen_go_on: true, ..check_out(0) };
    without(Rule::Epoch, setup).is(ONE_EFFECT, 17, &BOTH_TAKE_EFFECT);
}

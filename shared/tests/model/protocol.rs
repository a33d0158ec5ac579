//! The protocol as it is: within each of these bounds every state is searched, and nothing breaks.
//!
//! Always allowed, in any number: answers that get lost, requests that run late or stop for good after any step, workers
//! that sleep anywhere, a log that may not be read, lost, late and doubled bells. What is bounded stands in each setup.

use crate::{
    clock::TIMES,
    properties::never_all_confirmed,
    report::{break_it, hold},
    setup::{NextLoan, Setup},
};

const RETURN: Setup = Setup { is_returned: true, ..Setup::CHECK_OUT };
const CYCLE: Setup = Setup { next_loan: NextLoan::Afterwards, ..RETURN };

#[test]
fn the_models_times_keep_productions_rules() {
    assert_eq!(TIMES.check(), []);
}

#[test]
fn a_check_out_withstands_six_hands() {
    hold("check-out: 6 hands", &Setup { hands: 6, any_unit: true, ..Setup::CHECK_OUT });
}

#[test]
fn a_check_out_withstands_deaths_failed_calls_and_odd_refusals() {
    let setup =
        Setup { hands: 1, deaths: 1, failed_reads: 1, failed_connections: 1, odd_refusals: 1, ..Setup::CHECK_OUT };
    hold("check-out: 1 hand, 1 death, 1 read and 1 connection that fail, 1 odd refusal", &setup);
}

#[test]
fn a_check_out_withstands_people_who_check_out_at_the_same_moment() {
    let setup = Setup { hands: 2, deaths: 1, hands_use_forms: true, any_unit: true, ..Setup::CHECK_OUT };
    hold("check-out: 2 hands that check and save apart, 1 death", &setup);
}

#[test]
fn a_worker_that_thaws_after_its_lease_changes_nothing() {
    hold("check-out: 1 death, frozen workers go on", &Setup { deaths: 1, frozen_go_on: true, ..Setup::CHECK_OUT });
}

#[test]
fn a_return_withstands_people_who_lend_to_our_borrower() {
    let setup = Setup { hands: 2, deaths: 1, hands_lend_to_borrower: true, ..RETURN };
    hold("check-out, return: 2 hands, to our borrower too, 1 death", &setup);
}

#[test]
fn a_sweep_that_compares_late_neither_confirms_nor_reports_what_is_not_so() {
    let setup = Setup { sweep_is_slow: true, ..RETURN };
    hold("check-out, return: slow sweep", &setup);
    hold("check-out, return: slow sweep, 1 hand", &Setup { hands: 1, ..setup });
}

#[test]
fn a_check_out_withstands_jobs_that_are_made_due_too_early() {
    let setup = Setup { hands: 1, jobs_are_hurried: true, ..Setup::CHECK_OUT };
    hold("check-out: 1 hand, jobs made due at any moment", &setup);
}

#[test]
fn a_check_out_a_return_and_the_next_loan_withstand_two_hands() {
    hold("check-out, return, next loan: 2 hands", &Setup { hands: 2, ..CYCLE });
}

#[test]
fn a_check_out_a_return_and_the_next_loan_withstand_a_death() {
    hold("check-out, return, next loan: 1 death", &Setup { deaths: 1, ..CYCLE });
}

#[test]
fn the_next_loan_may_be_asked_for_at_any_moment() {
    hold("check-out, return, next loan at any moment", &Setup { next_loan: NextLoan::Anytime, ..CYCLE });
}

/// Elsewhere runs are not counted, and a worker may sleep through each of its leases.
#[test]
fn every_path_ends_when_runs_are_counted() {
    let setup = Setup { hands: 1, deaths: 1, oversleeping: Some(1), runs_are_counted: true, ..Setup::CHECK_OUT };
    let searched = hold("check-out: runs counted, 1 hand, 1 death, 1 oversleeping", &setup);
    assert!(!searched.has_cycle);
}

#[test]
fn the_quiet_path_is_among_them() {
    let broken = break_it("check-out, return, next loan: until all is confirmed", &CYCLE, &never_all_confirmed());
    broken.is("not everything is ever confirmed", 25, &["the sweep reads and compares"]);
}

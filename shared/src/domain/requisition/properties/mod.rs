//! Random people edit, decide, stand in for each other, cancel and carry out one requisition at random; whatever they do,
//! the rules hold.

mod actions;
mod given;
mod people;
mod rules;
mod world;

pub(super) use given::{a_desk, a_dossier, a_line, a_loan, a_submission, a_unit_at_counter, an_empty_plan, now};

use super::RequisitionStatus;
use crate::domain::approval::Stage;
use actions::{Action, actions};
use proptest::{prelude::*, strategy::ValueTree};
use rules::{Step, check};
use std::collections::BTreeSet;
use world::World;

const LINES: i32 = 3;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_people_do_lines_are_decided_once_and_by_others_and_each_loan_has_a_unit_of_its_own(
        stage in prop::sample::select(Stage::ALL),
        actions in actions(),
    ) {
        let mut world = World::begin(stage);
        for (action, by) in actions {
            let (before, kept_before) = (world.dossier.clone(), world.kept.clone());
            let done = world.act(&action, by);
            if !done {
                prop_assert_eq!(&world.dossier, &before, "a refusal changes nothing");
            }
            check(&world, &Step { before: &before, kept_before: &kept_before, action: &action, by, done });
        }
    }
}

/// So many random days, with what was done in each.
fn days(many: usize, stage: Stage, mut seen: impl FnMut(&World, &Action, bool)) {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..many {
        let mut world = World::begin(stage);
        for (action, by) in actions().new_tree(&mut runner).unwrap().current() {
            let done = world.act(&action, by);
            seen(&world, &action, done);
        }
    }
}

#[test]
fn the_random_actions_reach_every_status_and_every_kind_of_end() {
    let mut reached = BTreeSet::new();
    days(600, Stage::Technician, |world, _, _| {
        reached.insert(world.dossier.requisition.status.as_str());
    });
    // A sight of Snipe-IT that leaves doubt is the protocol's matter, and has a model check of its own.
    let all = RequisitionStatus::ALL.iter().filter(|status| **status != RequisitionStatus::Attention);
    assert_eq!(reached, all.map(|status| status.as_str()).collect());
}

#[test]
fn the_random_days_have_deputies_who_agree_and_reject_and_two_yeses_that_follow() {
    let mut reached = BTreeSet::new();
    days(1500, Stage::Supervisor, |world, action, done| {
        let is_for_another = world.history.last().is_some_and(|told| told.on_behalf_of.is_some());
        let by_deputy = world.dossier.requisition.endorsed.is_some_and(|first| first.on_behalf_of.is_some());
        match action {
            Action::Endorse(_) if done && by_deputy => reached.insert("agreed in somebody's place"),
            Action::Reject if done && is_for_another => reached.insert("rejected in somebody's place"),
            Action::GrantAll(_) if done && by_deputy && !world.dossier.loans.is_empty() => {
                reached.insert("and granted")
            }
            Action::Decide(..)
            | Action::GrantAll(_)
            | Action::Endorse(_)
            | Action::Reject
            | Action::Edit(..)
            | Action::Cancel
            | Action::CarryOut { .. }
            | Action::GiveBack
            | Action::Exchange(_)
            | Action::NameDeputy(_)
            | Action::LeaveProject
            | Action::EndPeriod => false,
        };
    });
    assert_eq!(reached.len(), 3, "{reached:?}");
}

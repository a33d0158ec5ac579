//! A checker that cannot fail is worthless: each count is made to fail by a doctored world.

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::domain::{
    id::{LoanId, OperationId, RequisitionId},
    inventory::{Holder, HolderKind},
    operation::{OperationKind, OperationState},
    requisition::{LoanStatus, RequisitionStatus},
};
use uuid::Uuid;

use super::{Wrong, check, count_effective, has_happened};
use crate::{
    simulator::{By, Effect, EffectKind},
    storm::world::{LoanRow, OperationRow, RequisitionRow, World},
};

const ASSET: i64 = 7;

/// One loan, out and back, as it should be.
struct Given {
    world: World,
    requisition: RequisitionId,
    loan: LoanId,
    out: OperationId,
    back: OperationId,
    began: DateTime<Utc>,
}

fn given() -> Given {
    let (requisition, loan) = (RequisitionId::generate(), LoanId::generate());
    let (out, back) = (OperationId::generate(), OperationId::generate());
    let began = "2026-03-02T10:00:00Z".parse().unwrap();
    let mut given = Given { world: World::default(), requisition, loan, out, back, began };
    let letter = Uuid::now_v7();
    let world = &mut given.world;
    world.told.accepted.insert(requisition, 1);
    world.told.returns.insert(loan);
    world.told.out.insert(loan, began + TimeDelta::seconds(15));
    world.told.back.insert(loan, began + TimeDelta::seconds(25));
    world.requisitions = vec![RequisitionRow { id: requisition, status: RequisitionStatus::Returned }];
    world.loans = vec![LoanRow { id: loan, requisition, status: LoanStatus::Returned }];
    world.notifications = vec![letter];
    world.mails = vec![format!("<{letter}@lab.example>")];
    given.world.operations =
        vec![given.operation(out, OperationKind::CheckOut), given.operation(back, OperationKind::CheckIn)];
    given.world.effects =
        vec![given.effect(10, EffectKind::Checkout, Some(out)), given.effect(20, EffectKind::Checkin, Some(back))];
    given
}

impl Given {
    fn operation(&self, id: OperationId, kind: OperationKind) -> OperationRow {
        OperationRow {
            id,
            requisition: self.requisition,
            loan: self.loan,
            kind,
            state: OperationState::Applied,
            requested_at: self.began,
            settled_at: Some(self.began),
        }
    }

    /// By a program if it has an operation, else by a person's hands.
    fn effect(&self, second: i64, kind: EffectKind, operation: Option<OperationId>) -> Effect {
        Effect {
            number: 0,
            asset: ASSET,
            kind,
            holder: Some(Holder { kind: HolderKind::User, id: 3 }),
            last_checkout: None,
            note: None,
            marker: operation.map(OperationId::marker),
            user_agent: None,
            at: self.began + TimeDelta::seconds(second),
            request: None,
            by: if operation.is_some() { By::Api } else { By::Human },
        }
    }

    fn in_state(mut self, index: usize, state: OperationState) -> Self {
        self.world.operations[index].state = state;
        self
    }

    fn wrongs(&self) -> Vec<Wrong> {
        let mut wrongs: Vec<_> = check(&self.world).into_iter().map(|problem| problem.wrong).collect();
        wrongs.sort();
        wrongs
    }
}

#[test]
fn a_world_as_it_should_be_has_nothing_wrong_and_two_operations() {
    let given = given();

    assert_eq!(check(&given.world), []);
    assert_eq!(count_effective(&given.world), 2);
}

#[test]
fn an_accepted_requisition_that_is_not_in_the_database_is_lost() {
    let mut given = given();
    given.world.told.accepted.insert(RequisitionId::generate(), 1);

    assert_eq!(given.wrongs(), [Wrong::Lost]);
}

#[test]
fn a_requisition_with_fewer_loans_than_units_is_lost_unless_nobody_said_yes() {
    let mut given = given();
    given.world.told.accepted.insert(given.requisition, 2);
    assert_eq!(given.wrongs(), [Wrong::Lost]);

    let rejected = RequisitionId::generate();
    given.world.told.accepted.insert(given.requisition, 1);
    given.world.told.accepted.insert(rejected, 3);
    given.world.requisitions.push(RequisitionRow { id: rejected, status: RequisitionStatus::Rejected });
    assert_eq!(given.wrongs(), []);
}

#[test]
fn an_accepted_return_of_which_nothing_came_is_lost() {
    let mut given = given();
    given.world.operations.pop();
    given.world.effects.pop();
    given.world.told.back.clear();
    given.world.loans[0].status = LoanStatus::CheckedOut;

    assert_eq!(given.wrongs(), [Wrong::Lost]);
}

#[test]
fn what_is_called_applied_without_its_effect_is_lost() {
    let mut without_check_in = given();
    without_check_in.world.effects.pop();
    without_check_in.world.told.back.clear();
    assert_eq!(without_check_in.wrongs(), [Wrong::Lost]);

    let mut without_check_out = given();
    without_check_out.world.effects.clear();
    without_check_out.world.told.out.clear();
    without_check_out.world.told.back.clear();
    assert_eq!(without_check_out.wrongs(), [Wrong::Lost]);
}

#[test]
fn a_tenure_that_a_person_ended_needs_no_check_in_of_ours() {
    let mut given = given();
    given.world.effects[1] = given.effect(20, EffectKind::Checkin, None);

    assert_eq!(given.wrongs(), []);
    assert_eq!(has_happened(&given.world, given.back), Some(true));
    assert_eq!(count_effective(&given.world), 1);
}

#[test]
fn two_effects_of_one_operation_are_doubled() {
    let mut given = given();
    let again = given.effect(11, EffectKind::Checkout, Some(given.out));
    given.world.effects.insert(1, again);

    assert_eq!(given.wrongs(), [Wrong::Doubled]);
}

#[test]
fn a_loan_with_two_effective_check_outs_is_doubled_though_each_operation_acted_once() {
    let mut given = given();
    let second = OperationId::generate();
    given.world.operations.push(given.operation(second, OperationKind::CheckOut));
    let elsewhere = Effect { asset: 8, ..given.effect(12, EffectKind::Checkout, Some(second)) };
    given.world.effects.push(elsewhere);

    assert!(given.wrongs().contains(&Wrong::Doubled), "{:?}", given.wrongs());
}

#[test]
fn one_key_with_two_answers_is_doubled() {
    let mut given = given();
    given.world.told.contradictions.push("key".to_owned());

    assert_eq!(given.wrongs(), [Wrong::Doubled]);
}

#[test]
fn an_operation_that_is_neither_settled_nor_with_a_person_is_stuck() {
    for state in [OperationState::Waiting, OperationState::Sent, OperationState::Unknown, OperationState::WithPerson] {
        assert_eq!(given().in_state(1, state).wrongs(), [Wrong::Stuck], "{state}");
    }
}

#[test]
fn an_operation_with_a_person_is_not_stuck_and_neither_is_its_requisition() {
    let mut given = given().in_state(1, OperationState::WithPerson);
    given.world.open_findings.insert(given.back.0);
    given.world.requisitions[0].status = RequisitionStatus::Attention;

    assert_eq!(given.wrongs(), []);
}

#[test]
fn an_accepted_requisition_that_is_never_over_is_stuck() {
    let mut given = given();
    given.world.requisitions[0].status = RequisitionStatus::PartlyReturned;

    assert_eq!(given.wrongs(), [Wrong::Stuck]);
}

#[test]
fn an_effect_that_is_denied_is_misreported() {
    for state in [OperationState::Refused, OperationState::Abandoned] {
        assert_eq!(given().in_state(1, state).wrongs(), [Wrong::Misreported], "{state}");
    }
    let mut failed = given();
    failed.world.loans[0].status = LoanStatus::Failed;
    assert!(failed.wrongs().contains(&Wrong::Misreported), "{:?}", failed.wrongs());
}

#[test]
fn a_status_that_was_told_before_it_was_true_is_misreported() {
    let mut early_out = given();
    early_out.world.told.out.insert(early_out.loan, early_out.began + TimeDelta::seconds(9));
    assert_eq!(early_out.wrongs(), [Wrong::Misreported]);

    let mut early_back = given();
    early_back.world.told.back.insert(early_back.loan, early_back.began + TimeDelta::seconds(19));
    assert_eq!(early_back.wrongs(), [Wrong::Misreported]);
}

#[test]
fn an_effect_that_no_operation_accounts_for_is_misreported() {
    let mut given = given();
    let stranger = Effect { asset: 9, ..given.effect(30, EffectKind::Checkout, Some(OperationId::generate())) };
    given.world.effects.push(stranger);

    assert_eq!(given.wrongs(), [Wrong::Misreported]);
}

#[test]
fn a_check_in_of_ours_that_ends_somebody_elses_tenure_is_foreign() {
    let mut given = given();
    let theirs = given.effect(15, EffectKind::Checkout, None);
    given.world.effects.insert(1, theirs);

    assert_eq!(given.wrongs(), [Wrong::ForeignCheckin]);
}

#[test]
fn a_check_in_of_ours_that_ends_the_tenure_of_another_loan_of_ours_is_foreign() {
    let mut given = given();
    let (other, loan) = (OperationId::generate(), LoanId::generate());
    let row = OperationRow { loan, ..given.operation(other, OperationKind::CheckOut) };
    given.world.operations.push(row);
    given.world.loans.push(LoanRow { id: loan, requisition: given.requisition, status: LoanStatus::CheckedOut });
    given.world.told.accepted.insert(given.requisition, 2);
    let next = given.effect(15, EffectKind::Checkout, Some(other));
    given.world.effects.insert(1, next);

    assert_eq!(given.wrongs(), [Wrong::ForeignCheckin]);
}

#[test]
fn a_letter_that_never_arrived_is_missing_and_a_second_copy_is_doubled() {
    let mut missing = given();
    missing.world.notifications.push(Uuid::now_v7());
    assert_eq!(missing.wrongs(), [Wrong::MailMissing]);

    let mut doubled = given();
    doubled.world.mails.push(doubled.world.mails[0].clone());
    doubled.world.mails.push(doubled.world.mails[0].clone());
    assert_eq!(doubled.wrongs(), [Wrong::MailDoubled, Wrong::MailDoubled]);
}

use super::*;
use crate::domain::{
    equipment::{Collection, Unit},
    id::{EquipmentId, UserId},
    inventory::{SnipeitAssetId, SnipeitUserId},
    operation::{Operation, OperationState},
    requisition::{
        Line, LineStatus,
        hand_over::ForLoan,
        properties::{a_dossier, a_line, a_loan, now},
        submit::check_out,
    },
    user::Role,
};
use chrono::NaiveDateTime;

/// One line of two units, which are promised and wait at the counter.
struct Desk {
    dossier: Dossier,
    line: Line,
}

impl Desk {
    fn new() -> Self {
        let line = Line { status: LineStatus::Approved, ..a_line(1, 2) };
        let loans = vec![a_loan(&line), a_loan(&line)];
        Self { dossier: Dossier { lines: vec![line.clone()], loans, ..a_dossier(UserId::generate()) }, line }
    }

    fn loan(&self, index: usize) -> &Loan {
        &self.dossier.loans[index]
    }

    /// From now on the loan goes out by itself, as far as its check-out has come.
    fn goes_by_itself(&mut self, index: usize, state: OperationState) {
        let loan = self.loan(index);
        let attempts = i32::from(state != OperationState::Waiting);
        let fingerprint = (attempts > 0).then(NaiveDateTime::default);
        let operation = check_out(loan, unit(loan.equipment_id), true, 1, None);
        self.dossier.operations.push(Operation { state, attempts, fingerprint, ..operation });
    }

    fn is_out(&mut self, index: usize) {
        self.goes_by_itself(index, OperationState::Applied);
        let loan = &mut self.dossier.loans[index];
        loan.status = LoanStatus::CheckedOut;
        loan.snipeit_user_id = Some(SnipeitUserId(7));
        loan.fingerprint = Some(NaiveDateTime::default());
    }

    /// Another unit of the line's model, which was scanned.
    fn another(&self) -> UnitAtCounter {
        self.scanned(EquipmentId::generate())
    }

    fn own(&self, index: usize) -> UnitAtCounter {
        self.scanned(self.loan(index).equipment_id)
    }

    fn scanned(&self, id: EquipmentId) -> UnitAtCounter {
        UnitAtCounter {
            unit: unit(id),
            tag: "ML-0042".to_owned(),
            model_id: self.line.model_id,
            model_name: "Oscilloscope".to_owned(),
            is_lendable: true,
            is_held: false,
            out_on: None,
            kept_for: None,
            wish: ForLoan::default(),
            is_scanned: true,
        }
    }

    /// The loans, by their index, in the order of the units.
    fn choose(&self, units: &[UnitAtCounter]) -> Result<Vec<usize>, UnitRefused> {
        self.choose_in(units, false)
    }

    fn choose_in(&self, units: &[UnitAtCounter], is_forgetful: bool) -> Result<Vec<usize>, UnitRefused> {
        let desk = AtDesk { by: UserId::generate(), role: Role::Technician, now: now(), is_forgetful };
        let places = places_for(&self.dossier, desk, units).map_err(|refused| match refused {
            HandOverRefused::Unit { why, .. } => why,
            other => panic!("{other}"),
        })?;
        let place_of = |at_counter: &UnitAtCounter| {
            let place = places.iter().find(|(_, placed)| placed.unit.id == at_counter.unit.id).unwrap();
            self.dossier.loans.iter().position(|loan| loan.id == place.0.loan()).unwrap()
        };
        Ok(units.iter().map(place_of).collect())
    }
}

fn unit(id: EquipmentId) -> Unit {
    Unit { id, snipeit_asset_id: SnipeitAssetId(1), collection: Collection::Counter }
}

fn for_loan(loan: &Loan, at_counter: UnitAtCounter) -> UnitAtCounter {
    UnitAtCounter { wish: ForLoan { line: None, loan: Some(loan.id) }, ..at_counter }
}

#[test]
fn a_unit_goes_to_the_loan_that_keeps_it_and_another_of_the_model_to_any_that_is_left() {
    let desk = Desk::new();
    assert_eq!(desk.choose(&[desk.own(1)]), Ok(vec![1]));
    assert_eq!(desk.choose(&[desk.another(), desk.another()]), Ok(vec![0, 1]));
}

#[test]
fn a_unit_that_is_kept_never_loses_its_loan_to_one_that_was_scanned_before_it() {
    let desk = Desk::new();
    assert_eq!(desk.choose(&[desk.another(), desk.own(0)]), Ok(vec![1, 0]));
}

#[test]
fn more_units_than_loans_and_units_of_other_models_find_nothing_left() {
    let desk = Desk::new();
    let wrong = Err(UnitRefused::WrongModel { model: "Oscilloscope".to_owned() });
    assert_eq!(desk.choose(&[desk.own(0), desk.another(), desk.another()]), wrong);
    let stranger = UnitAtCounter { model_id: a_line(1, 1).model_id, ..desk.another() };
    assert_eq!(desk.choose(&[stranger]), wrong);
}

#[test]
fn a_wish_is_heeded_and_not_at_the_cost_of_the_loan_that_keeps_the_unit() {
    let desk = Desk::new();
    assert_eq!(desk.choose(&[for_loan(desk.loan(1), desk.another())]), Ok(vec![1]));
    assert_eq!(desk.choose(&[for_loan(desk.loan(1), desk.own(0))]), Err(UnitRefused::ForAnotherLoan));
    let of_line = |line| UnitAtCounter { wish: ForLoan { line: Some(line), loan: None }, ..desk.another() };
    assert_eq!(desk.choose(&[of_line(desk.line.id)]), Ok(vec![0]));
    assert!(desk.choose(&[of_line(a_line(2, 1).id)]).is_err());
}

#[test]
fn a_line_that_names_its_units_takes_no_others() {
    let mut desk = Desk::new();
    desk.dossier.lines[0].equipment_id = Some(desk.loan(0).equipment_id);
    assert_eq!(desk.choose(&[desk.another()]), Err(UnitRefused::NamedUnitWanted));
    assert_eq!(desk.choose(&[desk.own(0)]), Ok(vec![0]));
}

#[test]
fn what_may_not_be_given_out_is_refused_whatever_it_would_be_for() {
    let desk = Desk::new();
    let other = || "R-2026-000007".to_owned();
    for (at_counter, why) in [
        (UnitAtCounter { out_on: Some(other()), ..desk.another() }, UnitRefused::OutOnAnother { requisition: other() }),
        (UnitAtCounter { is_held: true, ..desk.own(0) }, UnitRefused::Held),
        (UnitAtCounter { is_lendable: false, ..desk.own(0) }, UnitRefused::NotLendable),
        (
            UnitAtCounter { kept_for: Some(other()), ..desk.another() },
            UnitRefused::KeptForAnother { requisition: other() },
        ),
    ] {
        assert_eq!(desk.choose(&[at_counter]), Err(why));
    }
}

#[test]
fn what_waits_at_the_counter_comes_before_what_goes_out_by_itself() {
    let mut desk = Desk::new();
    desk.goes_by_itself(0, OperationState::Waiting);
    assert_eq!(desk.choose(&[desk.another()]), Ok(vec![1]));
    assert_eq!(desk.choose(&[desk.another(), desk.another()]), Ok(vec![1, 0]));
    assert_eq!(desk.choose(&[desk.own(0)]), Err(UnitRefused::NotForCounter));
}

#[test]
fn what_goes_out_by_itself_is_exchanged_only_while_certainly_nothing_was_sent_and_by_a_scan() {
    let mut desk = Desk::new();
    desk.dossier.loans.truncate(1);
    desk.goes_by_itself(0, OperationState::Waiting);
    assert_eq!(desk.choose(&[desk.another()]), Ok(vec![0]));
    let typed_id = UnitAtCounter { is_scanned: false, ..desk.another() };
    assert_eq!(desk.choose(&[typed_id]), Err(UnitRefused::NotScanned));
    assert_eq!(
        desk.choose_in(&[desk.another()], true),
        Err(UnitRefused::BeingVerified),
        "what was sent may be forgotten"
    );
    for state in [OperationState::Sent, OperationState::Unknown, OperationState::WithPerson] {
        desk.dossier.operations.clear();
        desk.goes_by_itself(0, state);
        assert_eq!(desk.choose(&[desk.another()]), Err(UnitRefused::BeingVerified), "{state}");
    }
}

#[test]
fn what_is_out_is_exchanged_only_if_it_is_named_and_only_once() {
    let mut desk = Desk::new();
    desk.is_out(0);
    desk.is_out(1);
    assert_eq!(desk.choose(&[desk.another()]), Err(UnitRefused::WhichComesBack { model: "Oscilloscope".to_owned() }));
    let for_second = || for_loan(desk.loan(1), desk.another());
    assert_eq!(desk.choose(&[for_second()]), Ok(vec![1]));
    assert!(desk.choose(&[for_second(), for_second()]).is_err(), "one unit for one loan");
    assert_eq!(desk.choose(&[desk.own(0)]), Err(UnitRefused::AlreadyHandedOver));
    let typed_id = UnitAtCounter { is_scanned: false, ..for_second() };
    assert_eq!(desk.choose(&[typed_id]), Err(UnitRefused::NotScanned));
}

#[test]
fn what_is_on_its_way_back_is_not_exchanged() {
    let mut desk = Desk::new();
    desk.is_out(0);
    let loan = desk.loan(0).clone();
    let check_in =
        crate::domain::requisition::give_back::check_in(&loan, SnipeitAssetId(1), UserId::generate()).unwrap();
    desk.dossier.operations.push(check_in);

    assert_eq!(desk.choose(&[for_loan(&loan, desk.another())]), Err(UnitRefused::ReturnUnderWay));
}

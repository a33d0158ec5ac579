use super::*;
use crate::domain::{
    availability::{Occupation, OccupationKind, UnitPlan},
    equipment::{Collection, Unit},
    id::{EquipmentId, UserId},
    inventory::{SnipeitAssetId, SnipeitUserId},
    operation::{Operation, OperationState},
    requisition::{
        Line, LineStatus,
        hand_over::{ForLoan, KeptFor},
        properties::{a_desk, a_dossier, a_line, a_loan, a_unit_at_counter, now},
        submit::check_out,
    },
    user::Role,
};
use chrono::{NaiveDateTime, TimeDelta};

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
        a_unit_at_counter(unit(id), self.line.model_id)
    }

    /// The loans, by their index, in the order of the units.
    fn choose(&self, units: &[UnitAtCounter]) -> Result<Vec<usize>, UnitRefused> {
        self.choose_in(units, false)
    }

    fn choose_in(&self, units: &[UnitAtCounter], is_forgetful: bool) -> Result<Vec<usize>, UnitRefused> {
        let desk = AtDesk { is_forgetful, ..a_desk(UserId::generate(), Role::Technician) };
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
    let comes_back = Some(SnipeitAssetId(1));
    UnitAtCounter { wish: ForLoan { line: None, loan: Some(loan.id) }, comes_back, ..at_counter }
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

/// As it is but for its plan.
fn planned(at_counter: UnitAtCounter, change: impl Fn(&mut UnitPlan)) -> UnitAtCounter {
    let plan = at_counter.plan.clone().map(|mut plan| {
        change(&mut plan);
        plan
    });
    UnitAtCounter { plan, ..at_counter }
}

fn occupied(kind: OccupationKind, from_day: i64, to_day: i64) -> Occupation {
    let period = Period { starts_at: now() + TimeDelta::days(from_day), due_at: now() + TimeDelta::days(to_day) };
    Occupation { kind, period }
}

#[test]
fn what_may_not_be_given_out_is_refused_whatever_it_would_be_for() {
    let desk = Desk::new();
    let other = || "R-2026-000007".to_owned();
    let promised = KeptFor { requisition: other(), period: occupied(OccupationKind::Promised, 6, 9).period };
    for (at_counter, why) in [
        (UnitAtCounter { out_on: Some(other()), ..desk.another() }, UnitRefused::OutOnAnother { requisition: other() }),
        (UnitAtCounter { in_doubt_on: Some(other()), ..desk.own(0) }, UnitRefused::InDoubt { requisition: other() }),
        (UnitAtCounter { plan: None, ..desk.own(0) }, UnitRefused::NotListed),
        (planned(desk.own(0), |plan| plan.is_held = true), UnitRefused::Held),
        (planned(desk.own(0), |plan| plan.is_in_order = false), UnitRefused::NotLendable),
        (
            UnitAtCounter { kept_for: vec![promised], ..desk.another() },
            UnitRefused::KeptForAnother { requisition: other() },
        ),
        (
            planned(desk.another(), |plan| plan.occupations.push(occupied(OccupationKind::Held, 2, 3))),
            UnitRefused::KeptForWaiting,
        ),
    ] {
        assert_eq!(desk.choose(&[at_counter]), Err(why));
    }
}

#[test]
fn the_labs_time_between_two_loans_holds_at_the_counter_but_not_against_the_loan_that_keeps_the_unit() {
    let desk = Desk::new();
    let hours = TimeDelta::hours;
    let fresh = |at_counter| planned(at_counter, |plan| plan.last_return = Some(now() - hours(1)));
    let soon = planned(desk.another(), |plan| plan.occupations.push(occupied(OccupationKind::Promised, 7, 9)));
    let choose = |at_counter: UnitAtCounter| {
        let at_desk = AtDesk { buffer: hours(4), ..a_desk(UserId::generate(), Role::Technician) };
        places_for(&desk.dossier, at_desk, &[at_counter]).map(|places| places.len())
    };
    let refused = |why| Err(HandOverRefused::Unit { tag: "ML-0042".to_owned(), why });

    assert_eq!(choose(fresh(desk.another())), refused(UnitRefused::Resting { until: now() + hours(3) }));
    assert_eq!(choose(soon), refused(UnitRefused::NeededSoon));
    assert_eq!(choose(fresh(desk.own(0))), Ok(1));
}

/// The loan begins in four days and is asked for today; until then its unit may be somebody else's.
#[test]
fn a_kept_unit_is_handed_over_early_only_while_it_is_nobody_elses_until_its_loan_begins() {
    let mut desk = Desk::new();
    let days = |days| now() + TimeDelta::days(days);
    let begins = days(4);
    desk.dossier.loans[0].period.starts_at = begins;
    let own = occupied(OccupationKind::Promised, 4, 7);
    let early = || planned(desk.own(0), |plan| plan.occupations.push(own));
    let requisition = || "R-2026-000007".to_owned();
    let promised = |from, to| {
        let period = occupied(OccupationKind::Promised, from, to).period;
        UnitAtCounter { kept_for: vec![KeptFor { requisition: requisition(), period }], ..early() }
    };
    let held = |from, to| planned(early(), |plan| plan.occupations.push(occupied(OccupationKind::Held, from, to)));
    let period = occupied(OccupationKind::Held, 1, 3).period;

    assert_eq!(desk.choose(&[early()]), Ok(vec![0]));
    assert_eq!(desk.choose(&[promised(7, 9)]), Ok(vec![0]), "after it");
    let why = UnitRefused::PromisedBefore { requisition: requisition(), period, begins };
    assert_eq!(
        why.to_string(),
        "is promised to R-2026-000007 from 2026-11-24 10:00 UTC until 2026-11-26 10:00 UTC, before this loan begins: hand \
         it over from 2026-11-27 10:00 UTC on, or another free unit now"
    );
    assert_eq!(desk.choose(&[promised(1, 3)]), Err(why));
    assert_eq!(desk.choose(&[held(1, 3)]), Err(UnitRefused::HeldBefore { period, begins }));
    let resting = planned(early(), |plan| plan.last_return = Some(now()));
    let at_desk = AtDesk { buffer: TimeDelta::days(9), ..a_desk(UserId::generate(), Role::Technician) };
    let refused = places_for(&desk.dossier, at_desk, &[resting]).map(|places| places.len());
    let why = UnitRefused::Resting { until: begins };
    assert_eq!(
        refused,
        Err(HandOverRefused::Unit { tag: "ML-0042".to_owned(), why }),
        "no longer than until it begins"
    );
}

#[test]
fn nothing_is_handed_over_after_the_end_of_its_own_loan_to_the_very_moment() {
    let mut desk = Desk::new();
    desk.is_out(1);
    let end = desk.loan(0).period.due_at;
    let moment = TimeDelta::microseconds(1);
    desk.dossier.now = end - moment;
    assert_eq!(desk.choose(&[desk.own(0)]), Ok(vec![0]));
    let exchanged = || for_loan(desk.loan(1), desk.another());
    assert_eq!(desk.choose(&[exchanged()]), Ok(vec![1]));

    desk.dossier.now = end;
    assert_eq!(desk.choose(&[desk.own(0)]), Err(UnitRefused::PeriodOver));
    let exchanged = || for_loan(desk.loan(1), desk.another());
    assert_eq!(desk.choose(&[exchanged()]), Err(UnitRefused::LoanOverdue));

    desk.dossier.loans[1].period.due_at = end + TimeDelta::days(3);
    let exchanged = || for_loan(desk.loan(1), desk.another());
    assert_eq!(desk.choose(&[exchanged()]), Ok(vec![1]), "an extension moved its end, not the requisition's");
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

#[test]
fn what_another_unit_took_the_place_of_is_not_exchanged_again_even_if_its_check_in_failed() {
    let mut desk = Desk::new();
    desk.is_out(0);
    desk.dossier.loans[0].replaced_at = Some(now());

    let again = for_loan(desk.loan(0), desk.another());

    assert_eq!(desk.choose(&[again]), Err(UnitRefused::ExchangedAlready));
}

#[test]
fn a_loan_that_was_taken_over_without_an_operation_of_ours_is_exchanged_as_well() {
    let mut desk = Desk::new();
    desk.is_out(0);
    desk.dossier.operations.clear();

    assert_eq!(desk.choose(&[for_loan(desk.loan(0), desk.another())]), Ok(vec![0]));
}

//! Random people edit, decide, cancel and carry out one requisition at random; whatever they do, the rules hold.

use super::{
    AtDesk, Decide, DecisionRefused, Dossier, EditRefused, FollowUp, ForLoan, Granted, Line, LineStatus, Loan,
    LoanStatus, NewLine, Period, PromisedLine, Purpose, Requisition, RequisitionStatus, Ruling, Submission, Substitute,
    UnitAtCounter, status_of,
};
use crate::domain::{
    actor::Actor,
    approval::Stage,
    change::{Cause, Change, Entity, HistoryEntry, NewNotification, Write},
    equipment::{Approval, Collection, Unit},
    id::{EquipmentId, LineId, LoanId, ModelId, ProjectId, RequisitionId, UserId},
    inventory::{SnipeitAssetId, SnipeitUserId},
    loan_watch::Watch,
    notification::NotificationEvent,
    operation::{Missed, Operation, OperationState, Verdict},
    project::{MemberRole, ProjectStatus},
    user::Role,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use proptest::{prelude::*, strategy::ValueTree};

const LINES: i32 = 3;
/// The first asked for it; the others are a fellow student, a supervisor, a technician and an admin.
const ROLES: [Role; 5] = [Role::Technician, Role::Student, Role::Professor, Role::Technician, Role::Admin];
const MEMBERS: [Option<MemberRole>; 5] =
    [Some(MemberRole::Leader), Some(MemberRole::Member), Some(MemberRole::Supervisor), None, None];

#[derive(Debug, Clone)]
enum Action {
    /// For each line it names: how many, none for a rejection; and whether by another model.
    Decide(Vec<(usize, Option<i32>, bool)>),
    /// What is wanted instead, by model and quantity; and whether nobody has to decide that.
    Edit(Vec<(usize, i32)>, bool),
    Endorse,
    Reject,
    Cancel,
    /// The next waiting check-out is sent, and succeeds or is refused.
    CarryOut {
        succeeds: bool,
    },
    GiveBack,
    /// At the counter another unit is given out for one of the loans, by its index.
    Exchange(usize),
}

/// The rows as a database would have them, and everything that was written.
struct World {
    people: Vec<UserId>,
    models: Vec<ModelId>,
    /// By an edit that nobody had to decide.
    went_through: bool,
    dossier: Dossier,
    units_given: i64,
    history: Vec<HistoryEntry>,
    letters: Vec<NewNotification>,
}

impl World {
    /// `stage`: who decides first.
    fn begin(stage: Stage) -> Self {
        let people: Vec<_> = ROLES.iter().map(|_| UserId::generate()).collect();
        let lines: Vec<_> = (1..=LINES).map(|position| a_line(position, position)).collect();
        let requisition = Requisition { waiting_for: Some(stage), ..a_requisition(people[0]) };
        let dossier = Dossier { now: now(), requisition, lines, loans: Vec::new(), operations: Vec::new() };
        let models = lines_models(&dossier);
        let (history, letters) = (Vec::new(), Vec::new());
        Self { people, models, went_through: false, dossier, units_given: 0, history, letters }
    }

    /// Whether the rules let it be done.
    fn act(&mut self, action: &Action, by: usize) -> bool {
        let dossier = self.dossier.clone();
        let change = match action {
            Action::Decide(named) => self.decide(named, by).ok(),
            Action::Edit(wanted, by_itself) => self.edit(wanted, *by_itself, by).ok(),
            Action::Endorse => dossier.endorse(self.decider(by)).ok(),
            Action::Reject => dossier.reject(self.decider(by), "not now").ok(),
            Action::Cancel => dossier.cancel(self.people[by], now()).ok(),
            Action::CarryOut { succeeds } => carry_out(dossier, *succeeds),
            Action::GiveBack => give_back(dossier),
            Action::Exchange(index) => self.exchange(*index, by),
        };
        change.map(|change| self.apply(change)).is_some()
    }

    fn decide(&mut self, named: &[(usize, Option<i32>, bool)], by: usize) -> Result<Change, DecisionRefused> {
        let dossier = self.dossier.clone();
        let rulings: Vec<_> = named
            .iter()
            .map(|(index, quantity, by_another)| {
                let line = &dossier.lines[*index];
                let model_id = if *by_another { ModelId::generate() } else { line.model_id };
                let granted = quantity.map(|quantity| Granted { model_id, quantity, units_are_named: false });
                Ruling { line_id: line.id, granted, reason: Some("so it is".to_owned()) }
            })
            .collect();
        let units: Vec<_> = rulings
            .iter()
            .filter_map(|ruling| Some((ruling.line_id, self.some_units(ruling.granted?.quantity))))
            .collect();
        dossier.decide(self.decider(by), &rulings, &units, None)
    }

    fn edit(&mut self, wanted: &[(usize, i32)], by_itself: bool, by: usize) -> Result<Change, EditRefused> {
        let dossier = self.dossier.clone();
        let lines = wanted.iter().map(|(model, quantity)| PromisedLine {
            line: NewLine {
                model_id: self.models[*model],
                approval: if by_itself { Approval::None } else { Approval::Technician },
                category: None,
                unit_cost: None,
                equipment_id: None,
                quantity: *quantity,
            },
            units: if by_itself { self.some_units(*quantity) } else { Vec::new() },
        });
        let lines = lines.collect();
        let submission = Submission { lines, ..a_submission(&dossier.requisition) };
        let change = dossier.edit(self.people[by], &submission)?;
        self.went_through |= by_itself && change != Change::default();
        Ok(change)
    }

    fn exchange(&mut self, index: usize, by: usize) -> Option<Change> {
        let dossier = self.dossier.clone();
        let loan = dossier.loans.get(index % dossier.loans.len().max(1))?;
        let line = dossier.find_line(loan.line_id)?;
        let at_counter = UnitAtCounter {
            unit: self.some_units(1)[0],
            tag: "ML-0042".to_owned(),
            model_id: line.granted().model_id,
            model_name: "Oscilloscope".to_owned(),
            is_lendable: true,
            is_held: false,
            out_on: None,
            kept_for: None,
            wish: ForLoan { line: None, loan: Some(loan.id) },
            is_scanned: true,
        };
        let desk = AtDesk { by: self.people[by], role: ROLES[by], now: now(), is_forgetful: false };
        dossier.hand_over(desk, &[at_counter], None).ok()
    }

    fn decider(&self, by: usize) -> Decide {
        Decide { by: self.people[by], role: ROLES[by], member: MEMBERS[by], is_supervised: true, in_place_of: None }
    }

    /// Units that nobody had before, as the store would choose them.
    fn some_units(&mut self, quantity: i32) -> Vec<Unit> {
        let numbers = self.units_given..self.units_given + i64::from(quantity);
        self.units_given = numbers.end;
        numbers
            .map(|number| Unit {
                id: EquipmentId::generate(),
                snipeit_asset_id: SnipeitAssetId(number),
                collection: Collection::StraightThrough,
            })
            .collect()
    }

    fn apply(&mut self, change: Change) {
        let dossier = &mut self.dossier;
        for write in change.writes {
            match write {
                Write::UpdateRequisition(row) => dossier.requisition = row,
                Write::InsertEdit(edit) => {
                    assert_eq!(edit.number, dossier.requisition.edits, "each edit is kept once");
                    assert_eq!(edit.before.version, dossier.requisition.version);
                }
                Write::InsertLine(row) => dossier.lines.push(row),
                Write::UpdateLine(row) => put(&mut dossier.lines, row, |line| line.id.0),
                Write::InsertLoan(row) => dossier.loans.push(row),
                Write::UpdateLoan(row) => put(&mut dossier.loans, row, |loan| loan.id.0),
                Write::InsertOperation(row) => dossier.operations.push(row),
                Write::UpdateOperation(row) => put(&mut dossier.operations, row, |operation| operation.id.0),
                Write::MarkMoot(_) | Write::EndHoldsFor(_) => {}
                other => panic!("a requisition does not write this: {other:?}"),
            }
        }
        self.history.extend(change.history);
        self.letters.extend(change.notifications);
    }

    fn told(&self, event: NotificationEvent) -> usize {
        self.letters.iter().filter(|letter| letter.event == event).count()
    }
}

fn lines_models(dossier: &Dossier) -> Vec<ModelId> {
    dossier.lines.iter().map(|line| line.model_id).collect()
}

/// As the requester would submit it now.
fn a_submission(requisition: &Requisition) -> Submission {
    Submission {
        now: now(),
        project_id: requisition.project_id,
        project_status: ProjectStatus::Active,
        requester_id: requisition.requester_id,
        requester_is_matched: true,
        requester_role: ROLES[0],
        member_role: MEMBERS[0],
        purpose: requisition.purpose.clone(),
        period: requisition.period,
        lines: Vec::new(),
        quotas: Vec::new(),
        rules: Vec::new(),
        supervisors: Vec::new(),
        deputies: Vec::new(),
    }
}

fn put<T>(rows: &mut [T], row: T, id: impl Fn(&T) -> uuid::Uuid) {
    let place = rows.iter().position(|known| id(known) == id(&row)).expect("a row that was there");
    rows[place] = row;
}

fn carry_out(dossier: Dossier, succeeds: bool) -> Option<Change> {
    let waiting = dossier.operations.iter().find(|operation| operation.state == OperationState::Waiting)?.clone();
    let state = if succeeds { OperationState::Applied } else { OperationState::Refused };
    let ended = Operation { attempts: 1, fingerprint: Some(NaiveDateTime::default()), state, ..waiting };
    let verdict = match succeeds {
        true => Verdict::Applied,
        false => Verdict::NotApplied(Missed::UnitUnavailable),
    };
    Some(dossier.settle(ended, &verdict, &[], &follow()))
}

fn give_back(dossier: Dossier) -> Option<Change> {
    let out = dossier.loans.iter().find(|loan| loan.status == LoanStatus::CheckedOut)?.id;
    let now = dossier.now;
    Some(dossier.adopt_return(out, now))
}

fn follow() -> FollowUp {
    let cause = Cause::new(Actor::Snipeit, "settled");
    FollowUp { now: now(), cause, borrower: Some(SnipeitUserId(7)), substitute: Substitute::NoneFree }
}

pub(super) fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

/// A line of somebody's that waits for a technician.
pub(super) fn a_dossier(requester: UserId) -> Dossier {
    Dossier {
        now: now(),
        requisition: a_requisition(requester),
        lines: vec![a_line(1, 1)],
        loans: Vec::new(),
        operations: Vec::new(),
    }
}

fn a_requisition(requester_id: UserId) -> Requisition {
    Requisition {
        id: RequisitionId::generate(),
        number: None,
        project_id: ProjectId::generate(),
        requester_id,
        purpose: Purpose::parse("measuring").unwrap(),
        period: Period { starts_at: now(), due_at: now() + TimeDelta::days(7) },
        status: RequisitionStatus::Pending,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        waiting_for: Some(Stage::Technician),
        waiting_since: None,
        reminded_at: None,
        endorsed: None,
        approval_reason: None,
        edits: 0,
        editors: Vec::new(),
        version: 1,
    }
}

/// A line that waits.
pub(super) fn a_line(position: i32, quantity: i32) -> Line {
    Line {
        id: LineId::generate(),
        requisition_id: RequisitionId::generate(),
        position,
        model_id: ModelId::generate(),
        equipment_id: None,
        quantity,
        status: LineStatus::Pending,
        verdict: None,
        decided: None,
        version: 1,
    }
}

pub(super) fn a_loan(line: &Line) -> Loan {
    Loan {
        id: LoanId::generate(),
        requisition_id: line.requisition_id,
        line_id: line.id,
        equipment_id: EquipmentId::generate(),
        borrower_id: UserId::generate(),
        status: LoanStatus::Promised,
        period: Period { starts_at: now(), due_at: now() + TimeDelta::days(7) },
        handed_over_at: None,
        handed_over_by: None,
        checked_out_at: None,
        returned_at: None,
        snipeit_user_id: None,
        fingerprint: None,
        failure: None,
        returned_as: None,
        watch: Watch::default(),
        return_wished_by: None,
        instead_of: None,
        version: 1,
    }
}

fn actions() -> impl Strategy<Value = Vec<(Action, usize)>> {
    let one = (0..LINES as usize, prop::option::of(0..=LINES + 1), any::<bool>());
    let wanted = prop::collection::vec((0..LINES as usize, 1..=LINES), 1..4);
    let action = prop_oneof![
        4 => prop::collection::vec(one, 0..4).prop_map(Action::Decide),
        2 => (wanted, any::<bool>()).prop_map(|(wanted, by_itself)| Action::Edit(wanted, by_itself)),
        2 => Just(Action::Endorse),
        1 => Just(Action::Reject),
        1 => Just(Action::Cancel),
        3 => any::<bool>().prop_map(|succeeds| Action::CarryOut { succeeds }),
        1 => Just(Action::GiveBack),
        2 => (0..9usize).prop_map(Action::Exchange),
    ];
    prop::collection::vec((action, 0..ROLES.len()), 1..25)
}

/// What must hold after every action, whatever it was.
fn check(world: &World, before: &Dossier, action: &Action, by: usize, done: bool) {
    let after = &world.dossier;
    if let Action::Decide(_) = action {
        let may_decide = by != 0 && ROLES[by].is_staff();
        assert!(may_decide || !done, "{by} decided");
        let gave_the_first_yes = before.requisition.endorsed.is_some_and(|endorsed| endorsed.by == world.people[by]);
        let grants = after.loans.len() > before.loans.len();
        assert!(!(gave_the_first_yes && grants), "{by} gave both");
    }
    if let Action::Endorse | Action::Reject = action {
        assert!(by != 0 || !done, "nobody decides their own");
        let supervisor_is_asked = before.requisition.waiting_for == Some(Stage::Supervisor);
        assert!(by != 2 || !done || supervisor_is_asked, "supervisors decide while they are asked");
    }
    if let Action::Edit(..) = action {
        let is_undecided = before.requisition.decided_by.is_none();
        let all_wait = before.standing_lines().all(|line| line.status == LineStatus::Pending);
        assert!(!done || is_undecided && all_wait && before.loans.is_empty(), "only what waits as a whole is edited");
        assert!(!done || after.requisition.endorsed.is_none() || after == before, "an agreement ends with an edit");
    }
    let was_asked = before.requisition.waiting_for == Some(Stage::Supervisor) && after.requisition.endorsed.is_none();
    let may_go_through = world.went_through && after.requisition.decided_by.is_none();
    assert!(!was_asked || after.loans.is_empty() || may_go_through, "nothing is promised before the supervisor agrees");
    assert_eq!(after.requisition.waiting_for.is_some(), after.undecided_lines().next().is_some());
    for (line, was) in after.lines.iter().zip(&before.lines) {
        assert_eq!((line.quantity, line.model_id), (was.quantity, was.model_id), "what was asked for stays");
        assert!(was.decided.is_none() || line.decided == was.decided, "a decision is for good");
        let is_first = |loan: &&Loan| loan.line_id == line.id && loan.instead_of.is_none();
        let promised = after.loans.iter().filter(is_first).count();
        let needs_no_decision = world.went_through && after.requisition.decided_by.is_none();
        let granted = match &line.decided {
            Some(decided) => decided.granted.map_or(0, |granted| granted.quantity),
            None if needs_no_decision && line.status != LineStatus::Withdrawn => line.quantity,
            None => 0,
        };
        assert_eq!(i32::try_from(promised).unwrap(), granted, "a unit for each that was granted, and no more");
        assert!(granted <= line.quantity);
        let moved = line.status != was.status;
        let mut told =
            world.history.iter().filter(|entry| entry.entity == Entity::Line && entry.entity_id == line.id.0);
        assert!(
            !moved || told.next_back().is_some_and(|entry| entry.to_status == line.status.as_str()),
            "history is whole"
        );
    }
    let is_new = |line: &&Line| before.find_line(line.id).is_none();
    assert!(after.lines.iter().filter(is_new).count() == 0 || matches!(action, Action::Edit(..)));
    assert!(after.lines.len() >= before.lines.len(), "no line is lost");
    assert!(after.standing_lines().next().is_some(), "something is asked for");
    let mut positions: Vec<_> = after.lines.iter().map(|line| line.position).collect();
    positions.dedup();
    assert_eq!(positions.len(), after.lines.len(), "every line has a place of its own");
    for (index, loan) in after.loans.iter().enumerate() {
        let twice = after.loans[..index].iter().any(|other| other.equipment_id == loan.equipment_id);
        assert!(!twice, "a unit is promised twice");
    }
    if let Action::Exchange(_) = action {
        assert!(by != 0 && ROLES[by].is_staff() || !done, "nobody hands over to themselves");
        assert_eq!(has_in_hand(after), has_in_hand(before) + usize::from(done && !is_exchange(after, before)));
    }
    for loan in &after.loans {
        let is_live = |one: &&Operation| one.loan_id == loan.id && !one.state.is_settled();
        assert!(after.operations.iter().filter(is_live).count() <= 1, "two operations of one loan");
        let exchanged = after.loans.iter().filter(|later| later.instead_of == Some(loan.id)).count();
        assert!(exchanged <= 1, "one unit takes the place of one");
    }
    let was_decided = after.requisition.decided_by.is_some();
    assert_eq!(after.requisition.status, status_of(&after.lines, &after.loans, &after.operations, was_decided));
    let outcomes = [NotificationEvent::Approved, NotificationEvent::PartlyApproved, NotificationEvent::Rejected];
    let outcomes: usize = outcomes.into_iter().map(|event| world.told(event)).sum();
    assert!(outcomes <= 1, "the outcome is told once");
    assert!(outcomes == 0 || after.undecided_lines().next().is_none(), "and not before the last line is decided");
    if let Action::Cancel = action {
        let was_out = |loan: &&Loan| matches!(loan.status, LoanStatus::CheckedOut | LoanStatus::Returned);
        assert_eq!(after.loans.iter().filter(was_out).count(), before.loans.iter().filter(was_out).count());
        assert!(!done || after.undecided_lines().next().is_none(), "a cancellation leaves nothing waiting");
    }
}

/// Units that the borrower has, but for those that were left at the counter for another.
fn has_in_hand(dossier: &Dossier) -> usize {
    let is_left = |loan: &Loan| dossier.loans.iter().any(|later| later.instead_of == Some(loan.id));
    dossier.loans.iter().filter(|loan| loan.status.is_out() && !is_left(loan)).count()
}

/// A unit that was out has made place for another.
fn is_exchange(after: &Dossier, before: &Dossier) -> bool {
    after.loans.len() > before.loans.len()
}

proptest! {
    #[test]
    fn whatever_people_do_lines_are_decided_once_and_by_others_and_no_unit_is_promised_twice(
        stage in prop::sample::select(Stage::ALL),
        actions in actions(),
    ) {
        let mut world = World::begin(stage);
        for (action, by) in actions {
            let before = world.dossier.clone();
            let done = world.act(&action, by);
            if !done {
                prop_assert_eq!(&world.dossier, &before, "a refusal changes nothing");
            }
            check(&world, &before, &action, by, done);
        }
    }
}

#[test]
fn the_random_actions_reach_every_status_and_every_kind_of_end() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..400 {
        let mut world = World::begin(Stage::Technician);
        for (action, by) in actions().new_tree(&mut runner).unwrap().current() {
            world.act(&action, by);
            reached.insert(world.dossier.requisition.status.as_str());
        }
    }
    // A sight of Snipe-IT that leaves doubt is the protocol's matter, and has a model check of its own.
    let all = RequisitionStatus::ALL.iter().filter(|status| **status != RequisitionStatus::Attention);
    assert_eq!(reached, all.map(|status| status.as_str()).collect());
}

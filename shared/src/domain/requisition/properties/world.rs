//! One requisition and the people around it: rows as a database would have them, and everything that was written.

use super::{
    LINES,
    actions::Action,
    given::{a_desk, a_line, a_requisition, a_submission, a_unit_at_counter, now},
    people::People,
};
use crate::domain::{
    actor::Actor,
    approval::{ApprovalRule, Conditions, Need, Stage},
    change::{Cause, Change, HistoryEntry, NewNotification, Write},
    equipment::{Approval, Collection, Unit},
    id::{ApprovalRuleId, EquipmentId, ModelId},
    inventory::{SnipeitAssetId, SnipeitUserId},
    notification::NotificationEvent,
    operation::{Missed, Operation, OperationState, Verdict},
    requisition::{
        Approvers, DecisionRefused, Dossier, EditRefused, FollowUp, ForLoan, Granted, Line, LineStatus, LoanStatus,
        NewLine, PromisedLine, Reminded, Requisition, Ruling, Submission, Substitute, UnitAtCounter,
    },
    waiting_list::HoldLimit,
};
use chrono::NaiveDateTime;
use std::collections::BTreeMap;

pub(super) struct World {
    pub(super) people: People,
    models: Vec<ModelId>,
    /// By an edit that nobody had to decide.
    pub(super) went_through: bool,
    pub(super) dossier: Dossier,
    units_given: i64,
    /// By the waiting list, until the decision.
    pub(super) kept: BTreeMap<ModelId, i32>,
    pub(super) history: Vec<HistoryEntry>,
    letters: Vec<NewNotification>,
}

impl World {
    /// `stage`: who decides first.
    pub(super) fn begin(stage: Stage) -> Self {
        let people = People::gather();
        let lines: Vec<_> = (1..=LINES).map(|position| a_line(position, position)).collect();
        let (waiting_for, waiting_since) = (Some(stage), Some(now()));
        let requisition = Requisition { waiting_for, waiting_since, ..a_requisition(people.get(0).id) };
        let dossier = Dossier { now: now(), requisition, lines, loans: Vec::new(), operations: Vec::new() };
        let models = dossier.lines.iter().map(|line| line.model_id).collect();
        let kept = dossier.lines.iter().map(|line| (line.model_id, line.quantity)).collect();
        let (history, letters) = (Vec::new(), Vec::new());
        Self { people, models, went_through: false, dossier, units_given: 0, kept, history, letters }
    }

    /// Whether the rules let it be done.
    pub(super) fn act(&mut self, action: &Action, by: usize) -> bool {
        let dossier = self.dossier.clone();
        let decider = |read| self.people.decider(by, &dossier, read);
        let change = match action {
            Action::Decide(named, read) => self.decide(named, *read, by).ok(),
            Action::GrantAll(read) => self.decide(&self.everything(), *read, by).ok(),
            Action::Edit(wanted, need) => self.edit(wanted, *need, by).ok(),
            Action::Endorse(read) => dossier.clone().endorse(decider(*read)).ok(),
            Action::Reject => dossier.clone().reject(decider(false), "not now").ok(),
            Action::Cancel => dossier.cancel(self.people.get(by).id, now()).ok(),
            Action::CarryOut { succeeds } => carry_out(dossier, *succeeds),
            Action::GiveBack => give_back(dossier),
            Action::Exchange(index) => self.exchange(*index, by),
            Action::NameDeputy(deputy) => return self.people.name_deputy(by, *deputy),
            Action::LeaveProject => return self.people.leave(by),
            Action::EndPeriod => return self.end_period(),
        };
        change.map(|change| self.apply(change)).is_some()
    }

    /// What waits, each line as it was asked for.
    fn everything(&self) -> Vec<(usize, Option<i32>, bool)> {
        let waits = |(_, line): &(usize, &Line)| line.status == LineStatus::Pending;
        let lines = self.dossier.lines.iter().enumerate().filter(waits);
        lines.map(|(index, line)| (index, Some(line.quantity), false)).collect()
    }

    fn decide(
        &mut self,
        named: &[(usize, Option<i32>, bool)],
        read: bool,
        by: usize,
    ) -> Result<Change, DecisionRefused> {
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
        let decider = self.people.decider(by, &dossier, read);
        dossier.decide(decider, &rulings, &units, None)
    }

    fn edit(&mut self, wanted: &[(usize, i32)], need: Need, by: usize) -> Result<Change, EditRefused> {
        let dossier = self.dossier.clone();
        let lines = wanted.iter().map(|(model, quantity)| PromisedLine {
            line: NewLine {
                model_id: self.models[*model],
                approval: Approval::Technician,
                category: None,
                unit_cost: None,
                equipment_id: None,
                quantity: *quantity,
            },
            units: Vec::new(),
        });
        let mut submission = Submission { lines: lines.collect(), ..self.submission(need, by) };
        let goes_through = !submission.needs_approval();
        for promised in submission.lines.iter_mut().filter(|_| goes_through) {
            promised.units = self.some_units(promised.line.quantity);
        }
        let change = dossier.edit(self.people.get(by).id, &submission)?;
        self.went_through |= goes_through && change != Change::default();
        Ok(change)
    }

    /// As the requester would submit it now, or whoever edits it, under one rule for everything.
    fn submission(&self, outcome: Need, editor: usize) -> Submission {
        let (requester, requisition) = (self.people.get(0), &self.dossier.requisition);
        let editors = requisition.editors.iter().copied().chain([self.people.get(editor).id]);
        let rule = ApprovalRule {
            id: ApprovalRuleId::generate(),
            position: 1,
            conditions: Conditions::default(),
            outcome,
            enabled: true,
            version: 1,
        };
        Submission {
            requester_role: requester.role,
            editors: editors.map(|id| (id, self.people.role_of(id))).collect(),
            member_role: requester.member,
            rules: vec![rule],
            supervisors: self.people.supervisors(),
            ..a_submission(requisition)
        }
    }

    fn exchange(&mut self, index: usize, by: usize) -> Option<Change> {
        let dossier = self.dossier.clone();
        let loan = dossier.loans.get(index % dossier.loans.len().max(1))?;
        let line = dossier.find_line(loan.line_id)?;
        let operation = dossier.operations.iter().find(|operation| operation.equipment_id == loan.equipment_id);
        let at_counter = UnitAtCounter {
            wish: ForLoan { line: None, loan: Some(loan.id) },
            comes_back: operation.map(|operation| operation.asset),
            ..a_unit_at_counter(self.some_units(1)[0], line.granted().model_id)
        };
        let person = self.people.get(by);
        let desk = a_desk(person.id, person.role);
        dossier.hand_over(desk, &[at_counter], None).ok()
    }

    /// As the jobs that look after it would, at the moment at which it is over.
    fn end_period(&mut self) -> bool {
        let over = |dossier: &Dossier| Dossier { now: dossier.requisition.period.due_at, ..dossier.clone() };
        let lapsed = match over(&self.dossier).remind_approvers(&Approvers::default(), 1) {
            Reminded::Lapsed(change) => Some(*change),
            Reminded::NotWaiting | Reminded::Already | Reminded::Wait { .. } | Reminded::Now { .. } => None,
        };
        let is_lapsed = lapsed.map(|change| self.apply(change)).is_some();
        let late = over(&self.dossier);
        let is_late = late.operations.iter().any(|one| late.is_too_late(one));
        if is_late {
            self.apply(late.release_too_late(now()));
        }
        is_lapsed || is_late
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
                Write::LimitHolds(HoldLimit { requisition_id, model_id, claim }) => {
                    assert_eq!(requisition_id, dossier.requisition.id);
                    let kept = self.kept.get_mut(&model_id).expect("a model that was asked for");
                    *kept = claim.units().min(*kept);
                }
                Write::MarkMoot(_) => {}
                other => panic!("a requisition does not write this: {other:?}"),
            }
        }
        self.history.extend(change.history);
        self.letters.extend(change.notifications);
    }

    pub(super) fn told(&self, event: NotificationEvent) -> usize {
        self.letters.iter().filter(|letter| letter.event == event).count()
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

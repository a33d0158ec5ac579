//! One requisition with all that belongs to it, and how a changed copy becomes a [`Change`].

use super::{Line, Loan, LoanStatus, Requisition, RequisitionStatus, status_of, waits_at_counter};
use crate::domain::{
    change::{Cause, Change, Decision, Entity, HistoryEntry, NewNotification, Recipient, Write, entry},
    field_change::FieldChange,
    id::{LineId, LoanId, ModelId, NotificationId, OperationId},
    job::{DueTime, NewJob},
    notification::{Message, NotificationEvent},
    operation::Operation,
    waiting_list::{Claim, HoldLimit},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// The lab's time at which it was read.
    pub now: DateTime<Utc>,
    pub requisition: Requisition,
    pub lines: Vec<Line>,
    pub loans: Vec<Loan>,
    pub operations: Vec<Operation>,
}

impl Dossier {
    pub fn find_line(&self, id: LineId) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    pub fn find_loan(&self, id: LoanId) -> Option<&Loan> {
        self.loans.iter().find(|loan| loan.id == id)
    }

    pub fn find_operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The operation of a loan that is not settled; the schema allows one.
    pub fn find_live_operation(&self, loan: LoanId) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.loan_id == loan && !operation.state.is_settled())
    }

    /// What waits for a decision, by model.
    fn claims(&self) -> BTreeMap<ModelId, Claim> {
        Claim::of_lines(self.undecided_lines().map(|line| (line.model_id, line.equipment_id, line.quantity)))
    }

    pub fn begin(self) -> Transition {
        Transition { before: Some(self.clone()), after: self, change: Change::default() }
    }
}

/// A dossier being changed: edit `after`, add follow-ups to `change`, then [`Transition::finish`].
#[derive(Debug, Clone)]
pub struct Transition {
    pub(super) before: Option<Dossier>,
    pub after: Dossier,
    pub change: Change,
}

impl Transition {
    /// A dossier that does not exist yet.
    pub fn create(after: Dossier) -> Self {
        Self { before: None, after, change: Change::default() }
    }

    pub fn line_mut(&mut self, id: LineId) -> &mut Line {
        self.after.lines.iter_mut().find(|line| line.id == id).expect("a line of this dossier")
    }

    pub fn loan_mut(&mut self, id: LoanId) -> &mut Loan {
        self.after.loans.iter_mut().find(|loan| loan.id == id).expect("a loan of this dossier")
    }

    pub fn operation_mut(&mut self, id: OperationId) -> &mut Operation {
        self.after.operations.iter_mut().find(|operation| operation.id == id).expect("an operation of this dossier")
    }

    pub fn notify(&mut self, event: NotificationEvent, to: Recipient, subject_id: Uuid, message: Option<Message>) {
        let requisition_id = Some(self.after.requisition.id);
        let id = NotificationId::generate();
        self.change.notify(NewNotification { id, event, to, requisition_id, subject_id, message });
    }

    pub fn notify_requester(&mut self, event: NotificationEvent, message: Option<Message>) {
        let requisition = &self.after.requisition;
        let (to, subject) = (Recipient::User(requisition.requester_id), requisition.id.0);
        self.notify(event, to, subject, message);
    }

    /// Those who may decide it are asked to.
    pub fn ask_technicians(&mut self, reason: Option<Message>) {
        let (to, subject) = (Recipient::Deciders(Decision::Requisition), self.after.requisition.id.0);
        self.notify(NotificationEvent::ApprovalNeeded, to, subject, reason);
    }

    pub fn notify_technicians(&mut self, event: NotificationEvent, message: Option<Message>) {
        let subject = self.after.requisition.id.0;
        self.notify(event, Recipient::Technicians, subject, message);
    }

    /// Recomputes the status and turns every difference into its row and its line of history.
    pub fn finish(mut self, cause: &Cause) -> Change {
        if self.after.undecided_lines().next().is_none() {
            self.after.requisition.waiting_for = None;
        }
        self.note_waiting();
        self.raise_edition();
        let was_decided = self.after.requisition.decided_by.is_some();
        self.after.requisition.status =
            status_of(&self.after.lines, &self.after.loans, &self.after.operations, was_decided);
        self.record_requisition(cause);
        self.record_lines(cause);
        self.record_loans(cause);
        self.record_operations(cause);
        self.limit_holds();
        self.make_moot();
        self.change
    }

    /// History of the requisition although its status stays.
    pub fn tell(&mut self, cause: &Cause) {
        let (id, status) = (self.after.requisition.id.0, self.after.requisition.status.as_str());
        self.record(Entity::Requisition, id, Some(status), status, cause);
    }

    /// History of a loan although its status stays.
    pub(super) fn tell_of_loan(&mut self, loan: &Loan, cause: &Cause) {
        let status = loan.status.as_str();
        self.record(Entity::Loan, loan.id.0, Some(status), status, cause);
    }

    /// What was kept for it until the decision is promised now, or free again; for what still waits as much stays kept as
    /// is asked for.
    fn limit_holds(&mut self) {
        let Some(before) = &self.before else { return };
        let (claimed, mut claims) = (before.claims(), self.after.claims());
        for (model, was) in claimed {
            let claim = claims.remove(&model).unwrap_or_default();
            if claim != was {
                self.limit_holds_of(model, claim);
            }
        }
    }

    /// What is kept of the model beyond this goes to whoever is next in line.
    pub(super) fn limit_holds_of(&mut self, model_id: ModelId, claim: Claim) {
        let requisition_id = self.after.requisition.id;
        self.change.writes.push(Write::LimitHolds(HoldLimit { requisition_id, model_id, claim }));
        self.change.jobs.push(NewJob::serve_waiting_list(model_id, DueTime::AtOnce));
    }

    fn record_requisition(&mut self, cause: &Cause) {
        let after = self.after.requisition.clone();
        match self.before.as_ref().map(|before| before.requisition.clone()) {
            None => {
                self.record(Entity::Requisition, after.id.0, None, after.status.as_str(), cause);
                self.change.writes.push(Write::InsertRequisition(after));
            }
            Some(before) if before != after => {
                let (from, to) = (before.status, after.status);
                if from != to {
                    self.record(Entity::Requisition, after.id.0, Some(from.as_str()), to.as_str(), cause);
                }
                self.change.writes.push(Write::UpdateRequisition(after));
            }
            Some(_) => {}
        }
    }

    fn record_lines(&mut self, cause: &Cause) {
        for after in self.after.lines.clone() {
            let before = self.before.as_ref().and_then(|b| b.find_line(after.id).cloned());
            match before {
                None => {
                    // Those that it is submitted with are told by the requisition's own row.
                    if self.before.is_some() {
                        self.record(Entity::Line, after.id.0, None, after.status.as_str(), cause);
                    }
                    self.change.writes.push(Write::InsertLine(after));
                }
                Some(before) if before != after => {
                    let why = if before.decided == after.decided { None } else { reason_of(&after) };
                    let cause = Cause { reason: why.or(cause.reason.clone()), ..cause.clone() };
                    self.record(Entity::Line, after.id.0, Some(before.status.as_str()), after.status.as_str(), &cause);
                    self.change.writes.push(Write::UpdateLine(after));
                }
                Some(_) => {}
            }
        }
    }

    fn record_loans(&mut self, cause: &Cause) {
        for after in self.after.loans.clone() {
            let before = self.before.as_ref().and_then(|b| b.find_loan(after.id).cloned());
            match before {
                None => {
                    self.record(Entity::Loan, after.id.0, None, after.status.as_str(), cause);
                    self.change.jobs.extend(self.watch_over(&after));
                    self.change.writes.push(Write::InsertLoan(after));
                }
                Some(before) if before != after => {
                    self.record_loan(&before, &after, cause);
                    self.label_what_is_told(&before, &after);
                    let is_sooner = after.period.due_at < before.period.due_at;
                    let is_another = before.equipment_id != after.equipment_id;
                    if is_live(&before) && (!is_live(&after) || is_another || is_sooner) {
                        self.serve_waiting_list(&after);
                    }
                    self.change.writes.push(Write::UpdateLoan(after));
                }
                Some(_) => {}
            }
        }
    }

    /// What the transition has told of it already is not told again.
    fn record_loan(&mut self, before: &Loan, after: &Loan, cause: &Cause) {
        let id = after.id.0;
        let of_loan = self.change.history.iter().filter(|row| row.entity_id == id);
        let told: Vec<_> = of_loan.flat_map(|row| row.changes.iter().map(|change| change.field.clone())).collect();
        let mut changes = before.changes_to(after);
        changes.retain(|change| !told.contains(&change.field));
        self.record(Entity::Loan, id, Some(before.status.as_str()), after.status.as_str(), cause);
        self.note_changes(changes);
    }

    /// Of the row that was recorded last.
    pub(super) fn note_changes(&mut self, changes: Vec<FieldChange>) {
        if let Some(told) = self.change.history.last_mut() {
            told.changes = changes;
        }
    }

    /// Ahead of the loan's beginning; what waits at the counter from now on is looked after as well.
    fn watch_over(&self, promise: &Loan) -> Option<NewJob> {
        let (now, starts_at) = (self.after.now, promise.period.starts_at);
        if promise.status != LoanStatus::Promised {
            return None;
        }
        if starts_at > now {
            return Some(NewJob::watch_promise(promise.id, promise.period));
        }
        waits_at_counter(promise, &self.after.operations).then(|| NewJob::watch_at_counter(promise.id, now))
    }

    /// Its unit, or one that it had before, is somebody else's to have, now or earlier than it was.
    fn serve_waiting_list(&mut self, released: &Loan) {
        let line = self.after.lines.iter().find(|line| line.id == released.line_id);
        let model = line.map(|line| line.granted().model_id);
        let jobs = &mut self.change.jobs;
        jobs.extend(model.map(|model| NewJob::serve_waiting_list(model, DueTime::AtOnce)));
    }

    fn record_operations(&mut self, cause: &Cause) {
        for after in self.after.operations.clone() {
            let before = self.before.as_ref().and_then(|b| b.find_operation(after.id).cloned());
            match before {
                None => {
                    self.record(Entity::Operation, after.id.0, None, after.state.as_str(), cause);
                    self.change.writes.push(Write::InsertOperation(after));
                }
                Some(before) if before != after => {
                    if before.state != after.state {
                        let (from, to) = (before.state, after.state);
                        self.record(Entity::Operation, after.id.0, Some(from.as_str()), to.as_str(), cause);
                    }
                    self.change.writes.push(Write::UpdateOperation(after));
                }
                Some(_) => {}
            }
        }
    }

    pub(super) fn record(
        &mut self,
        entity: Entity,
        entity_id: Uuid,
        from_status: Option<&'static str>,
        to_status: &'static str,
        cause: &Cause,
    ) {
        let told = entry(entity, entity_id, from_status, to_status, cause);
        self.change.history.push(HistoryEntry { requisition_id: Some(self.after.requisition.id), ..told });
    }

    /// Whether everything that goes out by itself is out or has failed; what waits at the counter is told when it is
    /// handed over.
    pub fn nothing_left_to_check_out(&self) -> bool {
        let waits = |loan: &Loan| waits_at_counter(loan, &self.after.operations);
        self.after.loans.iter().all(|loan| loan.status != LoanStatus::Promised || waits(loan))
    }

    pub fn was_status(&self) -> Option<RequisitionStatus> {
        self.before.as_ref().map(|before| before.requisition.status)
    }
}

/// A line's own reason, beside that of the whole decision.
fn reason_of(line: &Line) -> Option<String> {
    line.decided.as_ref().and_then(|decided| decided.reason.clone())
}

/// Whether it keeps its unit from others.
fn is_live(loan: &Loan) -> bool {
    match loan.status {
        LoanStatus::Promised | LoanStatus::HandedOver | LoanStatus::CheckedOut => true,
        LoanStatus::Returned | LoanStatus::Failed | LoanStatus::Released => false,
    }
}

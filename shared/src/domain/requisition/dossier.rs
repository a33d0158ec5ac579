//! One requisition with all that belongs to it, and how a changed copy becomes a [`Change`].

use super::{Line, Loan, LoanStatus, Requisition, RequisitionStatus, status_of, waits_at_counter};
use crate::domain::{
    approval::Stage,
    change::{Cause, Change, Entity, HistoryEntry, NewNotification, Recipient, Write},
    id::{LineId, LoanId, NotificationId, OperationId},
    job::{DueTime, NewJob},
    notice::Moot,
    notification::NotificationEvent,
    operation::{Operation, OperationState},
    preference::Channel,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
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

    pub fn notify(&mut self, event: NotificationEvent, to: Recipient, subject_id: Uuid, message: Option<String>) {
        let requisition_id = Some(self.after.requisition.id);
        let id = NotificationId::generate();
        self.change.notify(NewNotification { id, event, to, requisition_id, subject_id, message });
    }

    pub fn notify_requester(&mut self, event: NotificationEvent, message: Option<String>) {
        let requisition = &self.after.requisition;
        let (to, subject) = (Recipient::User(requisition.requester_id), requisition.id.0);
        self.notify(event, to, subject, message);
    }

    pub fn notify_technicians(&mut self, event: NotificationEvent, message: Option<String>) {
        let subject = self.after.requisition.id.0;
        self.notify(event, Recipient::Technicians, subject, message);
    }

    /// Recomputes the status and turns every difference into its row and its line of history.
    pub fn finish(mut self, cause: &Cause) -> Change {
        if self.after.undecided_lines().next().is_none() {
            self.after.requisition.waiting_for = None;
        }
        self.note_waiting();
        let was_decided = self.after.requisition.decided_by.is_some();
        self.after.requisition.status =
            status_of(&self.after.lines, &self.after.loans, &self.after.operations, was_decided);
        self.record_requisition(cause);
        self.record_lines(cause);
        self.record_loans(cause);
        self.record_operations(cause);
        self.end_waiting();
        self.make_moot();
        self.change
    }

    fn make_moot(&mut self) {
        self.make_decisions_moot();
        self.make_reminders_moot();
    }

    /// Nobody is told to bring what is back, nor by a date that does not count any more.
    fn make_reminders_moot(&mut self) {
        let Some(before) = &self.before else { return };
        for was in before.loans.iter().filter(|loan| loan.status == LoanStatus::CheckedOut) {
            let is_the_same =
                |loan: &Loan| loan.status == LoanStatus::CheckedOut && loan.period.due_at == was.period.due_at;
            if !self.after.find_loan(was.id).is_some_and(is_the_same) {
                self.change.writes.push(Write::MarkMoot(Moot {
                    subject_id: was.id.0,
                    events: &[
                        NotificationEvent::ReturnDue,
                        NotificationEvent::Overdue,
                        NotificationEvent::OverdueEscalated,
                        NotificationEvent::ExtensionAsked,
                    ],
                    channels: &[Channel::Mail, Channel::Digest],
                }));
            }
        }
    }

    /// Whoever reads their digest after they have decided, or somebody else has, need not be asked for it.
    fn make_decisions_moot(&mut self) {
        let waits = |dossier: &Dossier| dossier.undecided_lines().next().is_some();
        let asked = |dossier: &Dossier| dossier.requisition.waiting_for;
        let Some(before) = self.before.as_ref() else { return };
        let (was_asked, waited) = (asked(before), waits(before));
        if waited && !waits(&self.after) {
            self.mark_moot(&[NotificationEvent::ApprovalNeeded], &[Channel::Digest]);
        }
        if was_asked.is_some() && was_asked != asked(&self.after) {
            if was_asked == Some(Stage::Supervisor) {
                self.mark_moot(&[NotificationEvent::EndorsementNeeded], &[Channel::Digest]);
            }
            self.mark_moot(&[NotificationEvent::ApprovalReminder], &[Channel::Mail, Channel::Digest]);
        }
    }

    pub(super) fn mark_moot(&mut self, events: &'static [NotificationEvent], channels: &'static [Channel]) {
        let subject_id = self.after.requisition.id.0;
        self.change.writes.push(Write::MarkMoot(Moot { subject_id, events, channels }));
    }

    /// History of the requisition although its status stays.
    pub fn tell(&mut self, cause: &Cause) {
        let (id, status) = (self.after.requisition.id.0, self.after.requisition.status.as_str());
        self.record(Entity::Requisition, id, Some(status), status, cause);
    }

    /// What was kept for it until the decision is promised now, or free again.
    fn end_waiting(&mut self) {
        let waits = |dossier: &Dossier| dossier.undecided_lines().next().is_some();
        if self.before.as_ref().is_some_and(waits) && !waits(&self.after) {
            self.change.writes.push(Write::EndHoldsFor(self.after.requisition.id));
            let models: BTreeSet<_> = self.after.lines.iter().map(|line| line.model_id).collect();
            self.change.jobs.extend(models.into_iter().map(|model| NewJob::serve_waiting_list(model, DueTime::AtOnce)));
        }
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
                    if after.status == LoanStatus::Promised && after.period.starts_at > self.after.now {
                        self.change.jobs.push(NewJob::watch_promise(after.id, after.period));
                    }
                    self.change.writes.push(Write::InsertLoan(after));
                }
                Some(before) if before != after => {
                    self.record(Entity::Loan, after.id.0, Some(before.status.as_str()), after.status.as_str(), cause);
                    if is_live(&before) && (!is_live(&after) || before.equipment_id != after.equipment_id) {
                        self.serve_waiting_list(&after);
                    }
                    self.change.writes.push(Write::UpdateLoan(after));
                }
                Some(_) => {}
            }
        }
    }

    /// Its unit, or one that it had before, is somebody else's to have.
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
        self.change.history.push(HistoryEntry {
            entity,
            entity_id,
            project_id: None,
            requisition_id: Some(self.after.requisition.id),
            event: cause.event,
            from_status,
            to_status,
            actor: cause.actor,
            on_behalf_of: cause.on_behalf_of,
            reason: cause.reason.clone(),
        });
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

    /// Whether nobody has sent anything for any of its operations, nor handed anything over.
    pub fn nothing_was_sent(&self) -> bool {
        let is_out = self.after.loans.iter().any(|loan| loan.status.is_out());
        !is_out
            && self.after.operations.iter().all(|operation| match operation.state {
                OperationState::Waiting => operation.attempts == 0 && !operation.in_doubt,
                OperationState::Abandoned => true,
                OperationState::Sent
                | OperationState::Unknown
                | OperationState::Applied
                | OperationState::Refused
                | OperationState::WithPerson => false,
            })
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

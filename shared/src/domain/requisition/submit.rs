//! Submitting: who may ask for what, and what is recorded.

use super::{
    Assessment, Dossier, Line, LineStatus, Loan, LoanStatus, Period, Purpose, Requisition, RequisitionStatus,
    Transition,
};
use crate::domain::{
    actor::Actor,
    approval::{ApprovalRule, Stage},
    change::{Cause, Change, Recipient, Write},
    deputy::StandIn,
    equipment::{Approval, Collection, Unit},
    id::{EquipmentId, LineId, LoanId, ModelId, OperationId, ProjectId, RequisitionId, UserId},
    job::{DueTime, NewJob},
    loan_watch::Watch,
    money::Cents,
    notification::{Message, NotificationEvent},
    operation::{Operation, OperationKind, OperationState},
    permission::Permission,
    project::{MemberRole, ProjectStatus},
    quota::{Exceeded, Need, Standing, exceeded},
    reason::{Ground, Reason},
    user::Role,
};
use chrono::{DateTime, Utc};

/// A line as asked for, with what the catalogue says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    pub model_id: ModelId,
    pub approval: Approval,
    pub category: Option<String>,
    /// What a unit costs, at the most; `None`: nobody knows.
    pub unit_cost: Option<Cents>,
    pub equipment_id: Option<EquipmentId>,
    pub quantity: i32,
}

/// A line that goes straight through, with the units chosen for it: as many as its quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromisedLine {
    pub line: NewLine,
    pub units: Vec<Unit>,
}

/// A requisition as its requester wants it, every part checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The lab's time.
    pub now: DateTime<Utc>,
    pub project_id: ProjectId,
    pub project_status: ProjectStatus,
    pub requester_id: UserId,
    pub requester_is_matched: bool,
    pub requester_role: Role,
    /// Whoever has edited it, this time too: the stricter role counts.
    pub editors: Vec<(UserId, Role)>,
    /// The requester's role in the project, if any.
    pub member_role: Option<MemberRole>,
    pub purpose: Purpose,
    pub period: Period,
    /// Units are chosen only if no line needs an approval.
    pub lines: Vec<PromisedLine>,
    /// The quotas that hold for the project and the requester, as they stand now.
    pub quotas: Vec<Standing>,
    /// The rules of approval, in their order.
    pub rules: Vec<ApprovalRule>,
    /// The project's supervisors, who can be asked.
    pub supervisors: Vec<UserId>,
    /// Who stands in for them.
    pub deputies: Vec<StandIn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitRefused {
    #[error("only leaders and members of the project may request; ask its leader to add you")]
    NotAMember,
    #[error("your role in the project lets you look, not request; ask its leader for the role of a member")]
    RoleMayNotRequest,
    #[error("the project is {0}; only an active project may request")]
    ProjectNotActive(ProjectStatus),
}

impl Submission {
    /// Whether a person must decide.
    pub fn needs_approval(&self) -> bool {
        self.assess().stage.is_some()
    }

    /// The quotas that it would go over.
    pub fn exceeded(&self) -> Vec<Exceeded> {
        let need = |line: &NewLine| Need {
            category: line.category.clone(),
            quantity: line.quantity,
            unit_cost: line.unit_cost,
        };
        let needs: Vec<_> = self.lines.iter().map(|promised| need(&promised.line)).collect();
        exceeded(&self.quotas, &needs, self.period)
    }

    /// Checks the rules that do not depend on units, so that no unit is looked for in vain.
    ///
    /// # Errors
    /// The rule that says no.
    pub fn check(&self) -> Result<(), SubmitRefused> {
        check_standing(Permission::SubmitRequisition, self.member_role, self.project_status)
    }
}

/// Whether somebody's role in a project lets them ask for equipment, or wait for it.
///
/// # Errors
/// Why not.
pub fn check_standing(
    permission: Permission,
    role: Option<MemberRole>,
    project: ProjectStatus,
) -> Result<(), SubmitRefused> {
    let rule = permission.rule();
    match role {
        None => return Err(SubmitRefused::NotAMember),
        Some(role) if !rule.in_project.contains(&role) => return Err(SubmitRefused::RoleMayNotRequest),
        Some(_) => {}
    }
    if !rule.allowed_while.allows_project(project) {
        return Err(SubmitRefused::ProjectNotActive(project));
    }
    Ok(())
}

/// Records a requisition: `pending`, and, where nobody must decide, with its units promised and their check-outs due.
///
/// # Errors
/// The rule that says no; nothing is recorded then.
pub fn submit(submission: Submission) -> Result<(RequisitionId, Change), SubmitRefused> {
    submission.check()?;
    let requester_id = submission.requester_id;
    let mut transition = Transition::create(empty_dossier(&submission));
    let requisition_id = transition.after.requisition.id;
    let lines = (1..).zip(&submission.lines);
    let lines = lines.map(|(position, promised)| new_line(requisition_id, position, &promised.line)).collect();
    transition.notify_requester(NotificationEvent::Submitted, None);
    let exceeded = judge(&mut transition, &submission, lines);
    if !submission.requester_is_matched {
        transition.change.jobs.push(NewJob::match_borrower(requester_id));
    }
    let mut change = transition.finish(&Cause::new(Actor::User(requester_id), "submitted"));
    change.writes.extend(exceptions(requisition_id, 0, exceeded));
    Ok((requisition_id, change))
}

/// Lets the rules judge what is asked for: it waits and those who decide are told, or its units are promised at once.
/// `lines`: the submission's, in its order; one that is there already keeps its place.
///
/// Returns the quotas that it goes over.
pub(super) fn judge(transition: &mut Transition, submission: &Submission, lines: Vec<Line>) -> Vec<Exceeded> {
    let assessed = submission.assess();
    transition.after.requisition.waiting_for = assessed.stage;
    transition.after.requisition.approval_reason = Some(assessed.reason.clone());
    for ((line, promised), verdict) in lines.into_iter().zip(&submission.lines).zip(&assessed.verdicts) {
        let status = if assessed.stage.is_some() { LineStatus::Pending } else { LineStatus::Approved };
        let line = Line { status, verdict: Some(verdict.clone()), ..line };
        if assessed.stage.is_none() {
            promise(transition, &line, &promised.units, None);
        }
        match transition.after.lines.iter_mut().find(|known| known.id == line.id) {
            Some(known) => *known = line,
            None => transition.after.lines.push(line),
        }
    }
    let exceeded = submission.exceeded();
    ask(transition, submission, &assessed, &exceeded);
    exceeded
}

/// The quotas that a requisition goes over since this edit of it; 0: as it was submitted.
pub(super) fn exceptions(id: RequisitionId, of_edit: i32, exceeded: Vec<Exceeded>) -> Option<Write> {
    (!exceeded.is_empty()).then_some(Write::InsertQuotaExceptions { requisition_id: id, of_edit, exceeded })
}

/// Tells those who decide first, and why they are asked.
fn ask(transition: &mut Transition, submission: &Submission, assessed: &Assessment, exceeded: &[Exceeded]) {
    let is_edited = transition.after.requisition.edits > 0;
    let why = why_asked(is_edited, assessed, exceeded).map(Message::Reason);
    match assessed.stage {
        None => {}
        Some(Stage::Technician) => transition.ask_technicians(why),
        Some(Stage::Supervisor) => {
            let subject = transition.after.requisition.id.0;
            let asked = transition.after.with_deputies(&submission.impartial_supervisors(), &submission.deputies);
            for person in asked {
                let to = Recipient::User(person);
                transition.notify(NotificationEvent::EndorsementNeeded, to, subject, why.clone());
            }
        }
    }
}

/// That it is not what they have read, the rule that asks for it, and what makes it an exception.
fn why_asked(is_edited: bool, assessed: &Assessment, exceeded: &[Exceeded]) -> Option<Reason> {
    let edited = is_edited.then_some(Ground::Edited);
    let rule = assessed.told().cloned().into_iter().flatten();
    let over = exceeded.iter().cloned().map(Ground::OverQuota);
    let grounds: Vec<_> = edited.into_iter().chain(rule).chain(over).collect();
    (!grounds.is_empty()).then(|| grounds.into_iter().collect())
}

/// Keeps units for a line, a loan each. A check-out is due when the period starts, or the loan waits at the counter.
pub(super) fn promise(transition: &mut Transition, line: &Line, units: &[Unit], by: Option<UserId>) {
    let period = transition.after.requisition.period;
    let borrower_id = transition.after.requisition.requester_id;
    for unit in units {
        let loan = Loan {
            id: LoanId::generate(),
            requisition_id: line.requisition_id,
            line_id: line.id,
            equipment_id: unit.id,
            borrower_id,
            status: LoanStatus::Promised,
            period,
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
            replaced_at: None,
            version: 1,
        };
        let due = DueTime::Lab(period.starts_at);
        match unit.collection {
            Collection::StraightThrough => {
                let operation = check_out(&loan, *unit, !line.granted().units_are_named, 1, by);
                transition.change.jobs.push(NewJob::run_straight_through(operation.id, due));
                transition.after.operations.push(operation);
            }
            Collection::Counter => transition.change.jobs.push(NewJob::release_uncollected(loan.id, due)),
        }
        transition.after.loans.push(loan);
    }
}

pub(super) fn check_out(
    loan: &Loan,
    unit: Unit,
    any_unit: bool,
    units_tried: i32,
    requested_by: Option<UserId>,
) -> Operation {
    Operation {
        id: OperationId::generate(),
        requisition_id: loan.requisition_id,
        loan_id: loan.id,
        equipment_id: unit.id,
        asset: unit.snipeit_asset_id,
        kind: OperationKind::CheckOut,
        state: OperationState::Waiting,
        attempts: 0,
        fingerprint: None,
        tenure: None,
        any_unit,
        units_tried,
        borrower_looked_up_again: false,
        in_doubt: false,
        refusal: None,
        look_after: None,
        requested_by,
        settled_at: None,
        confirmed_at: None,
        version: 1,
    }
}

fn empty_dossier(submission: &Submission) -> Dossier {
    let requisition = Requisition {
        id: RequisitionId::generate(),
        number: None,
        project_id: submission.project_id,
        requester_id: submission.requester_id,
        purpose: submission.purpose.clone(),
        period: submission.period,
        status: RequisitionStatus::Pending,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        waiting_for: None,
        waiting_since: None,
        reminded_at: None,
        endorsed: None,
        approval_reason: None,
        edits: 0,
        editors: Vec::new(),
        edition: 1,
        version: 1,
    };
    Dossier { now: submission.now, requisition, lines: Vec::new(), loans: Vec::new(), operations: Vec::new() }
}

/// A line that nobody has judged yet.
pub(super) fn new_line(requisition_id: RequisitionId, position: i32, line: &NewLine) -> Line {
    Line {
        id: LineId::generate(),
        requisition_id,
        position,
        model_id: line.model_id,
        equipment_id: line.equipment_id,
        quantity: line.quantity,
        status: LineStatus::Pending,
        verdict: None,
        decided: None,
        version: 1,
    }
}

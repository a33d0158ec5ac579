//! The loan itself, as what Snipe-IT shows and nobody here asked for.

use super::{Adoptable, Found};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::{LineId, LoanId, ProjectId, RequisitionId, UserId},
    job::NewJob,
    loan_watch::{QUIET_UNTIL, Watch},
    project::{Member, MemberRole, Project, ProjectDetails, ProjectStatus, Tag},
    requisition::{Dossier, Line, LineStatus, Loan, LoanStatus, Purpose, Requisition, RequisitionStatus, Transition},
    user::User,
};
use chrono::{DateTime, Utc};

pub const PROJECT_NAME: &str = "Before MakerLab";
/// By which the project is found again, also under another name.
pub const PROJECT_TAG: &str = "before-makerlab";

/// A unit, its borrower and the project, everything settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The lab's time.
    pub now: DateTime<Utc>,
    pub project_id: ProjectId,
    /// The technician who imports.
    pub by: UserId,
    pub of: Adoptable,
    pub borrower: Found,
}

/// The project of everything that was lent before; whoever imports leads it, so that nobody requests anything in it.
pub fn project(by: UserId) -> (ProjectId, Change) {
    let tags = Tag::parse(PROJECT_TAG).into_iter().collect();
    let description = "What Snipe-IT had lent before MakerLab, taken over with `makerlab-worker import`.".to_owned();
    let details = ProjectDetails { description, tags, ..ProjectDetails::named(PROJECT_NAME) };
    let id = ProjectId::generate();
    let project = Project { id, details, status: ProjectStatus::Active, created_by: by, version: 1 };
    let leader = Member { project_id: id, user_id: by, role: MemberRole::Leader };
    (id, Change::create_project(project, [leader], &Cause::new(Actor::User(by), "created")))
}

/// A requisition with one loan, checked out since Snipe-IT says so, and what is new about its borrower. Nobody gets a
/// letter: reminders tell people when it is due.
pub fn adopt(adoption: &Adoption) -> Change {
    let (user, mut change) = borrower(adoption);
    let Adoptable { unit, tenure, period } = adoption.of;
    let requisition_id = RequisitionId::generate();
    let line = Line {
        id: LineId::generate(),
        requisition_id,
        position: 1,
        model_id: unit.model_id,
        equipment_id: Some(unit.id),
        quantity: 1,
        status: LineStatus::Approved,
        verdict: None,
        decided: None,
        version: 1,
    };
    let loan = Loan {
        id: LoanId::generate(),
        requisition_id,
        line_id: line.id,
        equipment_id: unit.id,
        borrower_id: user.id,
        status: LoanStatus::CheckedOut,
        period,
        handed_over_at: None,
        handed_over_by: None,
        checked_out_at: Some(period.starts_at),
        returned_at: None,
        snipeit_user_id: Some(tenure.user),
        fingerprint: Some(tenure.last_checkout),
        failure: None,
        returned_as: None,
        watch: Watch::begin(adoption.now),
        return_wished_by: None,
        instead_of: None,
        replaced_at: None,
        version: 1,
    };
    let watch = NewJob::watch_return(loan.id, period.due_at - QUIET_UNTIL);
    let requisition = Requisition {
        id: requisition_id,
        number: None,
        project_id: adoption.project_id,
        requester_id: user.id,
        purpose: Purpose::from_stored("Lent in Snipe-IT before MakerLab".to_owned()),
        period,
        status: RequisitionStatus::CheckedOut,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        waiting_for: None,
        endorsed: None,
        approval_reason: None,
        waiting_since: None,
        reminded_at: None,
        edits: 0,
        editors: Vec::new(),
        edition: 1,
        version: 1,
    };
    let dossier =
        Dossier { now: adoption.now, requisition, lines: vec![line], loans: vec![loan], operations: Vec::new() };
    let mut transition = Transition::create(dossier);
    transition.change.jobs.push(watch);
    let since = format!("lent in Snipe-IT on {} by its clock", tenure.last_checkout.format("%Y-%m-%d %H:%M:%S"));
    change.append(transition.finish(&Cause::new(Actor::Snipeit, "imported").because(since)));
    change
}

fn borrower(adoption: &Adoption) -> (User, Change) {
    let by = Actor::User(adoption.by);
    match &adoption.borrower {
        Found::ToAdd(user) => (user.clone(), Change::create_user(user.clone(), &Cause::new(by, "created"))),
        Found::Here { user, is_new_match: false } => (user.clone(), Change::default()),
        Found::Here { user, is_new_match: true } => {
            let before = User { snipeit_user_id: None, ..user.clone() };
            (user.clone(), Change::match_user(&before, user.clone(), &Cause::new(Actor::Snipeit, "matched")))
        }
    }
}

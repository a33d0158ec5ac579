//! A requisition as it is before anybody has done anything.

use crate::domain::{
    approval::Stage,
    availability::UnitPlan,
    equipment::Unit,
    id::{EquipmentId, LineId, LoanId, ModelId, ProjectId, RequisitionId, UserId},
    loan_watch::Watch,
    project::{MemberRole, ProjectStatus},
    requisition::{
        AtDesk, BroughtBack, Dossier, ForLoan, Line, LineStatus, Loan, LoanStatus, Period, Purpose, Requisition,
        RequisitionStatus, Submission, UnitAtCounter,
    },
    user::Role,
};
use chrono::{DateTime, TimeDelta, Utc};

pub(in crate::domain::requisition) fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

/// A line of somebody's that waits for a technician.
pub(in crate::domain::requisition) fn a_dossier(requester: UserId) -> Dossier {
    Dossier {
        now: now(),
        requisition: a_requisition(requester),
        lines: vec![a_line(1, 1)],
        loans: Vec::new(),
        operations: Vec::new(),
    }
}

pub(super) fn a_requisition(requester_id: UserId) -> Requisition {
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
        edition: 1,
        version: 1,
    }
}

/// As a student who is an ordinary member would submit it now, without its lines.
pub(in crate::domain::requisition) fn a_submission(requisition: &Requisition) -> Submission {
    Submission {
        now: now(),
        project_id: requisition.project_id,
        project_status: ProjectStatus::Active,
        requester_id: requisition.requester_id,
        requester_is_matched: true,
        requester_role: Role::Student,
        editors: Vec::new(),
        member_role: Some(MemberRole::Member),
        purpose: requisition.purpose.clone(),
        period: requisition.period,
        lines: Vec::new(),
        quotas: Vec::new(),
        rules: Vec::new(),
        supervisors: Vec::new(),
        deputies: Vec::new(),
    }
}

/// A line that waits.
pub(in crate::domain::requisition) fn a_line(position: i32, quantity: i32) -> Line {
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

pub(in crate::domain::requisition) fn a_loan(line: &Line) -> Loan {
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
        replaced_at: None,
        version: 1,
    }
}

/// In order, and nobody's at any time.
pub(in crate::domain::requisition) fn an_empty_plan(unit: Unit) -> UnitPlan {
    UnitPlan {
        unit,
        is_in_order: true,
        is_held: false,
        last_return: None,
        is_kept_for_asker: false,
        occupations: Vec::new(),
    }
}

/// A free unit in a technician's hand, whose tag was scanned.
pub(in crate::domain::requisition) fn a_unit_at_counter(unit: Unit, model_id: ModelId) -> UnitAtCounter {
    UnitAtCounter {
        unit,
        tag: "ML-0042".to_owned(),
        model_id,
        model_name: "Oscilloscope".to_owned(),
        plan: Some(an_empty_plan(unit)),
        out_on: None,
        in_doubt_on: None,
        kept_for: Vec::new(),
        wish: ForLoan::default(),
        comes_back: None,
        brought_back: BroughtBack::default(),
        is_scanned: true,
    }
}

/// Without a buffer, and with nothing forgotten.
pub(in crate::domain::requisition) fn a_desk(by: UserId, role: Role) -> AtDesk {
    AtDesk { by, role, now: now(), is_forgetful: false, buffer: TimeDelta::zero() }
}

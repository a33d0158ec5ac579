//! The table itself.

use super::{
    Permission,
    rule::{Own, Rule, Subject, While},
};
use crate::domain::{
    finding::FindingState,
    notification::NotificationStatus,
    project::{MemberRole, ProjectStatus},
    requisition::{LineStatus, LoanStatus, RequisitionStatus},
    user::Role,
    waiting_list::WaitingStatus,
};

const EVERYBODY: &[Role] = Role::ALL;
const STAFF: &[Role] = &[Role::Technician, Role::Admin];
const ADMINS: &[Role] = &[Role::Admin];
const DECIDERS: &[Role] = &[Role::Professor, Role::Technician, Role::Admin];
const NOBODY: &[Role] = &[];

const ALL_MEMBERS: &[MemberRole] = MemberRole::ALL;
const BORROWERS: &[MemberRole] = &[MemberRole::Leader, MemberRole::Member];
const LEADERS: &[MemberRole] = &[MemberRole::Leader];
const SUPERVISORS: &[MemberRole] = &[MemberRole::Supervisor];
const IN_CHARGE: &[MemberRole] = &[MemberRole::Leader, MemberRole::Supervisor];

const BEFORE_IT_BEGINS: &[ProjectStatus] = &[ProjectStatus::Pending];
const GOING_ON: &[ProjectStatus] = &[ProjectStatus::Active];
const NOT_OVER: &[ProjectStatus] = &[ProjectStatus::Pending, ProjectStatus::Active];

const NOT_OUT_AS_A_WHOLE: &[RequisitionStatus] = &[
    RequisitionStatus::Pending,
    RequisitionStatus::Approved,
    RequisitionStatus::HandedOver,
    RequisitionStatus::PartlyCheckedOut,
    RequisitionStatus::PartlyReturned,
    RequisitionStatus::Attention,
];

/// With its borrower, as `LoanStatus::is_out` has it.
const OUT: &[LoanStatus] = &[LoanStatus::HandedOver, LoanStatus::CheckedOut];

impl Permission {
    /// Its row.
    pub const fn rule(self) -> Rule {
        match self {
            Self::CreateProject
            | Self::ListApprovalRules
            | Self::ListModels
            | Self::ListQuotas
            | Self::ListUnits
            | Self::ReadAvailability
            | Self::ReadLabSettings
            | Self::ReadModel
            | Self::ReadQuota
            | Self::ReadStatus => by_role(EVERYBODY),
            Self::ListUsers
            | Self::ListFindings
            | Self::ReadFinding
            | Self::SetApproval
            | Self::ListLetters
            | Self::ListSyncRuns
            | Self::StartSync => by_role(STAFF),
            Self::CreateQuota
            | Self::CreateApprovalRule
            | Self::EditApprovalRule
            | Self::RemoveApprovalRule
            | Self::CreateUser
            | Self::EditLabSettings
            | Self::EditQuota
            | Self::RemoveQuota => by_role(ADMINS),
            Self::NameDeputy => by_role(DECIDERS),
            Self::SettleFinding => by_role(STAFF).during(While::Finding(&[FindingState::Open])),

            Self::ReadMe
            | Self::ReadOwnQuotas
            | Self::ReadDeputy
            | Self::EndDeputy
            | Self::ReadPreferences
            | Self::SetPreferences
            | Self::CountUnread
            | Self::MarkRead
            | Self::MarkReadUpTo => own_or(NOBODY),
            Self::ReadUser | Self::SetLanguage => own_or(STAFF),
            Self::ResendLetter => by_role(STAFF).during(While::Letter(&[
                NotificationStatus::Sent,
                NotificationStatus::Refused,
                NotificationStatus::Unknown,
                NotificationStatus::Failed,
            ])),
            Self::IssueToken | Self::RevokeToken => own_or(ADMINS),
            Self::ListTokens => rows(ADMINS, &[]),
            Self::ListWaitingList | Self::ListDeputies => rows(STAFF, &[]),
            Self::LeaveWaitingList => {
                own_or(STAFF).during(While::WaitingEntry(&[WaitingStatus::Waiting, WaitingStatus::Held]))
            }
            Self::ListNotifications => rows(NOBODY, &[]),

            Self::ReadEquipmentHistory | Self::ReadLabReport => by_role(STAFF),
            Self::ReadUserHistory => own_or(STAFF),
            Self::ReadLoanHistory => in_project(STAFF, ALL_MEMBERS).owned(Own::May),
            Self::ReadProjectReport => in_project(STAFF, ALL_MEMBERS),

            Self::ListProjects => rows(STAFF, ALL_MEMBERS).owned(Own::Indifferent),
            Self::ListLoans => rows(STAFF, ALL_MEMBERS),
            Self::ListRequisitions => rows(STAFF, ALL_MEMBERS).or_deputies(SUPERVISORS),
            Self::ReadProject | Self::ListMembers | Self::ReadProjectHistory | Self::ReadProjectQuotas => {
                in_project(STAFF, ALL_MEMBERS)
            }
            Self::ActivateProject | Self::RejectProject => {
                in_project(STAFF, &[]).by_others().during(While::Project(BEFORE_IT_BEGINS))
            }
            Self::EditProject | Self::AddMember | Self::ChangeMemberRole | Self::RemoveMember => {
                in_project(STAFF, LEADERS).during(While::Project(NOT_OVER))
            }
            Self::LeaveProject => in_project(NOBODY, ALL_MEMBERS).during(While::Project(NOT_OVER)),
            Self::CompleteProject => in_project(STAFF, IN_CHARGE).during(While::Project(GOING_ON)),
            Self::ArchiveProject => by_role(STAFF).during(While::Project(GOING_ON)),

            Self::SubmitRequisition | Self::DryRunRequisition | Self::JoinWaitingList => {
                in_project(NOBODY, BORROWERS).during(While::Project(GOING_ON))
            }
            Self::ReadRequisition => in_project(STAFF, ALL_MEMBERS).or_deputies(SUPERVISORS).owned(Own::May),
            Self::DecideRequisition | Self::ApproveRequisition => {
                in_project(STAFF, &[]).by_others().during(While::Line(&[LineStatus::Pending]))
            }
            // Its first decision is still to come.
            Self::EditRequisition => {
                in_project(NOBODY, LEADERS).owned(Own::May).during(While::Requisition(&[RequisitionStatus::Pending]))
            }
            Self::RejectRequisition => in_project(STAFF, SUPERVISORS)
                .or_deputies(SUPERVISORS)
                .by_others()
                .during(While::Line(&[LineStatus::Pending])),
            Self::EndorseRequisition => in_project(NOBODY, SUPERVISORS)
                .or_deputies(SUPERVISORS)
                .by_others()
                .during(While::Line(&[LineStatus::Pending])),
            // As far as something of it still waits, or is promised and was not sent.
            Self::CancelRequisition => {
                in_project(STAFF, LEADERS).owned(Own::May).during(While::Requisition(NOT_OUT_AS_A_WHOLE))
            }
            Self::ExtendLoan => in_project(NOBODY, LEADERS).owned(Own::May).during(While::Loan(OUT)),
            Self::GrantExtension => in_project(STAFF, &[]).by_others().during(While::Loan(OUT)),
            Self::RejectExtension => in_project(STAFF, &[]).by_others(),
            Self::WithdrawExtension => in_project(NOBODY, LEADERS).owned(Own::May),
            Self::ExcuseOverdue | Self::CorrectCondition => in_project(STAFF, &[]).owned(Own::Never),
            Self::HandOver => in_project(STAFF, &[]).owned(Own::Never).during(While::Requisition(&[
                RequisitionStatus::Pending,
                RequisitionStatus::Approved,
                RequisitionStatus::HandedOver,
                RequisitionStatus::PartlyCheckedOut,
                RequisitionStatus::CheckedOut,
                RequisitionStatus::PartlyReturned,
                RequisitionStatus::Attention,
            ])),
            Self::ReturnLoan => in_project(STAFF, BORROWERS).owned(Own::May).during(While::Loan(OUT)),
        }
    }
}

/// Nobody's in particular.
const fn by_role(anywhere: &'static [Role]) -> Rule {
    Rule {
        subject: Subject::Nothing,
        anywhere,
        in_project: &[],
        deputies: &[],
        own: Own::Indifferent,
        impartial: false,
        allowed_while: While::Always,
    }
}

/// Somebody's, outside of projects.
const fn own_or(anywhere: &'static [Role]) -> Rule {
    Rule { subject: Subject::One, own: Own::May, ..by_role(anywhere) }
}

/// A project's.
const fn in_project(anywhere: &'static [Role], in_project: &'static [MemberRole]) -> Rule {
    Rule { subject: Subject::One, in_project, ..by_role(anywhere) }
}

const fn rows(anywhere: &'static [Role], in_project: &'static [MemberRole]) -> Rule {
    Rule { subject: Subject::Rows, in_project, own: Own::May, ..by_role(anywhere) }
}

impl Rule {
    const fn or_deputies(self, deputies: &'static [MemberRole]) -> Self {
        Self { deputies, ..self }
    }

    const fn owned(self, own: Own) -> Self {
        Self { own, ..self }
    }

    /// Neither their own, nor for a project that they borrow for.
    const fn by_others(self) -> Self {
        Self { own: Own::Never, impartial: true, ..self }
    }

    const fn during(self, allowed_while: While) -> Self {
        Self { allowed_while, ..self }
    }
}

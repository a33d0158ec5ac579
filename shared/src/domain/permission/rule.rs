//! What one row of the table can say.

use crate::domain::{
    finding::FindingState,
    notification::NotificationStatus,
    project::{MemberRole, ProjectStatus},
    requisition::{LineStatus, LoanStatus, RequisitionStatus},
    user::Role,
    waiting_list::WaitingStatus,
};

/// One row: whoever fits one of `anywhere`, `in_project`, `deputies` or `own` may, in the states of `allowed_while`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub subject: Subject,
    /// Who may wherever it is, member or not.
    pub anywhere: &'static [Role],
    /// Who may in a project, by their role there.
    pub in_project: &'static [MemberRole],
    /// Whose deputies may, while they stand in.
    pub deputies: &'static [MemberRole],
    /// What it changes that the thing is the caller's own.
    pub own: Own,
    /// Whether nobody may who borrows for its project, or did since it was asked for.
    pub impartial: bool,
    pub allowed_while: While,
}

/// What it is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing that belongs to anybody: the role alone decides.
    Nothing,
    /// A list: everybody may ask, and sees those rows that the rule gives them.
    Rows,
    /// One thing, which has a place in a project or belongs to somebody.
    One,
}

/// A thing is one's own if one asked for it, holds it, or is it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    Indifferent,
    /// Its owner may, whatever their roles.
    May,
    /// Its owner may not, whatever their roles: nobody decides their own.
    Never,
}

/// In which states of its subject it can be done; another state is a conflict, not a lack of permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum While {
    Always,
    Project(&'static [ProjectStatus]),
    Requisition(&'static [RequisitionStatus]),
    /// At least one of its lines.
    Line(&'static [LineStatus]),
    Loan(&'static [LoanStatus]),
    Finding(&'static [FindingState]),
    Letter(&'static [NotificationStatus]),
    WaitingEntry(&'static [WaitingStatus]),
}

impl While {
    pub fn allows_project(self, status: ProjectStatus) -> bool {
        match self {
            Self::Project(allowed) => allowed.contains(&status),
            Self::Always
            | Self::Requisition(_)
            | Self::Line(_)
            | Self::Loan(_)
            | Self::Finding(_)
            | Self::Letter(_)
            | Self::WaitingEntry(_) => true,
        }
    }

    pub fn allows_requisition(self, status: RequisitionStatus) -> bool {
        match self {
            Self::Requisition(allowed) => allowed.contains(&status),
            Self::Always
            | Self::Project(_)
            | Self::Line(_)
            | Self::Loan(_)
            | Self::Finding(_)
            | Self::Letter(_)
            | Self::WaitingEntry(_) => true,
        }
    }

    pub fn allows_line(self, status: LineStatus) -> bool {
        match self {
            Self::Line(allowed) => allowed.contains(&status),
            Self::Always
            | Self::Project(_)
            | Self::Requisition(_)
            | Self::Loan(_)
            | Self::Finding(_)
            | Self::Letter(_)
            | Self::WaitingEntry(_) => true,
        }
    }

    pub fn allows_loan(self, status: LoanStatus) -> bool {
        match self {
            Self::Loan(allowed) => allowed.contains(&status),
            Self::Always
            | Self::Project(_)
            | Self::Requisition(_)
            | Self::Line(_)
            | Self::Finding(_)
            | Self::Letter(_)
            | Self::WaitingEntry(_) => true,
        }
    }

    pub fn allows_finding(self, state: FindingState) -> bool {
        match self {
            Self::Finding(allowed) => allowed.contains(&state),
            Self::Always
            | Self::Project(_)
            | Self::Requisition(_)
            | Self::Line(_)
            | Self::Loan(_)
            | Self::Letter(_)
            | Self::WaitingEntry(_) => true,
        }
    }

    pub fn allows_letter(self, status: NotificationStatus) -> bool {
        match self {
            Self::Letter(allowed) => allowed.contains(&status),
            Self::Always
            | Self::Project(_)
            | Self::Requisition(_)
            | Self::Line(_)
            | Self::Loan(_)
            | Self::Finding(_)
            | Self::WaitingEntry(_) => true,
        }
    }

    pub fn allows_waiting_entry(self, status: WaitingStatus) -> bool {
        match self {
            Self::WaitingEntry(allowed) => allowed.contains(&status),
            Self::Always
            | Self::Project(_)
            | Self::Requisition(_)
            | Self::Line(_)
            | Self::Loan(_)
            | Self::Finding(_)
            | Self::Letter(_) => true,
        }
    }
}

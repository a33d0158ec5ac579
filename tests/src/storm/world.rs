//! Everything that is compared at the end, as plain values, so that the checker can be fed worlds that never were.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use makerlab_shared::domain::{
    id::{LoanId, OperationId, RequisitionId},
    operation::{OperationKind, OperationState},
    requisition::{LoanStatus, RequisitionStatus},
};
use uuid::Uuid;

use crate::simulator::Effect;

#[derive(Debug, Clone, Default)]
pub struct World {
    pub told: Told,
    pub requisitions: Vec<RequisitionRow>,
    pub loans: Vec<LoanRow>,
    pub operations: Vec<OperationRow>,
    /// What findings are about that wait for a person: operations, jobs, users.
    pub open_findings: HashSet<Uuid>,
    /// Those that a letter must tell: what was over before its letter left is not among them.
    pub notifications: Vec<Uuid>,
    /// Snipe-IT's truth, in its order.
    pub effects: Vec<Effect>,
    /// The Message-ID of every mail that arrived, in any order.
    pub mails: Vec<String>,
}

/// What clients were told, and when they heard it first.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Requisitions answered with 202, and the units that they ask for.
    pub accepted: HashMap<RequisitionId, usize>,
    /// Returns answered with 202.
    pub returns: HashSet<LoanId>,
    /// Loans that the API called checked out.
    pub out: HashMap<LoanId, DateTime<Utc>>,
    /// Loans that the API called returned.
    pub back: HashMap<LoanId, DateTime<Utc>>,
    /// Loans that the API called failed.
    pub failed: HashSet<LoanId>,
    /// Keys under which two different answers were given.
    pub contradictions: Vec<String>,
    /// Requests that got no clear answer in the time that a client waits.
    pub unanswered: Vec<String>,
    /// Clear refusals, by their problem type.
    pub refusals: HashMap<String, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequisitionRow {
    pub id: RequisitionId,
    pub status: RequisitionStatus,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoanRow {
    pub id: LoanId,
    pub requisition: RequisitionId,
    pub status: LoanStatus,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRow {
    pub id: OperationId,
    pub requisition: RequisitionId,
    pub loan: LoanId,
    pub kind: OperationKind,
    pub state: OperationState,
    pub requested_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
}

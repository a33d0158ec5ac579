//! Our database in the model: operations, jobs and loans in a few bytes, and the way to the real types and back.
//!
//! Whatever is decided about them is decided by the functions of `domain`, on the real types made here.

use crate::clock::{Second, Ticks, at, ticks_until};
use makerlab_shared::domain::{
    actor::Actor,
    change::{Cause, Change, Write},
    finding::FindingKind,
    id::{EquipmentId, LineId, LoanId, OperationId, ProjectId, RequisitionId, UserId},
    inventory::{AssetSeen, SnipeitAssetId, SnipeitUserId},
    operation::{Confirmation, Operation, OperationKind, OperationState, Tenure, Verdict},
    requisition::{
        Dossier, FollowUp, GiveBack, Loan, LoanStatus, Period, Purpose, Requisition, RequisitionStatus, ReturnRefused,
        ReturnReport, Substitute,
    },
};
use uuid::Uuid;

pub const ASSET: SnipeitAssetId = SnipeitAssetId(1);

/// The three operations that one asset sees, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Which {
    CheckOut,
    Return,
    NextCheckOut,
}

impl Which {
    pub const ALL: [Self; 3] = [Self::CheckOut, Self::Return, Self::NextCheckOut];

    pub fn index(self) -> usize {
        self as usize
    }

    pub fn kind(self) -> OperationKind {
        match self {
            Self::CheckOut | Self::NextCheckOut => OperationKind::CheckOut,
            Self::Return => OperationKind::CheckIn,
        }
    }

    /// The loan that it is about.
    pub fn loan(self) -> usize {
        match self {
            Self::CheckOut | Self::Return => 0,
            Self::NextCheckOut => 1,
        }
    }

    fn id(self) -> OperationId {
        OperationId(Uuid::from_u128(self.index() as u128 + 1))
    }
}

/// One operation as the database has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Op {
    pub state: OperationState,
    pub attempts: i8,
    pub fingerprint: Option<Second>,
    pub is_refused: bool,
    pub borrower_looked_up_again: bool,
    pub look_after: Option<Ticks>,
    pub is_confirmed: bool,
    /// The finding `effect_not_seen` was raised about it.
    pub is_not_seen: bool,
}

impl Op {
    pub const WAITING: Self = Self {
        state: OperationState::Waiting,
        attempts: 0,
        fingerprint: None,
        is_refused: false,
        borrower_looked_up_again: false,
        look_after: None,
        is_confirmed: false,
        is_not_seen: false,
    };

    fn of(real: &Operation, before: &Self) -> Self {
        let op = Self {
            state: real.state,
            attempts: i8::try_from(real.attempts).expect("few attempts"),
            fingerprint: real.fingerprint.map(Second::of),
            is_refused: real.refusal.is_some(),
            borrower_looked_up_again: real.borrower_looked_up_again,
            look_after: real.look_after.map(ticks_until),
            is_confirmed: real.confirmed_at.is_some(),
            is_not_seen: before.is_not_seen,
        };
        if op.state.is_settled() { op.without_past() } else { op }
    }

    /// What nothing reads any more of a settled operation.
    fn without_past(self) -> Self {
        Self { attempts: 0, is_refused: false, borrower_looked_up_again: false, look_after: None, ..self }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Job {
    pub is_open: bool,
    pub due: Ticks,
    pub runs: u8,
}

impl Job {
    pub const NEW: Self = Self { is_open: true, due: 0, runs: 0 };
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Lent {
    pub status: LoanStatus,
    pub fingerprint: Option<Second>,
}

/// Operations, jobs and loans.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Records {
    pub ops: [Option<Op>; 3],
    pub jobs: [Option<Job>; 3],
    pub loans: [Option<Lent>; 2],
    /// Whether a line may be given another unit; here none is free.
    pub any_unit: bool,
}

impl Records {
    pub fn new(any_unit: bool) -> Self {
        let mut records = Self { ops: [None; 3], jobs: [None; 3], loans: [None; 2], any_unit };
        records.ask(Which::CheckOut);
        records
    }

    pub fn op(&self, which: Which) -> &Op {
        self.ops[which.index()].as_ref().expect("an operation that was asked for")
    }

    pub fn find(&self, which: Which) -> Option<&Op> {
        self.ops[which.index()].as_ref()
    }

    pub fn job_mut(&mut self, which: Which) -> &mut Job {
        self.jobs[which.index()].as_mut().expect("a job of an operation")
    }

    pub fn has_status(&self, loan: usize, status: LoanStatus) -> bool {
        self.loans[loan].is_some_and(|lent| lent.status == status)
    }

    /// A loan is promised, and its check-out is to be run.
    pub fn ask(&mut self, which: Which) {
        self.loans[which.loan()] = Some(Lent { status: LoanStatus::Promised, fingerprint: None });
        self.add(which);
    }

    fn add(&mut self, which: Which) {
        self.ops[which.index()] = Some(Op::WAITING);
        self.jobs[which.index()] = Some(Job::NEW);
    }

    /// The return of the first loan, if production takes it.
    pub fn ask_return(&mut self) -> Result<(), ReturnRefused> {
        let give_back = GiveBack { by: UserId(Uuid::from_u128(1)), now: at(0), is_forgetful: false };
        self.dossier(0).request_return(loan_id(0), ASSET, ReturnReport::FINE, give_back)?;
        self.add(Which::Return);
        Ok(())
    }

    /// An operation as production knows it.
    pub fn real(&self, which: Which, op: &Op) -> Operation {
        let loan = self.loans[which.loan()].expect("the loan of an operation");
        let tenure = (which == Which::Return).then(|| Tenure {
            user: borrower(0),
            last_checkout: loan.fingerprint.expect("a loan that is returned was lent").naive(),
        });
        Operation {
            id: which.id(),
            requisition_id: RequisitionId(Uuid::from_u128(which.loan() as u128 + 1)),
            loan_id: loan_id(which.loan()),
            equipment_id: EquipmentId(Uuid::from_u128(1)),
            asset: ASSET,
            kind: which.kind(),
            state: op.state,
            attempts: op.attempts.into(),
            fingerprint: op.fingerprint.map(Second::naive),
            tenure,
            any_unit: self.any_unit && which.kind() == OperationKind::CheckOut,
            units_tried: 1,
            borrower_looked_up_again: op.borrower_looked_up_again,
            in_doubt: false,
            refusal: op.is_refused.then(|| "no".to_owned()),
            look_after: op.look_after.map(at),
            requested_by: None,
            settled_at: op.state.is_settled().then(|| at(0)),
            confirmed_at: op.is_confirmed.then(|| at(0)),
            version: 1,
        }
    }

    /// What production made of an operation, in a few bytes. Fails if they would not do.
    pub fn short(&self, which: Which, real: &Operation, before: &Op) -> Op {
        let op = Op::of(real, before);
        if !op.state.is_settled() {
            assert_eq!(&self.real(which, &op), real, "the model forgets something of an operation");
        }
        op
    }

    /// Stores an operation that moved without being settled, as `Dossier::advance` does.
    pub fn advance(&mut self, which: Which, op: Op) {
        self.ops[which.index()] = Some(op);
    }

    /// Carries a verdict to the loan.
    pub fn settle(&mut self, which: Which, op: Op, verdict: &Verdict, raised: &[FindingKind]) {
        let operation = self.real(which, &op);
        let follow = FollowUp {
            now: at(0),
            cause: Cause::new(Actor::System, "settled"),
            borrower: Some(borrower(which.loan())),
            substitute: Substitute::NoneFree,
        };
        let change = self.dossier(which.loan()).settle(operation, verdict, raised, &follow);
        self.apply(&change);
    }

    /// Snipe-IT lent the unit to the next borrower: the first loan is over, if it was still open.
    pub fn adopt_return_of_former(&mut self, which: Which) {
        if which == Which::NextCheckOut && self.has_status(0, LoanStatus::CheckedOut) {
            let change = self.dossier(0).adopt_return(loan_id(0), at(0));
            self.apply(&change);
        }
    }

    /// The sweep's comparison. `was_settled`: whether the operation was settled when Snipe-IT was asked.
    pub fn compare(&self, which: Which, seen: &AssetSeen, was_settled: bool) -> Confirmation {
        let asked_at = if was_settled { at(1) } else { at(0) };
        self.dossier(which.loan()).compare(which.id(), Some(seen), asked_at)
    }

    pub fn confirm(&mut self, which: Which) {
        let change = self.dossier(which.loan()).confirm(which.id(), at(0));
        self.apply(&change);
    }

    pub fn note_not_seen(&mut self, which: Which, seen: &AssetSeen) {
        let change = self.dossier(which.loan()).effect_not_seen(which.id(), Some(seen));
        let is_raised = change.findings.iter().any(|finding| finding.kind == FindingKind::EffectNotSeen);
        self.ops[which.index()].as_mut().expect("an applied operation").is_not_seen = is_raised;
    }

    fn apply(&mut self, change: &Change) {
        for write in &change.writes {
            match write {
                Write::UpdateOperation(real) => {
                    let which = Which::ALL.into_iter().find(|which| which.id() == real.id).expect("one of ours");
                    let op = Op::of(real, self.op(which));
                    self.ops[which.index()] = Some(op);
                }
                Write::UpdateLoan(real) => {
                    let loan = if real.id == loan_id(0) { 0 } else { 1 };
                    self.loans[loan] =
                        Some(Lent { status: real.status, fingerprint: real.fingerprint.map(Second::of) });
                }
                _ => {}
            }
        }
    }

    fn dossier(&self, loan: usize) -> Dossier {
        let of_loan = Which::ALL.into_iter().filter(|which| which.loan() == loan);
        let operations = of_loan.filter_map(|which| Some(self.real(which, self.find(which)?))).collect();
        let lent = self.loans[loan].expect("a loan that was promised");
        let requisition_id = RequisitionId(Uuid::from_u128(loan as u128 + 1));
        Dossier {
            now: at(0),
            requisition: requisition(requisition_id),
            lines: Vec::new(),
            loans: vec![Loan {
                id: loan_id(loan),
                requisition_id,
                line_id: LineId(Uuid::from_u128(1)),
                equipment_id: EquipmentId(Uuid::from_u128(1)),
                borrower_id: UserId(Uuid::from_u128(loan as u128 + 1)),
                status: lent.status,
                period: period(),
                handed_over_at: None,
                handed_over_by: None,
                checked_out_at: None,
                returned_at: None,
                snipeit_user_id: lent.fingerprint.map(|_| borrower(loan)),
                fingerprint: lent.fingerprint.map(Second::naive),
                failure: None,
                returned_as: None,
                watch: Default::default(),
                return_wished_by: None,
                instead_of: None,
                replaced_at: None,
                version: 1,
            }],
            operations,
        }
    }
}

/// Who borrows in Snipe-IT's numbers.
pub fn borrower(loan: usize) -> SnipeitUserId {
    SnipeitUserId(loan as i64 + 1)
}

fn loan_id(loan: usize) -> LoanId {
    LoanId(Uuid::from_u128(loan as u128 + 1))
}

fn period() -> Period {
    Period { starts_at: at(-10), due_at: at(100) }
}

fn requisition(id: RequisitionId) -> Requisition {
    Requisition {
        id,
        number: None,
        project_id: ProjectId(Uuid::from_u128(1)),
        requester_id: UserId(Uuid::from_u128(1)),
        purpose: Purpose::from_stored(String::new()),
        period: period(),
        status: RequisitionStatus::Approved,
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
    }
}

//! Jobs: something to be run at a time. The row is the truth, the message in RabbitMQ only the bell.

use super::{
    availability::{LOOK_AHEAD, NEXT_LOOK},
    id::{EquipmentId, ExtensionId, JobId, LoanId, ModelId, NotificationId, OperationId, RequisitionId, UserId},
    requisition::Period,
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

text_enum! {
    /// What a job does; its subject depends on it.
    pub enum JobKind {
        /// Carries an operation to its end: take, send, settle, look. Subject: the operation.
        RunOperation = "run_operation",
        /// Finds a borrower in Snipe-IT by e-mail. Subject: the user.
        MatchBorrower = "match_borrower",
        /// Reads the whole catalogue from Snipe-IT. Subject: itself.
        SyncCatalogue = "sync_catalogue",
        /// Reads what changed lately in Snipe-IT. Subject: itself.
        Sweep = "sweep",
        /// Tells people when an operation has been unknown for long. Subject: the operation.
        NoticeVerifying = "notice_verifying",
        /// Tells people that a unit is due, or overdue. Subject: the loan; one open each.
        WatchReturn = "watch_return",
        /// Lets Snipe-IT expect a unit when it is due after an extension. Subject: the loan.
        SetExpectedCheckin = "set_expected_checkin",
        /// Lets the label of a unit say whether it is promised. Subject: the unit; one open each.
        SetLabel = "set_label",
        /// Releases what was not collected at the counter. Subject: the loan.
        ReleaseUncollected = "release_uncollected",
        /// Reminds those who have not decided. Subject: the requisition; one open each.
        RemindApprovers = "remind_approvers",
        /// Reminds those who have not answered a wish for more time. Subject: the extension; one open each.
        RemindOfWish = "remind_of_wish",
        /// Sends one letter. Subject: the notification.
        SendMail = "send_mail",
        /// Gathers what a person wants to hear once a day, at their hour, and sends it. Subject: the person; one open each.
        SendDigest = "send_digest",
        /// Looks whether the unit of a promise will be there when its loan begins, and, where it waits at the counter, is there
        /// until it is handed over. Subject: the loan.
        WatchPromise = "watch_promise",
        /// Keeps released units for whoever waits first, and lets go what was not taken in time. Subject: the model.
        ServeWaitingList = "serve_waiting_list",
    }
}

text_enum! {
    /// A queue of its own for each kind of urgency and each edge, so that none waits behind another.
    pub enum Lane {
        /// People waiting at the desk: hand-overs and returns.
        Counter = "counter",
        /// The other writes to Snipe-IT, like check-outs that nobody stands at the desk for.
        Inventory = "inventory",
        /// Sync and sweep.
        Bulk = "bulk",
        /// Timers and rules; nothing that leaves the house.
        Internal = "internal",
        Mail = "mail",
    }
}

impl Lane {
    /// Whether jobs of this lane call Snipe-IT, so that its budget, breaker and pauses concern them.
    pub fn calls_snipeit(self) -> bool {
        match self {
            Self::Counter | Self::Inventory | Self::Bulk => true,
            Self::Internal | Self::Mail => false,
        }
    }
}

text_enum! {
    /// `open` until a worker settles it (`done`), or it is set aside for a person (`dead`).
    pub enum JobState {
        Open = "open",
        Done = "done",
        Dead = "dead",
    }
}

/// When a new job may be taken at the earliest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueTime {
    AtOnce,
    Real(DateTime<Utc>),
    /// By the lab's clock, like a loan's start: moving that clock brings it nearer.
    Lab(DateTime<Utc>),
}

/// A job to be written together with the change that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    pub id: JobId,
    pub kind: JobKind,
    pub lane: Lane,
    pub subject_id: Uuid,
    pub due: DueTime,
}

impl NewJob {
    /// Somebody has the unit in their hands.
    pub fn run_at_desk(operation: OperationId) -> Self {
        Self::new(JobKind::RunOperation, Lane::Counter, operation.0, DueTime::AtOnce)
    }

    /// A unit that goes out by itself when its loan begins.
    pub fn run_straight_through(operation: OperationId, due: DueTime) -> Self {
        Self::new(JobKind::RunOperation, Lane::Inventory, operation.0, due)
    }

    pub fn match_borrower(user: UserId) -> Self {
        Self::new(JobKind::MatchBorrower, Lane::Inventory, user.0, DueTime::AtOnce)
    }

    pub fn send_mail(notification: NotificationId) -> Self {
        Self::new(JobKind::SendMail, Lane::Mail, notification.0, DueTime::AtOnce)
    }

    pub fn notice_verifying(operation: OperationId, due_at: DateTime<Utc>) -> Self {
        Self::new(JobKind::NoticeVerifying, Lane::Internal, operation.0, DueTime::Real(due_at))
    }

    /// Due some hours before the loan begins, so that there is time to do something about it.
    pub fn watch_promise(loan: LoanId, period: Period) -> Self {
        Self::new(JobKind::WatchPromise, Lane::Internal, loan.0, DueTime::Lab(period.starts_at - LOOK_AHEAD))
    }

    /// As [`Self::watch_promise`], for what waits at the counter already.
    pub fn watch_at_counter(loan: LoanId, now: DateTime<Utc>) -> Self {
        Self::new(JobKind::WatchPromise, Lane::Internal, loan.0, DueTime::Lab(now + NEXT_LOOK))
    }

    /// As [`Self::watch_promise`], at once: something was seen of its unit.
    pub fn look_at_promise(loan: LoanId) -> Self {
        Self::new(JobKind::WatchPromise, Lane::Internal, loan.0, DueTime::AtOnce)
    }

    /// By the lab's clock.
    pub fn watch_return(loan: LoanId, due_at: DateTime<Utc>) -> Self {
        Self::new(JobKind::WatchReturn, Lane::Internal, loan.0, DueTime::Lab(due_at))
    }

    pub fn set_expected_checkin(loan: LoanId) -> Self {
        Self::new(JobKind::SetExpectedCheckin, Lane::Inventory, loan.0, DueTime::AtOnce)
    }

    pub fn set_label(unit: EquipmentId) -> Self {
        Self::new(JobKind::SetLabel, Lane::Inventory, unit.0, DueTime::AtOnce)
    }

    pub fn release_uncollected(loan: LoanId, due: DueTime) -> Self {
        Self::new(JobKind::ReleaseUncollected, Lane::Internal, loan.0, due)
    }

    /// By the lab's clock.
    pub fn remind_approvers(requisition: RequisitionId, look_at: DateTime<Utc>) -> Self {
        Self::new(JobKind::RemindApprovers, Lane::Internal, requisition.0, DueTime::Lab(look_at))
    }

    /// By the lab's clock.
    pub fn remind_of_wish(wish: ExtensionId, look_at: DateTime<Utc>) -> Self {
        Self::new(JobKind::RemindOfWish, Lane::Internal, wish.0, DueTime::Lab(look_at))
    }

    /// Written only if somebody is in line.
    pub fn serve_waiting_list(model: ModelId, due: DueTime) -> Self {
        Self::new(JobKind::ServeWaitingList, Lane::Internal, model.0, due)
    }

    /// A job about nothing but itself: its id is its subject.
    pub fn on_its_own(kind: JobKind, lane: Lane, due: DueTime) -> Self {
        let id = JobId::generate();
        Self { id, kind, lane, subject_id: id.0, due }
    }

    fn new(kind: JobKind, lane: Lane, subject_id: Uuid, due: DueTime) -> Self {
        Self { id: JobId::generate(), kind, lane, subject_id, due }
    }
}

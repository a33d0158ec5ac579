//! What happened, whom it concerns, and what it is about.

use crate::domain::text_enum::text_enum;

text_enum! {
    /// What a letter tells. Each event has one template per language.
    pub enum NotificationEvent {
        /// The requisition was recorded. To the requester.
        Submitted = "submitted",
        /// What it asks for was changed, by them or by a leader of the project. To the requester.
        Edited = "edited",
        /// A requisition waits for a decision. To the technicians who may decide it.
        ApprovalNeeded = "approval_needed",
        /// A requisition waits for a supervisor to agree. To the project's supervisors.
        EndorsementNeeded = "endorsement_needed",
        /// A decision is still waited for after the lab's number of hours. To those who decide next, once for each stage.
        ApprovalReminder = "approval_reminder",
        /// A technician said yes. To the requester.
        Approved = "approved",
        /// Not all of it was granted as it was asked for; each line has its outcome. To the requester.
        PartlyApproved = "partly_approved",
        /// A technician said no, with the reason. To the requester.
        Rejected = "rejected",
        /// A technician gave them the equipment at the counter; Snipe-IT follows. To the requester.
        HandedOver = "handed_over",
        /// It was not collected in time and is free for others again. To the requester.
        NotCollected = "not_collected",
        /// Snipe-IT refuses what was handed over already. To the technicians.
        HandOverRefused = "hand_over_refused",
        /// Snipe-IT confirmed: the equipment is ready to be picked up. To the requester.
        CheckedOut = "checked_out",
        /// We do not know yet whether Snipe-IT recorded it, and look. To the requester, when it takes long.
        BeingVerified = "being_verified",
        /// It cannot be carried out. To the requester and the technicians.
        Failed = "failed",
        /// The requisition was cancelled. To the requester.
        Cancelled = "cancelled",
        /// Somebody wants to give equipment back. To the technicians.
        ReturnRequested = "return_requested",
        /// A unit comes back damaged or incomplete, or is lost. To the technicians.
        ReturnedDamaged = "returned_damaged",
        /// Snipe-IT confirmed: the equipment is back. To the requester.
        Returned = "returned",
        /// The day on which a unit is due comes near. To its borrower.
        ReturnDue = "return_due",
        /// A unit is past its due date. To its borrower.
        Overdue = "overdue",
        /// A unit is long past its due date. To the project's supervisors and the technicians.
        OverdueEscalated = "overdue_escalated",
        /// Somebody asks for more time, and the rule cannot grant it. To the technicians who may.
        ExtensionAsked = "extension_asked",
        /// A wish for more time is not answered after the lab's number of hours. To those who may decide it, once.
        ExtensionReminder = "extension_reminder",
        /// A unit is due later than before. To its borrower.
        ExtensionGranted = "extension_granted",
        /// A unit is due on the day that Snipe-IT shows, earlier or later than before. To its borrower.
        DueDateChanged = "due_date_changed",
        /// A unit stays due when it was, with the reason. To its borrower.
        ExtensionRejected = "extension_rejected",
        /// Something is unknown or contradictory and a person must decide. To the technicians.
        NeedsPerson = "needs_person",
        /// What Snipe-IT shows of a unit is not what our record says of its loan. To the technicians.
        DriftFound = "drift_found",
        /// A unit that is kept for a loan may not be there when it begins. To the borrower and the technicians.
        PromiseAtRisk = "promise_at_risk",
        /// A unit that might not have been there is there, or another in its place. To the borrower.
        UnitIsThere = "unit_is_there",
        /// The lab had no unit that could be collected, and the promise is over. To the requester.
        NoUnit = "no_unit",
        /// What they asked for was not decided, or not given out, before its time was over. To the requester.
        PeriodOver = "period_over",
        /// Somebody waits for what the reader has. To the borrower, once for a loan.
        SomebodyWaits = "somebody_waits",
        /// What the reader waits for is kept for them, for some hours. To whoever waits.
        HoldGranted = "hold_granted",
        /// Their place in line has ended, because they may not ask for it any more. To whoever waited.
        WaitingEnded = "waiting_ended",
        /// Somebody asks for a project. To the technicians.
        ProjectSubmitted = "project_submitted",
        /// The project may request from now on. To its creator and leaders.
        ProjectActivated = "project_activated",
        /// The project may not begin, with the reason. To its creator and leaders.
        ProjectRejected = "project_rejected",
        /// Somebody was made a member of a project. To them.
        MemberAdded = "member_added",
        /// Somebody was given another role in a project. To them.
        MemberRoleChanged = "member_role_changed",
        /// Somebody was removed from a project. To them.
        MemberRemoved = "member_removed",
        /// Somebody who will be away has named them to decide in their place. To the deputy.
        DeputyNamed = "deputy_named",
        /// They need not decide in somebody's place any more, before its time. To the deputy.
        DeputyEnded = "deputy_ended",
    }
}

/// What a letter is about; where that is no requisition, its id is the letter's subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Requisition,
    Project,
    /// A place in a line.
    WaitingEntry,
    Deputy,
}

/// Who a letter is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    Requester,
    Technicians,
    /// Who has the unit.
    Borrower,
    /// The project's supervisors.
    Supervisors,
    /// The project's creator and its leaders.
    Leaders,
    /// Whose membership changed.
    Member,
    /// Whoever waits in a line.
    Waiting,
    /// Whoever decides in somebody's place.
    Deputy,
}

//! The one way to change anything: a transition returns a [`Change`], one function commits it.
//!
//! History rows are made here from what differs, so that there is no new state without its history.

use super::{
    actor::Actor,
    approval::ApprovalRule,
    deputy::Deputy,
    equipment::EquipmentModel,
    field_change::FieldChange,
    finding::NewFinding,
    id::{
        EquipmentId, ExtensionId, FindingId, LoanId, ModelId, NotificationId, ProjectId, RequisitionId, TokenId,
        UserId, WaitingEntryId,
    },
    job::NewJob,
    lab_settings::LabSettings,
    notice::{DigestProgress, Moot, NewDigest, Reading, Resend},
    notification::{Message, NotificationEvent, NotificationStatus},
    operation::Operation,
    preference::Preferences,
    project::{Member, Project},
    quota::{Exceeded, Quota},
    requisition::{Edit, Extension, Line, Loan, Requisition, ReturnCondition},
    text_enum::text_enum,
    token::NewToken,
    user::User,
    waiting_list::{Hold, HoldLimit, WaitingEntry},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Everything that one transition writes, in one transaction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Change {
    pub writes: Vec<Write>,
    pub history: Vec<HistoryEntry>,
    pub jobs: Vec<NewJob>,
    pub notifications: Vec<NewNotification>,
    pub findings: Vec<NewFinding>,
}

/// A row to insert, or to update if it still has the version it was read with.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    InsertUser(User),
    UpdateUser(User),
    InsertToken(NewToken),
    RevokeToken(TokenId),
    InsertProject(Project),
    UpdateProject(Project),
    /// Somebody who joins, or comes back.
    InsertMember(Member),
    UpdateMember(Member),
    /// Its row stays, marked.
    EndMembership(Member),
    UpdateModel(EquipmentModel),
    UpdateLabSettings(LabSettings),
    InsertApprovalRule(ApprovalRule),
    UpdateApprovalRule(ApprovalRule),
    InsertDeputy(Deputy),
    UpdateDeputy(Deputy),
    InsertQuota(Quota),
    UpdateQuota(Quota),
    /// The quotas that a requisition goes over since an edit of it; 0: as it was submitted.
    InsertQuotaExceptions {
        requisition_id: RequisitionId,
        of_edit: i32,
        exceeded: Vec<Exceeded>,
    },
    InsertRequisition(Requisition),
    UpdateRequisition(Requisition),
    InsertEdit(Edit),
    InsertLine(Line),
    UpdateLine(Line),
    InsertLoan(Loan),
    UpdateLoan(Loan),
    InsertExtension(Extension),
    UpdateExtension(Extension),
    /// The quotas that it goes over.
    InsertExtensionExceptions {
        extension_id: ExtensionId,
        exceeded: Vec<Exceeded>,
    },
    InsertOperation(Operation),
    UpdateOperation(Operation),
    UpdateNotification(LetterProgress),
    InsertResend(Resend),
    InsertDigest(NewDigest),
    UpdateDigest(DigestProgress),
    /// What waits to be told of this is over.
    MarkMoot(Moot),
    MarkRead(Reading),
    InsertWaitingEntry(WaitingEntry),
    UpdateWaitingEntry(WaitingEntry),
    InsertHold(Hold),
    /// The entry's units are kept no longer.
    EndHolds(WaitingEntryId),
    LimitHolds(HoldLimit),
    /// What borrowers of this model were to be told, where nobody waits any more for what they have.
    MarkNobodyWaits(ModelId),
    SetPreferences(UserId, Preferences),
    /// What it was about is over.
    CloseFinding(FindingId),
    /// Whether the unit of this loan, if nobody had it since, is to be labelled for what was said of it.
    TellCondition {
        unit: EquipmentId,
        of: LoanId,
        condition: Option<ReturnCondition>,
    },
    /// So often in a row Snipe-IT has refused to set the label of a unit.
    NoteLabelRefused(EquipmentId, u32),
    /// The mark of a drift that is not told of again for this loan; `None`: it has changed since.
    IgnoreDrift(LoanId, Option<serde_json::Value>),
    /// Overdue units do not keep this person from asking for more until then.
    ExcuseOverdue(UserId, DateTime<Utc>),
}

/// How far a letter got with one attempt, or without any. Guarded by the attempts it had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterProgress {
    pub id: NotificationId,
    pub attempts_before: i32,
    pub attempts: i32,
    pub status: NotificationStatus,
    /// What the mail server said, or why nothing was sent. The recipient's address is masked in it.
    pub outcome: String,
}

text_enum! {
    /// What a history row is about.
    pub enum Entity {
        User = "user",
        Project = "project",
        ProjectMember = "project_member",
        EquipmentModel = "equipment_model",
        Requisition = "requisition",
        Line = "line",
        Loan = "loan",
        Operation = "operation",
        Finding = "finding",
        Notification = "notification",
        LabSettings = "lab_settings",
        WaitingEntry = "waiting_entry",
        Quota = "quota",
        ApprovalRule = "approval_rule",
        Token = "token",
    }
}

/// One row of history: who moved what from where to where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    pub entity: Entity,
    pub entity_id: Uuid,
    /// Given for a project and its members; what belongs to a requisition gets its project as it is written.
    pub project_id: Option<ProjectId>,
    pub requisition_id: Option<RequisitionId>,
    pub event: &'static str,
    pub from_status: Option<&'static str>,
    pub to_status: &'static str,
    pub actor: Actor,
    /// In whose place the actor did it, if not in their own right.
    pub on_behalf_of: Option<UserId>,
    pub reason: Option<String>,
    /// What it tells beside the status.
    pub changes: Vec<FieldChange>,
}

/// A letter to be written to one person, or to everybody who runs the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    pub id: NotificationId,
    pub event: NotificationEvent,
    pub to: Recipient,
    pub requisition_id: Option<RequisitionId>,
    pub subject_id: Uuid,
    pub message: Option<Message>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    User(UserId),
    /// Every technician; resolved when the change is committed, one letter each.
    Technicians,
    /// Every technician who may decide it, of the requisition or the project that the letter is about; where none may, every
    /// admin who may.
    Deciders(Decision),
}

text_enum! {
    /// What somebody is asked to decide.
    pub enum Decision {
        Requisition = "requisition",
        Extension = "extension",
        Project = "project",
    }
}

/// Who did it, under which name, and why: shared by all history rows of one transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub actor: Actor,
    pub on_behalf_of: Option<UserId>,
    pub event: &'static str,
    pub reason: Option<String>,
}

impl Cause {
    pub fn new(actor: Actor, event: &'static str) -> Self {
        Self { actor, on_behalf_of: None, event, reason: None }
    }

    /// `None`: in their own right.
    pub fn on_behalf_of(self, absent: Option<UserId>) -> Self {
        Self { on_behalf_of: absent, ..self }
    }

    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

impl Change {
    pub fn create_user(user: User, cause: &Cause) -> Self {
        let mut change = Self::default();
        change.history.push(entry(Entity::User, user.id.0, None, user.role.as_str(), cause));
        change.writes.push(Write::InsertUser(user));
        change
    }

    /// A user whose remembered Snipe-IT user changed (found, forgotten, corrected by a technician).
    pub fn match_user(before: &User, after: User, cause: &Cause) -> Self {
        let word = |user: &User| if user.snipeit_user_id.is_some() { "matched" } else { "unmatched" };
        let mut change = Self::default();
        change.history.push(entry(Entity::User, after.id.0, Some(word(before)), word(&after), cause));
        change.writes.push(Write::UpdateUser(after));
        change
    }

    /// A model whose rules changed: who approves, how its units are collected. Without a difference nothing is written.
    pub(super) fn update_model(before: &EquipmentModel, after: EquipmentModel, actor: Actor) -> Self {
        let mut change = Self::default();
        let rules = [
            ("approval_changed", before.approval.as_str(), after.approval.as_str()),
            ("collection_changed", before.collection.as_str(), after.collection.as_str()),
        ];
        for (event, from, to) in rules.into_iter().filter(|(_, from, to)| from != to) {
            let cause = Cause::new(actor, event);
            change.history.push(entry(Entity::EquipmentModel, after.id.0, Some(from), to, &cause));
        }
        if !change.history.is_empty() {
            change.writes.push(Write::UpdateModel(after));
        }
        change
    }

    /// What another transition writes in the same transaction, after this one.
    pub fn append(&mut self, mut after: Self) {
        self.writes.append(&mut after.writes);
        self.history.append(&mut after.history);
        self.jobs.append(&mut after.jobs);
        self.notifications.append(&mut after.notifications);
        self.findings.append(&mut after.findings);
    }

    /// A letter that was tried, or given up. Letters have no history of their own: their row tells it.
    pub fn letter(progress: LetterProgress) -> Self {
        Self { writes: vec![Write::UpdateNotification(progress)], ..Self::default() }
    }

    pub fn notify(&mut self, notification: NewNotification) {
        self.notifications.push(notification);
    }
}

/// Of no project and no requisition.
pub(crate) fn entry(
    entity: Entity,
    entity_id: Uuid,
    from_status: Option<&'static str>,
    to_status: &'static str,
    cause: &Cause,
) -> HistoryEntry {
    HistoryEntry {
        entity,
        entity_id,
        project_id: None,
        requisition_id: None,
        event: cause.event,
        from_status,
        to_status,
        actor: cause.actor,
        on_behalf_of: cause.on_behalf_of,
        reason: cause.reason.clone(),
        changes: Vec::new(),
    }
}

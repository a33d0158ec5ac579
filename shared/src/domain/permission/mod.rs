//! Who may do what: one table for the whole service, read by the api's door, by the domain's transitions and by the
//! README. What stands in no row nobody may.

mod check;
mod rule;
mod table;
mod words;

pub use check::{Denied, Place};
pub use rule::{Own, Rule, Subject, While};

use super::text_enum::text_enum;

text_enum! {
    /// One thing that somebody may do. Each endpoint is one of them; its word is the endpoint's operation id.
    pub enum Permission {
        ActivateProject = "activate_project",
        AddMember = "add_member",
        ApproveRequisition = "approve_requisition",
        ArchiveProject = "archive_project",
        CancelRequisition = "cancel_requisition",
        ChangeMemberRole = "change_member_role",
        CompleteProject = "complete_project",
        CorrectCondition = "correct_condition",
        CountUnread = "count_unread",
        CreateApprovalRule = "create_approval_rule",
        CreateProject = "create_project",
        CreateQuota = "create_quota",
        CreateUser = "create_user",
        DecideRequisition = "decide_requisition",
        DryRunRequisition = "dry_run_requisition",
        EditApprovalRule = "edit_approval_rule",
        EditLabSettings = "edit_lab_settings",
        EditProject = "edit_project",
        EditQuota = "edit_quota",
        EndorseRequisition = "endorse_requisition",
        ExcuseOverdue = "excuse_overdue",
        ExtendLoan = "extend_loan",
        GrantExtension = "grant_extension",
        HandOver = "hand_over",
        IssueToken = "issue_token",
        LeaveProject = "leave_project",
        ListApprovalRules = "list_approval_rules",
        ListFindings = "list_findings",
        ListLetters = "list_letters",
        ListLoans = "list_loans",
        ListMembers = "list_members",
        ListModels = "list_models",
        ListNotifications = "list_notifications",
        ListProjects = "list_projects",
        ListQuotas = "list_quotas",
        ListRequisitions = "list_requisitions",
        ListTokens = "list_tokens",
        ListUnits = "list_units",
        ListUsers = "list_users",
        MarkRead = "mark_read",
        MarkReadUpTo = "mark_read_up_to",
        ReadAvailability = "read_availability",
        ReadEquipmentHistory = "read_equipment_history",
        ReadFinding = "read_finding",
        ReadLabSettings = "read_lab_settings",
        ReadLabReport = "read_lab_report",
        ReadLoanHistory = "read_loan_history",
        ReadMe = "read_me",
        ReadModel = "read_model",
        ReadPreferences = "read_preferences",
        ReadOwnQuotas = "read_own_quotas",
        ReadProject = "read_project",
        ReadProjectHistory = "read_project_history",
        ReadProjectQuotas = "read_project_quotas",
        ReadQuota = "read_quota",
        ReadProjectReport = "read_project_report",
        ReadRequisition = "read_requisition",
        ReadStatus = "read_status",
        ReadUser = "read_user",
        ReadUserHistory = "read_user_history",
        RejectExtension = "reject_extension",
        RejectProject = "reject_project",
        RejectRequisition = "reject_requisition",
        RemoveApprovalRule = "remove_approval_rule",
        RemoveMember = "remove_member",
        RemoveQuota = "remove_quota",
        ResendLetter = "resend_letter",
        ReturnLoan = "return_loan",
        RevokeToken = "revoke_token",
        SetApproval = "set_approval",
        SetLanguage = "set_language",
        SetPreferences = "set_preferences",
        SettleFinding = "settle_finding",
        SubmitRequisition = "submit_requisition",
    }
}

//! Requisitions and loans as people read them: one query each, and only what the viewer may see.

use super::{StoreError, page::Page, requisition_summaries::RequisitionSummary};
use crate::domain::{
    approval::Need,
    change::Entity,
    field_change::FieldChange,
    id::{ApprovalRuleId, EquipmentId, LineId, LoanId, ModelId, OperationId, QuotaId, RequisitionId, UserId},
    inventory::SnipeitAssetId,
    operation::{OperationKind, OperationState},
    project::MemberRole,
    quota::{QuotaMeasure, QuotaScope},
    requisition::{LineStatus, LoanStatus, ReturnCondition},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// Who looks: members see what belongs to their projects, whoever stands in for a supervisor sees the requisitions, the
/// lab's staff sees everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    pub user: UserId,
    pub sees_all: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RequisitionDetail {
    pub summary: RequisitionSummary,
    pub lines: Vec<LineDetail>,
    pub loans: Vec<LoanDetail>,
    pub operations: Vec<OperationDetail>,
    pub exceptions: Vec<ExceptionDetail>,
    pub edits: Vec<EditDetail>,
    pub history: Vec<HistoryDetail>,
    pub edition: i32,
}

/// An edit, with what it was before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EditDetail {
    pub edited_by: UserId,
    pub edited_at: DateTime<Utc>,
    pub purpose: String,
    pub starts_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub approval_reason: Option<String>,
    pub endorsed_by: Option<UserId>,
    pub endorsed_for: Option<UserId>,
    pub endorsed_at: Option<DateTime<Utc>>,
    /// What the rules had said of the lines that stood then.
    pub verdicts: Vec<VerdictDetail>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct VerdictDetail {
    pub line_id: LineId,
    pub approval: Need,
    pub approval_rule_id: Option<ApprovalRuleId>,
    pub approval_reason: String,
}

/// A quota that a requisition went over when it was submitted, or edited last, or an extension when it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExceptionDetail {
    pub quota_id: QuotaId,
    pub scope: QuotaScope,
    pub category: Option<String>,
    pub measure: QuotaMeasure,
    pub most: i64,
    pub used: i64,
    pub asked: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LineDetail {
    pub id: LineId,
    pub position: i32,
    pub model_id: ModelId,
    pub model_name: String,
    pub equipment_id: Option<EquipmentId>,
    pub quantity: i32,
    pub status: LineStatus,
    pub approval: Option<Need>,
    pub approval_rule_id: Option<ApprovalRuleId>,
    pub approval_reason: Option<String>,
    pub granted_quantity: Option<i32>,
    pub granted_model_id: Option<ModelId>,
    pub granted_model_name: Option<String>,
    pub decided_by: Option<UserId>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decision_reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LoanDetail {
    pub id: LoanId,
    pub requisition_id: RequisitionId,
    pub line_id: LineId,
    pub equipment_id: EquipmentId,
    pub tag: String,
    pub snipeit_asset_id: SnipeitAssetId,
    pub borrower_id: UserId,
    pub status: LoanStatus,
    pub starts_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub handed_over_at: Option<DateTime<Utc>>,
    pub checked_out_at: Option<DateTime<Utc>>,
    pub returned_at: Option<DateTime<Utc>>,
    pub return_condition: Option<ReturnCondition>,
    pub return_note: Option<String>,
    pub failure: Option<String>,
    /// The loan whose unit it took the place of.
    pub instead_of: Option<LoanId>,
    /// How often it was extended, also before its unit took another's place.
    pub extensions: i64,
    /// What waits for a technician.
    pub extension_asked: Option<ExtensionAsked>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExtensionAsked {
    pub due_at: DateTime<Utc>,
    pub reason: Option<String>,
    /// Why the rule did not grant it.
    pub asked_because: Option<String>,
    pub asked_by: UserId,
    pub asked_at: DateTime<Utc>,
    pub exceptions: Vec<ExceptionDetail>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OperationDetail {
    pub id: OperationId,
    pub loan_id: LoanId,
    pub kind: OperationKind,
    pub state: OperationState,
    /// Nobody knows yet: unknown, or sent more than five seconds ago.
    pub being_verified: bool,
    pub attempts: i32,
    pub refusal: Option<String>,
    pub requested_by: Option<UserId>,
    pub requested_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Why its job waits, and until when: while calls are paused, for their cause and until the next probe.
    pub waiting_reason: Option<String>,
    pub next_try_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HistoryDetail {
    pub at: DateTime<Utc>,
    pub entity: Entity,
    pub entity_id: Uuid,
    pub event: String,
    pub from_status: Option<String>,
    pub to_status: String,
    pub actor_kind: String,
    pub actor_id: Option<UserId>,
    /// In whose place.
    pub on_behalf_of: Option<UserId>,
    pub reason: Option<String>,
    /// What it tells beside the status.
    pub changes: Vec<FieldChange>,
}

/// A requisition with all that belongs to it, in one round trip.
pub async fn find(
    conn: &mut PgConnection,
    id: RequisitionId,
    viewer: Viewer,
) -> Result<Option<RequisitionDetail>, StoreError> {
    let row = sqlx::query!(
        r#"select to_json(s) as "summary!: Json<RequisitionSummary>", r.edition,
                  (select coalesce(json_agg(line order by line.position), '[]')
                   from (
                       select l.id, l.position, l.model_id, m.name as model_name, l.equipment_id, l.quantity, l.status,
                              l.approval, l.approval_rule_id, l.approval_reason, l.granted_quantity, l.granted_model_id, g.name as granted_model_name, l.decided_by,
                              l.decided_at, l.decision_reason
                       from requisition_lines l
                       join equipment_models m on m.id = l.model_id
                       left join equipment_models g on g.id = l.granted_model_id
                       where l.requisition_id = r.id
                   ) line) as "lines!: Json<Vec<LineDetail>>",
                  (select coalesce(json_agg(loan order by loan.id), '[]')
                   from loan_details loan where loan.requisition_id = r.id) as "loans!: Json<Vec<LoanDetail>>",
                  (select coalesce(json_agg(operation order by operation.id), '[]')
                   from (
                       select o.id, o.loan_id, o.kind, o.state, o.attempts, o.refusal, o.requested_by, o.requested_at,
                              o.settled_at, o.confirmed_at,
                              case when j.id is not null then coalesce(j.waiting_reason, p.pause_cause) end
                                  as waiting_reason,
                              case when j.id is not null then greatest(j.due_at, p.probe_at) end as next_try_at,
                              o.state = 'unknown' or (o.state = 'sent' and coalesce((
                                  select max(a.at) from attempts a
                                  where a.operation_id = o.id and a.event = 'intent'
                              ) < now() - interval '5 seconds', false)) as being_verified
                       from operations o
                       left join jobs j on j.subject_id = o.id and j.kind = 'run_operation' and j.state = 'open'
                       -- Nothing takes the job while the link is paused.
                       left join snipeit_link p on p.pause_cause is not null
                       where o.requisition_id = r.id
                   ) operation) as "operations!: Json<Vec<OperationDetail>>",
                  (select coalesce(json_agg(exception order by exception.quota_id), '[]')
                   from (
                       select x.quota_id, q.scope, q.category, q.measure, x.most, x.used, x.asked
                       from quota_exceptions x
                       join quotas q on q.id = x.quota_id
                       where x.requisition_id = r.id and x.of_edit = r.edits
                   ) exception) as "exceptions!: Json<Vec<ExceptionDetail>>",
                  (select coalesce(json_agg(edit order by edit.number), '[]')
                   from (
                       select x.number, x.edited_by, x.edited_at, x.purpose, x.starts_at, x.due_at, x.approval_reason,
                              x.endorsed_by, x.endorsed_for, x.endorsed_at,
                              (select coalesce(json_agg(verdict order by verdict.line_id), '[]')
                               from (
                                   select v.line_id, v.approval, v.approval_rule_id, v.approval_reason
                                   from requisition_edit_verdicts v
                                   where v.requisition_id = x.requisition_id and v.number = x.number
                               ) verdict) as verdicts
                       from requisition_edits x
                       where x.requisition_id = r.id
                   ) edit) as "edits!: Json<Vec<EditDetail>>",
                  (select coalesce(json_agg(entry order by entry.id), '[]')
                   from (
                       select h.id, h.at, h.entity, h.entity_id, h.event, h.from_status, h.to_status, h.actor_kind,
                              h.actor_id, h.on_behalf_of, h.reason, changes_of(h.id) as changes
                       from status_history h
                       where h.requisition_id = r.id
                   ) entry) as "history!: Json<Vec<HistoryDetail>>"
           from requisitions r
           join requisition_summaries s using (id)
           where r.id = $1
               and ($2 or r.requester_id = $3 or exists (
                   select from project_members m where m.project_id = r.project_id and m.user_id = $3) or exists (
                   select from project_deputies d where d.project_id = r.project_id and d.deputy_id = $3))"#,
        id.0,
        viewer.sees_all,
        viewer.user.0
    );
    let Some(row) = row.fetch_optional(conn).await? else { return Ok(None) };
    Ok(Some(RequisitionDetail {
        summary: row.summary.0,
        lines: row.lines.0,
        loans: row.loans.0,
        operations: row.operations.0,
        exceptions: row.exceptions.0,
        edits: row.edits.0,
        history: row.history.0,
        edition: row.edition,
    }))
}

/// Which loans are wanted.
#[derive(Debug, Clone, Default)]
pub struct LoanFilter {
    pub status: Option<LoanStatus>,
    pub borrower: Option<UserId>,
    /// Only those for which more time was asked and nobody has decided.
    pub extension_asked: bool,
}

/// A loan and when it was recorded, by which lists are paged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLoan {
    pub loan: LoanDetail,
    pub created_at: DateTime<Utc>,
}

/// The newest first.
pub async fn list_loans(
    conn: &mut PgConnection,
    viewer: Viewer,
    filter: &LoanFilter,
    page: Page,
) -> Result<Vec<ListedLoan>, StoreError> {
    let rows = sqlx::query!(
        r#"select to_json(l) as "loan!: Json<LoanDetail>", l.created_at as "created_at!"
           from loan_details l
           join requisitions r on r.id = l.requisition_id
           where ($1 or l.borrower_id = $2 or exists (
                   select from project_members m where m.project_id = r.project_id and m.user_id = $2))
               and ($3::text is null or l.status = $3)
               and ($4::uuid is null or l.borrower_id = $4)
               and ($5::timestamptz is null or (l.created_at, l.id) < ($5, $6::uuid))
               and (not $8 or l.extension_asked is not null)
           order by l.created_at desc, l.id desc
           limit $7"#,
        viewer.sees_all,
        viewer.user.0,
        filter.status.map(LoanStatus::as_str),
        filter.borrower.map(|id| id.0),
        page.created_before(),
        page.id_before(),
        page.limit,
        filter.extension_asked
    );
    let loans = rows.fetch_all(conn).await?.into_iter();
    Ok(loans.map(|row| ListedLoan { loan: row.loan.0, created_at: row.created_at }).collect())
}

/// What a request about one loan must know before the requisition is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoanStanding {
    pub requisition_id: RequisitionId,
    pub borrower_id: UserId,
    pub snipeit_asset_id: SnipeitAssetId,
    /// The role in the loan's project of the person who asks.
    pub member_role: Option<MemberRole>,
    /// Whether that person has borrowed for it at some time since it was asked for.
    pub has_part: bool,
}

pub async fn find_loan_standing(
    conn: &mut PgConnection,
    loan: LoanId,
    asked_by: UserId,
) -> Result<Option<LoanStanding>, StoreError> {
    let row = sqlx::query!(
        r#"select l.requisition_id, l.borrower_id, e.snipeit_asset_id, m.role as "role?",
                  exists (
                      select from requisition_insiders i where i.requisition_id = r.id and i.user_id = $2
                  ) as "has_part!"
           from loans l
           join equipment e on e.id = l.equipment_id
           join requisitions r on r.id = l.requisition_id
           left join project_members m on m.project_id = r.project_id and m.user_id = $2
           where l.id = $1"#,
        loan.0,
        asked_by.0
    );
    let Some(row) = row.fetch_optional(conn).await? else { return Ok(None) };
    Ok(Some(LoanStanding {
        requisition_id: row.requisition_id.into(),
        borrower_id: row.borrower_id.into(),
        snipeit_asset_id: SnipeitAssetId(row.snipeit_asset_id),
        member_role: row.role.map(|word| word.parse()).transpose()?,
        has_part: row.has_part,
    }))
}

//! Extensions of a loan, and what speaks against one. Writing goes through [`commit`](super::commit).

use super::{
    StoreError, approval_rules, catalogue,
    quotas::{self, Former},
    shelf,
};
use crate::domain::{
    id::{ExtensionId, LineId, LoanId, UserId},
    money::Cents,
    reason::Reason,
    requisition::{Extension, ExtensionGround, NewLine},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// What speaks against more time. `due_at`: the date that is wished; `None`: the one that was asked for.
///
/// Read it under the requisition's lock. Until the transaction ends nobody chooses units of the loan's model, so that none is
/// promised or kept for others meanwhile, and nobody of its project is measured by a quota.
pub async fn load_ground(
    conn: &mut PgConnection,
    loan: LoanId,
    due_at: Option<DateTime<Utc>>,
) -> Result<ExtensionGround, StoreError> {
    let lent = sqlx::query!(
        r#"select l.equipment_id, l.borrower_id, b.role as borrower_role, r.project_id, m.id as model_id, m.category,
                  least(l.starts_at, (
                      select min(one.handed_over_at) from one_loan(l.id) part join loans one on one.id = part.id
                  )) as "days_since!"
           from loans l
           join requisitions r on r.id = l.requisition_id
           join users b on b.id = l.borrower_id
           join equipment e on e.id = l.equipment_id
           join equipment_models m on m.id = e.model_id
           where l.id = $1"#,
        loan.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let (project, borrower) = (lent.project_id.into(), lent.borrower_id.into());
    let quotas = quotas::measure_for_update(conn, project, borrower, Some(Former::Wish(loan))).await?;
    catalogue::lock_model(conn, lent.model_id.into()).await?;
    let before = list(&mut *conn, loan).await?;
    let asked = before.iter().rfind(|one| one.loan_id == loan);
    let due_at = due_at.or_else(|| asked.map(|asked| asked.due_at));
    let rules = shelf::load_rules(conn).await?;
    // What is kept for the borrower waits for a requisition of theirs: this loan is not it.
    let plans = shelf::list_plans(conn, lent.model_id.into(), None).await?;
    Ok(ExtensionGround {
        limits: super::lab_settings::load(conn).await?.numbers,
        rules,
        plan: plans.into_iter().find(|plan| plan.unit.id.0 == lent.equipment_id),
        before,
        somebody_waits: somebody_waits(conn, loan, due_at.map(|due_at| due_at + rules.buffer)).await?,
        borrower_role: lent.borrower_role.parse()?,
        days_since: lent.days_since,
        quotas,
        category: lent.category,
        lines: list_lines(conn, loan).await?,
        approval_rules: approval_rules::list(conn).await?,
    })
}

/// What the loan's requisition asks for, as it was granted: its own line, and those that stand beside it.
async fn list_lines(conn: &mut PgConnection, loan: LoanId) -> Result<Vec<(LineId, NewLine)>, StoreError> {
    let rows = sqlx::query!(
        r#"select n.id, m.id as model_id, m.approval, m.category, n.equipment_id,
                  coalesce(n.granted_quantity, n.quantity) as "quantity!", dearest.cents
           from loans l
           join requisition_lines n on n.requisition_id = l.requisition_id
               and (n.id = l.line_id or n.status in ('pending', 'approved'))
           join equipment_models m on m.id = coalesce(n.granted_model_id, n.model_id)
           cross join lateral (
               select max(e.purchase_cost_cents) as cents
               from equipment e
               where e.model_id = m.id and e.presence = 'listed'
                   and (n.equipment_id is null or e.id = n.equipment_id or m.id <> n.model_id)
           ) dearest
           where l.id = $1
           order by n.position"#,
        loan.0
    );
    let lines = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let line = NewLine {
            model_id: row.model_id.into(),
            approval: row.approval.parse()?,
            category: row.category,
            unit_cost: row.cents.map(Cents::from_stored),
            equipment_id: row.equipment_id.map(Into::into),
            quantity: row.quantity,
        };
        Ok((row.id.into(), line))
    });
    lines.collect()
}

/// Somebody else, for such a unit, between the loan's due date and `until`.
async fn somebody_waits(
    conn: &mut PgConnection,
    loan: LoanId,
    until: Option<DateTime<Utc>>,
) -> Result<bool, StoreError> {
    let waits = sqlx::query_scalar!(
        r#"select exists (
                      select from requisition_lines n
                      join requisitions r on r.id = n.requisition_id
                      where n.status = 'pending' and n.model_id = e.model_id
                          and (n.equipment_id is null or n.equipment_id = e.id)
                          and r.starts_at < $2 and r.due_at > l.due_at and r.due_at > lab_now()
                          and r.requester_id <> l.borrower_id)
                  or exists (
                      select from waiting_list w
                      where w.model_id = e.model_id and w.status = 'waiting' and w.user_id <> l.borrower_id
                          and w.starts_at < $2 and w.due_at > l.due_at) as "waits!"
           from loans l
           join equipment e on e.id = l.equipment_id
           where l.id = $1"#,
        loan.0,
        until,
    );
    Ok(waits.fetch_one(conn).await?)
}

pub async fn find(conn: &mut PgConnection, id: ExtensionId) -> Result<Option<Extension>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select id, loan_id, asked_by, due_before, due_at, reason, asked_because, asked_grounds, status, created_at,
                reminded_at, decided_by, decided_at, decision_reason, version
         from loan_extensions
         where id = $1",
        id.0
    );
    row.fetch_optional(conn).await?.map(Extension::try_from).transpose()
}

/// What waits for a technician.
pub async fn find_asked(conn: &mut PgConnection, loan: LoanId) -> Result<Option<Extension>, StoreError> {
    let id = sqlx::query_scalar!("select id from loan_extensions where loan_id = $1 and status = 'asked'", loan.0);
    match id.fetch_optional(&mut *conn).await? {
        Some(id) => find(conn, ExtensionId(id)).await,
        None => Ok(None),
    }
}

/// Of the loan and of those whose place it took, the oldest first.
async fn list(conn: &mut PgConnection, loan: LoanId) -> Result<Vec<Extension>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select x.id, x.loan_id, x.asked_by, x.due_before, x.due_at, x.reason, x.asked_because, x.asked_grounds, x.status,
                x.created_at, x.reminded_at, x.decided_by, x.decided_at, x.decision_reason, x.version
         from one_loan($1) part
         join loan_extensions x on x.loan_id = part.id
         order by x.created_at, x.id",
        loan.0
    );
    rows.fetch_all(conn).await?.into_iter().map(Extension::try_from).collect()
}

struct Row {
    id: Uuid,
    loan_id: Uuid,
    asked_by: Uuid,
    due_before: DateTime<Utc>,
    due_at: DateTime<Utc>,
    reason: Option<String>,
    asked_because: Option<String>,
    asked_grounds: Option<Value>,
    status: String,
    created_at: DateTime<Utc>,
    reminded_at: Option<DateTime<Utc>>,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    decision_reason: Option<String>,
    version: i32,
}

impl TryFrom<Row> for Extension {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            loan_id: row.loan_id.into(),
            asked_by: row.asked_by.into(),
            due_before: row.due_before,
            due_at: row.due_at,
            reason: row.reason,
            asked_because: Reason::from_stored(row.asked_grounds, row.asked_because),
            status: row.status.parse()?,
            asked_at: row.created_at,
            reminded_at: row.reminded_at,
            decided_by: row.decided_by.map(UserId),
            decided_at: row.decided_at,
            decision_reason: row.decision_reason,
            version: row.version,
        })
    }
}

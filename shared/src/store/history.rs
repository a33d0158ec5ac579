//! What happened to one loan, to one unit, and to and by one person: the newest first. Ids alone, as history has them.

use super::{
    StoreError,
    page::{After, Page},
};
use crate::domain::{
    change::Entity,
    field_change::FieldChange,
    id::{EquipmentId, LoanId, ProjectId, RequisitionId, UserId},
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// Who moved what, from where to where, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEvent {
    number: i64,
    pub at: DateTime<Utc>,
    pub entity: Entity,
    pub entity_id: Uuid,
    pub project_id: Option<ProjectId>,
    pub requisition_id: Option<RequisitionId>,
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

impl HistoryEvent {
    pub fn position(&self) -> After {
        After::numbered(self.at, self.number)
    }
}

/// What a story is told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    Loan(LoanId),
    Equipment(EquipmentId),
    User(UserId),
}

pub async fn list(conn: &mut PgConnection, story: Story, page: Page) -> Result<Vec<HistoryEvent>, StoreError> {
    let numbers = match story {
        Story::Loan(loan) => list_of_loan(conn, loan, page).await?,
        Story::Equipment(unit) => list_of_equipment(conn, unit, page).await?,
        Story::User(user) => list_of_user(conn, user, page).await?,
    };
    load(conn, &numbers).await
}

/// Of the loan, of what Snipe-IT was asked to do for it, and of the findings about either.
async fn list_of_loan(conn: &mut PgConnection, loan: LoanId, page: Page) -> Result<Vec<i64>, StoreError> {
    let numbers = sqlx::query_scalar!(
        "with known as (
             select $1::uuid as id
             union all
             select id from operations where loan_id = $1
         )
         select id from status_history
         where entity_id = any(array(
                 select id from known
                 union all
                 select f.id from findings f join known k on k.id = f.subject_id))
             and ($2::bigint is null or id < $2)
         order by id desc
         limit $3",
        loan.0,
        page.number_before(),
        page.limit
    );
    Ok(numbers.fetch_all(conn).await?)
}

/// Of the unit, of the loans that it was given for, of what Snipe-IT was asked to do with it, and of the findings about
/// any of them. A loan that was given another unit is told with that one; what was tried with this one stays here, and how
/// it was kept for the loan until the other took its place.
async fn list_of_equipment(conn: &mut PgConnection, unit: EquipmentId, page: Page) -> Result<Vec<i64>, StoreError> {
    let numbers = sqlx::query_scalar!(
        r#"with known as (
               select $1::uuid as id
               union all
               select id from loans where equipment_id = $1
               union all
               select id from operations where equipment_id = $1
           ),
           kept_for as (
               select h.entity_id as loan_id, max(h.id) as last
               from history_changes c
               join status_history h on h.id = c.history_id
               where c.field = 'equipment_id' and c.before = to_jsonb($1::uuid)
               group by h.entity_id
           )
           select told.id as "id!"
           from (
               (select id from status_history
                where entity_id = any(array(
                        select id from known
                        union all
                        select f.id from findings f join known k on k.id = f.subject_id))
                    and ($2::bigint is null or id < $2)
                order by id desc limit $3)
               union
               (select h.id from kept_for k
                join status_history h on h.entity_id = k.loan_id and h.id <= k.last
                where $2::bigint is null or h.id < $2
                order by h.id desc limit $3)
           ) told
           order by told.id desc
           limit $3"#,
        unit.0,
        page.number_before(),
        page.limit
    );
    Ok(numbers.fetch_all(conn).await?)
}

/// What the person did, whatever to, and what others did in their place; and what became of them, of their memberships and
/// tokens, of what they asked for, waited for and borrowed, whoever did it.
async fn list_of_user(conn: &mut PgConnection, user: UserId, page: Page) -> Result<Vec<i64>, StoreError> {
    // Each arm by its own index: one condition for all of them would read history from its end.
    let numbers = sqlx::query_scalar!(
        r#"select told.id as "id!"
           from (
               (select id from status_history
                where actor_id = $1 and ($2::bigint is null or id < $2)
                order by id desc limit $3)
               union
               (select id from status_history
                where on_behalf_of = $1 and ($2::bigint is null or id < $2)
                order by id desc limit $3)
               union
               (select id from status_history
                where entity_id = $1 and ($2::bigint is null or id < $2)
                order by id desc limit $3)
               union
               (select h.id from requisitions r
                join status_history h on h.requisition_id = r.id
                where r.requester_id = $1 and ($2::bigint is null or h.id < $2)
                order by h.id desc limit $3)
               union
               (select h.id from loans l
                join status_history h on h.entity_id = l.id
                where l.borrower_id = $1 and ($2::bigint is null or h.id < $2)
                order by h.id desc limit $3)
               union
               (select h.id from waiting_list w
                join status_history h on h.entity_id = w.id
                where w.user_id = $1 and ($2::bigint is null or h.id < $2)
                order by h.id desc limit $3)
               union
               (select h.id from api_tokens t
                join status_history h on h.entity_id = t.id
                where t.user_id = $1 and ($2::bigint is null or h.id < $2)
                order by h.id desc limit $3)
           ) told
           order by told.id desc
           limit $3"#,
        user.0,
        page.number_before(),
        page.limit
    );
    Ok(numbers.fetch_all(conn).await?)
}

async fn load(conn: &mut PgConnection, numbers: &[i64]) -> Result<Vec<HistoryEvent>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, at, entity, entity_id, project_id, requisition_id, event, from_status, to_status, actor_kind,
                  actor_id, on_behalf_of, reason, changes_of(id) as "changes!: Json<Vec<FieldChange>>"
           from status_history
           where id = any($1)
           order by id desc"#,
        numbers
    );
    let events = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(HistoryEvent {
            number: row.id,
            at: row.at,
            entity: row.entity.parse()?,
            entity_id: row.entity_id,
            project_id: row.project_id.map(ProjectId),
            requisition_id: row.requisition_id.map(RequisitionId),
            event: row.event,
            from_status: row.from_status,
            to_status: row.to_status,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id.map(UserId),
            on_behalf_of: row.on_behalf_of.map(UserId),
            reason: row.reason,
            changes: row.changes.0,
        })
    });
    events.collect()
}

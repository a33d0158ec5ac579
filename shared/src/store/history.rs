//! What happened to one loan, to one unit, and to and by one person: the newest first. Ids alone, as history has them.

use super::{
    StoreError,
    page::{After, Page},
};
use crate::domain::{
    change::Entity,
    id::{EquipmentId, LoanId, ProjectId, RequisitionId, UserId},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
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
}

impl HistoryEvent {
    pub fn position(&self) -> After {
        After::numbered(self.at, self.number)
    }
}

/// Of the loan, of what Snipe-IT was asked to do for it, and of the findings about either.
pub async fn list_of_loan(conn: &mut PgConnection, loan: LoanId, page: Page) -> Result<Vec<HistoryEvent>, StoreError> {
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
    let numbers = numbers.fetch_all(&mut *conn).await?;
    load(conn, &numbers).await
}

/// Of the unit, of the loans that it was given for, of what Snipe-IT was asked to do with it, and of the findings about
/// any of them. A loan that was given another unit is told with that one; what was tried with this one stays here.
pub async fn list_of_equipment(
    conn: &mut PgConnection,
    unit: EquipmentId,
    page: Page,
) -> Result<Vec<HistoryEvent>, StoreError> {
    let numbers = sqlx::query_scalar!(
        "with known as (
             select $1::uuid as id
             union all
             select id from loans where equipment_id = $1
             union all
             select id from operations where equipment_id = $1
         )
         select id from status_history
         where entity_id = any(array(
                 select id from known
                 union all
                 select f.id from findings f join known k on k.id = f.subject_id))
             and ($2::bigint is null or id < $2)
         order by id desc
         limit $3",
        unit.0,
        page.number_before(),
        page.limit
    );
    let numbers = numbers.fetch_all(&mut *conn).await?;
    load(conn, &numbers).await
}

/// What the person did, whatever to; and what became of them, of their memberships, of what they asked for and of what
/// they borrowed, whoever did it.
pub async fn list_of_user(conn: &mut PgConnection, user: UserId, page: Page) -> Result<Vec<HistoryEvent>, StoreError> {
    // Each arm by its own index: one condition for all of them would read history from its end.
    let numbers = sqlx::query_scalar!(
        r#"select told.id as "id!"
           from (
               (select id from status_history
                where actor_id = $1 and ($2::bigint is null or id < $2)
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
           ) told
           order by told.id desc
           limit $3"#,
        user.0,
        page.number_before(),
        page.limit
    );
    let numbers = numbers.fetch_all(&mut *conn).await?;
    load(conn, &numbers).await
}

async fn load(conn: &mut PgConnection, numbers: &[i64]) -> Result<Vec<HistoryEvent>, StoreError> {
    let rows = sqlx::query!(
        "select id, at, entity, entity_id, project_id, requisition_id, event, from_status, to_status, actor_kind,
                actor_id, on_behalf_of, reason
         from status_history
         where id = any($1)
         order by id desc",
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
        })
    });
    events.collect()
}

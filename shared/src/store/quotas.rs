//! Quotas and how much of them is used. Writing goes through `commit`.

use super::StoreError;
use crate::domain::{
    id::{LoanId, ProjectId, QuotaId, RequisitionId, UserId},
    quota::{Quota, Standing, in_force},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

struct Row {
    id: Uuid,
    scope: String,
    project_id: Option<Uuid>,
    category: Option<String>,
    measure: String,
    most: i64,
    removed_at: Option<DateTime<Utc>>,
    version: i32,
}

impl TryFrom<Row> for Quota {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: QuotaId(row.id),
            scope: row.scope.parse()?,
            project_id: row.project_id.map(ProjectId),
            category: row.category,
            measure: row.measure.parse()?,
            most: row.most,
            removed_at: row.removed_at,
            version: row.version,
        })
    }
}

/// Those that hold, the oldest first.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Quota>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select id, scope, project_id, category, measure, most, removed_at, version
         from quotas
         where removed_at is null
         order by created_at, id"
    );
    rows.fetch_all(conn).await?.into_iter().map(TryInto::try_into).collect()
}

/// One, also if it was removed.
pub async fn find(conn: &mut PgConnection, id: QuotaId) -> Result<Option<Quota>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select id, scope, project_id, category, measure, most, removed_at, version from quotas where id = $1",
        id.0
    );
    row.fetch_optional(conn).await?.map(TryInto::try_into).transpose()
}

/// What waits already and is about to ask for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Former {
    Requisition(RequisitionId),
    /// For more time with this loan.
    Wish(LoanId),
}

/// What holds for a project and for somebody who asks in it. Where anything does, nobody else of the project and nobody
/// for this person is measured until the transaction ends, so that two requests at once do not both find room.
pub async fn measure_for_update(
    conn: &mut PgConnection,
    project: ProjectId,
    person: UserId,
    instead_of: Option<Former>,
) -> Result<Vec<Standing>, StoreError> {
    let quotas = in_force(list(conn).await?, project);
    if quotas.is_empty() {
        return Ok(Vec::new());
    }
    // No row locks: everybody holds the project's row shared already. First the project, then the person, so that nobody
    // waits in a circle.
    for locked in [project.0, person.0] {
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 45))", locked.to_string())
            .execute(&mut *conn)
            .await?;
    }
    measure(conn, quotas, Some(project), Some(person), instead_of).await
}

/// How much of each quota is used, by the project for a project's, by the person for a person's.
pub async fn measure(
    conn: &mut PgConnection,
    quotas: Vec<Quota>,
    project: Option<ProjectId>,
    person: Option<UserId>,
    instead_of: Option<Former>,
) -> Result<Vec<Standing>, StoreError> {
    let (requisition, wish) = match instead_of {
        None => (None, None),
        Some(Former::Requisition(id)) => (Some(id.0), None),
        Some(Former::Wish(loan)) => (None, Some(loan.0)),
    };
    let ids: Vec<Uuid> = quotas.iter().map(|quota| quota.id.0).collect();
    let rows = sqlx::query!(
        r#"with mine as (
               select l.id from requisitions r join loans l on l.requisition_id = r.id where r.project_id = $2
               union
               select id from loans where borrower_id = $3
           ),
           counted as (
               -- Of what is back only its days count.
               select r.project_id, l.borrower_id as person_id, e.model_id, (l.status <> 'returned')::int as units,
                      case when l.status <> 'returned' then coalesce(e.purchase_cost_cents, 0) else 0 end as cents,
                      case when days.since > lab.now - interval '365 days'
                           then begun_days(days.since, coalesce(
                               l.returned_at,
                               -- What is late goes on counting.
                               greatest(coalesce(wish.due_at, l.due_at), case when is_out(l.status) then lab.now end)))
                           else 0 end as days
               from (select lab_now() as now offset 0) lab
               cross join mine
               join loans l on l.id = mine.id and l.status not in ('failed', 'released') and l.replaced_at is null
               -- What was handed over before its loan begins is away from then on, and so is what took its place.
               cross join lateral (
                   select least(l.starts_at, case when l.instead_of is null then l.handed_over_at else (
                              select min(one.handed_over_at) from one_loan(l.id) part join loans one on one.id = part.id
                          ) end) as since
               ) days
               join requisitions r on r.id = l.requisition_id
               join equipment e on e.id = l.equipment_id
               left join loan_extensions wish on wish.loan_id = l.id and wish.status = 'asked' and is_out(l.status)
                   and l.id is distinct from $5
               union all
               -- What waits for a decision counts as if it were granted.
               select r.project_id, r.requester_id, w.model_id, w.quantity, w.quantity * coalesce(dearest.cents, 0),
                      w.quantity * begun_days(r.starts_at, r.due_at)
               from requisitions r
               join requisition_lines w on w.requisition_id = r.id and w.status = 'pending'
               cross join lateral (
                   select max(e.purchase_cost_cents) as cents
                   from equipment e
                   where e.model_id = w.model_id and e.presence = 'listed'
                       and (w.equipment_id is null or e.id = w.equipment_id)
               ) dearest
               where (r.project_id = $2 or r.requester_id = $3) and r.id is distinct from $4
           )
           select q.id,
                  coalesce(sum(case q.measure when 'units_out' then c.units when 'value_out' then c.cents else c.days end), 0)
                      ::bigint as "used!"
           from quotas q
           left join (counted c join equipment_models m on m.id = c.model_id)
               on case q.scope when 'project' then c.project_id = $2 else c.person_id = $3 end
                   and (q.category is null or lower(q.category) = lower(m.category))
           where q.id = any($1)
           group by q.id"#,
        &ids,
        project.map(|id| id.0),
        person.map(|id| id.0),
        requisition,
        wish
    );
    let used = rows.fetch_all(conn).await?;
    let standing = quotas.into_iter().map(|quota| {
        let used = used.iter().find(|row| row.id == quota.id.0).map_or(0, |row| row.used);
        Standing { quota, used }
    });
    Ok(standing.collect())
}

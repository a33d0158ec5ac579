//! Quotas and how much of them is used. Writing goes through `commit`.

use super::StoreError;
use crate::domain::{
    id::{ProjectId, QuotaId, RequisitionId, UserId},
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

/// What holds for a project and for somebody who asks in it. Where anything does, nobody else of the project and nobody
/// for this person is measured until the transaction ends, so that two requests at once do not both find room.
/// `instead_of`: what waits already and is about to ask for something else.
pub async fn measure_for_update(
    conn: &mut PgConnection,
    project: ProjectId,
    person: UserId,
    instead_of: Option<RequisitionId>,
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
    instead_of: Option<RequisitionId>,
) -> Result<Vec<Standing>, StoreError> {
    let ids: Vec<Uuid> = quotas.iter().map(|quota| quota.id.0).collect();
    let rows = sqlx::query!(
        r#"select q.id,
                  case q.measure
                      when 'units_out' then
                          (select count(*)
                           from loans l
                           join requisitions r on r.id = l.requisition_id
                           join equipment e on e.id = l.equipment_id
                           join equipment_models m on m.id = e.model_id
                           where l.status not in ('returned', 'failed', 'released')
                               and ((q.scope = 'project' and r.project_id = $2) or (q.scope = 'person' and l.borrower_id = $3))
                               and (q.category is null or lower(q.category) = lower(m.category)))
                          + (select coalesce(sum(w.quantity), 0)
                             from requisition_lines w
                             join requisitions r on r.id = w.requisition_id
                             join equipment_models m on m.id = w.model_id
                             where w.status = 'pending' and w.requisition_id is distinct from $4
                                 and ((q.scope = 'project' and r.project_id = $2)
                                     or (q.scope = 'person' and r.requester_id = $3))
                                 and (q.category is null or lower(q.category) = lower(m.category)))
                      when 'value_out' then
                          (select coalesce(sum(e.purchase_cost_cents), 0)
                           from loans l
                           join requisitions r on r.id = l.requisition_id
                           join equipment e on e.id = l.equipment_id
                           join equipment_models m on m.id = e.model_id
                           where l.status not in ('returned', 'failed', 'released')
                               and ((q.scope = 'project' and r.project_id = $2) or (q.scope = 'person' and l.borrower_id = $3))
                               and (q.category is null or lower(q.category) = lower(m.category)))
                          + (select coalesce(sum(w.quantity * coalesce(
                                 (select max(e.purchase_cost_cents) from equipment e
                                  where e.model_id = w.model_id and e.presence = 'listed'
                                      and (w.equipment_id is null or e.id = w.equipment_id)), 0)), 0)
                             from requisition_lines w
                             join requisitions r on r.id = w.requisition_id
                             join equipment_models m on m.id = w.model_id
                             where w.status = 'pending' and w.requisition_id is distinct from $4
                                 and ((q.scope = 'project' and r.project_id = $2)
                                     or (q.scope = 'person' and r.requester_id = $3))
                                 and (q.category is null or lower(q.category) = lower(m.category)))
                      else
                          (select coalesce(sum(ceil(extract(epoch from
                                      greatest(coalesce(l.returned_at, l.due_at), l.starts_at) - l.starts_at) / 86400)), 0)
                           from loans l
                           join requisitions r on r.id = l.requisition_id
                           join equipment e on e.id = l.equipment_id
                           join equipment_models m on m.id = e.model_id
                           where l.status not in ('failed', 'released') and l.starts_at > lab_now() - interval '365 days'
                               and ((q.scope = 'project' and r.project_id = $2) or (q.scope = 'person' and l.borrower_id = $3))
                               and (q.category is null or lower(q.category) = lower(m.category)))
                          + (select coalesce(sum(w.quantity * ceil(extract(epoch from r.due_at - r.starts_at) / 86400)), 0)
                             from requisition_lines w
                             join requisitions r on r.id = w.requisition_id
                             join equipment_models m on m.id = w.model_id
                             where w.status = 'pending' and w.requisition_id is distinct from $4
                                 and ((q.scope = 'project' and r.project_id = $2)
                                     or (q.scope = 'person' and r.requester_id = $3))
                                 and (q.category is null or lower(q.category) = lower(m.category)))
                  end::bigint as "used!"
           from quotas q
           where q.id = any($1)"#,
        &ids,
        project.map(|id| id.0),
        person.map(|id| id.0),
        instead_of.map(|id| id.0)
    );
    let used = rows.fetch_all(conn).await?;
    let standing = quotas.into_iter().map(|quota| {
        let used = used.iter().find(|row| row.id == quota.id.0).map_or(0, |row| row.used);
        Standing { quota, used }
    });
    Ok(standing.collect())
}

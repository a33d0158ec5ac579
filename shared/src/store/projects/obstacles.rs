//! What keeps a project from ending: units that somebody has or may have, and requisitions that are not over.

use crate::{
    domain::{
        id::{ProjectId, UserId},
        person::PersonName,
        project::{Obstacles, OpenRequisition, UnitOut},
    },
    store::StoreError,
};
use sqlx::PgConnection;

/// Read it under the project's lock: nothing can be submitted meanwhile.
pub async fn list_obstacles(conn: &mut PgConnection, project: ProjectId) -> Result<Obstacles, StoreError> {
    Ok(Obstacles {
        units_out: list_units_out(conn, project).await?,
        requisitions_open: list_open(conn, project).await?,
    })
}

/// A check-out counts from the first attempt on: whatever was sent may have had its effect.
async fn list_units_out(conn: &mut PgConnection, project: ProjectId) -> Result<Vec<UnitOut>, StoreError> {
    let rows = sqlx::query!(
        r#"select l.id, e.tag, m.name as model_name, l.borrower_id, u.name as borrower, l.due_at
           from requisitions r
           join loans l on l.requisition_id = r.id
           join equipment e on e.id = l.equipment_id
           join equipment_models m on m.id = e.model_id
           join users u on u.id = l.borrower_id
           where r.project_id = $1
               and (is_out(l.status) or exists (
                   select from operations o
                   where o.loan_id = l.id
                       and (o.state in ('sent', 'unknown', 'with_person')
                            or (o.state = 'waiting' and (o.attempts > 0 or o.in_doubt)))))
           order by l.due_at, l.id"#,
        project.0
    );
    let units = rows.fetch_all(conn).await?.into_iter().map(|row| UnitOut {
        loan_id: row.id.into(),
        tag: row.tag,
        model_name: row.model_name,
        borrower_id: UserId(row.borrower_id),
        borrower: PersonName::from_stored(row.borrower),
        due_at: row.due_at,
    });
    Ok(units.collect())
}

/// Those that wait for a decision, and those with promised units.
async fn list_open(conn: &mut PgConnection, project: ProjectId) -> Result<Vec<OpenRequisition>, StoreError> {
    let rows = sqlx::query!(
        "select r.id, r.number, r.status
         from requisitions r
         where r.project_id = $1
             and (exists (select from requisition_lines n where n.requisition_id = r.id and n.status = 'pending')
                  or exists (select from loans l where l.requisition_id = r.id and l.status = 'promised'))
         order by r.created_at, r.id",
        project.0
    );
    let open = rows
        .fetch_all(conn)
        .await?
        .into_iter()
        .map(|row| Ok(OpenRequisition { id: row.id.into(), number: row.number, status: row.status.parse()? }));
    open.collect()
}

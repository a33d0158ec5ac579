//! What people wanted, and what of it they were refused.

use super::Scope;
use crate::{
    domain::{
        id::ModelId,
        report::{ModelDemand, ModelName},
    },
    store::StoreError,
};
use sqlx::PgConnection;

pub(super) async fn list(conn: &mut PgConnection, scope: Scope) -> Result<Vec<ModelDemand>, StoreError> {
    let rows = sqlx::query!(
        r#"with asked as (
               select line.model_id, count(distinct r.id) as requisitions, sum(line.quantity) as wanted,
                      coalesce(sum(line.quantity) filter (where line.status = 'rejected'), 0) as rejected,
                      coalesce(sum(case when line.granted_model_id = line.model_id
                                        then line.quantity - line.granted_quantity
                                        else line.quantity end) filter (where line.granted_model_id is not null), 0)
                          as reduced
               from requisitions r
               join requisition_lines line on line.requisition_id = r.id
               where r.created_at >= $1 and r.created_at < $2 and ($3::uuid is null or r.project_id = $3)
                   and line.status <> 'withdrawn'
               group by line.model_id
           ),
           lacked as (
               select model_id, sum(units_missing) as missing
               from unmet_demand
               where at >= $1 and at < $2 and ($3::uuid is null or project_id = $3) and requisition_id is null
               group by model_id
           ),
           -- Once a line is decided, the decision tells what of it was not given.
           not_free as (
               select unmet.model_id, sum(least(unmet.units_missing, undecided.quantity)) as units
               from unmet_demand unmet
               join requisitions r on r.id = unmet.requisition_id
               cross join lateral (
                   select coalesce(sum(line.quantity), 0)::integer as quantity
                   from requisition_lines line
                   where line.requisition_id = r.id and line.model_id = unmet.model_id
                       and line.status in ('pending', 'lapsed', 'cancelled') and line.granted_model_id is null
               ) undecided
               where r.created_at >= $1 and r.created_at < $2 and ($3::uuid is null or r.project_id = $3)
                   and undecided.quantity > 0
               group by unmet.model_id
           )
           select m.id, m.name, m.category, coalesce(asked.requisitions, 0) as "requisitions!",
                  coalesce(asked.wanted, 0) as "wanted!", coalesce(asked.rejected, 0) as "rejected!",
                  coalesce(asked.reduced, 0) as "reduced!", coalesce(not_free.units, 0) as "not_free!",
                  coalesce(lacked.missing, 0) as "missing!"
           from asked
           full join lacked using (model_id)
           left join not_free using (model_id)
           join equipment_models m on m.id = model_id
           order by coalesce(asked.wanted, 0) + coalesce(lacked.missing, 0) desc, m.name, m.id"#,
        scope.from,
        scope.to,
        scope.project
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    let demand = rows.map(|row| ModelDemand {
        model: ModelName { id: ModelId(row.id), name: row.name, category: row.category },
        requisitions: row.requisitions,
        wanted: row.wanted,
        rejected: row.rejected,
        reduced: row.reduced,
        not_free: row.not_free,
        missing: row.missing,
    });
    Ok(demand.collect())
}

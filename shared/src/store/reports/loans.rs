//! How units were used: how long they were out, when they came back, how long people waited for them.
//!
//! A project's loans are found by its requisitions, the lab's by when they went out or came back: of the two arms of a
//! union the one that is not asked for is never run.

use super::Scope;
use crate::{
    domain::{
        id::ModelId,
        money::Cents,
        report::{ModelName, ModelUse, OutNow, Returns, Waiting},
    },
    store::StoreError,
};
use sqlx::PgConnection;

pub(super) async fn count_out(conn: &mut PgConnection, scope: Scope) -> Result<OutNow, StoreError> {
    let row = sqlx::query!(
        r#"with out as (
               select equipment_id, due_at
               from loans
               where $1::uuid is null and is_with_borrower(status, replaced_at)
               union all
               select l.equipment_id, l.due_at
               from requisitions r
               join loans l on l.requisition_id = r.id
               where r.project_id = $1 and is_with_borrower(l.status, l.replaced_at)
           )
           select count(*) as "units!", count(*) filter (where out.due_at < $2) as "overdue!",
                  coalesce(sum(e.purchase_cost_cents), 0)::bigint as "value!",
                  count(*) filter (where e.purchase_cost_cents is null) as "without_cost!"
           from out
           join equipment e on e.id = out.equipment_id"#,
        scope.project,
        scope.as_of
    );
    let row = row.fetch_one(conn).await?;
    Ok(OutNow {
        units: row.units,
        overdue: row.overdue,
        value: Cents::from_stored(row.value),
        without_cost: row.without_cost,
    })
}

/// What is still out counts until now. Units of which one took the place of the other are one loan, out without a gap.
pub(super) async fn list_use(conn: &mut PgConnection, scope: Scope) -> Result<Vec<ModelUse>, StoreError> {
    let rows = sqlx::query!(
        r#"with out as (
               select equipment_id, out_at, coalesce(replaced_at, returned_at) as back_at, instead_of
               from loans
               where $3::uuid is null and out_at >= $1 and out_at < $2
               union all
               select equipment_id, out_at, coalesce(replaced_at, returned_at) as back_at, instead_of
               from loans
               where $3::uuid is null and out_at < $1 and returned_at > $1
               union all
               select equipment_id, out_at, coalesce(replaced_at, returned_at) as back_at, instead_of
               from loans
               where $3::uuid is null and out_at < $1 and is_out(status)
               union all
               select l.equipment_id, l.out_at, coalesce(l.replaced_at, l.returned_at), l.instead_of
               from requisitions r
               join loans l on l.requisition_id = r.id
               where r.project_id = $3 and l.out_at < $2
                   and (l.returned_at > $1 or is_out(l.status) or l.out_at >= $1)
           ),
           within as (
               select equipment_id, greatest(out_at, $1) as begun, least(coalesce(back_at, $4), $2) as ended,
                      instead_of is not null and out_at > $1 as goes_on
               from out
               where out_at >= $1 or back_at is null or back_at > $1
           )
           select m.id, m.name, m.category, count(*) filter (where not goes_on) as "loans!",
                  sum(floor(extract(epoch from w.ended - w.begun))::bigint)::bigint as "seconds!"
           from within w
           join equipment e on e.id = w.equipment_id
           join equipment_models m on m.id = e.model_id
           -- A period that has not begun has been used by nobody.
           where w.begun <= w.ended
           group by m.id
           order by 5 desc, m.name, m.id"#,
        scope.from,
        scope.to,
        scope.project,
        scope.as_of
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    let used = rows.map(|row| ModelUse {
        model: ModelName { id: ModelId(row.id), name: row.name, category: row.category },
        loans: row.loans,
        seconds: row.seconds,
    });
    Ok(used.collect())
}

/// Where another unit took its place the loan went on: such a unit is neither on time nor late.
pub(super) async fn count_returns(conn: &mut PgConnection, scope: Scope) -> Result<Returns, StoreError> {
    let row = sqlx::query!(
        r#"with back as (
               select returned_at, due_at, return_condition, replaced_at
               from loans
               where $3::uuid is null and returned_at >= $1 and returned_at < $2
               union all
               select l.returned_at, l.due_at, l.return_condition, l.replaced_at
               from requisitions r
               join loans l on l.requisition_id = r.id
               where r.project_id = $3 and l.returned_at >= $1 and l.returned_at < $2
           )
           select count(*) filter (where returned_at <= due_at and return_condition is distinct from 'lost'
                                         and replaced_at is null) as "on_time!",
                  count(*) filter (where returned_at > due_at and return_condition is distinct from 'lost'
                                         and replaced_at is null) as "late!",
                  count(*) filter (where return_condition = 'lost') as "lost!",
                  count(*) filter (where return_condition in ('damaged', 'incomplete')) as "damaged!"
           from back"#,
        scope.from,
        scope.to,
        scope.project
    );
    let row = row.fetch_one(conn).await?;
    Ok(Returns { on_time: row.on_time, late: row.late, lost: row.lost, damaged: row.damaged })
}

/// A loan is made when its unit is promised.
pub(super) async fn measure_hand_overs(conn: &mut PgConnection, scope: Scope) -> Result<Waiting, StoreError> {
    let row = sqlx::query!(
        r#"with out as (
               select out_at, greatest(created_at, starts_at) as could_be_had
               from loans
               where $3::uuid is null and out_at >= $1 and out_at < $2 and instead_of is null
               union all
               select l.out_at, greatest(l.created_at, l.starts_at)
               from requisitions r
               join loans l on l.requisition_id = r.id
               where r.project_id = $3 and l.out_at >= $1 and l.out_at < $2 and l.instead_of is null
           ),
           waits as (
               select floor(extract(epoch from greatest(out_at - could_be_had, interval '0')))::bigint as waited
               from out
           )
           select count(*) as "count!",
                  percentile_disc(array[0.5, 0.9]) within group (order by waited) as ranks
           from waits"#,
        scope.from,
        scope.to,
        scope.project
    );
    let row = row.fetch_one(conn).await?;
    Ok(super::waiting(row.count, row.ranks))
}

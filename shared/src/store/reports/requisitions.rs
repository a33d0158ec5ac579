//! What became of requisitions, why they were rejected, how long they waited for a decision.

use super::Scope;
use crate::{
    domain::report::{Outcome, Rejection, Waiting},
    store::StoreError,
};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Reasons that are told; the rarest are left out.
const MOST_REASONS: i64 = 100;

pub(super) async fn count_outcomes(
    conn: &mut PgConnection,
    scope: Scope,
) -> Result<BTreeMap<Outcome, i64>, StoreError> {
    let rows = sqlx::query!(
        r#"with submitted as (
               select r.id, r.status, bool_or(line.status = 'pending') as pending,
                      bool_or(line.status = 'approved') as approved, bool_or(line.status = 'rejected') as rejected
               from requisitions r
               join requisition_lines line on line.requisition_id = r.id
               where r.created_at >= $1 and r.created_at < $2 and ($3::uuid is null or r.project_id = $3)
               group by r.id
           )
           select case
                   when status in ('rejected', 'cancelled', 'failed') then status
                   when pending then 'waiting'
                   when approved and rejected then 'partly_granted'
                   when approved then 'granted'
                   -- Whatever is still unknown about its units.
                   when rejected then 'rejected'
                   else 'cancelled'
               end as "outcome!",
               count(*) as "requisitions!"
           from submitted
           group by 1"#,
        scope.from,
        scope.to,
        scope.project
    );
    let counts = rows.fetch_all(conn).await?.into_iter();
    counts.map(|row| Ok((row.outcome.parse()?, row.requisitions))).collect()
}

pub(super) async fn list_rejections(conn: &mut PgConnection, scope: Scope) -> Result<Vec<Rejection>, StoreError> {
    let rows = sqlx::query!(
        r#"select reason, count(*) as "requisitions!"
           from (
               select distinct r.id, coalesce(line.decision_reason, r.decision_reason) as reason
               from requisitions r
               join requisition_lines line on line.requisition_id = r.id and line.status = 'rejected'
               where r.created_at >= $1 and r.created_at < $2 and ($3::uuid is null or r.project_id = $3)
           ) told
           group by reason
           order by 2 desc, 1
           limit $4"#,
        scope.from,
        scope.to,
        scope.project,
        MOST_REASONS
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows.map(|row| Rejection { reason: row.reason, requisitions: row.requisitions }).collect())
}

pub(super) async fn measure_decisions(conn: &mut PgConnection, scope: Scope) -> Result<Waiting, StoreError> {
    let row = sqlx::query!(
        r#"select count(*) as "count!",
                  percentile_disc(array[0.5, 0.9]) within group (order by waited) as ranks
           from (
               select floor(extract(epoch from r.decided_at - r.created_at))::bigint as waited
               from requisitions r
               where r.decided_at >= $1 and r.decided_at < $2 and ($3::uuid is null or r.project_id = $3)
           ) decided"#,
        scope.from,
        scope.to,
        scope.project
    );
    let row = row.fetch_one(conn).await?;
    Ok(super::waiting(row.count, row.ranks))
}

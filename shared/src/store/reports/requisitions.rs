//! What became of requisitions, why they were rejected, how long they waited for a decision.

use super::Scope;
use crate::{
    domain::report::{LineOutcome, Outcome, Rejection, Waiting},
    store::StoreError,
};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Reasons that are told; the rarest are left out.
const MOST_REASONS: i64 = 100;

/// Of requisitions, and of their lines.
pub(super) type Outcomes = (BTreeMap<Outcome, i64>, BTreeMap<LineOutcome, i64>);

pub(super) async fn count_outcomes(conn: &mut PgConnection, scope: Scope) -> Result<Outcomes, StoreError> {
    let rows = sqlx::query!(
        r#"with asked as (
               select r.id, r.status, line.granted_quantity < line.quantity as is_fewer,
                      case line.status
                          when 'pending' then 'waiting'
                          when 'withdrawn' then null
                          when 'approved' then case
                              when line.granted_model_id <> line.model_id then 'substituted'
                              when line.granted_quantity < line.quantity then 'reduced'
                              else 'granted' end
                          else line.status
                      end as outcome
               from requisitions r
               join requisition_lines line on line.requisition_id = r.id
               where r.created_at >= $1 and r.created_at < $2 and ($3::uuid is null or r.project_id = $3)
           ),
           submitted as (
               select id, status,
                      count(*) filter (where outcome = 'waiting') as waiting,
                      count(*) filter (where outcome = 'granted') as granted,
                      count(*) filter (where outcome = 'substituted') as substituted,
                      count(*) filter (where outcome = 'reduced') as reduced,
                      count(*) filter (where outcome = 'rejected') as rejected,
                      count(*) filter (where outcome = 'lapsed') as lapsed,
                      count(*) filter (where outcome = 'cancelled') as cancelled,
                      count(*) filter (where outcome in ('granted', 'substituted', 'reduced')) as given,
                      count(*) filter (where outcome in ('substituted', 'reduced') and is_fewer) as fewer
               from asked
               group by id, status
           )
           select case
                   when status = 'cancelled' and lapsed > 0 then 'lapsed'
                   when status in ('rejected', 'cancelled', 'failed') then status
                   when waiting > 0 then 'waiting'
                   when given > 0 and (rejected > 0 or lapsed > 0 or fewer > 0) then 'partly_granted'
                   when substituted > 0 then 'substituted'
                   when given > 0 then 'granted'
                   -- Whatever is still unknown about its units.
                   when lapsed > 0 then 'lapsed'
                   when rejected > 0 then 'rejected'
                   else 'cancelled'
               end as "outcome!",
               count(*) as "requisitions!",
               array[sum(waiting), sum(granted), sum(substituted), sum(reduced), sum(rejected), sum(lapsed), sum(cancelled)]
                   ::bigint[] as "lines!"
           from submitted
           group by 1"#,
        scope.from,
        scope.to,
        scope.project
    );
    let (mut outcomes, mut line_outcomes) = (BTreeMap::new(), BTreeMap::new());
    for row in rows.fetch_all(conn).await? {
        outcomes.insert(row.outcome.parse()?, row.requisitions);
        for (outcome, lines) in LineOutcome::ALL.iter().zip(row.lines).filter(|(_, lines)| *lines > 0) {
            *line_outcomes.entry(*outcome).or_default() += lines;
        }
    }
    Ok((outcomes, line_outcomes))
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
               select floor(extract(epoch from line.decided_at - r.created_at))::bigint as waited
               from requisition_lines line
               join requisitions r on r.id = line.requisition_id
               where line.decided_at >= $1 and line.decided_at < $2 and ($3::uuid is null or r.project_id = $3)
           ) decided"#,
        scope.from,
        scope.to,
        scope.project
    );
    let row = row.fetch_one(conn).await?;
    Ok(super::waiting(row.count, row.ranks))
}

//! How much waits in each lane, for operators.

use super::StoreError;
use crate::domain::job::Lane;
use sqlx::PgConnection;

/// Rows due per lane and the age of the oldest, for operators.
#[derive(Debug, Clone)]
pub struct LaneBacklog {
    pub lane: Lane,
    pub due: i64,
    pub waiting: i64,
    pub dead: i64,
    pub oldest_due_seconds: f64,
}

pub async fn list_backlog(conn: &mut PgConnection) -> Result<Vec<LaneBacklog>, StoreError> {
    let rows = sqlx::query!(
        r#"select lane,
                  count(*) filter (where state = 'open' and due_at <= now()) as "due!",
                  count(*) filter (where state = 'open' and due_at > now()) as "waiting!",
                  count(*) filter (where state = 'dead') as "dead!",
                  coalesce(extract(epoch from now() - min(due_at) filter (where state = 'open' and due_at <= now())), 0)::float8
                      as "oldest_due_seconds!"
           from jobs where state in ('open', 'dead') group by lane"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(LaneBacklog {
                lane: row.lane.parse()?,
                due: row.due,
                waiting: row.waiting,
                dead: row.dead,
                oldest_due_seconds: row.oldest_due_seconds,
            })
        })
        .collect()
}

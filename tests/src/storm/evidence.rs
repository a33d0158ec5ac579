//! What was written about an operation, for whoever looks for the cause of a problem.

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{checker::Problem, ground::Ground};
use crate::simulator::Effect;

/// Operations whose whole story is told.
const MOST_STORIES: usize = 5;
const MOST_PROBLEMS: usize = 40;

/// To standard error.
pub async fn tell(ground: &Ground, problems: &[Problem]) -> Result<()> {
    for problem in problems.iter().take(MOST_PROBLEMS) {
        eprintln!("{:?}: {}", problem.wrong, problem.what);
    }
    let mut told: Vec<_> = problems.iter().filter_map(|problem| problem.operation).collect();
    told.dedup();
    for operation in told.into_iter().take(MOST_STORIES) {
        eprintln!("-- operation {operation}, marker {}", operation.marker());
        type Attempt = (DateTime<Utc>, i32, String, i32, Value);
        let query = "select at, attempt, event, epoch, detail from attempts where operation_id = $1 order by id";
        let attempts: Vec<Attempt> = sqlx::query_as(query).bind(operation.0).fetch_all(&ground.pool).await?;
        for (at, attempt, event, epoch, detail) in attempts {
            eprintln!("   {} attempt {attempt}, epoch {epoch}: {event} {detail}", at.time());
        }
        type Entry = (DateTime<Utc>, String, Option<String>, String, Option<String>);
        let query = "select at, event, from_status, to_status, reason from status_history
                     where entity_id = $1 or entity_id = (select loan_id from operations where id = $1) order by id";
        let history: Vec<Entry> = sqlx::query_as(query).bind(operation.0).fetch_all(&ground.pool).await?;
        for (at, event, from, to, reason) in history {
            let (from, reason) = (from.unwrap_or_default(), reason.unwrap_or_default());
            eprintln!("   {} {event}: {from} to {to} {reason}", at.time());
        }
        let asset: Option<i64> = sqlx::query_scalar("select snipeit_asset_id from operations where id = $1")
            .bind(operation.0)
            .fetch_optional(&ground.pool)
            .await?;
        let effects = asset.map(|asset| ground.simulator.state().ledger().effects_on(asset)).unwrap_or_default();
        for Effect { at, kind, by, marker, last_checkout, holder, .. } in effects {
            eprintln!("   {} ledger: {kind:?} by {by:?}, marker {marker:?}, {last_checkout:?}, {holder:?}", at.time());
        }
    }
    Ok(())
}

//! Reports, computed by the database in a few queries over one snapshot of it.

mod demand;
mod loans;
mod requisitions;

use super::{StoreError, clock};
use crate::domain::{
    id::ProjectId,
    report::{Report, ReportPeriod, Waiting},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// What every query of a report is asked for.
#[derive(Debug, Clone, Copy)]
struct Scope {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// The lab's time now, asked once: in a condition it would be asked for each row.
    as_of: DateTime<Utc>,
    /// `None`: the whole lab.
    project: Option<Uuid>,
}

/// Reads a report. The connection must be in a transaction that has done nothing yet: all numbers are of one moment.
pub async fn read(
    conn: &mut PgConnection,
    period: ReportPeriod,
    project: Option<ProjectId>,
) -> Result<Report, StoreError> {
    take_snapshot(conn).await?;
    let as_of = clock::now(conn).await?;
    let scope = Scope { from: period.from, to: period.to, as_of, project: project.map(|id| id.0) };
    let (outcomes, line_outcomes) = requisitions::count_outcomes(conn, scope).await?;
    Ok(Report {
        period,
        project,
        as_of,
        outcomes,
        line_outcomes,
        rejections: requisitions::list_rejections(conn, scope).await?,
        until_decided: requisitions::measure_decisions(conn, scope).await?,
        until_out: loans::measure_hand_overs(conn, scope).await?,
        out_now: loans::count_out(conn, scope).await?,
        use_by_model: loans::list_use(conn, scope).await?,
        returns: loans::count_returns(conn, scope).await?,
        demand: demand::list(conn, scope).await?,
    })
}

async fn take_snapshot(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("set transaction isolation level repeatable read, read only").execute(&mut *conn).await?;
    // One text asks for one project and for the whole lab, which are not read in the same way.
    sqlx::query!(r#"select set_config('plan_cache_mode', 'force_custom_plan', true) as "set!""#)
        .fetch_one(conn)
        .await?;
    Ok(())
}

/// The median and the ninth of ten, where anybody waited.
fn waiting(count: i64, ranks: Option<Vec<i64>>) -> Waiting {
    let rank = |place: usize| ranks.as_ref().and_then(|ranks| ranks.get(place)).copied();
    Waiting { count, median_seconds: rank(0), p90_seconds: rank(1) }
}

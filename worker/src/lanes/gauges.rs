//! Gauges for operators: rows due, messages ready, what is unknown, what waits for a person. And, for the api, how this
//! worker keeps the call budget.

use crate::context::Context;
use lapin::{options::QueueDeclareOptions, types::FieldTable};
use makerlab_shared::{
    broker::{self, ANSWER_TIMEOUT, Names},
    domain::job::Lane,
    settings::BrokerSettings,
    store::{StoreError, budget, jobs, operations, status},
    telemetry::metrics::{
        FINDINGS_OPEN, JOBS_OLDEST_DUE_SECONDS, LANE_MESSAGES_READY, LANE_ROWS_DUE, OPERATIONS_UNKNOWN,
        SNIPEIT_BUDGET_LEFT, SWEEP_MISSED,
    },
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const INTERVAL: Duration = Duration::from_secs(5);

/// Reports until stopped.
pub async fn report(context: Context, settings: BrokerSettings, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = report_rows(&context).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "Gauges could not be read from the database");
        }
        if let Err(error) = report_messages(&settings, &stop).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "Gauges could not be read from the broker");
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn report_rows(context: &Context) -> Result<(), StoreError> {
    let mut conn = context.pool.acquire().await?;
    let backlog = jobs::list_backlog(&mut conn).await?;
    let mut oldest: f64 = 0.0;
    for lane in Lane::ALL {
        let of_lane = backlog.iter().find(|backlog| backlog.lane == *lane);
        let due = of_lane.map_or(0, |backlog| backlog.due);
        metrics::gauge!(LANE_ROWS_DUE, "lane" => lane.as_str()).set(due as f64);
        oldest = oldest.max(of_lane.map_or(0.0, |backlog| backlog.oldest_due_seconds));
    }
    metrics::gauge!(JOBS_OLDEST_DUE_SECONDS).set(oldest);
    let open = operations::count_open_questions(&mut conn).await?;
    metrics::gauge!(OPERATIONS_UNKNOWN).set(open.operations_unknown as f64);
    metrics::gauge!(FINDINGS_OPEN).set(open.findings_open as f64);
    if let Some(comparison) = status::find_comparison(&mut conn).await? {
        metrics::gauge!(SWEEP_MISSED).set(comparison.missed as f64);
    }
    budget::tell_policy(&mut conn, &context.budget).await?;
    if let Some(left) = budget::find_left(&mut conn).await? {
        metrics::gauge!(SNIPEIT_BUDGET_LEFT).set(f64::from(left));
    }
    Ok(())
}

/// By passive declares: the management API's statistics lag behind.
async fn report_messages(settings: &BrokerSettings, stop: &CancellationToken) -> Result<(), broker::BrokerError> {
    let session = broker::connect(&settings.url, "makerlab-worker gauges").await?;
    let channel = session.open_channel().await?;
    let names = Names::new(&settings.prefix);
    for lane in Lane::ALL {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let declared = channel.queue_declare(names.queue(*lane).into(), options, FieldTable::default());
        let Ok(Ok(queue)) = tokio::time::timeout(ANSWER_TIMEOUT, declared).await else { break };
        metrics::gauge!(LANE_MESSAGES_READY, "lane" => lane.as_str()).set(f64::from(queue.message_count()));
        if stop.is_cancelled() {
            break;
        }
    }
    session.close().await;
    Ok(())
}

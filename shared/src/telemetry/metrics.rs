//! Numbers for operators, in Prometheus' text format. Every name stands here, so that dashboards have one page to trust.
//!
//! Labels are small closed sets (lane, kind, outcome, route pattern); ids never become labels.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use ::metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Counter; labels `method`, `route` (the pattern, not the path), `status`.
pub const HTTP_REQUESTS_TOTAL: &str = "http_requests_total";
/// Histogram; labels `method`, `route`.
pub const HTTP_REQUEST_DURATION_SECONDS: &str = "http_request_duration_seconds";
/// Counter; labels `lane`, `bell` (`first`: a message came, `second`: none did), `outcome`.
pub const JOBS_TOTAL: &str = "jobs_total";
/// Histogram; label `lane`.
pub const JOB_DURATION_SECONDS: &str = "job_duration_seconds";
/// Gauge; label `lane`. Compare with [`LANE_ROWS_DUE`]: their difference is the alarm.
pub const LANE_MESSAGES_READY: &str = "lane_messages_ready";
/// Gauge; label `lane`.
pub const LANE_ROWS_DUE: &str = "lane_rows_due";
/// Gauge.
pub const JOBS_OLDEST_DUE_SECONDS: &str = "jobs_oldest_due_seconds";
/// Counter; labels `call`, `outcome`.
pub const SNIPEIT_CALLS_TOTAL: &str = "snipeit_calls_total";
/// Histogram; label `call`.
pub const SNIPEIT_CALL_DURATION_SECONDS: &str = "snipeit_call_duration_seconds";
/// Gauge.
pub const SNIPEIT_BUDGET_LEFT: &str = "snipeit_budget_left";
/// Gauge.
pub const OPERATIONS_UNKNOWN: &str = "operations_unknown";
/// Gauge.
pub const FINDINGS_OPEN: &str = "findings_open";
/// Gauge: changes that the latest full comparison found and no sweep had brought.
pub const SWEEP_MISSED: &str = "sweep_missed";
/// Counter; label `outcome`.
pub const MAILS_TOTAL: &str = "mails_total";
/// Counter.
pub const RELAY_PUBLISHED_TOTAL: &str = "relay_published_total";
/// Gauge: 1 while the relay of this process reaches the broker, else 0.
pub const BROKER_CONNECTED: &str = "broker_connected";

/// From a local read to a Snipe-IT call that hangs until its timeout.
const SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0];

/// Histograms keep raw samples until somebody reads them; without a scraper this bounds their memory.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
#[error("could not install the recorder of metrics: another one is installed in this process")]
pub struct MetricsError {
    #[from]
    source: BuildError,
}

/// Reads the metrics of this process.
#[derive(Clone)]
pub struct MetricsHandle {
    prometheus: PrometheusHandle,
}

impl MetricsHandle {
    /// All metrics in Prometheus' text format ([`CONTENT_TYPE`]).
    pub fn render(&self) -> String {
        self.prometheus.render()
    }
}

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Installs the recorder of this process, or returns the handle of the one that [`install`] has put in place before.
pub fn install() -> Result<MetricsHandle, MetricsError> {
    static INSTALLED: OnceLock<MetricsHandle> = OnceLock::new();
    static INSTALLING: Mutex<()> = Mutex::new(());

    // `OnceLock` alone would let two threads build, and the second global recorder is refused.
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = INSTALLED.get() {
        return Ok(handle.clone());
    }
    let handle = install_first()?;
    Ok(INSTALLED.get_or_init(|| handle).clone())
}

fn install_first() -> Result<MetricsHandle, BuildError> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_duration_seconds".into()), &SECONDS)?;
    let prometheus = builder.install_recorder()?;
    describe();
    keep_up(prometheus.clone());
    Ok(MetricsHandle { prometheus })
}

/// On a plain thread: it needs no runtime and ends with the process.
fn keep_up(prometheus: PrometheusHandle) {
    let upkeep = move || {
        loop {
            thread::sleep(UPKEEP_INTERVAL);
            prometheus.run_upkeep();
        }
    };
    if let Err(error) = thread::Builder::new().name("metrics-upkeep".to_owned()).spawn(upkeep) {
        tracing::warn!("Metrics are tidied up only when they are scraped: {error}");
    }
}

fn describe() {
    describe_counter!(HTTP_REQUESTS_TOTAL, "Requests answered");
    describe_histogram!(HTTP_REQUEST_DURATION_SECONDS, Unit::Seconds, "Time from a request to its answer");
    describe_gauge!(BROKER_CONNECTED, "Whether this process reaches the broker");
    describe_counter!(JOBS_TOTAL, "Runs of jobs by the bell that called and by what came of them");
    describe_histogram!(JOB_DURATION_SECONDS, Unit::Seconds, "Time from taking a job to settling it");
    describe_gauge!(LANE_MESSAGES_READY, "Messages that wait in the lane's queue");
    describe_gauge!(LANE_ROWS_DUE, "Jobs of the lane that are due and not taken");
    describe_gauge!(JOBS_OLDEST_DUE_SECONDS, Unit::Seconds, "For how long the oldest due job has been due");
    describe_counter!(SNIPEIT_CALLS_TOTAL, "Calls to Snipe-IT by what came of them");
    describe_histogram!(SNIPEIT_CALL_DURATION_SECONDS, Unit::Seconds, "Time of one call to Snipe-IT");
    describe_gauge!(SNIPEIT_BUDGET_LEFT, "Calls to Snipe-IT left in the current window, for all workers together");
    describe_gauge!(OPERATIONS_UNKNOWN, "Operations of which nobody knows yet whether they took effect");
    describe_gauge!(FINDINGS_OPEN, "Findings that wait for a person");
    describe_gauge!(SWEEP_MISSED, "Changes that the latest full comparison found and no sweep had brought");
    describe_counter!(MAILS_TOTAL, "E-mails by what came of them");
    describe_counter!(RELAY_PUBLISHED_TOTAL, "Messages that the broker confirmed to the relay");
}

#[cfg(test)]
mod tests {
    use ::metrics::{counter, histogram};

    use super::*;

    #[test]
    fn installing_twice_gives_the_same_metrics() {
        let handles: Vec<_> = thread::scope(|scope| {
            let installs: Vec<_> = (0..4).map(|_| scope.spawn(install)).collect();
            installs.into_iter().map(|install| install.join().unwrap().unwrap()).collect()
        });

        counter!(MAILS_TOTAL, "outcome" => "sent").increment(1);
        histogram!(JOB_DURATION_SECONDS, "lane" => "mail", "kind" => "send").record(0.2);

        for handle in handles {
            let text = handle.render();
            assert!(text.contains("mails_total{outcome=\"sent\"} 1"), "{text}");
            assert!(text.contains("# HELP mails_total E-mails by what came of them"), "{text}");
            assert!(text.contains("job_duration_seconds_bucket{lane=\"mail\",kind=\"send\",le=\"0.25\"} 1"), "{text}");
        }
    }
}

//! The figures, under the names by which programs find them.

use std::fmt;

use serde::Serialize;

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Report {
    pub accepted_per_s: f64,
    pub database_per_s: f64,
    pub accepted_ratio: f64,
    pub submit_p50_ms: f64,
    pub submit_p99_ms: f64,
    pub end_to_end_per_s: f64,
    pub first_call_p50_ms: f64,
    pub calls_per_checkout: f64,
    pub calls_per_checkin: f64,
    pub rss_api_mib: f64,
    pub rss_worker_mib: f64,
}

impl Report {
    /// With as many digits as mean something.
    pub fn rounded(self) -> Self {
        Self {
            accepted_per_s: round(self.accepted_per_s, 1),
            database_per_s: round(self.database_per_s, 1),
            accepted_ratio: round(self.accepted_ratio, 3),
            submit_p50_ms: round(self.submit_p50_ms, 2),
            submit_p99_ms: round(self.submit_p99_ms, 2),
            end_to_end_per_s: round(self.end_to_end_per_s, 1),
            first_call_p50_ms: round(self.first_call_p50_ms, 2),
            calls_per_checkout: round(self.calls_per_checkout, 2),
            calls_per_checkin: round(self.calls_per_checkin, 2),
            rss_api_mib: round(self.rss_api_mib, 1),
            rss_worker_mib: round(self.rss_worker_mib, 1),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = [
            ("accepted", self.accepted_per_s, "requisitions/s", ""),
            ("database alone", self.database_per_s, "requisitions/s", ""),
            ("accepted : database", self.accepted_ratio, "", "at least 0.65"),
            ("submit, median", self.submit_p50_ms, "ms", ""),
            ("submit, 99th percentile", self.submit_p99_ms, "ms", ""),
            ("submit to checked out", self.end_to_end_per_s, "requisitions/s", ""),
            ("submit to Snipe-IT when idle", self.first_call_p50_ms, "ms", "under 25"),
            ("Snipe-IT calls per check-out", self.calls_per_checkout, "", "1"),
            ("Snipe-IT calls per check-in", self.calls_per_checkin, "", "at most 2"),
            ("peak memory, api", self.rss_api_mib, "MiB", "under 40"),
            ("peak memory, worker", self.rss_worker_mib, "MiB", "under 40"),
        ];
        for (what, value, unit, target) in rows {
            let target = if target.is_empty() { String::new() } else { format!("wanted: {target}") };
            writeln!(out, "{}", format!("{what:<30}{value:>10} {unit:<16}{target}").trim_end())?;
        }
        Ok(())
    }
}

/// # Panics
/// Without a value.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 3.0, 2.0]), 2.5);
    }
}

//! The times and limits of the protocol with Snipe-IT, and the order between them that keeps it safe.
//!
//! Tests scale all of them down together; what must hold is their order, which `check` guards.

use std::time::Duration;

use super::{Noted, Reader};
use crate::domain::operation;

const MAX_ATTEMPTS: u32 = operation::MAX_ATTEMPTS.cast_unsigned();

const CONNECT: &str = "SNIPEIT_CONNECT_TIMEOUT";
const CALL: &str = "SNIPEIT_TIMEOUT";
const LEASE: &str = "JOB_LEASE";
const SERVER_LIMIT: &str = "SNIPEIT_SERVER_LIMIT";
const SLACK: &str = "SNIPEIT_SLACK";
const BUDGET_WINDOW: &str = "SNIPEIT_BUDGET_WINDOW";
const PROBE_INTERVAL: &str = "SNIPEIT_PROBE_INTERVAL";
const MAX_RUNS: &str = "JOB_MAX_RUNS";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolTimes {
    pub connect: Duration,
    /// T: the whole of one call, connecting included.
    pub call_timeout: Duration,
    /// How long a taken job belongs to its worker. Never prolonged for a write.
    pub lease: Duration,
    /// The longest that Snipe-IT's web server lets one request run.
    pub server_limit: Duration,
    pub slack: Duration,
    pub budget_window: Duration,
    /// How often a read probes an installation whose lanes are paused.
    pub probe_interval: Duration,
    /// Takes of one job before a person decides.
    pub max_runs: u32,
}

impl Default for ProtocolTimes {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            call_timeout: Duration::from_secs(15),
            lease: Duration::from_secs(30),
            server_limit: Duration::from_secs(120),
            slack: Duration::from_secs(5),
            budget_window: Duration::from_secs(61),
            probe_interval: Duration::from_secs(30),
            max_runs: 10,
        }
    }
}

impl ProtocolTimes {
    /// Reads and checks; each violated rule is one more line.
    pub fn read(env: &Reader<'_>) -> Result<Self, Noted> {
        let times = Self::read_unchecked(env)?;
        let violations = times.check();
        let noted = violations.into_iter().map(|(name, problem)| env.note(name, problem)).last();
        noted.map_or(Ok(times), Err)
    }

    fn read_unchecked(env: &Reader<'_>) -> Result<Self, Noted> {
        let default = Self::default();
        let connect = env.duration(CONNECT, default.connect);
        let call_timeout = env.duration(CALL, default.call_timeout);
        let lease = env.duration(LEASE, default.lease);
        let server_limit = env.duration(SERVER_LIMIT, default.server_limit);
        let slack = env.duration(SLACK, default.slack);
        let budget_window = env.duration(BUDGET_WINDOW, default.budget_window);
        let probe_interval = env.duration(PROBE_INTERVAL, default.probe_interval);
        let max_runs = env.parsed(MAX_RUNS, default.max_runs);
        Ok(Self {
            connect: connect?,
            call_timeout: call_timeout?,
            lease: lease?,
            server_limit: server_limit?,
            slack: slack?,
            budget_window: budget_window?,
            probe_interval: probe_interval?,
            max_runs: max_runs?,
        })
    }

    /// Every rule that these values break: the variable to look at first, and what to do about it.
    pub fn check(&self) -> Vec<(&'static str, String)> {
        let mut violations = self.zeros();
        if self.call_timeout.saturating_add(self.slack) >= self.lease {
            violations.push((CALL, self.outlives_the_lease()));
        }
        if self.connect > self.call_timeout {
            let (connect, call) = (self.connect, self.call_timeout);
            violations.push((CONNECT, format!("({connect:?}) must not be longer than {CALL} ({call:?}): lower it")));
        }
        if self.max_runs <= MAX_ATTEMPTS {
            let problem = format!(
                "({}) must be greater than {MAX_ATTEMPTS}, the attempts of one operation: raise it",
                self.max_runs
            );
            violations.push((MAX_RUNS, problem));
        }
        violations
    }

    fn outlives_the_lease(&self) -> String {
        let (call, slack, lease) = (self.call_timeout, self.slack, self.lease);
        format!(
            "({call:?}) and {SLACK} ({slack:?}) together must be shorter than {LEASE} ({lease:?}), or a call could outlive \
             its lease: lower {CALL} or raise {LEASE}"
        )
    }

    fn zeros(&self) -> Vec<(&'static str, String)> {
        let durations = [
            (CONNECT, self.connect),
            (CALL, self.call_timeout),
            (LEASE, self.lease),
            (SERVER_LIMIT, self.server_limit),
            (SLACK, self.slack),
            (BUDGET_WINDOW, self.budget_window),
            (PROBE_INTERVAL, self.probe_interval),
        ];
        let zeros = durations.iter().filter(|(_, value)| value.is_zero());
        zeros.map(|(name, _)| (*name, "must be greater than 0: raise it".to_owned())).collect()
    }

    /// The earliest moment after the take at which a look may say "not applied": the lease is over, and so is anything
    /// that Snipe-IT may still have been running for us.
    pub fn look_after_take(&self) -> Duration {
        self.lease + self.server_limit + self.slack
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;

    fn lines(pairs: &[(&str, &str)]) -> Vec<String> {
        let wrong = Environment::from_pairs(pairs.iter().copied()).read(ProtocolTimes::read).unwrap_err();
        wrong.to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_defaults_keep_their_own_rules() {
        let times = Environment::default().read(ProtocolTimes::read).unwrap();

        assert_eq!(times, ProtocolTimes::default());
        assert_eq!(times.look_after_take(), Duration::from_secs(155));
    }

    #[test]
    fn a_call_that_could_outlive_its_lease_is_refused() {
        assert_eq!(
            lines(&[("SNIPEIT_TIMEOUT", "25s")]),
            [
                "SNIPEIT_TIMEOUT (25s) and SNIPEIT_SLACK (5s) together must be shorter than JOB_LEASE (30s), or a call could \
              outlive its lease: lower SNIPEIT_TIMEOUT or raise JOB_LEASE"
            ]
        );
        assert!(Environment::from_pairs([("SNIPEIT_TIMEOUT", "24999ms")]).read(ProtocolTimes::read).is_ok());
    }

    #[test]
    fn scaled_down_times_in_the_same_order_are_accepted() {
        let scaled = [
            ("SNIPEIT_CONNECT_TIMEOUT", "100ms"),
            ("SNIPEIT_TIMEOUT", "500ms"),
            ("JOB_LEASE", "1s"),
            ("SNIPEIT_SERVER_LIMIT", "2s"),
            ("SNIPEIT_SLACK", "200ms"),
            ("SNIPEIT_BUDGET_WINDOW", "1s"),
        ];

        let times = Environment::from_pairs(scaled).read(ProtocolTimes::read).unwrap();

        assert_eq!(times.look_after_take(), Duration::from_millis(3200));
    }

    #[test]
    fn zeros_and_too_few_runs_are_refused_together() {
        assert_eq!(
            lines(&[("SNIPEIT_SLACK", "0s"), ("JOB_MAX_RUNS", "3")]),
            [
                "SNIPEIT_SLACK must be greater than 0: raise it",
                "JOB_MAX_RUNS (3) must be greater than 3, the attempts of one operation: raise it",
            ]
        );
    }

    #[test]
    fn a_value_that_cannot_be_read_is_named() {
        let lines = lines(&[("JOB_LEASE", "thirty"), ("JOB_MAX_RUNS", "-1")]);

        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].starts_with("JOB_LEASE ") && lines[1].starts_with("JOB_MAX_RUNS "), "{lines:?}");
    }
}

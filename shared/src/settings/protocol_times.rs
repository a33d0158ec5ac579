//! The times and limits of the protocol with Snipe-IT, and the order between them that keeps it safe.
//!
//! Tests scale all of them down together; what must hold is their order, which `check` guards.

use std::time::Duration;

use super::{Noted, Reader};

const CONNECT: &str = "SNIPEIT_CONNECT_TIMEOUT";
const CALL: &str = "SNIPEIT_TIMEOUT";
const LEASE: &str = "JOB_LEASE";
const SERVER_LIMIT: &str = "SNIPEIT_SERVER_LIMIT";
const SLACK: &str = "SNIPEIT_SLACK";
const FINGERPRINT_AGE: &str = "SNIPEIT_FINGERPRINT_AGE";
const VERIFYING_NOTICE: &str = "VERIFYING_NOTICE";
const BUDGET_WINDOW: &str = "SNIPEIT_BUDGET_WINDOW";
const BUDGET_LIMIT: &str = "SNIPEIT_BUDGET_LIMIT";
const PROBE_INTERVAL: &str = "SNIPEIT_PROBE_INTERVAL";
const MAX_ATTEMPTS: &str = "SNIPEIT_MAX_ATTEMPTS";
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
    /// How far in Snipe-IT's past a check-out's fingerprint lies.
    pub fingerprint_age: Duration,
    /// When people are told that an outcome is being verified.
    pub verifying_notice: Duration,
    pub budget_window: Duration,
    /// Calls per window until Snipe-IT's own header says otherwise.
    pub budget_limit: u32,
    /// How often a read probes an installation whose lanes are paused.
    pub probe_interval: Duration,
    /// Intents of one operation before a person decides.
    pub max_attempts: u32,
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
            fingerprint_age: Duration::from_secs(120),
            verifying_notice: Duration::from_secs(5),
            budget_window: Duration::from_secs(61),
            budget_limit: 120,
            probe_interval: Duration::from_secs(30),
            max_attempts: 3,
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
        let fingerprint_age = env.duration(FINGERPRINT_AGE, default.fingerprint_age);
        let verifying_notice = env.duration(VERIFYING_NOTICE, default.verifying_notice);
        let budget_window = env.duration(BUDGET_WINDOW, default.budget_window);
        let budget_limit = env.parsed(BUDGET_LIMIT, default.budget_limit);
        let probe_interval = env.duration(PROBE_INTERVAL, default.probe_interval);
        let max_attempts = env.parsed(MAX_ATTEMPTS, default.max_attempts);
        let max_runs = env.parsed(MAX_RUNS, default.max_runs);
        Ok(Self {
            connect: connect?,
            call_timeout: call_timeout?,
            lease: lease?,
            server_limit: server_limit?,
            slack: slack?,
            fingerprint_age: fingerprint_age?,
            verifying_notice: verifying_notice?,
            budget_window: budget_window?,
            budget_limit: budget_limit?,
            probe_interval: probe_interval?,
            max_attempts: max_attempts?,
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
        if self.max_runs <= self.max_attempts {
            let (runs, attempts) = (self.max_runs, self.max_attempts);
            violations.push((
                MAX_RUNS,
                format!(
                    "({runs}) must be greater than {MAX_ATTEMPTS} ({attempts}), because looks are runs too: raise it"
                ),
            ));
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
        let counts = [(BUDGET_LIMIT, self.budget_limit), (MAX_ATTEMPTS, self.max_attempts)];
        let zero_durations = durations.iter().filter(|(_, value)| value.is_zero()).map(|(name, _)| *name);
        let zero_counts = counts.iter().filter(|(_, value)| *value == 0).map(|(name, _)| *name);
        let mut violations: Vec<_> = zero_durations
            .chain(zero_counts)
            .map(|name| (name, "must be greater than 0: raise it".to_owned()))
            .collect();
        if self.fingerprint_age < Duration::from_secs(1) {
            // A person's own check-out stores "now" to the second and must come out later than ours.
            violations.push((FINGERPRINT_AGE, "must be at least 1s: raise it".to_owned()));
        }
        violations
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
            lines(&[("SNIPEIT_SLACK", "0s"), ("JOB_MAX_RUNS", "3"), ("SNIPEIT_FINGERPRINT_AGE", "0s")]),
            [
                "SNIPEIT_SLACK must be greater than 0: raise it",
                "SNIPEIT_FINGERPRINT_AGE must be at least 1s: raise it",
                "JOB_MAX_RUNS (3) must be greater than SNIPEIT_MAX_ATTEMPTS (3), because looks are runs too: raise it",
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

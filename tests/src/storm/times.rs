//! The product's times in a storm: scaled down together, in their order, so that an unknown outcome is cleared up in
//! seconds instead of minutes.

use std::time::Duration;

use crate::stack::Variables;

pub const CALL_TIMEOUT: Duration = Duration::from_millis(1500);
pub const LEASE: Duration = Duration::from_millis(3000);
/// Generous beside the others: a machine under load must not break the promise that Snipe-IT's server makes.
pub const SERVER_LIMIT: Duration = Duration::from_millis(2500);
pub const SLACK: Duration = Duration::from_millis(500);

const OTHERS: [(&str, &str); 10] = [
    ("SNIPEIT_CONNECT_TIMEOUT", "500ms"),
    ("SNIPEIT_BUDGET_WINDOW", "2s"),
    ("SNIPEIT_PROBE_INTERVAL", "500ms"),
    ("SNIPEIT_THROTTLED", "false"),
    ("SECOND_BELL_AFTER", "3s"),
    ("SWEEP_INTERVAL", "3s"),
    ("VERIFYING_MAIL_AFTER", "5s"),
    ("SMTP_TIMEOUT", "2s"),
    ("DATABASE_ACQUIRE_TIMEOUT", "1s"),
    ("LOG_LEVEL", "warn"),
];

/// For both programs.
pub fn variables() -> Variables {
    let times = [
        ("SNIPEIT_TIMEOUT", CALL_TIMEOUT),
        ("JOB_LEASE", LEASE),
        ("SNIPEIT_SERVER_LIMIT", SERVER_LIMIT),
        ("SNIPEIT_SLACK", SLACK),
    ];
    let times = times.map(|(name, time)| (name.to_owned(), format!("{}ms", time.as_millis())));
    times.into_iter().chain(OTHERS.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

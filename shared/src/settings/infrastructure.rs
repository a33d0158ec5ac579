//! What both binaries need: the database, the broker and the zones in which the lab and Snipe-IT tell the time.

use std::time::Duration;

use chrono_tz::Tz;
use secrecy::SecretString;

use super::{Noted, Reader};

#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    pub url: SecretString,
    pub max_connections: u32,
    /// Short, so that a restart of PostgreSQL shows as 503 at once and not as requests that hang.
    pub acquire_timeout: Duration,
}

impl DatabaseSettings {
    pub fn read(env: &Reader<'_>) -> Result<Self, Noted> {
        let url = env.secret_url(
            "DATABASE_URL",
            &["postgres", "postgresql"],
            "the PostgreSQL database, like postgres://makerlab_app:PASSWORD@localhost/makerlab",
        );
        let max_connections = env.parsed("DATABASE_MAX_CONNECTIONS", 10_u32).and_then(|number| match number {
            0 => Err(env.note("DATABASE_MAX_CONNECTIONS", "is 0: set it to at least 1")),
            _ => Ok(number),
        });
        let acquire_timeout = env.duration("DATABASE_ACQUIRE_TIMEOUT", Duration::from_secs(3));
        Ok(Self { url: url?, max_connections: max_connections?, acquire_timeout: acquire_timeout? })
    }
}

#[derive(Debug, Clone)]
pub struct BrokerSettings {
    pub url: SecretString,
    /// Stands before the name of every exchange and queue, so that installations (and tests) can share a broker.
    pub prefix: String,
}

impl BrokerSettings {
    pub fn read(env: &Reader<'_>) -> Result<Self, Noted> {
        let url = env.secret_url(
            "AMQP_URL",
            &["amqp", "amqps"],
            "the RabbitMQ broker, like amqp://makerlab:PASSWORD@localhost:5672/%2f",
        );
        let prefix = env.text("QUEUE_PREFIX", "makerlab");
        Ok(Self { url: url?, prefix: checked_prefix(env, prefix)? })
    }
}

fn checked_prefix(env: &Reader<'_>, prefix: String) -> Result<String, Noted> {
    let is_plain = prefix.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if is_plain && prefix.len() <= 100 {
        return Ok(prefix);
    }
    Err(env.note("QUEUE_PREFIX", "is no queue prefix: use at most 100 letters, digits, '-', '_' and '.'"))
}

/// Two zones, because they need not be the same: the lab's is for people, Snipe-IT's for reading its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabSettings {
    pub lab_timezone: Tz,
    pub snipeit_timezone: Tz,
}

impl LabSettings {
    pub fn read(env: &Reader<'_>) -> Result<Self, Noted> {
        let lab_timezone = env.timezone("LAB_TIMEZONE", "the lab's time zone, like Europe/Lisbon");
        let snipeit_timezone =
            env.timezone("SNIPEIT_TIMEZONE", "the time zone of the Snipe-IT server (its APP_TIMEZONE), like UTC");
        Ok(Self { lab_timezone: lab_timezone?, snipeit_timezone: snipeit_timezone? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;

    const COMPLETE: [(&str, &str); 4] = [
        ("DATABASE_URL", "postgres://lab:hunter2@localhost/makerlab"),
        ("AMQP_URL", "amqp://lab:hunter2@localhost:5672/%2f"),
        ("LAB_TIMEZONE", "Europe/Lisbon"),
        ("SNIPEIT_TIMEZONE", "UTC"),
    ];

    fn read(env: &Reader<'_>) -> Result<(DatabaseSettings, BrokerSettings, LabSettings), Noted> {
        let (database, broker, lab) = (DatabaseSettings::read(env), BrokerSettings::read(env), LabSettings::read(env));
        Ok((database?, broker?, lab?))
    }

    #[test]
    fn only_what_has_no_sane_default_is_required() {
        let wrong = Environment::default().read(read).unwrap_err();

        let names: Vec<_> = wrong.0.iter().map(|wrong| wrong.name.as_str()).collect();
        assert_eq!(names, ["DATABASE_URL", "AMQP_URL", "LAB_TIMEZONE", "SNIPEIT_TIMEZONE"]);
        let (database, broker, _) = Environment::from_pairs(COMPLETE).read(read).unwrap();
        assert_eq!(database.acquire_timeout, Duration::from_secs(3));
        assert_eq!(broker.prefix, "makerlab");
    }

    #[test]
    fn settings_can_be_printed_without_their_passwords() {
        let settings = Environment::from_pairs(COMPLETE).read(read).unwrap();

        let shown = format!("{settings:?}");

        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_pool_of_nobody_and_a_strange_prefix_are_refused() {
        let wrong = Environment::from_pairs(COMPLETE.into_iter().chain([
            ("DATABASE_MAX_CONNECTIONS", "0"),
            ("QUEUE_PREFIX", "lab #1"),
            ("SNIPEIT_TIMEZONE", "Lisbon time"),
        ]))
        .read(read)
        .unwrap_err();

        let names: Vec<_> = wrong.0.iter().map(|wrong| wrong.name.as_str()).collect();
        assert_eq!(names, ["DATABASE_MAX_CONNECTIONS", "QUEUE_PREFIX", "SNIPEIT_TIMEZONE"]);
    }
}

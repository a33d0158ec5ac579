//! What api and worker are told about the world, as the variables that an operator would set.

use std::{env, time::Duration};

use secrecy::{ExposeSecret, SecretString};

use super::server::Variables;

/// An operator's own wishes reach the binaries; everything else in our environment is meant for us.
const PASSED_ON: [&str; 8] = [
    "LOG_LEVEL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "SNIPEIT_ALLOW_PLAIN_HTTP",
    "SNIPEIT_CA_FILE",
    "SNIPEIT_THROTTLED",
    "SSL_CERT_FILE",
];

/// The services around the two binaries, wherever they run.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// For migrations.
    pub owner_url: SecretString,
    pub database_url: SecretString,
    pub amqp_url: SecretString,
    pub queue_prefix: String,
    pub snipeit_url: String,
    pub snipeit_token: SecretString,
    pub snipeit_timezone: String,
    pub smtp_url: SecretString,
}

impl Surroundings {
    /// Snipe-IT's token and the mail server's address are not among them: the api has no use for them.
    pub(super) fn for_api(&self) -> Variables {
        let mut variables = self.for_both();
        variables.extend(passed_on());
        variables
    }

    pub(super) fn for_worker(&self) -> Variables {
        let mut variables = self.for_both();
        let own = [
            ("SNIPEIT_URL", self.snipeit_url.as_str()),
            ("SNIPEIT_API_TOKEN", self.snipeit_token.expose_secret()),
            ("SMTP_URL", self.smtp_url.expose_secret()),
            ("MAIL_FROM", "MakerLab <makerlab@lab.example>"),
        ];
        variables.extend(own.map(pair));
        variables.extend(passed_on());
        variables
    }

    /// As the owner of the tables, who alone may change them.
    pub(super) fn for_migration(&self) -> Variables {
        let owner = pair(("DATABASE_URL", self.owner_url.expose_secret()));
        self.for_both().into_iter().filter(|(name, _)| name != "DATABASE_URL").chain([owner]).collect()
    }

    fn for_both(&self) -> Variables {
        let both = [
            ("DATABASE_URL", self.database_url.expose_secret()),
            ("AMQP_URL", self.amqp_url.expose_secret()),
            ("QUEUE_PREFIX", self.queue_prefix.as_str()),
            ("LAB_TIMEZONE", "Europe/Lisbon"),
            ("SNIPEIT_TIMEZONE", self.snipeit_timezone.as_str()),
        ];
        both.map(pair).to_vec()
    }
}

/// The protocol's times, scaled down together: an unknown outcome is cleared up after `lease + limit + slack`.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub call: Duration,
    pub lease: Duration,
    pub server_limit: Duration,
    pub slack: Duration,
}

impl Pace {
    /// For a Snipe-IT on this machine: what is lost is found again within eight seconds.
    pub const QUICK: Self = Self {
        call: Duration::from_secs(3),
        lease: Duration::from_secs(6),
        server_limit: Duration::from_secs(1),
        slack: Duration::from_millis(500),
    };

    pub fn variables(&self) -> Variables {
        let times = [
            ("SNIPEIT_CONNECT_TIMEOUT", Duration::from_secs(1)),
            ("SNIPEIT_TIMEOUT", self.call),
            ("JOB_LEASE", self.lease),
            ("SNIPEIT_SERVER_LIMIT", self.server_limit),
            ("SNIPEIT_SLACK", self.slack),
            ("SNIPEIT_PROBE_INTERVAL", Duration::from_secs(2)),
            ("SECOND_BELL_AFTER", Duration::from_secs(5)),
            ("SWEEP_INTERVAL", Duration::from_secs(5)),
        ];
        times.map(|(name, time)| (name.to_owned(), format!("{}ms", time.as_millis()))).to_vec()
    }
}

fn passed_on() -> impl Iterator<Item = (String, String)> {
    PASSED_ON.into_iter().filter_map(|name| Some((name.to_owned(), env::var(name).ok()?)))
}

fn pair((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

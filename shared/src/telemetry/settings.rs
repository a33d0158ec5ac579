//! Settings of logs and traces.

use std::str::FromStr;

use tracing_subscriber::EnvFilter;

use crate::settings::{MaskedUrl, Noted, Reader};

#[derive(Debug, Clone)]
pub struct TelemetrySettings {
    pub service_name: String,
    pub log_format: LogFormat,
    /// In the language of `EnvFilter`. Concerns logs only: traces must not break because logs are quiet.
    pub filter: String,
    /// The base URL of an OTLP/HTTP receiver; without one, nothing is exported.
    pub otlp_endpoint: Option<MaskedUrl>,
}

impl TelemetrySettings {
    /// Human logs, no export: for tests and for commands that a person runs.
    pub fn quiet(service_name: &str) -> Self {
        Self {
            service_name: service_name.to_owned(),
            log_format: LogFormat::Human,
            filter: "warn".to_owned(),
            otlp_endpoint: None,
        }
    }

    pub fn read(env: &Reader<'_>, service_name: &str) -> Result<Self, Noted> {
        let log_format = env.parsed("LOG_FORMAT", LogFormat::Human);
        let filter = read_filter(env);
        let otlp_endpoint = env.optional_url("OTEL_EXPORTER_OTLP_ENDPOINT", &["http", "https"]);
        Ok(Self {
            service_name: env.text("OTEL_SERVICE_NAME", service_name),
            log_format: log_format?,
            filter: filter?,
            otlp_endpoint: otlp_endpoint?,
        })
    }
}

/// `RUST_LOG` wins over `LOG_LEVEL`: the one is typed to look into something, the other stands in a compose file.
fn read_filter(env: &Reader<'_>) -> Result<String, Noted> {
    let name = if env.optional("RUST_LOG").is_some() { "RUST_LOG" } else { "LOG_LEVEL" };
    let filter = env.text(name, "info");
    match EnvFilter::try_new(&filter) {
        Ok(_) => Ok(filter),
        Err(error) => Err(env.note(name, format!("is no log filter ({error}): set it to a value like info"))),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, with `trace_id`.
    Json,
    Human,
}

impl std::fmt::Display for LogFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Human => "human",
        })
    }
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "json" => Ok(Self::Json),
            "human" => Ok(Self::Human),
            _ => Err("neither json nor human"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;

    #[test]
    fn telemetry_needs_no_setting() {
        let settings = Environment::default().read(|env| TelemetrySettings::read(env, "makerlab-api")).unwrap();

        assert_eq!(settings.service_name, "makerlab-api");
        assert_eq!((settings.log_format, settings.filter.as_str()), (LogFormat::Human, "info"));
        assert!(settings.otlp_endpoint.is_none());
    }

    #[test]
    fn wrong_telemetry_settings_are_named() {
        let environment = Environment::from_pairs([
            ("LOG_FORMAT", "xml"),
            ("LOG_LEVEL", "makerlab=loud"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ]);

        let wrong = environment.read(|env| TelemetrySettings::read(env, "makerlab-api")).unwrap_err();

        let names: Vec<_> = wrong.0.iter().map(|wrong| wrong.name.as_str()).collect();
        assert_eq!(names, ["LOG_FORMAT", "LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT"]);
    }

    #[test]
    fn rust_log_wins_over_log_level() {
        let environment = Environment::from_pairs([("RUST_LOG", "debug"), ("LOG_LEVEL", "warn")]);

        let settings = environment.read(|env| TelemetrySettings::read(env, "makerlab-api")).unwrap();

        assert_eq!(settings.filter, "debug");
    }
}

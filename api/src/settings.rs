//! What `makerlab-api serve` needs to know.

use makerlab_shared::{
    crash::CrashPlan,
    settings::{BrokerSettings, DatabaseSettings, LabSettings, Noted, Reader},
    telemetry::TelemetrySettings,
};
use std::net::SocketAddr;

#[derive(Debug, Clone)]
pub struct ApiSettings {
    pub listen: ListenSettings,
    pub database: DatabaseSettings,
    pub broker: BrokerSettings,
    pub lab: LabSettings,
    pub telemetry: TelemetrySettings,
    pub crash: Option<CrashPlan>,
}

#[derive(Debug, Clone, Copy)]
pub struct ListenSettings {
    pub api: SocketAddr,
    /// A listener of its own, loopback by default: metrics are nobody's business outside.
    pub metrics: SocketAddr,
}

impl ApiSettings {
    /// # Errors
    /// Noted by the reader, one line for each variable.
    pub fn read(env: &Reader<'_>) -> Result<Self, Noted> {
        let listen = ListenSettings::read(env);
        let database = DatabaseSettings::read(env);
        let broker = BrokerSettings::read(env);
        let lab = LabSettings::read(env);
        let telemetry = TelemetrySettings::read(env, "makerlab-api");
        let crash = CrashPlan::read(env);
        Ok(Self {
            listen: listen?,
            database: database?,
            broker: broker?,
            lab: lab?,
            telemetry: telemetry?,
            crash: crash?,
        })
    }
}

impl ListenSettings {
    /// # Errors
    /// Noted by the reader.
    pub fn read(env: &Reader<'_>) -> Result<Self, Noted> {
        let api = env.parsed("API_LISTEN", SocketAddr::from(([127, 0, 0, 1], 8080)));
        let metrics = env.parsed("METRICS_LISTEN", SocketAddr::from(([127, 0, 0, 1], 9464)));
        Ok(Self { api: api?, metrics: metrics? })
    }
}

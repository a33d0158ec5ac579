//! Everything a worker is told by its environment, checked at start-up, one line for each wrong variable.

use crate::{
    context::WorkerRules,
    lanes::LaneSettings,
    mail::MailSettings,
    snipeit::{SnipeItSettings, Timeouts},
};
use makerlab_shared::{
    crash::CrashPlan,
    domain::{
        budget::BudgetPolicy,
        job::Lane,
        label_policy::{LabelChoice, LabelPolicy, LabelUse},
    },
    settings::{
        BrokerSettings, DatabaseSettings, Environment, LabSettings, MaskedUrl, Noted, ProtocolTimes, Reader,
        WrongSettings,
    },
    telemetry::TelemetrySettings,
};
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

#[derive(Debug, Clone)]
pub struct WorkerSettings {
    pub database: DatabaseSettings,
    pub broker: BrokerSettings,
    pub zones: LabSettings,
    pub times: ProtocolTimes,
    pub budget: BudgetPolicy,
    pub snipeit: SnipeItSettings,
    pub mail: MailSettings,
    pub rules: WorkerRules,
    pub lanes: LaneSettings,
    pub telemetry: TelemetrySettings,
    pub metrics_listen: SocketAddr,
    pub public_url: Option<MaskedUrl>,
    pub crash: Option<CrashPlan>,
}

impl WorkerSettings {
    /// # Errors
    /// Every variable that is missing or wrong, a line each.
    pub fn load(environment: &Environment) -> Result<Self, WrongSettings> {
        environment.read(Self::read)
    }

    fn read(env: &Reader<'_>) -> Result<Self, Noted> {
        let database = DatabaseSettings::read(env);
        let broker = BrokerSettings::read(env);
        let zones = LabSettings::read(env);
        let times = ProtocolTimes::read(env);
        let mail = read_mail(env);
        let rules = read_rules(env);
        let lanes = read_lanes(env);
        let telemetry = TelemetrySettings::read(env, "makerlab-worker");
        let metrics_listen = env.parsed("METRICS_LISTEN", SocketAddr::from(([127, 0, 0, 1], 9465)));
        let public_url = env.optional_url("PUBLIC_URL", &["http", "https"]);
        let is_limited = env.parsed("SNIPEIT_THROTTLED", true);
        let crash = CrashPlan::read(env);
        let snipeit = read_snipeit(env, times.as_ref().ok(), zones.is_ok());
        let (times, lanes, mail) = (times?, lanes?, mail?);
        let budget = read_budget(&times, &lanes, is_limited?);
        Ok(Self {
            database: database?,
            broker: broker?,
            zones: zones?,
            times,
            budget,
            snipeit: snipeit?,
            mail,
            rules: rules?,
            lanes,
            telemetry: telemetry?,
            metrics_listen: metrics_listen?,
            public_url: public_url?,
            crash: crash?,
        })
    }
}

/// Everything about Snipe-IT; without times, the usual ones.
pub(crate) fn read_snipeit(
    env: &Reader<'_>,
    times: Option<&ProtocolTimes>,
    are_zones_known: bool,
) -> Result<SnipeItSettings, Noted> {
    let timeouts =
        times.map(|times| Timeouts { connect: times.connect, total: times.call_timeout }).unwrap_or_default();
    // A zone that is missing or wrong has its line already.
    let lookup = |name: &str| match name {
        "SNIPEIT_TIMEZONE" if !are_zones_known => Some("UTC".to_owned()),
        _ => env.optional(name),
    };
    SnipeItSettings::from_vars(lookup, timeouts).map_err(|wrong| env.note(wrong.variable, wrong.problem))
}

fn read_mail(env: &Reader<'_>) -> Result<MailSettings, Noted> {
    let url =
        env.secret_url("SMTP_URL", &["smtp", "smtps"], "the mail server, like smtps://user:password@mail.example");
    let from = env.required("MAIL_FROM", "the sender of letters, like MakerLab <makerlab@lab.example>");
    let timeout = env.duration("SMTP_TIMEOUT", MailSettings::DEFAULT_TIMEOUT);
    Ok(MailSettings { url: url?, from: from?, timeout: timeout? })
}

fn read_rules(env: &Reader<'_>) -> Result<WorkerRules, Noted> {
    let create_snipeit_users = env.parsed("SNIPEIT_CREATE_USERS", false);
    let verifying_mail_after = env.duration("VERIFYING_MAIL_AFTER", Duration::from_secs(180));
    let sweep_interval = env.duration("SWEEP_INTERVAL", Duration::from_secs(60));
    let sync_interval = env.duration("SYNC_INTERVAL", Duration::from_secs(6 * 60 * 60));
    let second_bell_after = env.duration("SECOND_BELL_AFTER", Duration::from_secs(60));
    let outage_threshold = env.parsed("SNIPEIT_OUTAGE_THRESHOLD", 3);
    let labels = read_labels(env);
    Ok(WorkerRules {
        create_snipeit_users: create_snipeit_users?,
        verifying_mail_after: verifying_mail_after?,
        sweep_interval: sweep_interval?,
        sync_interval: sync_interval?,
        second_bell_after: second_bell_after?,
        outage_threshold: outage_threshold?,
        labels: labels?,
    })
}

pub(crate) fn read_labels(env: &Reader<'_>) -> Result<LabelPolicy, Noted> {
    let damaged = read_label(env, LabelUse::Damaged);
    let lost = read_label(env, LabelUse::Lost);
    let reserved = read_label(env, LabelUse::Reserved);
    let free = env.optional(LabelUse::Free.setting()).unwrap_or_default();
    let free =
        free.split(',').map(str::trim).filter(|text| !text.is_empty()).map(|text| label(env, LabelUse::Free, text));
    let free: Result<Vec<LabelChoice>, Noted> = free.collect();
    Ok(LabelPolicy { damaged: damaged?, lost: lost?, reserved: reserved?, free: free? })
}

fn read_label(env: &Reader<'_>, meant_for: LabelUse) -> Result<Option<LabelChoice>, Noted> {
    env.optional(meant_for.setting()).map(|text| label(env, meant_for, &text)).transpose()
}

fn label(env: &Reader<'_>, meant_for: LabelUse, text: &str) -> Result<LabelChoice, Noted> {
    text.parse::<LabelChoice>().map_err(|refused| env.note(meant_for.setting(), refused.to_string()))
}

fn read_lanes(env: &Reader<'_>) -> Result<LaneSettings, Noted> {
    let defaults = [
        (Lane::Counter, "LANE_COUNTER", 3),
        (Lane::Inventory, "LANE_INVENTORY", 3),
        (Lane::Bulk, "LANE_BULK", 2),
        (Lane::Internal, "LANE_INTERNAL", 2),
        (Lane::Mail, "LANE_MAIL", 2),
    ];
    let mut concurrency = BTreeMap::new();
    for (lane, name, default) in defaults {
        match env.parsed(name, default)? {
            hands @ 1..=64 => concurrency.insert(lane, hands),
            _ => return Err(env.note(name, "is the number of jobs at once: set it to 1 to 64")),
        };
    }
    Ok(LaneSettings { concurrency })
}

/// Calls in flight at the edge of a window may be counted in the next one: they stay in reserve, with two to spare.
fn read_budget(times: &ProtocolTimes, lanes: &LaneSettings, is_limited: bool) -> BudgetPolicy {
    let parallel: usize =
        lanes.concurrency.iter().filter(|(lane, _)| lane.calls_snipeit()).map(|(_, hands)| hands).sum();
    BudgetPolicy {
        window: chrono::Duration::from_std(times.budget_window).unwrap_or(chrono::Duration::seconds(61)),
        reserve: 2 + i32::try_from(parallel).unwrap_or(i32::MAX / 2),
        longest_call: chrono::Duration::from_std(times.lease).unwrap_or(chrono::Duration::seconds(30)),
        is_limited,
    }
}

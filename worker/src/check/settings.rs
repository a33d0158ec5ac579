//! The variables that have to do with Snipe-IT. No database, broker or mail server is needed for a check.

use super::report::{Check, Row};
use crate::{
    settings::{read_labels, read_snipeit},
    snipeit::{SnipeIt, SnipeItSettings},
};
use makerlab_shared::{
    domain::label_policy::LabelPolicy,
    settings::{Environment, LabSettings, Noted, ProtocolTimes, Reader},
};

#[derive(Debug, Clone)]
pub struct CheckSettings {
    pub snipeit: SnipeItSettings,
    pub zones: LabSettings,
    pub times: ProtocolTimes,
    pub labels: LabelPolicy,
    /// Whether borrowers are made known to Snipe-IT.
    pub creates_users: bool,
    /// Whether Snipe-IT's call budget is kept.
    pub is_limited: bool,
}

impl CheckSettings {
    fn read(env: &Reader<'_>) -> Result<Self, Noted> {
        let zones = LabSettings::read(env);
        let times = ProtocolTimes::read(env);
        let labels = read_labels(env);
        let creates_users = env.parsed("SNIPEIT_CREATE_USERS", false);
        let is_limited = env.parsed("SNIPEIT_THROTTLED", true);
        let snipeit = read_snipeit(env, times.as_ref().ok(), zones.is_ok());
        Ok(Self {
            snipeit: snipeit?,
            zones: zones?,
            times: times?,
            labels: labels?,
            creates_users: creates_users?,
            is_limited: is_limited?,
        })
    }
}

/// The settings and a client by them, or a row for each variable that is wrong.
pub(super) fn judge(environment: &Environment) -> Result<(CheckSettings, SnipeIt), Vec<Row>> {
    let settings = environment
        .read(CheckSettings::read)
        .map_err(|wrong| wrong.0.iter().map(|wrong| row(wrong.to_string(), &wrong.name)).collect::<Vec<_>>())?;
    let snipeit =
        SnipeIt::new(settings.snipeit.clone()).map_err(|error| vec![row(error.to_string(), error.variable)])?;
    Ok((settings, snipeit))
}

fn row(seen: String, variable: &str) -> Row {
    Row::wrong(Check::Settings, seen, format!("Correct {variable} and check again."))
}

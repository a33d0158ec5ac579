//! `snipeit check`: whether a lab's Snipe-IT, its settings here and the rights of its user fit together.
//!
//! It only reads. What is read (`reach`, `evidence`) and what it means are apart: each other file judges one thing and is
//! pure. What cannot be told without writing is said to be so.

mod clock;
mod evidence;
mod fields;
mod labels;
mod page_size;
mod permissions;
mod reach;
mod report;
mod server;
mod settings;
mod throttle;
mod tls;
mod token;
mod version;
mod zone;

use crate::snipeit::SnipeIt;
use makerlab_shared::settings::Environment;

use evidence::{Evidence, Front};
pub use report::{Check, Report, Row, State};
pub use settings::CheckSettings;

/// Checks what the environment names: about ten reads. The first thing that is broken hides what lies behind it.
pub async fn check(environment: &Environment) -> Report {
    match settings::judge(environment) {
        Ok((settings, snipeit)) => look(&settings, &snipeit).await,
        Err(rows) => Report::of(rows),
    }
}

async fn look(settings: &CheckSettings, snipeit: &SnipeIt) -> Report {
    let mut rows = vec![Row::ok(Check::Settings, "every variable for Snipe-IT can be read")];
    rows.extend(reach::judge(snipeit.base_url(), settings.times.connect).await);
    if is_broken(&rows) {
        return Report::of(rows);
    }
    let front = Front::read(snipeit).await;
    rows.push(tls::judge(snipeit.base_url(), &front.version));
    if !is_broken(&rows) {
        rows.push(server::judge(snipeit.base_url(), &front));
    }
    if !is_broken(&rows) {
        rows.push(token::judge(&front));
    }
    if !is_broken(&rows) && front.me.is_ok() {
        let evidence = Evidence::read(snipeit, front).await;
        rows.extend(behind_the_door(settings, &evidence));
    }
    Report::of(rows)
}

fn is_broken(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.state == State::Wrong)
}

fn behind_the_door(settings: &CheckSettings, evidence: &Evidence) -> Vec<Row> {
    let mut rows = vec![version::judge(&evidence.front.version), fields::judge(evidence)];
    rows.extend(permissions::judge(evidence, settings));
    rows.push(clock::judge(&evidence.calls()));
    rows.push(zone::judge(evidence.newest_change(), settings.zones));
    rows.push(throttle::judge(settings.is_limited, &evidence.rates()));
    rows.push(labels::judge(&settings.labels, &evidence.labels));
    rows.push(page_size::judge(&evidence.assets));
    rows.push(server::limit(settings.times.server_limit));
    rows
}

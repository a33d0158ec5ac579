//! The table of settings names every variable that either binary reads, and no other.

use super::{quoted, readme, rows, sources};
use makerlab_shared::{crash, settings::ProtocolTimes};
use std::{collections::BTreeSet, time::Duration};

#[test]
fn every_variable_that_is_read_is_in_the_table_and_no_other() {
    let mut read: BTreeSet<_> = ["api/src", "worker/src", "shared/src"].into_iter().flat_map(variables).collect();
    assert!(read.remove(crash::VARIABLE), "the variable that kills is no operator's setting");
    assert!(!readme().contains(crash::VARIABLE), "and is not offered");

    let rows = rows("settings");
    let named: BTreeSet<_> = rows.iter().flat_map(|row| quoted(&row[0])).map(str::to_owned).collect();

    let missing: Vec<_> = read.difference(&named).collect();
    let unknown: Vec<_> = named.difference(&read).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing in README.md: {missing:?}; read by nobody: {unknown:?}");
}

#[test]
fn the_defaults_of_the_protocol_are_those_of_the_code() {
    let times = ProtocolTimes::default();
    for (name, default) in [
        ("SNIPEIT_CONNECT_TIMEOUT", seconds(times.connect)),
        ("SNIPEIT_TIMEOUT", seconds(times.call_timeout)),
        ("JOB_LEASE", seconds(times.lease)),
        ("SNIPEIT_SERVER_LIMIT", seconds(times.server_limit)),
        ("SNIPEIT_SLACK", seconds(times.slack)),
        ("SNIPEIT_BUDGET_WINDOW", seconds(times.budget_window)),
        ("SNIPEIT_PROBE_INTERVAL", seconds(times.probe_interval)),
        ("JOB_MAX_RUNS", times.max_runs.to_string()),
    ] {
        let row = rows("settings").into_iter().find(|row| quoted(&row[0])[0] == name);
        assert_eq!(quoted(&row.unwrap()[2]), [default.as_str()], "the default of {name}");
    }
}

fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}

/// Names of variables in the code that is not a test; a secret can come from a file as well.
fn variables(folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in sources(folder).into_iter().filter(|(path, _)| !path.contains("/tests/")) {
        let code = text.split("#[cfg(test)]").next().unwrap();
        for name in literals(code) {
            found.extend(is_secret(code, name).then(|| format!("{name}_FILE")));
            found.insert(name.to_owned());
        }
        assert!(!code.contains("env::var(\""), "{path} reads a variable behind the settings' back");
    }
    found
}

fn literals(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').filter(|text| {
        text.contains('_')
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            && !text.starts_with("CARGO_")
    })
}

fn is_secret(code: &str, name: &str) -> bool {
    let calls = ["secret(", "secret_url(", "secret_source("];
    calls.iter().any(|call| code.split(call).skip(1).any(|rest| rest.trim_start().starts_with(&format!("\"{name}\""))))
}

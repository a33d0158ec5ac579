//! `docker-compose.yml` passes on what the table of settings offers: nobody sets a variable in vain.

use super::{quoted, rows};
use std::{collections::BTreeSet, fs, path::Path};

/// Not passed on, and why.
const LEFT_OUT: [(&str, &str); 3] = [
    ("SNIPEIT_CA_FILE", "names a file, which has to be mounted first"),
    ("RUST_LOG", "the same as LOG_LEVEL, and would win over it"),
    ("OTEL_SERVICE_NAME", "each binary has its own; here both would get one"),
];

fn compose() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker-compose.yml")).unwrap()
}

/// The variables in the lines from this one to the next that is indented no deeper.
fn variables_under(text: &str, heading: &str) -> BTreeSet<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().skip_while(|line| line.trim_end() != heading);
    let least = indent(lines.next().unwrap_or_else(|| panic!("no {heading:?}")));
    let block = lines.take_while(|line| line.trim().is_empty() || indent(line) > least);
    let names = block.filter_map(|line| Some(line.trim_start().split_once(": ")?.0.to_owned()));
    names.filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')).collect()
}

#[test]
fn every_setting_of_the_table_reaches_the_process_that_reads_it() {
    let text = compose();
    let both = variables_under(&text, "x-settings: &settings");
    let with_both = |heading| both.union(&variables_under(&text, heading)).cloned().collect::<BTreeSet<_>>();
    let (api, worker) = (with_both("  api:"), with_both("  worker:"));
    let is_twin = |name: &str, names: &[&str]| name.strip_suffix("_FILE").is_some_and(|secret| names.contains(&secret));
    for row in rows("settings") {
        let (names, of) = (quoted(&row[0]), row[1].trim());
        for name in names.iter().filter(|name| !is_twin(name, &names)) {
            let is_left_out = LEFT_OUT.iter().any(|(left, _)| left == name);
            let reaches = |settings: &BTreeSet<String>| settings.contains(*name);
            for (process, settings) in [("api", &api), ("worker", &worker)] {
                let is_read = of == "both" || of == process;
                assert_eq!(reaches(settings), is_read && !is_left_out, "{name} of {of}, for the {process}");
            }
        }
    }
}

/// What has no default asks for itself; everything else may stay unset.
#[test]
fn only_what_the_lab_must_choose_is_required() {
    let text = compose();
    let mut required: Vec<_> = text
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}')?.0.split_once(":?").map(|(name, _)| name))
        .collect();
    required.sort_unstable();
    required.dedup();
    assert_eq!(
        required,
        [
            "APPLICATION_PASSWORD",
            "LAB_TIMEZONE",
            "POSTGRES_PASSWORD",
            "RABBITMQ_PASSWORD",
            "SNIPEIT_API_TOKEN",
            "SNIPEIT_TIMEZONE",
            "SNIPEIT_URL",
        ]
    );
}

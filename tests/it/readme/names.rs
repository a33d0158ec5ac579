//! Findings, metrics, tests and files: what the README names is there, and nothing is forgotten.

use super::{ROOT, block, quoted, readme, rows, sources};
use makerlab_shared::domain::finding::{FindingKind, Resolution};
use std::{collections::BTreeSet, path::Path};

#[test]
fn every_kind_of_finding_is_explained_with_the_answers_it_takes() {
    let rows = rows("findings");

    let explained: Vec<_> = rows.iter().map(|row| quoted(&row[0]).join("")).collect();
    let kinds: Vec<_> = FindingKind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect();
    assert_eq!(explained, kinds);
    for (row, kind) in rows.iter().zip(FindingKind::ALL) {
        let answers: Vec<_> = kind.resolutions().iter().copied().map(Resolution::as_str).collect();
        assert_eq!(quoted(&row[3]), answers, "the answers to {kind}");
    }
}

#[test]
fn every_metric_is_named() {
    let source = std::fs::read_to_string(Path::new(ROOT).join("shared/src/telemetry/metrics.rs")).unwrap();
    let constants = source.lines().filter(|line| line.starts_with("pub const") && line.contains(": &str = \""));
    let metrics: BTreeSet<_> =
        constants.filter_map(|line| line.split('"').nth(1)).filter(|name| is_word(name)).collect();

    let block = block("metrics");
    let named: BTreeSet<_> = quoted(&block).into_iter().filter(|name| is_word(name) && name.contains('_')).collect();

    assert_eq!(named, metrics);
}

#[test]
fn every_failure_names_tests_that_exist_or_says_that_it_is_not_shown() {
    let existing: BTreeSet<_> = ["tests/it", "shared/src", "worker/src"].into_iter().flat_map(functions).collect();
    let rows = rows("failures");
    let numbers: Vec<_> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(numbers, (1..=19).map(|number| number.to_string()).collect::<Vec<_>>());

    for row in &rows {
        let tests: Vec<_> = quoted(&row[3]).into_iter().filter(|name| is_word(name)).collect();
        assert!(!tests.is_empty() || row[3].contains("not shown"), "row {} names no test", row[0]);
        for test in tests {
            assert!(existing.contains(test), "row {}: there is no test {test}", row[0]);
        }
    }
}

#[test]
fn every_file_that_is_named_exists() {
    let text = readme();
    let prose = text.split("```").step_by(2).collect::<String>();
    let tops = ["api/", "worker/", "shared/", "migrations/", "tests/", ".docker/", ".ci/"];
    let files: Vec<_> =
        quoted(&prose).into_iter().filter(|name| tops.iter().any(|top| name.starts_with(top))).collect();

    assert!(files.len() > 20, "{files:?}");
    for file in files {
        assert!(Path::new(ROOT).join(file).exists(), "README.md names {file}, which does not exist");
    }
}

#[test]
fn every_section_that_is_linked_exists() {
    let text = readme();
    let heads = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let anchors: BTreeSet<_> = heads.map(anchor).collect();

    for link in text.split("](#").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(anchors.contains(link), "README.md links to #{link}, which is no heading");
    }
}

/// As GitHub makes one of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn is_word(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn functions(folder: &str) -> BTreeSet<String> {
    let texts = sources(folder).into_iter().map(|(_, text)| text);
    texts
        .flat_map(|text| {
            text.lines()
                .filter_map(|line| line.split_once("fn ").and_then(|(_, rest)| rest.split_once('(')))
                .map(|(name, _)| name.to_owned())
                .collect::<Vec<_>>()
        })
        .collect()
}

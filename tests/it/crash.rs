//! Crash points: each is passed in production code, and whoever dies at one leaves nothing that does not heal.

use std::{collections::BTreeSet, fs, num::NonZeroU32, path::Path, process::Command};

use makerlab_shared::crash::{CrashPoint, VARIABLE};
use makerlab_tests::{
    crash::{Case, enumerate},
    lab::shared,
    stack::Programs,
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_a_process_dies_everything_settles_with_one_effect_each() {
    let report = enumerate(Case::once_each(NonZeroU32::MIN), shared().await).await.unwrap();

    println!("{report}");
    assert_eq!(report.failures().count(), 0, "{report}");
    let tried: BTreeSet<_> = report.outcomes.iter().map(|outcome| outcome.case.point).collect();
    assert_eq!(tried, CrashPoint::ALL.iter().copied().collect());
}

#[test]
fn every_crash_point_is_passed_in_production_code() {
    let code: String = ["api/src", "worker/src", "shared/src"].into_iter().map(text_under).collect();

    for point in CrashPoint::ALL {
        let call = format!("CrashPoint::{point:?})");
        let helper = format!("CrashPoint::{point:?},");
        assert!(code.contains(&call) || code.contains(&helper), "nothing passes {point:?}");
    }
}

#[tokio::test]
async fn a_crash_point_that_does_not_exist_stops_the_start() {
    let programs = Programs::provide().await.unwrap();
    for (program, arguments) in [(programs.api, &["serve"][..]), (programs.worker, &[])] {
        let mut command = Command::new(program);
        let ended = command.args(arguments).env_clear().env(VARIABLE, "nowhere:1").output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();

        assert!(!ended.status.success());
        assert_eq!(said.lines().filter(|line| line.contains(VARIABLE)).count(), 1, "{said}");
    }
}

/// Without this module of its own, which names every point.
fn text_under(folder: &str) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(Path::new(ROOT).join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &text_under(path.strip_prefix(ROOT).unwrap().to_str().unwrap());
        } else if path.file_name().is_some_and(|name| name != "crash.rs") {
            text += &fs::read_to_string(&path).unwrap();
        }
    }
    text
}

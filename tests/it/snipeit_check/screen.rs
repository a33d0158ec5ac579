//! What the operator sees, and what a program reads.

use super::given::Lab;
use makerlab_worker::{
    check::Check,
    cli::{CheckOptions, show_check},
};
use serde_json::Value;

#[tokio::test]
async fn one_screen_tells_each_thing_in_a_row_with_the_sentence_that_mends_it() {
    let lab = Lab::right();
    lab.take_away("assets.checkin");

    let screen = show_check(&lab.report().await, &CheckOptions { json: false }).unwrap();

    let row = screen.lines().find(|line| line.starts_with("assets.checkin")).unwrap();
    assert!(row.contains("wrong") && row.contains("without it nothing comes back"), "{screen}");
    assert!(screen.contains("Give that user (or its group) assets.checkin"), "{screen}");
    assert!(screen.ends_with("Wrong: assets.checkin."), "{screen}");
    assert!(screen.lines().all(|line| line.chars().count() <= 140), "{screen}");
    assert!(!screen.contains("token-of-the-service"));
}

#[tokio::test]
async fn a_program_reads_every_check_with_its_state() {
    let report = Lab::right().report().await;

    let json: Value = serde_json::from_str(&show_check(&report, &CheckOptions { json: true }).unwrap()).unwrap();

    assert_eq!(json["is_fine"], true);
    assert_eq!(json["rows"].as_array().unwrap().len(), Check::ALL.len());
    assert_eq!(json["rows"][0]["check"], "settings");
    assert_eq!(json["rows"][0]["state"], "ok");
}

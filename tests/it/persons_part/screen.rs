//! What a technician sees: one screen, or the same as JSON.

use super::given::{Desk, STRANGER};
use makerlab_shared::domain::operation::OperationKind::{CheckIn, CheckOut};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_check_out_that_nobody_can_tell_about_is_one_screen() {
    let desk = Desk::new().await;
    let (_, finding) = desk.with_person(CheckOut).await;

    insta::assert_snapshot!(screen(&desk, finding).await, @r#"
    Somebody checked the asset out after our attempt, and the log does not show ours.

    finding      00000000-0000-0000-0000-000000000000
    kind         operation_with_person
    since        0000-00-00 00:00:00Z
    asset        ML-00002, Arduino Uno R3 (Snipe-IT asset 2), “Ready to Deploy”, listed
    we wanted    check-out to Rita Sousa (Snipe-IT user 17), R-0000-000000, due 0000-00-00
    we sent      checkout_at 0000-00-00 00:00:00, note [op:MMMMMMMMMMMMMMMMMMMMMMMMMM], 1 attempt
    loan now     promised by our records
    held now by  Snipe-IT user 2, nobody of ours; last check-out 0000-00-00 00:00:00; seen … ago

    WHEN                  WHAT WE DID                             WHAT WAS SEEN
    0000-00-00 00:00:00Z  Was about to check it out to Snipe-IT
                          user 17, with checkout_at 0000-00-00
                          00:00:00
    0000-00-00 00:00:00Z  Sent it, once                           No clear answer: HTTP 500
    0000-00-00 00:00:00Z  Looked at the asset                     Snipe-IT user 2 holds it; last check-out 0000-00-00
                                                                  00:00:00, after ours; label “Ready to Deploy”
    0000-00-00 00:00:00Z  Searched Snipe-IT's log for our marker  No row carries it

    ANSWER          WHAT IT WILL DO
    happened        The loan is checked out to its borrower, who is told.
    did_not_happen  The loan has failed, and those who wait are told; if it was handed over, it can be tried again.
    abandoned       The loan is given up, and those who wait are told; if it was handed over, it stays so.

    makerlab-worker findings settle 00000000-0000-0000-0000-000000000000 --as ANSWER --by YOUR-E-MAIL --note HOW-FOUND-OUT
    "#);
}

#[tokio::test]
async fn a_log_that_may_not_be_read_is_told_by_both_doors_with_the_permission_that_is_missing() {
    let desk = Desk::new().await;
    desk.floor.simulator.state().hands().forbid_the_log();
    let (_, finding) = desk.with_person(CheckOut).await;

    let screen = screen(&desk, finding).await;
    let shown = desk.get(&desk.technician, &format!("/v1/findings/{finding}")).await.body;

    let summary = screen.lines().next().unwrap();
    let step = screen.lines().skip_while(|line| !line.contains("Searched Snipe-IT's log")).take(2);
    insta::assert_snapshot!([summary].into_iter().chain(step).collect::<Vec<_>>().join("\n"), @r"
    Only Snipe-IT's log could tell, and it could not be read: our Snipe-IT user lacks the permission reports.view.
    0000-00-00 00:00:00Z  Searched Snipe-IT's log for our marker  It could not be read: our Snipe-IT user lacks the
                                                                  permission reports.view
    ");
    assert_eq!(shown["summary"], summary);
    let told = shown["case"]["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(told["seen"], "It could not be read: our Snipe-IT user lacks the permission reports.view");
    assert_eq!(told["detail"]["lacks_permission"], "reports.view");
}

#[tokio::test]
async fn a_check_in_of_another_tenure_is_one_screen() {
    let desk = Desk::new().await;
    let (_, finding) = desk.with_person(CheckIn).await;

    insta::assert_snapshot!(screen(&desk, finding).await, @r#"
    The borrower holds the asset in Snipe-IT, but by another check-out than ours.

    finding      00000000-0000-0000-0000-000000000000
    kind         operation_with_person
    since        0000-00-00 00:00:00Z
    asset        ML-00002, Arduino Uno R3 (Snipe-IT asset 2), “Ready to Deploy”, listed
    we wanted    check-in from Rita Sousa (Snipe-IT user 17), R-0000-000000, due 0000-00-00
    we sent      note [op:MMMMMMMMMMMMMMMMMMMMMMMMMM], 1 attempt; to end the loan of 0000-00-00 00:00:00
    loan now     checked_out by our records
    held now by  Rita Sousa (Snipe-IT user 17); last check-out 0000-00-00 00:00:00; seen … ago

    WHEN                  WHAT WE DID                             WHAT WAS SEEN
    0000-00-00 00:00:00Z  Was about to check it in from Snipe-IT
                          user 17
    0000-00-00 00:00:00Z  Read the asset before sending           Snipe-IT user 17 holds it; last check-out 0000-00-00
                                                                  00:00:00, after ours; label “Ready to Deploy”

    ANSWER          WHAT IT WILL DO
    happened        The loan is returned, and its borrower is told.
    did_not_happen  The loan stays checked out; its return can be asked for again.
    abandoned       The return is given up; the loan stays checked out.

    makerlab-worker findings settle 00000000-0000-0000-0000-000000000000 --as ANSWER --by YOUR-E-MAIL --note HOW-FOUND-OUT
    "#);
}

#[tokio::test]
async fn the_api_tells_staff_the_same_with_who_holds_it_and_how_old_that_is() {
    let desk = Desk::new().await;
    let (asked, finding) = desk.with_person(CheckOut).await;

    let shown = desk.get(&desk.technician, &format!("/v1/findings/{finding}")).await.body;
    let id = finding.to_string();
    let typed: Value =
        serde_json::from_str(&desk.type_in(&["findings", "show", &id, "--json"]).await.unwrap()).unwrap();

    let case = &shown["case"];
    assert_eq!((&case["kind"], &case["state"]), (&json!("check_out"), &json!("with_person")));
    assert_eq!(case["marker"], json!(asked.operation.marker()));
    assert_eq!(case["loan"]["borrower_snipeit_id"], json!(desk.floor.people.student.snipeit_id));
    let holder = &case["asset"]["holder"];
    assert_eq!(*holder, json!({ "kind": "user", "snipeit_id": STRANGER, "user_id": null, "user_name": null }));
    assert!(case["asset"]["age_seconds"].as_i64().unwrap() < 60, "{case}");
    let events: Vec<_> = case["steps"].as_array().unwrap().iter().map(|step| step["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["intent", "answer", "look", "log_search"]);
    let answers = shown["answers"].as_array().unwrap();
    assert!(answers.iter().all(|answer| answer["consequence"].as_str().unwrap().ends_with('.')));
    for part in ["case", "answers", "evidence", "summary"] {
        assert_eq!(without_age(&shown[part]), without_age(&typed[part]), "{part}");
    }
}

#[tokio::test]
async fn a_holder_who_is_one_of_ours_is_named_and_evidence_holds_no_name() {
    let desk = Desk::new().await;
    let (asked, finding) = desk.with_person(CheckIn).await;

    let shown = desk.get(&desk.technician, &format!("/v1/findings/{finding}")).await.body;

    let holder = &shown["case"]["asset"]["holder"];
    assert_eq!(
        (&holder["user_id"], &holder["user_name"]),
        (&json!(desk.floor.people.student.id), &json!("Rita Sousa"))
    );
    let kept: Vec<Value> = sqlx::query_scalar(
        "select detail from attempts where operation_id = $1 union all select evidence from findings where id = $2",
    )
    .bind(asked.operation.0)
    .bind(finding)
    .fetch_all(&desk.floor.pool)
    .await
    .unwrap();
    let kept = json!(kept).to_string();
    assert!(!kept.contains("Rita") && !kept.contains("Sousa") && !kept.contains('@'), "{kept}");
}

/// The screen with everything that differs from run to run replaced by something as long.
async fn screen(desk: &Desk, finding: Uuid) -> String {
    let shown = desk.type_in(&["findings", "show", &finding.to_string()]).await.unwrap();
    let (before, rest) = shown.split_once("; seen ").unwrap();
    let (_, after) = rest.split_once(" ago").unwrap();
    let shown = format!("{before}; seen … ago{after}");
    let words: Vec<String> = shown.split_inclusive([' ', '\n']).map(without_time).collect();
    words.concat().replace(&finding.to_string(), "00000000-0000-0000-0000-000000000000")
}

fn without_time(word: &str) -> String {
    let bare = word.trim_end();
    let rest = &word[bare.len()..];
    let digits_are_zeros = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    let is_date = bare.len() >= 10 && bare.as_bytes()[4] == b'-' && bare.as_bytes()[7] == b'-';
    let is_time = bare.len() >= 8 && bare.as_bytes()[2] == b':' && bare.as_bytes()[5] == b':';
    if is_date || is_time || bare.starts_with("R-20") {
        return digits_are_zeros(bare) + rest;
    }
    match bare.strip_prefix("[op:") {
        Some(_) => format!("[op:{}],{rest}", "M".repeat(26)),
        None => word.to_owned(),
    }
}

fn without_age(part: &Value) -> Value {
    let mut part = part.clone();
    if let Some(age) = part.pointer_mut("/asset/age_seconds") {
        *age = Value::Null;
    }
    part
}

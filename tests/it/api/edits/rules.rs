//! An edit is judged as if it were submitted now.

use super::{change, edit, events_to, lines, of, say};
use crate::api::given::{self, Lab, Model, Person};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

async fn set_rule(lab: &Lab, rule: Value) {
    lab.app.post(&lab.admin.token, "/v1/approval-rules", &rule).await.expect(201);
}

async fn asked(lab: &Lab, model: &Model, quantity: i64) -> Value {
    let body = given::requisition(lab.project, model, quantity);
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202)
}

async fn supervisor(lab: &Lab) -> Person {
    let professor = given::person(&lab.app, Role::Professor).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &professor, MemberRole::Supervisor).await;
    professor
}

#[tokio::test]
async fn an_edit_that_nobody_must_decide_goes_straight_on() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 5, &lab.admin).await;
    set_rule(&lab, json!({"position": 1, "more_than_units": 2, "outcome": "technician"})).await;
    let many = asked(&lab, &model, 3).await;
    assert_eq!((&many["status"], &many["waiting_for"]), (&json!("pending"), &json!("technician")));

    let few = change(&lab, &many, json!({"lines": [of(&model, 2)]})).await;

    assert_eq!(lines(&few), [(1, 3, "withdrawn"), (2, 2, "approved")]);
    assert_eq!((&few["waiting_for"], few["operations"].as_array().unwrap().len()), (&Value::Null, 2));
    assert_eq!(few["edits"][0]["approval_reason"], many["approval_reason"]);
    assert_eq!(events_to(&lab, &lab.technician).await, ["approval_needed"], "nobody is asked again");
    let late = edit(&lab, &lab.member, &many, Some("*"), &json!({"purpose": "More"})).await;
    let late = late.expect_problem(409, "not-editable");
    assert!(late["detail"].as_str().unwrap().contains("cancel it and ask anew"), "{late}");
}

#[tokio::test]
async fn a_line_that_stays_is_judged_anew_and_what_the_rules_had_said_of_it_stays_readable() {
    let lab = given::a_lab().await;
    let (stays, goes) = (given::model(&lab.app, 9).await, given::model(&lab.app, 9).await);
    let long = json!({"position": 1, "longer_than_days": 30, "outcome": "technician"});
    let long = lab.app.post(&lab.admin.token, "/v1/approval-rules", &long).await.expect(201);
    let mut body = given::requisition(lab.project, &stays, 1);
    body["lines"] = json!([of(&stays, 1), of(&goes, 2)]);
    let before = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
    assert_eq!(before["lines"][0]["approval_rule_id"], Value::Null);

    let due_at = chrono::Utc::now() + chrono::Duration::days(90);
    let edited = change(&lab, &before, json!({"due_at": due_at, "lines": [of(&stays, 1), of(&stays, 3)]})).await;

    let told = |line: &Value| (line["approval_rule_id"].clone(), line["approval_reason"].clone());
    let by_rule = (long["id"].clone(), json!("rule 1: longer than 30 days"));
    assert_eq!(lines(&edited), [(1, 1, "pending"), (2, 2, "withdrawn"), (3, 3, "pending")]);
    assert_eq!((told(&edited["lines"][0]), told(&edited["lines"][2])), (by_rule.clone(), by_rule));
    let verdicts = edited["edits"][0]["verdicts"].as_array().unwrap();
    assert_eq!(verdicts.len(), 2, "{edited:#}");
    for line in before["lines"].as_array().unwrap() {
        let kept = verdicts.iter().find(|verdict| verdict["line_id"] == line["id"]).unwrap();
        assert_eq!((told(kept), &kept["approval"]), (told(line), &line["approval"]));
    }
    for refused in ["update requisition_edit_verdicts set approval = 'none'", "delete from requisition_edit_verdicts"] {
        let refused = sqlx::query(refused).execute(&lab.app.owner).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}

#[tokio::test]
async fn an_edit_that_goes_straight_on_needs_free_units_and_leaves_what_was_there_without_them() {
    let lab = given::a_lab().await;
    let (scarce, held) = (given::free_model(&lab.app, 1, &lab.admin).await, given::model(&lab.app, 1).await);
    let waiting = asked(&lab, &held, 1).await;

    let refused = edit(&lab, &lab.member, &waiting, Some("*"), &json!({"lines": [of(&scarce, 2)]})).await;

    let refused = refused.expect_problem(409, "no-free-unit");
    assert!(refused["detail"].as_str().unwrap().contains("1 are free"), "{refused}");
    assert_eq!(super::read(&lab, &waiting).await.json, waiting);
    assert_eq!(lab.app.count("unmet_demand").await, 1, "what was wanted in vain is demand");
}

#[tokio::test]
async fn a_supervisor_who_had_agreed_is_asked_again() {
    let lab = given::a_lab().await;
    let (model, professor) = (given::model(&lab.app, 5).await, supervisor(&lab).await);
    set_rule(&lab, json!({"position": 1, "outcome": "supervisor_then_technician"})).await;
    let waiting = asked(&lab, &model, 1).await;
    say(&lab, &professor, &waiting, "endorse", Some("\"1\""), &json!({})).await.expect(200);

    let edited = change(&lab, &waiting, json!({"lines": [of(&model, 4)]})).await;

    assert_eq!((&edited["waiting_for"], &edited["endorsed_by"]), (&json!("supervisor"), &Value::Null));
    assert_eq!(edited["edits"][0]["endorsed_by"], json!(professor.id), "it stays readable that they had agreed");
    assert_eq!(events_to(&lab, &professor).await[0], "endorsement_needed");
    let early = say(&lab, &lab.technician, &waiting, "approve", None, &json!({})).await;
    early.expect_problem(409, "supervisor-first");
    let stale = say(&lab, &professor, &waiting, "endorse", Some("\"2\""), &json!({})).await;
    stale.expect_problem(412, "precondition-failed");
    say(&lab, &professor, &waiting, "endorse", Some("\"3\""), &json!({})).await.expect(200);
    say(&lab, &lab.technician, &waiting, "approve", Some("\"4\""), &json!({})).await.expect(200);
}

#[tokio::test]
async fn quotas_count_what_is_asked_for_now_and_not_what_it_replaces() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let quota = json!({"scope": "project", "measure": "units_out", "most": 4});
    lab.app.post(&lab.admin.token, "/v1/quotas", &quota).await.expect(201);
    let over = asked(&lab, &model, 5).await;
    assert_eq!(over["exceptions"].as_array().unwrap().len(), 1);

    let within = change(&lab, &over, json!({"lines": [of(&model, 4)]})).await;
    assert_eq!(within["exceptions"], json!([]));
    let over = change(&lab, &over, json!({"lines": [of(&model, 6)]})).await;

    let exceptions = over["exceptions"].as_array().unwrap();
    assert_eq!(exceptions.len(), 1);
    assert_eq!((&exceptions[0]["used"], &exceptions[0]["asked"]), (&json!(0), &json!(6)));
}

#[tokio::test]
async fn whoever_has_edited_it_does_not_decide_it() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let waiting = asked(&lab, &model, 1).await;
    let staff = given::person(&lab.app, Role::Technician).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &staff, MemberRole::Leader).await;

    edit(&lab, &staff, &waiting, Some("*"), &json!({"lines": [of(&model, 9)]})).await.expect(200);

    say(&lab, &staff, &waiting, "approve", None, &json!({})).await.expect_problem(403, "own-requisition");
    let queue = lab.app.get(&staff.token, "/v1/requisitions?waiting_for=me").await.expect(200);
    assert_eq!(queue["items"], json!([]), "nor does it wait for them");
    say(&lab, &lab.technician, &waiting, "approve", Some("\"2\""), &json!({})).await.expect(200);
}

#[tokio::test]
async fn whoever_may_not_request_any_more_cannot_ask_for_more() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let waiting = asked(&lab, &model, 1).await;
    let member = format!("/v1/projects/{}/members/{}", lab.project, lab.member.id);
    lab.app.post(&lab.leader.token, &format!("{member}/remove"), &json!({})).await.expect(200);

    let refused = edit(&lab, &lab.member, &waiting, Some("*"), &json!({"lines": [of(&model, 2)]})).await;

    refused.expect_problem(403, "not-a-member");
}

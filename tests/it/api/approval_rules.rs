//! Who must say yes is data: rules set by admins, asked in their order, told in words, tried without effect.

use super::{
    app::Reply,
    given::{self, Lab, Model, Person, id_of},
};
use axum::{
    body::Body,
    http::{Method, header},
};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

async fn set_rule(lab: &Lab, rule: Value) -> Value {
    lab.app.post(&lab.admin.token, "/v1/approval-rules", &rule).await.expect(201)
}

/// A professor who supervises the project.
async fn supervisor(lab: &Lab) -> Person {
    let professor = given::person(&lab.app, Role::Professor).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &professor, MemberRole::Supervisor).await;
    professor
}

async fn submit(lab: &Lab, model: &Model, quantity: i64) -> Value {
    let body = given::requisition(lab.project, model, quantity);
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202)
}

async fn say(lab: &Lab, who: &Person, requisition: &Value, word: &str) -> Reply {
    let body = if word == "reject" { json!({"reason": "Not in this course"}) } else { json!({}) };
    lab.app.post(&who.token, &format!("/v1/requisitions/{}/{word}", id_of(requisition)), &body).await
}

async fn events_to(lab: &Lab, who: &Person) -> Vec<String> {
    let listed = lab.app.get(&who.token, "/v1/notifications").await.expect(200);
    listed["items"].as_array().unwrap().iter().map(|item| item["event"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_first_rule_that_fits_decides_and_its_words_stay_although_it_changes() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    set_rule(&lab, json!({"position": 20, "outcome": "none"})).await;
    let rule = set_rule(&lab, json!({"position": 10, "more_than_units": 3, "outcome": "technician"})).await;

    let few = submit(&lab, &model, 3).await;
    let many = submit(&lab, &model, 4).await;

    assert_eq!((&few["lines"][0]["status"], few["loans"].as_array().unwrap().len()), (&json!("approved"), 3));
    assert_eq!((&many["status"], &many["waiting_for"]), (&json!("pending"), &json!("technician")));
    assert_eq!(many["approval_reason"], "rule 10: more than 3 units");
    assert_eq!(many["lines"][0]["approval_rule_id"], rule["id"]);
    let path = format!("/v1/approval-rules/{}/remove", id_of(&rule));
    assert_eq!(lab.app.post(&lab.admin.token, &path, &json!({})).await.expect(200)["enabled"], false);
    let again = lab.app.get(&lab.member.token, &format!("/v1/requisitions/{}", id_of(&many))).await.expect(200);
    assert_eq!(again["approval_reason"], "rule 10: more than 3 units");
    let message: Option<String> =
        sqlx::query_scalar("select message from notifications where event = 'approval_needed'")
            .fetch_one(&lab.app.owner)
            .await
            .unwrap();
    assert_eq!(message.as_deref(), Some("rule 10: more than 3 units"), "technicians are told why");
}

#[tokio::test]
async fn one_line_that_needs_it_holds_the_whole_requisition_back() {
    let lab = given::a_lab().await;
    let (free, held) = (given::model(&lab.app, 1).await, given::model(&lab.app, 1).await);
    set_rule(&lab, json!({"position": 1, "model_id": free.id, "outcome": "none"})).await;
    let mut body = given::requisition(lab.project, &free, 1);
    body["lines"] = json!([{"model_id": free.id, "quantity": 1}, {"model_id": held.id, "quantity": 1}]);

    let submitted = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);

    let said: Vec<_> = submitted["lines"].as_array().unwrap().iter().map(|line| line["approval"].clone()).collect();
    assert_eq!((said, submitted["loans"].as_array().unwrap().len()), (vec![json!("none"), json!("technician")], 0));
    assert_eq!(submitted["lines"][1]["approval_rule_id"], Value::Null);
}

#[tokio::test]
async fn what_is_split_over_lines_is_judged_together_when_it_is_tried_and_asked_for() {
    let lab = given::a_lab().await;
    let (model, other) =
        (given::free_model(&lab.app, 9, &lab.admin).await, given::free_model(&lab.app, 9, &lab.admin).await);
    let category = "update equipment_models set category = case when id = $1 then 'Scopes' else 'scopes' end";
    sqlx::query(category).bind(model.id).execute(&lab.app.owner).await.unwrap();
    let units = set_rule(&lab, json!({"position": 1, "more_than_units": 3, "outcome": "technician"})).await;
    let of_category =
        set_rule(&lab, json!({"position": 2, "category": "SCOPES", "more_than_units": 4, "outcome": "technician"}))
            .await;
    let body = |lines: Vec<Value>| {
        let mut body = given::requisition(lab.project, &model, 1);
        body["lines"] = json!(lines);
        body
    };
    let ones = |model: &Model, count: usize| vec![json!({"model_id": model.id, "quantity": 1}); count];
    let named = json!({"equipment_id": model.units[0]});
    let three_and_one = body([ones(&model, 3), vec![named]].concat());
    let mixed = body([ones(&model, 3), ones(&other, 2)].concat());

    for (asked, rule, why) in [
        (&three_and_one, &units, "rule 1: more than 3 units; lines of one model or category count together"),
        (
            &mixed,
            &of_category,
            "rule 2: category SCOPES, more than 4 units; lines of one model or category count together",
        ),
    ] {
        let dry = lab.app.post(&lab.member.token, "/v1/requisitions/dry-run", asked).await.expect(200);
        let submitted = lab.app.post(&lab.member.token, "/v1/requisitions", asked).await.expect(202);
        for told in [&dry, &submitted] {
            assert_eq!((&told["waiting_for"], &told["approval_reason"]), (&json!("technician"), &json!(why)));
            assert_eq!(told["lines"][0]["approval_rule_id"], rule["id"]);
        }
    }
    let few = body([ones(&model, 3), ones(&other, 1)].concat());
    let through = lab.app.post(&lab.member.token, "/v1/requisitions", &few).await.expect(202);
    assert_eq!((&through["status"], &through["waiting_for"]), (&json!("pending"), &Value::Null));
    assert_eq!(through["loans"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_supervisor_agrees_first_and_then_a_technician_decides() {
    let lab = given::a_lab().await;
    let (model, professor) = (given::model(&lab.app, 2).await, supervisor(&lab).await);
    set_rule(&lab, json!({"position": 1, "outcome": "supervisor_then_technician"})).await;

    let asked = submit(&lab, &model, 1).await;
    assert_eq!(asked["waiting_for"], "supervisor");
    assert_eq!(events_to(&lab, &professor).await[0], "endorsement_needed");
    assert!(!events_to(&lab, &lab.technician).await.contains(&"approval_needed".to_owned()));
    say(&lab, &lab.technician, &asked, "approve").await.expect_problem(409, "supervisor-first");
    say(&lab, &lab.leader, &asked, "endorse").await.expect_problem(403, "member-role-not-allowed");
    say(&lab, &lab.technician, &asked, "endorse").await.expect_problem(403, "role-not-allowed");

    let endorsed = say(&lab, &professor, &asked, "endorse").await.expect(200);
    assert_eq!((&endorsed["waiting_for"], &endorsed["endorsed_by"]), (&json!("technician"), &json!(professor.id)));
    assert_eq!(endorsed["history"].as_array().unwrap().last().unwrap()["event"], "endorsed");
    assert_eq!(events_to(&lab, &lab.technician).await[0], "approval_needed");
    for word in ["endorse", "reject"] {
        say(&lab, &professor, &asked, word).await.expect_problem(409, "not-with-supervisor");
    }
    let approved = say(&lab, &lab.technician, &asked, "approve").await.expect(200);
    assert_eq!((&approved["status"], &approved["waiting_for"]), (&json!("approved"), &Value::Null));
}

#[tokio::test]
async fn a_supervisor_who_says_no_rejects() {
    let lab = given::a_lab().await;
    let (model, professor) = (given::model(&lab.app, 2).await, supervisor(&lab).await);
    set_rule(&lab, json!({"position": 1, "outcome": "supervisor_then_technician"})).await;
    let asked = submit(&lab, &model, 1).await;

    let rejected = say(&lab, &professor, &asked, "reject").await.expect(200);

    assert_eq!((&rejected["status"], &rejected["decided_by"]), (&json!("rejected"), &json!(professor.id)));
    assert_eq!(events_to(&lab, &lab.member).await[0], "rejected");
    say(&lab, &professor, &asked, "endorse").await.expect_problem(409, "already-decided");
}

#[tokio::test]
async fn without_a_supervisor_a_technician_decides_alone_and_the_answer_says_so() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 2).await;
    set_rule(&lab, json!({"position": 1, "outcome": "supervisor_then_technician"})).await;

    let asked = submit(&lab, &model, 1).await;
    assert_eq!(asked["waiting_for"], "technician");
    let reason = asked["approval_reason"].as_str().unwrap();
    assert!(reason.ends_with("the project has no supervisor, so a technician decides"), "{reason}");
    say(&lab, &lab.technician, &asked, "approve").await.expect(200);

    let professor = supervisor(&lab).await;
    let waiting = submit(&lab, &model, 1).await;
    say(&lab, &lab.technician, &waiting, "approve").await.expect_problem(409, "supervisor-first");
    lab.app.post(&professor.token, &format!("/v1/projects/{}/leave", lab.project), &json!({})).await.expect(200);
    say(&lab, &lab.technician, &waiting, "approve").await.expect(200);
}

#[tokio::test]
async fn a_quota_gone_over_asks_for_a_technician_unless_a_rule_about_it_says_otherwise() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let quota = json!({"scope": "person", "measure": "units_out", "most": 1});
    lab.app.post(&lab.admin.token, "/v1/quotas", &quota).await.expect(201);
    set_rule(&lab, json!({"position": 5, "outcome": "none"})).await;

    let over = submit(&lab, &model, 2).await;
    assert_eq!(
        (&over["waiting_for"], &over["approval_reason"]),
        (&json!("technician"), &json!("a quota is gone over"))
    );
    set_rule(&lab, json!({"position": 4, "over_quota": true, "outcome": "none"})).await;
    assert_eq!(submit(&lab, &model, 2).await["lines"][0]["status"], "approved");
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_needed_and_leaves_nothing() {
    let lab = given::a_lab().await;
    let (model, _professor) = (given::model(&lab.app, 2).await, supervisor(&lab).await);
    let rule =
        set_rule(&lab, json!({"position": 3, "longer_than_days": 6, "outcome": "supervisor_then_technician"})).await;
    let before = (lab.app.count("jobs").await, lab.app.count("status_history").await);
    let mut body = given::requisition(lab.project, &model, 1);

    let long = lab.app.post(&lab.member.token, "/v1/requisitions/dry-run", &body).await.expect(200);
    body["due_at"] = json!(Utc::now() + Duration::days(2));
    let short = lab.app.post_with_key(&lab.member.token, "/v1/requisitions/dry-run", "k", &body).await.expect(200);

    assert_eq!((&long["approval"], &long["waiting_for"]), (&rule["outcome"], &json!("supervisor")));
    assert_eq!(long["lines"][0]["approval_rule_id"], rule["id"]);
    assert_eq!(long["approval_reason"], "rule 3: longer than 6 days");
    assert_eq!((&short["approval"], &short["lines"][0]["approval_rule_id"]), (&json!("technician"), &Value::Null));
    assert_eq!((lab.app.count("jobs").await, lab.app.count("status_history").await), before);
    assert_eq!((lab.app.count("requisitions").await, lab.app.count("idempotency_keys where key = 'k'").await), (0, 0));
}

#[tokio::test]
async fn rules_are_changed_by_admins_alone_with_their_version_and_history() {
    let lab = given::a_lab().await;
    let rule = set_rule(&lab, json!({"position": 3, "category": "Scopes", "outcome": "technician"})).await;
    let path = format!("/v1/approval-rules/{}", id_of(&rule));
    let edit = async |token: &str, version: Option<&str>, body: Value| -> Reply {
        let mut request = super::app::request(Method::PATCH, &path, token).header("content-type", "application/json");
        if let Some(version) = version {
            request = request.header(header::IF_MATCH, version);
        }
        lab.app.send(request.body(Body::from(body.to_string())).unwrap()).await
    };

    for token in [&lab.technician.token, &lab.member.token] {
        lab.app
            .post(token, "/v1/approval-rules", &json!({"position": 1, "outcome": "none"}))
            .await
            .expect_problem(403, "role-not-allowed");
        edit(token, Some("*"), json!({"position": 1})).await.expect_problem(403, "role-not-allowed");
    }
    edit(&lab.admin.token, None, json!({"position": 1})).await.expect_problem(428, "precondition-required");
    let changed =
        edit(&lab.admin.token, Some("\"1\""), json!({"category": null, "value_from_cents": 5000})).await.expect(200);
    assert_eq!(changed["in_words"], "rule 3: worth 50.00 or more");
    edit(&lab.admin.token, Some("\"1\""), json!({"position": 1})).await.expect_problem(412, "precondition-failed");
    for wrong in [json!({"position": 0}), json!({"longer_than_days": 400}), json!({"value_from_cents": -1})] {
        edit(&lab.admin.token, Some("*"), wrong).await.expect_problem(422, "invalid-input");
    }
    assert_eq!(lab.app.get(&lab.member.token, "/v1/approval-rules").await.expect(200), json!([changed]));
    let told: Vec<String> =
        sqlx::query_scalar("select reason from status_history where entity = 'approval_rule' order by id")
            .fetch_all(&lab.app.owner)
            .await
            .unwrap();
    assert_eq!(told[1], "rule 3: category Scopes: technician → rule 3: worth 50.00 or more: technician");
}

#[tokio::test]
async fn whoever_agreed_as_a_supervisor_does_not_give_the_technicians_yes_and_may_still_say_no() {
    let lab = given::a_lab().await;
    let (model, both) = (given::model(&lab.app, 3).await, given::person(&lab.app, Role::Technician).await);
    given::add_member(&lab.app, lab.project, &lab.leader, &both, MemberRole::Supervisor).await;
    set_rule(&lab, json!({"position": 1, "outcome": "supervisor_then_technician"})).await;
    let (asked, unwanted) = (submit(&lab, &model, 1).await, submit(&lab, &model, 1).await);
    for one in [&asked, &unwanted] {
        say(&lab, &both, one, "endorse").await.expect(200);
    }
    let by_lines = json!({"decisions": [{"line_id": asked["lines"][0]["id"], "decision": "approve"}]});

    let problem = say(&lab, &both, &asked, "approve").await.expect_problem(403, "four-eyes");
    assert!(problem["detail"].as_str().unwrap().contains("somebody else of the lab must grant it"), "{problem}");
    let path = format!("/v1/requisitions/{}/decide", id_of(&asked));
    lab.app.post(&both.token, &path, &by_lines).await.expect_problem(403, "four-eyes");

    let queue = lab.app.get(&both.token, "/v1/requisitions?waiting_for=me").await.expect(200);
    assert_eq!(queue["items"], json!([]), "it does not wait for them any more");
    say(&lab, &both, &unwanted, "reject").await.expect(200);
    let approved = say(&lab, &lab.technician, &asked, "approve").await.expect(200);
    assert_eq!((&approved["status"], &approved["decided_by"]), (&json!("approved"), &json!(lab.technician.id)));
}

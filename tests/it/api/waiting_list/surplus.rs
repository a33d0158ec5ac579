//! More than one unit kept: what a requisition asks for stays kept until its decision, and the rest goes to the next in line.

use super::{Line, a_line_of};
use crate::api::given::{self, id_of};
use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// Both units are kept for the lab's member, and the other person waits for one.
async fn two_kept() -> Line {
    let line = a_line_of(2).await;
    line.join_for(&line.lab.member, 2).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;
    assert_eq!(line.kept_for(&line.lab.member).await.len(), 2, "all that they wait for, or nothing");
    line.join(&line.other).await.expect(201);
    line
}

impl Line {
    /// Asked for by whoever has the units kept.
    async fn submit_lines(&self, lines: Value) -> Value {
        let mut body = given::requisition(self.lab.project, &self.model, 1);
        body["lines"] = lines;
        let submitted = self.app().post(&self.lab.member.token, "/v1/requisitions", &body).await.expect(202);
        self.serve().await;
        submitted
    }

    async fn act(&self, requisition: Uuid, what: &str, body: Value) -> Value {
        let path = format!("/v1/requisitions/{requisition}/{what}");
        let done = self.app().post(&self.lab.technician.token, &path, &body).await.expect(200);
        self.serve().await;
        done
    }
}

#[tokio::test]
async fn several_units_are_kept_together_and_taken_together() {
    let line = two_kept().await;
    line.submit(&line.other).await.expect_problem(409, "no-free-unit");

    let taken = line.submit_for(&line.lab.member, 2).await.expect(202);

    let mut given: Vec<Uuid> = taken["loans"].as_array().unwrap().iter().map(given_unit).collect();
    given.sort();
    let mut units = line.model.units.clone();
    units.sort();
    assert_eq!(given, units);
    assert_eq!(line.app().count("holds where ended_at is null").await, 0);
}

#[tokio::test]
async fn whoever_asks_for_less_than_is_kept_keeps_what_they_ask_for_and_the_next_has_the_rest_at_once() {
    let line = two_kept().await;
    line.needs_approval().await;

    let pending = line.submit_lines(json!([{"model_id": line.model.id}])).await;

    assert_eq!(line.status(&line.other).await, "held");
    let (own, others) = (line.kept_for(&line.lab.member).await, line.kept_for(&line.other).await);
    assert_eq!((own.len(), others.len()), (1, 1));
    let approved = line.act(id_of(&pending), "approve", json!({})).await;
    assert_eq!(given_unit(&approved["loans"][0]), own[0]);
}

#[tokio::test]
async fn of_what_is_kept_the_unit_that_is_named_stays() {
    let line = two_kept().await;
    line.needs_approval().await;
    let named = line.kept_for(&line.lab.member).await[1];

    line.submit_lines(json!([{"equipment_id": named}])).await;

    assert_eq!(line.kept_for(&line.lab.member).await, [named]);
    assert_eq!(line.status(&line.other).await, "held");
}

/// Of two units one is kept for the member, and the other is free.
#[tokio::test]
async fn a_place_is_not_used_up_by_a_requisition_that_names_a_unit_that_is_not_kept() {
    for approval in [false, true] {
        let line = a_line_of(2).await;
        let mut body = given::requisition(line.lab.project, &line.model, 1);
        let second = line.app().post(&line.lab.leader.token, "/v1/requisitions", &body).await.expect(202);
        line.join(&line.lab.member).await.expect(201);
        line.cancel_promise().await;
        line.serve().await;
        let kept = line.kept_for(&line.lab.member).await;
        let cancel = format!("/v1/requisitions/{}/cancel", id_of(&second));
        line.app().post(&line.lab.leader.token, &cancel, &json!({})).await.expect(200);
        line.serve().await;
        if approval {
            line.needs_approval().await;
        }
        let other = line.model.units.iter().find(|unit| !kept.contains(unit)).unwrap();

        body["lines"] = json!([{"equipment_id": other}]);
        line.app().post(&line.lab.member.token, "/v1/requisitions", &body).await.expect(202);
        line.serve().await;

        assert_eq!(line.status(&line.lab.member).await, "held");
        assert_eq!(line.kept_for(&line.lab.member).await, kept);
        body["lines"] = json!([{"equipment_id": kept[0]}]);
        line.app().post(&line.lab.member.token, "/v1/requisitions", &body).await.expect(202);
        assert_eq!(line.status(&line.lab.member).await, "taken");
    }
}

#[tokio::test]
async fn an_edit_to_fewer_units_lets_the_next_have_the_rest() {
    let line = two_kept().await;
    line.needs_approval().await;
    let pending = line.submit_lines(json!([{"model_id": line.model.id, "quantity": 2}])).await;
    assert_eq!(line.kept_for(&line.lab.member).await.len(), 2);
    assert_eq!(line.status(&line.other).await, "waiting");

    let path = format!("/v1/requisitions/{}", id_of(&pending));
    let fewer = json!({"lines": [{"model_id": line.model.id, "quantity": 1}]});
    let edit = crate::api::app::request(Method::PATCH, &path, &line.lab.member.token)
        .header("content-type", "application/json")
        .header("if-match", "*")
        .body(fewer.to_string().into())
        .unwrap();
    line.app().send(edit).await.expect(200);
    line.serve().await;

    assert_eq!(line.kept_for(&line.lab.member).await.len(), 1);
    assert_eq!(line.status(&line.other).await, "held");
}

#[tokio::test]
async fn after_a_partial_decision_what_still_waits_stays_kept_and_what_was_refused_does_not() {
    for (ruling, next) in [("grant", "waiting"), ("reject", "held")] {
        let line = two_kept().await;
        line.needs_approval().await;
        let asked = line.submit_lines(json!([{"model_id": line.model.id}, {"model_id": line.model.id}])).await;
        let decided = json!({"decisions": [match ruling {
            "grant" => json!({"line_id": asked["lines"][0]["id"], "decision": "approve"}),
            _ => json!({"line_id": asked["lines"][0]["id"], "decision": "reject", "reason": "One is enough."}),
        }]});

        let partly = line.act(id_of(&asked), "decide", decided).await;

        let kept = line.kept_for(&line.lab.member).await;
        assert_eq!(kept.len(), 1, "{ruling}");
        assert!(partly["loans"].as_array().unwrap().iter().all(|loan| given_unit(loan) != kept[0]), "{partly}");
        assert_eq!(line.status(&line.other).await, next, "{ruling}");
        let all = line.act(id_of(&asked), "approve", json!({})).await;
        let given: Vec<Uuid> = all["loans"].as_array().unwrap().iter().map(given_unit).collect();
        assert!(given.contains(&kept[0]), "{all}");
        assert!(line.kept_for(&line.lab.member).await.is_empty());
    }
}

fn given_unit(loan: &Value) -> Uuid {
    loan["equipment_id"].as_str().unwrap().parse().unwrap()
}

//! More time is no way around the rules of approval: they are asked anew about the whole of it.

use super::{a_loan_out, told};
use crate::api::given::{self, Lab, id_of};
use chrono::{Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

async fn set_rule(lab: &Lab, rule: Value) {
    lab.app.post(&lab.admin.token, "/v1/approval-rules", &rule).await.expect(201);
}

/// What becomes of the wish: `null` if it was granted.
async fn extend(lab: &Lab, loan: Uuid, days_from_now: i64) -> Value {
    let body = json!({"due_at": Utc::now() + Duration::days(days_from_now)});
    let extended = lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/extend"), &body).await.expect(200);
    let loans = extended["loans"].as_array().unwrap();
    loans.iter().find(|one| id_of(one) == loan).unwrap()["extension_asked"].clone()
}

async fn grant(lab: &Lab, loan: Uuid) {
    let path = format!("/v1/loans/{loan}/extension/grant");
    lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_loan_that_becomes_longer_than_a_rule_lets_through_waits_for_a_yes_and_the_rule_is_named() {
    let lab = given::a_lab().await;
    set_rule(&lab, json!({"position": 1, "longer_than_days": 7, "outcome": "supervisor_then_technician"})).await;
    let (loan, _) = a_loan_out(&lab).await;

    let asked = extend(&lab, loan, 21).await;

    let why = "for all of that time the lab's rules ask for a supervisor's yes first; about more time a technician \
               decides alone; rule 1: longer than 7 days";
    assert_eq!(asked["approval_reason"], why);
    assert_eq!(told(&lab, &lab.technician.token, "extension_asked").await, [json!(why)]);
    assert_eq!(lab.app.count("loans where due_at > now() + interval '8 days'").await, 0, "due when it was");
    grant(&lab, loan).await;
    assert_eq!(lab.app.count("loans where due_at > now() + interval '20 days'").await, 1);
}

#[tokio::test]
async fn what_a_technician_has_agreed_to_is_not_asked_again() {
    let lab = given::a_lab().await;
    set_rule(&lab, json!({"position": 1, "longer_than_days": 9, "outcome": "technician"})).await;
    let (loan, _) = a_loan_out(&lab).await;

    let asked = extend(&lab, loan, 11).await;

    let why = "for all of that time the lab's rules ask for a technician's yes; rule 1: longer than 9 days";
    assert_eq!(asked["approval_reason"], why);
    grant(&lab, loan).await;
    assert_eq!(extend(&lab, loan, 13).await, json!(null), "a technician has agreed to it");
}

#[tokio::test]
async fn units_that_are_extended_one_by_one_count_together_and_the_rule_is_named_beside_a_limit() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 2, &lab.admin).await;
    let rule = json!({"position": 1, "longer_than_days": 7, "more_than_units": 1, "outcome": "technician"});
    set_rule(&lab, rule).await;
    let body = given::requisition(lab.project, &model, 2);
    let two = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
    given::checked_out(&lab, &two).await;
    let (single, _) = a_loan_out(&lab).await;

    let asked = extend(&lab, id_of(&two["loans"][0]), 60).await;

    let why = "it would be extended by more days than the lab allows by itself; for all of that time the lab's rules ask \
               for a technician's yes; rule 1: longer than 7 days, more than 1 units";
    assert_eq!(asked["approval_reason"], why);
    assert_eq!(extend(&lab, single, 9).await, json!(null));
}

//! One requisition from request to return, as people see it.

use super::{
    app::request,
    given::{self, id_of},
};
use axum::{body::Body, http::Method};
use makerlab_shared::telemetry::{self, TelemetrySettings};
use serde_json::{Value, json};

#[tokio::test]
async fn a_requisition_that_needs_an_approval_is_submitted_approved_lent_and_asked_back() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 2).await;

    let body = given::requisition(lab.project, &model, 1);
    let submitted = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await;
    let location = submitted.headers["location"].to_str().unwrap().to_owned();
    let submitted = submitted.expect(202);
    assert_eq!(submitted["status"], "pending");
    assert!(submitted["number"].as_str().unwrap().starts_with("R-20"), "{submitted}");
    assert_eq!(submitted["loans"], json!([]));

    let read = lab.app.get(&lab.member.token, &location).await.expect(200);
    assert_eq!(read, submitted);

    let approved = lab.app.post(&lab.technician.token, &format!("{location}/approve"), &json!({})).await.expect(200);
    assert_eq!(approved["status"], "approved");
    assert_eq!(approved["decided_by"], json!(lab.technician.id));
    assert_eq!(approved["operations"][0]["state"], "waiting");
    assert_eq!(approved["operations"][0]["being_verified"], false);

    given::checked_out(&lab, &approved).await;
    let loan = id_of(&approved["loans"][0]);
    let returning = lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &json!({})).await;
    assert_eq!(returning.headers["location"], location.as_str());
    let returning = returning.expect(202);
    assert_eq!(kinds(&returning), ["check_out", "check_in"]);
    let events: Vec<_> =
        returning["history"].as_array().unwrap().iter().filter_map(|entry| entry["event"].as_str()).collect();
    assert_eq!(events.first(), Some(&"submitted"));
    assert!(events.contains(&"approved") && events.contains(&"return_requested"), "{events:?}");

    lab.app
        .post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &json!({}))
        .await
        .expect_problem(409, "return-under-way");
}

#[tokio::test]
async fn what_needs_no_approval_is_promised_at_once() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 3, &lab.admin).await;

    let body = given::requisition(lab.project, &model, 2);
    let submitted = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);

    assert_eq!(submitted["loans"].as_array().unwrap().len(), 2);
    assert_eq!(submitted["lines"][0]["status"], "approved");
    assert_eq!(lab.app.count("jobs where kind = 'run_operation'").await, 2);
    let shown = lab.app.get(&lab.member.token, &format!("/v1/equipment-models/{}", model.id)).await.expect(200);
    assert_eq!((&shown["total_units"], &shown["free_units"]), (&json!(3), &json!(1)));
    assert!(shown["age_seconds"].as_i64().unwrap() < 60);
}

#[tokio::test]
async fn a_rejection_carries_its_reason_and_a_cancelled_requisition_gives_its_units_back() {
    let lab = given::a_lab().await;
    let needs_approval = given::model(&lab.app, 1).await;
    let straight = given::free_model(&lab.app, 1, &lab.admin).await;

    let rejected = id_of(&given::submitted(&lab, &needs_approval).await);
    let path = format!("/v1/requisitions/{rejected}/reject");
    let body = json!({"reason": "The probe is being repaired"});
    let rejected = lab.app.post(&lab.technician.token, &path, &body).await.expect(200);
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(rejected["decision_reason"], "The probe is being repaired");

    let promised = id_of(&given::submitted(&lab, &straight).await);
    let cancelled =
        lab.app.post(&lab.member.token, &format!("/v1/requisitions/{promised}/cancel"), &json!({})).await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["loans"][0]["status"], "released");
    given::submitted(&lab, &straight).await;
}

#[tokio::test]
async fn people_are_told_and_can_read_what_was_written_to_them() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    given::submitted(&lab, &model).await;

    let to_member = lab.app.get(&lab.member.token, "/v1/notifications").await.expect(200);
    let to_technician = lab.app.get(&lab.technician.token, "/v1/notifications").await.expect(200);

    assert_eq!(events(&to_member), ["submitted", "member_added"]);
    assert_eq!(events(&to_technician), ["approval_needed", "project_submitted"]);
}

#[tokio::test]
async fn history_cannot_be_rewritten_by_the_application() {
    let lab = given::a_lab().await;

    for statement in ["update status_history set event = 'x'", "delete from status_history", "truncate status_history"]
    {
        let refused = sqlx::query(statement).execute(&lab.app.app_pool).await.unwrap_err();
        assert_eq!(refused.into_database_error().unwrap().code().as_deref(), Some("42501"), "{statement}");
    }
}

#[tokio::test]
async fn the_jobs_of_a_requisition_carry_on_the_trace_of_its_request() {
    let _running = telemetry::init(&TelemetrySettings::quiet("test")).unwrap();
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let body = given::requisition(lab.project, &model, 1).to_string();
    let trace = "0af7651916cd43dd8448eb211c80319c";

    let request = request(Method::POST, "/v1/requisitions", &lab.member.token)
        .header("content-type", "application/json")
        .header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"))
        .body(Body::from(body))
        .unwrap();
    lab.app.send(request).await.expect(202);

    let ours = lab.app.count(&format!("jobs where traceparent like '00-{trace}-%'")).await;
    assert!(ours > 1);
    assert_eq!(ours, lab.app.count("jobs where created_at > (select max(added_at) from memberships)").await);
}

fn kinds(requisition: &Value) -> Vec<&str> {
    requisition["operations"].as_array().unwrap().iter().filter_map(|operation| operation["kind"].as_str()).collect()
}

fn events(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().filter_map(|item| item["event"].as_str()).collect()
}

//! What was exchanged at the counter is one loan to the borrower: exchanged again, extended, late, and counted once.

use super::{
    exchange::{Counter, another_unit, second_of},
    given, of_loans,
};
use crate::api::given::Person;
use axum::{body::Body, http::Method, http::header};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{id::LoanId, user::Role};
use serde_json::{Value, json};

impl Counter {
    async fn student(&self) -> Person {
        let id = self.floor.people.student.id;
        Person { id: id.0, token: given::token(&self.app, id, Utc::now() + Duration::days(1)).await }
    }

    async fn extend(&self, loan: LoanId, days: i64) -> crate::api::app::Reply {
        let body = json!({"due_at": Utc::now() + Duration::days(days), "reason": "One more measurement"});
        let path = format!("/v1/loans/{loan}/extend");
        self.app.post(&self.student().await.token, &path, &body).await
    }

    /// As the list of loans and the requisition tell them.
    async fn extensions_of(&self, loans: [LoanId; 2]) -> [i64; 2] {
        let listed = self.app.get(&self.technician.token, "/v1/loans").await.expect(200);
        let path = format!("/v1/requisitions/{}", self.asked.requisition);
        let requisition = self.app.get(&self.technician.token, &path).await.expect(200);
        let told = |of: &Value, id: LoanId| {
            let found = of.as_array().unwrap().iter().find(|loan| loan["id"] == json!(id)).unwrap();
            found["extensions"].as_i64().unwrap()
        };
        let of_list = loans.map(|id| told(&listed["items"], id));
        assert_eq!(of_list, loans.map(|id| told(&requisition["loans"], id)));
        of_list
    }

    async fn grant(&self, loan: LoanId) {
        let path = format!("/v1/loans/{loan}/extension/grant");
        self.app.post(&self.technician.token, &path, &json!({})).await.expect(200);
    }
}

/// The loan in the place of another that is with its borrower.
fn last_of(requisition: &Value) -> LoanId {
    let loans = requisition["loans"].as_array().unwrap();
    let replaced = |id: &Value| loans.iter().any(|later| later["instead_of"] == *id);
    let last = loans.iter().find(|loan| !replaced(&loan["id"])).expect("a loan that nothing took the place of");
    LoanId(last["id"].as_str().unwrap().parse().unwrap())
}

#[tokio::test]
async fn a_unit_that_took_the_place_of_another_is_exchanged_again_and_the_first_never() {
    let counter = Counter::new().await;
    counter.comes_to(counter.asked.loan, "checked_out").await;
    let exchanged = counter.exchange().await;
    let second = second_of(&exchanged);
    let (third_asset, tag) = another_unit(&counter.floor).await;

    let again = counter.give(json!([{"tag": tag, "loan_id": counter.asked.loan}])).await;
    let problem = again.expect_problem(409, "return-under-way");
    assert!(problem["detail"].as_str().unwrap().contains("exchange that one by its loan_id"), "{problem}");
    let twice = counter.give(json!([{"tag": tag, "loan_id": second}])).await.expect(202);

    let third = last_of(&twice);
    let mut statuses = of_loans(&twice, "status");
    statuses.sort_unstable();
    assert_eq!(statuses, ["checked_out", "handed_over", "returned"], "of the second Snipe-IT never heard");
    counter.comes_to(third, "checked_out").await;
    counter.comes_to(counter.asked.loan, "returned").await;
    let second_asset = counter.floor.asset_of(second).await;
    let effects = [counter.asked.asset, second_asset, third_asset].map(|asset| counter.effects(asset));
    assert_eq!(effects, [(1, 1), (0, 0), (1, 0)]);
    assert_eq!(counter.floor.requisition_status(counter.asked.requisition).await, "checked_out");
}

#[tokio::test]
async fn what_is_late_is_not_exchanged_before_it_is_extended_and_the_other_is_due_on_the_new_day() {
    let counter = Counter::new().await;
    counter.comes_to(counter.asked.loan, "checked_out").await;
    counter.floor.database.move_lab_clock(8).await;
    let (_, tag) = another_unit(&counter.floor).await;
    let units = json!([{"tag": tag, "loan_id": counter.asked.loan}]);

    let problem = counter.give(units.clone()).await.expect_problem(409, "period-over");

    assert!(problem["detail"].as_str().unwrap().contains("have the loan extended first"), "{problem}");
    counter.extend(counter.asked.loan, 20).await.expect(200);
    counter.grant(counter.asked.loan).await;
    let exchanged = counter.give(units).await.expect(202);
    let due: Vec<_> = of_loans(&exchanged, "due_at");
    assert_eq!(due[0], due[1], "the requisition's own period is over, the loan's is not");
}

#[tokio::test]
async fn extensions_are_counted_through_an_exchange_and_the_first_unit_gets_none_any_more() {
    let counter = Counter::new().await;
    let admin = given::person(&counter.app, Role::Admin).await;
    let settings = crate::api::app::request(Method::PATCH, "/v1/lab-settings", &admin.token)
        .header(header::IF_MATCH, "*")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json!({"extensions_max": 1}).to_string()));
    counter.app.send(settings.unwrap()).await.expect(200);
    counter.comes_to(counter.asked.loan, "checked_out").await;
    counter.extend(counter.asked.loan, 8).await.expect(200);

    let second = second_of(&counter.exchange().await);

    counter.extend(counter.asked.loan, 9).await.expect_problem(409, "return-under-way");
    let asked = counter.extend(second, 9).await.expect(200);
    let waits = asked["loans"].as_array().unwrap().iter().filter(|loan| loan["extension_asked"].is_object());
    assert_eq!(waits.count(), 1, "a technician decides on the second extension: {asked}");
    assert_eq!(counter.extensions_of([counter.asked.loan, second]).await, [1, 1]);
    counter.grant(second).await;
    assert_eq!(counter.extensions_of([counter.asked.loan, second]).await, [1, 2], "the first ended before the last");
}

#[tokio::test]
async fn a_wish_that_waits_goes_on_with_the_unit_that_took_the_place_and_both_tell_it() {
    let counter = Counter::new().await;
    counter.comes_to(counter.asked.loan, "checked_out").await;
    counter.extend(counter.asked.loan, 40).await.expect(200);

    let exchanged = counter.exchange().await;

    let second = second_of(&exchanged);
    let of = |id: LoanId| exchanged["loans"].as_array().unwrap().iter().find(|loan| loan["id"] == json!(id)).unwrap();
    assert_eq!(of(counter.asked.loan)["extension_asked"], json!(null));
    assert_eq!(of(second)["extension_asked"]["reason"], "One more measurement", "{exchanged}");
    for loan in [counter.asked.loan, second] {
        let path = format!("/v1/loans/{loan}/history");
        let history = counter.app.get(&counter.technician.token, &path).await.expect(200);
        let told = history["items"].as_array().unwrap().iter().filter(|row| row["event"] == "extension_moved");
        assert_eq!(told.count(), 1, "{history}");
    }
    let letters = "select subject_id, status from notifications where event = 'extension_asked' order by created_at";
    let letters: Vec<(uuid::Uuid, String)> = sqlx::query_as(letters).fetch_all(&counter.floor.pool).await.unwrap();
    assert_eq!(letters, [(counter.asked.loan.0, "moot".to_owned()), (second.0, "queued".to_owned())]);
    counter.grant(second).await;
    counter.comes_to(second, "checked_out").await;
    assert_eq!(counter.extensions_of([counter.asked.loan, second]).await, [0, 1]);
}

#[tokio::test]
async fn an_exchange_counts_once_in_the_quota_and_in_the_report_before_and_after_snipeits_answer() {
    let counter = Counter::new().await;
    let admin = given::person(&counter.app, Role::Admin).await;
    for measure in ["units_out", "loan_days"] {
        let quota = json!({"scope": "person", "measure": measure, "most": 100});
        counter.app.post(&admin.token, "/v1/quotas", &quota).await.expect(201);
    }
    counter.comes_to(counter.asked.loan, "checked_out").await;
    let student = counter.student().await;
    let counted = async || {
        let quotas = counter.app.get(&student.token, "/v1/users/me/quotas").await.expect(200);
        let used: Vec<_> = quotas.as_array().unwrap().iter().map(|quota| quota["used"].clone()).collect();
        let report = counter.app.get(&admin.token, "/v1/reports/lab?from=2026-09-01&to=2100-01-01").await.expect(200);
        let of_report = [
            &report["out_now"]["units"],
            &report["loans"]["by_model"][0]["loans"],
            &report["waiting"]["decided_to_out"]["count"],
            &report["returns"]["on_time"],
        ];
        (used, of_report.map(|number| number.as_i64().expect("a number")))
    };
    let before = counted().await;
    assert_eq!(before.1, [2, 2, 2, 0], "the floor's loan and this one");

    let second = second_of(&counter.exchange().await);

    assert_eq!(counted().await, before);
    counter.comes_to(second, "checked_out").await;
    counter.comes_to(counter.asked.loan, "returned").await;
    assert_eq!(counted().await, before);
}

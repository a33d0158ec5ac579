//! Returns with what is said of the unit's condition.

use super::{a_loan_out, told};
use crate::api::{
    app::fields,
    given::{self, id_of},
};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

#[tokio::test]
async fn what_comes_back_is_fine_unless_somebody_says_otherwise() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;

    let path = format!("/v1/loans/{loan}/return");
    let returning = lab.app.post(&lab.member.token, &path, &json!({})).await.expect(202);

    assert_eq!(returning["loans"][0]["return_condition"], "fine");
    assert_eq!(returning["loans"][0]["return_note"], json!(null));
    assert_eq!(told(&lab, &lab.technician.token, "return_requested").await.len(), 1);
    assert!(told(&lab, &lab.technician.token, "returned_damaged").await.is_empty());
}

#[tokio::test]
async fn damage_is_told_to_the_technicians_and_shown_with_the_loan_and_its_words_stay_out_of_history() {
    let lab = given::a_lab().await;
    let (loan, requisition) = a_loan_out(&lab).await;

    let body = json!({"condition": "damaged", "note": "  Channel 2 is dead  "});
    let returning = lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &body).await.expect(202);

    let shown = &returning["loans"][0];
    assert_eq!(
        (&shown["return_condition"], &shown["return_note"]),
        (&json!("damaged"), &json!("Channel 2 is dead")),
        "{shown}"
    );
    assert_eq!(told(&lab, &lab.technician.token, "returned_damaged").await, [json!("Channel 2 is dead")]);
    assert!(told(&lab, &lab.technician.token, "return_requested").await.is_empty(), "one letter says it all");
    let listed = lab.app.get(&lab.member.token, "/v1/loans").await.expect(200);
    assert_eq!(listed["items"][0]["return_condition"], "damaged");
    let asked = "status_history where event = 'return_requested' and entity = 'loan' and reason = 'damaged'";
    assert_eq!(lab.app.count(asked).await, 1);
    assert_eq!(lab.app.count("status_history where reason like '%Channel%'").await, 0);
    assert_eq!(lab.app.count("operations where kind = 'check_in'").await, 1, "{requisition}");
}

#[tokio::test]
async fn what_is_not_fine_needs_words_and_without_them_nothing_happens() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;
    let path = format!("/v1/loans/{loan}/return");

    for (body, field) in [
        (json!({"condition": "damaged"}), "/note"),
        (json!({"condition": "lost", "note": " "}), "/note"),
        (json!({"condition": "incomplete", "note": "x".repeat(2001)}), "/note"),
        (json!({"condition": "shiny"}), "/condition"),
    ] {
        let problem = lab.app.post(&lab.member.token, &path, &body).await.expect_problem(422, "invalid-input");
        assert_eq!(fields(&problem), [field], "{body}");
    }

    assert_eq!(lab.app.count("operations where kind = 'check_in'").await, 0);
    assert_eq!(lab.app.count("loans where return_condition is not null").await, 0);
}

#[tokio::test]
async fn what_was_said_of_the_condition_stays_in_the_loans_history_when_a_technician_says_something_else() {
    let lab = given::a_lab().await;
    let (loan, requisition) = a_loan_out(&lab).await;
    let said = json!({"condition": "damaged", "note": "Channel 2 is dead"});
    lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &said).await.expect(202);
    let path = format!("/v1/loans/{loan}/condition");
    let words = json!({"condition": "damaged", "note": "Only the probe is broken"});
    lab.app.post(&lab.technician.token, &path, &words).await.expect(200);
    lab.app.post(&lab.admin.token, &path, &json!({})).await.expect(200);

    let history = lab.app.get(&lab.member.token, &format!("/v1/loans/{loan}/history")).await.expect(200);

    let of_loan = history["items"].as_array().unwrap().iter().filter(|row| row["entity"] == "loan");
    let told: Vec<_> = of_loan.take(3).map(|row| json!([row["event"], row["actor"]["id"], row["changes"]])).collect();
    let change = |field: &str, before: Value, after: Value| json!({"field": field, "before": before, "after": after});
    let (dead, broken) = (json!("Channel 2 is dead"), json!("Only the probe is broken"));
    let condition = |before: Value, after: &str| change("return_condition", before, json!(after));
    assert_eq!(
        told,
        [
            json!([
                "condition_corrected",
                lab.admin.id,
                [condition(json!("damaged"), "fine"), change("return_note", broken.clone(), json!(null))]
            ]),
            json!(["condition_corrected", lab.technician.id, [change("return_note", dead.clone(), broken)]]),
            json!([
                "return_requested",
                lab.member.id,
                [condition(json!(null), "damaged"), change("return_note", json!(null), dead)]
            ]),
        ]
    );
    let shown = lab.app.get(&lab.member.token, &format!("/v1/requisitions/{requisition}")).await.expect(200);
    assert_eq!(shown["loans"][0]["return_condition"], "fine", "the loan shows what was said last");
    assert!(shown["history"].as_array().unwrap().iter().any(|row| row["changes"] == told[1][2]), "{shown}");
}

#[tokio::test]
async fn nobody_corrects_the_condition_of_what_they_have_borrowed_themselves() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let borrower = given::person(&lab.app, Role::Technician).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &borrower, MemberRole::Member).await;
    let body = given::requisition(lab.project, &model, 1);
    let requisition = lab.app.post(&borrower.token, "/v1/requisitions", &body).await.expect(202);
    given::checked_out(&lab, &requisition).await;
    let loan = id_of(&requisition["loans"][0]);
    let said = json!({"condition": "damaged", "note": "A bent pin"});
    lab.app.post(&borrower.token, &format!("/v1/loans/{loan}/return"), &said).await.expect(202);
    let path = format!("/v1/loans/{loan}/condition");

    lab.app.post(&borrower.token, &path, &json!({})).await.expect_problem(403, "own-requisition");

    assert_eq!(lab.app.count("loans where return_condition = 'damaged'").await, 1);
    lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(200);
}

#[tokio::test]
async fn whoever_was_asked_to_look_at_a_unit_need_not_once_somebody_has() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;
    let correct = async |condition: &str| {
        let body = json!({"condition": condition, "note": "As I see it"});
        lab.app.post(&lab.technician.token, &format!("/v1/loans/{loan}/condition"), &body).await.expect(200);
    };
    let statuses = async |event: &str| {
        let statuses = "select status from notifications where event = $1 order by created_at, id";
        sqlx::query_scalar::<_, String>(statuses).bind(event).fetch_all(&lab.app.owner).await.unwrap()
    };
    lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &json!({})).await.expect(202);
    assert_eq!(statuses("return_requested").await, ["queued"]);

    correct("damaged").await;
    correct("damaged").await;
    assert_eq!((statuses("return_requested").await, statuses("returned_damaged").await), one("moot", "queued"));
    correct("fine").await;
    assert_eq!((statuses("return_requested").await, statuses("returned_damaged").await), one("moot", "moot"));
}

fn one(requested: &str, damaged: &str) -> (Vec<String>, Vec<String>) {
    (vec![requested.to_owned()], vec![damaged.to_owned()])
}

#[tokio::test]
async fn technicians_correct_the_condition_and_hear_of_a_damage_once() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;
    let path = format!("/v1/loans/{loan}/condition");
    let damaged = json!({"condition": "damaged", "note": "A bent pin"});

    lab.app.post(&lab.technician.token, &path, &damaged).await.expect_problem(409, "not-returned");
    lab.app.post(&lab.member.token, &path, &damaged).await.expect_problem(403, "role-not-allowed");
    lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &json!({})).await.expect(202);
    let corrected = lab.app.post(&lab.technician.token, &path, &damaged).await.expect(200);
    lab.app.post(&lab.technician.token, &path, &damaged).await.expect(200);
    let words = json!({"condition": "damaged", "note": "Two bent pins"});
    lab.app.post(&lab.technician.token, &path, &words).await.expect(200);

    assert_eq!(corrected["loans"][0]["return_note"], "A bent pin");
    assert_eq!(corrected["loans"][0]["status"], "checked_out", "the check-in goes its way");
    assert_eq!(told(&lab, &lab.technician.token, "returned_damaged").await, [json!("A bent pin")]);
    let corrections = "status_history where event = 'condition_corrected' and reason = 'damaged'";
    assert_eq!(lab.app.count(corrections).await, 2, "the same once more changes nothing");
    let fine = lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(200);
    assert_eq!(
        (&fine["loans"][0]["return_condition"], &fine["loans"][0]["return_note"]),
        (&json!("fine"), &json!(null))
    );
}

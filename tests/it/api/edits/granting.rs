//! Nobody grants what was edited without saying which version they have read.

use super::{change, edit, of, read, say, tag};
use crate::api::given::{self, Lab};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

/// Submitted, and edited before anybody decided.
async fn an_edited_one(lab: &Lab) -> Value {
    let model = given::model(&lab.app, 9).await;
    let asked = given::submitted(lab, &model).await;
    change(lab, &asked, json!({"due_at": asked["due_at"], "lines": [of(&model, 3)]})).await
}

fn all_of(requisition: &Value, decision: &str) -> Value {
    let waiting = requisition["lines"].as_array().unwrap().iter().filter(|line| line["status"] == "pending");
    let decisions = waiting.map(|line| json!({"line_id": line["id"], "decision": decision, "reason": "So it is."}));
    json!({"decisions": decisions.collect::<Vec<_>>()})
}

#[tokio::test]
async fn a_yes_to_what_was_edited_needs_its_version_and_says_what_to_do() {
    let lab = given::a_lab().await;
    let edited = an_edited_one(&lab).await;
    let before = read(&lab, &edited).await;
    let by_line = all_of(&edited, "approve");

    for (word, body) in [("approve", json!({})), ("decide", by_line.clone())] {
        for vague in [None, Some("*")] {
            let refused = say(&lab, &lab.technician, &edited, word, vague, &body).await;
            let refused = refused.expect_problem(428, "precondition-required");
            assert!(
                refused["detail"].as_str().unwrap().contains("send the header If-Match with the ETag"),
                "{refused}"
            );
        }
        let stale = say(&lab, &lab.technician, &edited, word, Some("\"1\""), &body).await;
        stale.expect_problem(412, "precondition-failed");
    }
    assert_eq!(read(&lab, &edited).await.json, before.json, "nothing was granted");

    let approved = say(&lab, &lab.technician, &edited, "decide", Some(&tag(&before)), &by_line).await.expect(200);
    assert_eq!(approved["status"], "approved");
}

#[tokio::test]
async fn a_supervisor_agrees_to_what_was_edited_only_in_the_version_that_they_read() {
    let lab = given::a_lab().await;
    let professor = given::person(&lab.app, Role::Professor).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &professor, MemberRole::Supervisor).await;
    let rule = json!({"position": 1, "outcome": "supervisor_then_technician"});
    lab.app.post(&lab.admin.token, "/v1/approval-rules", &rule).await.expect(201);
    let edited = an_edited_one(&lab).await;
    let version = tag(&read(&lab, &edited).await);

    let blind = say(&lab, &professor, &edited, "endorse", None, &json!({})).await;
    blind.expect_problem(428, "precondition-required");
    say(&lab, &professor, &edited, "endorse", Some(&version), &json!({})).await.expect(200);
    let stale = say(&lab, &lab.technician, &edited, "approve", Some(&version), &json!({})).await;
    stale.expect_problem(412, "precondition-failed");
}

#[tokio::test]
async fn a_no_needs_no_version_whatever_it_asks_for_by_now() {
    let lab = given::a_lab().await;
    let (whole, by_line) = (an_edited_one(&lab).await, an_edited_one(&lab).await);

    say(&lab, &lab.technician, &whole, "reject", None, &json!({"reason": "No."})).await.expect(200);
    let rejection = all_of(&by_line, "reject");
    let rejected = say(&lab, &lab.technician, &by_line, "decide", None, &rejection).await.expect(200);

    assert_eq!(rejected["status"], "rejected");
}

#[tokio::test]
async fn what_was_never_edited_is_decided_without_a_version() {
    let lab = given::a_lab().await;
    let asked = given::submitted(&lab, &given::model(&lab.app, 1).await).await;
    say(&lab, &lab.technician, &asked, "approve", None, &json!({})).await.expect(200);
}

#[tokio::test]
async fn of_an_edit_and_an_approval_without_a_version_at_once_only_what_was_submitted_is_ever_granted() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 30).await;
    for _ in 0..10 {
        let asked = given::submitted(&lab, &model).await;
        let (body, nothing) = (json!({"lines": [of(&model, 2)]}), json!({}));

        let (edited, approved) = tokio::join!(
            edit(&lab, &lab.member, &asked, Some("\"1\""), &body),
            say(&lab, &lab.technician, &asked, "approve", None, &nothing)
        );

        match (edited.status.as_u16(), approved.status.as_u16()) {
            (200, 428) => assert_eq!(approved.json["type"], "/problems/precondition-required"),
            (412, 200) => assert_eq!(approved.json["loans"].as_array().unwrap().len(), 1),
            both => panic!("{both:?}: {} {}", edited.json, approved.json),
        }
    }
}

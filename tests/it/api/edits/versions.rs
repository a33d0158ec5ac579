//! Nobody changes or decides what they have not read.

use super::{change, edit, lines, of, read, say, tag};
use crate::api::given;
use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::json;

#[tokio::test]
async fn every_answer_that_shows_a_requisition_tells_its_version_also_a_repeated_one() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let body = given::requisition(lab.project, &model, 1);
    let submit = || lab.app.post_with_key(&lab.member.token, "/v1/requisitions", "once", &body);
    let (first, again) = (submit().await, submit().await);
    assert_eq!((tag(&first), tag(&again)), ("\"1\"".to_owned(), "\"1\"".to_owned()));

    let asked = first.json;
    assert_eq!(tag(&read(&lab, &asked).await), "\"1\"");
    let approved = say(&lab, &lab.technician, &asked, "approve", Some("\"1\""), &json!({})).await;

    assert_eq!(tag(&approved), "\"2\"");
    assert_eq!(tag(&say(&lab, &lab.member, &asked, "cancel", None, &json!({})).await), "\"3\"");
}

#[tokio::test]
async fn an_edit_must_name_the_version_that_was_read() {
    let lab = given::a_lab().await;
    let asked = given::submitted(&lab, &given::model(&lab.app, 1).await).await;
    let read_at = tag(&read(&lab, &asked).await);
    let body = json!({"purpose": "Measure the mast"});

    edit(&lab, &lab.member, &asked, None, &body).await.expect_problem(428, "precondition-required");
    edit(&lab, &lab.member, &asked, Some("1"), &body).await.expect_problem(400, "malformed-request");
    edit(&lab, &lab.member, &asked, Some(&read_at), &body).await.expect(200);
    let stale = edit(&lab, &lab.member, &asked, Some(&read_at), &json!({"purpose": "Another"})).await;
    let stale = stale.expect_problem(412, "precondition-failed");

    assert_eq!(stale["detail"], "the requisition was changed since you read it; read it again and decide again");
    assert_eq!(read(&lab, &asked).await.json["purpose"], "Measure the mast");
}

#[tokio::test]
async fn of_two_edits_at_once_one_counts_and_the_other_hears_that_it_is_stale() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let asked = given::submitted(&lab, &model).await;
    let version = tag(&read(&lab, &asked).await);
    let (few, many) = (json!({"lines": [of(&model, 2)]}), json!({"lines": [of(&model, 5)]}));

    let (one, other) = tokio::join!(
        edit(&lab, &lab.member, &asked, Some(&version), &few),
        edit(&lab, &lab.leader, &asked, Some(&version), &many)
    );

    let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
    lost.expect_problem(412, "precondition-failed");
    let won = won.expect(200);
    let standing: Vec<_> = lines(&won).into_iter().filter(|line| line.2 == "pending").collect();
    assert_eq!(standing.len(), 1, "{won:#}");
    assert_eq!(read(&lab, &asked).await.json, won);
}

#[tokio::test]
async fn the_same_edit_with_the_same_key_is_done_once() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let asked = given::submitted(&lab, &model).await;
    let version = tag(&read(&lab, &asked).await);
    let path = format!("/v1/requisitions/{}", given::id_of(&asked));
    let send = || {
        let request = crate::api::app::request(Method::PATCH, &path, &lab.member.token)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, &version)
            .header("idempotency-key", "edit");
        lab.app.send(request.body(Body::from(json!({"lines": [of(&model, 3)]}).to_string())).unwrap())
    };

    let (first, again) = (send().await, send().await);

    assert_eq!((again.status.as_u16(), tag(&again)), (200, tag(&first)));
    assert_eq!(again.json, first.json);
    assert_eq!(first.json["edits"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_decides_what_was_edited_since_they_read_it() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let asked = given::submitted(&lab, &model).await;
    let seen = tag(&read(&lab, &asked).await);
    let edited = change(&lab, &asked, json!({"lines": [of(&model, 5)]})).await;
    let old_line = json!({"decisions": [{"line_id": asked["lines"][0]["id"], "decision": "approve"}]});
    let new_line = json!({"decisions": [{"line_id": edited["lines"][1]["id"], "decision": "approve"}]});

    for (word, body) in [("approve", json!({})), ("reject", json!({"reason": "No."})), ("decide", new_line.clone())] {
        let stale = say(&lab, &lab.technician, &asked, word, Some(&seen), &body).await;
        stale.expect_problem(412, "precondition-failed");
    }
    let now = tag(&read(&lab, &asked).await);
    let gone = say(&lab, &lab.technician, &asked, "decide", Some(&now), &old_line).await;
    let gone = gone.expect_problem(409, "line-withdrawn");

    assert!(gone["detail"].as_str().unwrap().starts_with("line 1 was taken out since you read it"), "{gone}");
    let approved = say(&lab, &lab.technician, &asked, "decide", Some(&now), &new_line).await.expect(200);
    assert_eq!((&approved["status"], approved["loans"].as_array().unwrap().len()), (&json!("approved"), 5));
    assert_eq!(lines(&approved), [(1, 1, "withdrawn"), (2, 5, "approved")]);
}

#[tokio::test]
async fn of_an_edit_and_an_approval_of_the_same_version_one_counts() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    for _ in 0..10 {
        let asked = given::submitted(&lab, &model).await;
        let version = tag(&read(&lab, &asked).await);
        let (body, nothing) = (json!({"lines": [of(&model, 2)]}), json!({}));

        let (edited, approved) = tokio::join!(
            edit(&lab, &lab.member, &asked, Some(&version), &body),
            say(&lab, &lab.technician, &asked, "approve", Some(&version), &nothing)
        );

        let loans = read(&lab, &asked).await.json["loans"].as_array().unwrap().len();
        match (edited.status.as_u16(), approved.status.as_u16()) {
            (200, 412) => assert_eq!(loans, 0),
            (412, 200) => assert_eq!(loans, 1, "what was read was approved"),
            both => panic!("{both:?}: {} {}", edited.json, approved.json),
        }
        say(&lab, &lab.member, &asked, "cancel", None, &nothing).await.expect(200);
    }
}

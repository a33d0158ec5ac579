//! How people hear of what: their own choice, within what somebody else depends on.

use super::{
    app::{fields, request},
    given::{self, Lab, Person},
};
use axum::http::Method;
use serde_json::{Value, json};

const PATH: &str = "/v1/users/me/preferences";

async fn choose(lab: &Lab, person: &Person, body: Value) -> super::app::Reply {
    lab.app.call(&person.token, Method::PUT, PATH, &body).await
}

fn channels(events: Value) -> Value {
    json!({"language": "en", "digest_hour": 8, "channels": events})
}

/// Of every notification of an event: its channel, its status, and the kinds of the open jobs about it or its reader.
async fn told(lab: &Lab, event: &str) -> Vec<(String, String, Option<String>)> {
    sqlx::query_as(
        "select channel, notifications.status, jobs.kind
         from notifications
         left join jobs on jobs.state = 'open' and jobs.kind in ('send_mail', 'send_digest')
             and jobs.subject_id = case when channel = 'digest' then recipient_id else notifications.id end
         where event = $1 order by 1, 2, 3",
    )
    .bind(event)
    .fetch_all(&lab.app.owner)
    .await
    .unwrap()
}

fn row(channel: &str, status: &str, job: Option<&str>) -> (String, String, Option<String>) {
    (channel.to_owned(), status.to_owned(), job.map(str::to_owned))
}

#[tokio::test]
async fn whoever_has_chosen_nothing_hears_by_mail_of_due_dates_and_drift_once_a_day_and_can_put_back_what_they_got() {
    let lab = given::a_lab().await;

    let shown = lab.app.get(&lab.member.token, PATH).await.expect(200);
    let put = choose(&lab, &lab.member, shown.clone()).await.expect(200);

    assert_eq!((&shown["language"], &shown["digest_hour"]), (&json!("en"), &json!(8)));
    for (event, channel) in shown["channels"].as_object().unwrap() {
        let is_gathered = ["return_due", "overdue", "overdue_escalated", "drift_found"].contains(&event.as_str());
        assert_eq!(channel, if is_gathered { "digest" } else { "mail" }, "{event}");
    }
    assert_eq!(put, shown);
    assert_eq!(lab.app.count("channel_choices").await, 0);
}

#[tokio::test]
async fn the_choice_at_the_moment_of_the_change_decides_and_the_list_has_everything() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;

    given::submitted(&lab, &model).await;
    choose(&lab, &lab.member, channels(json!({"submitted": "none"}))).await.expect(200);
    given::submitted(&lab, &model).await;
    choose(&lab, &lab.member, channels(json!({"submitted": "digest"}))).await.expect(200);
    given::submitted(&lab, &model).await;
    given::submitted(&lab, &model).await;

    assert_eq!(
        told(&lab, "submitted").await,
        [
            row("digest", "queued", Some("send_digest")),
            row("digest", "queued", Some("send_digest")),
            row("mail", "queued", Some("send_mail")),
            row("none", "not_wanted", None),
        ]
    );
    let digests = "jobs where kind = 'send_digest'";
    assert_eq!(lab.app.count(digests).await, 1, "one digest is open, whatever comes");
    let listed = lab.app.get(&lab.member.token, "/v1/notifications").await.expect(200);
    let submitted = listed["items"].as_array().unwrap().iter().filter(|item| item["event"] == "submitted");
    assert_eq!(submitted.count(), 4);
}

#[tokio::test]
async fn each_technician_hears_in_the_way_that_they_chose() {
    let lab = given::a_lab().await;
    let colleague = given::person(&lab.app, makerlab_shared::domain::user::Role::Technician).await;
    choose(&lab, &colleague, channels(json!({"approval_needed": "digest"}))).await.expect(200);

    given::submitted(&lab, &given::model(&lab.app, 1).await).await;

    assert_eq!(
        told(&lab, "approval_needed").await,
        [row("digest", "queued", Some("send_digest")), row("mail", "queued", Some("send_mail"))]
    );
}

#[tokio::test]
async fn a_digest_asks_nobody_for_a_decision_that_was_made_meanwhile() {
    let lab = given::a_lab().await;
    choose(&lab, &lab.technician, channels(json!({"approval_needed": "digest"}))).await.expect(200);
    let unread = async || lab.app.get(&lab.technician.token, "/v1/notifications/unread-count").await.expect(200);
    let before = unread().await;
    let requisition = given::id_of(&given::submitted(&lab, &given::model(&lab.app, 1).await).await);
    assert_ne!(unread().await, before);

    lab.app
        .post(&lab.technician.token, &format!("/v1/requisitions/{requisition}/approve"), &json!({}))
        .await
        .expect(200);

    let [(channel, status, _)] = told(&lab, "approval_needed").await.try_into().unwrap();
    assert_eq!((channel.as_str(), status.as_str()), ("digest", "moot"));
    assert_eq!(unread().await, before, "nobody has to read it any more");
}

#[tokio::test]
async fn no_letter_asks_for_a_decision_that_was_made_taken_back_or_asked_anew_before_it_left() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let submit = async || given::id_of(&given::submitted(&lab, &model).await);
    let asked = async || told(&lab, "approval_needed").await.into_iter().map(|(_, status, _)| status);
    let (decided, cancelled, edited) = (submit().await, submit().await, submit().await);
    assert_eq!(asked().await.filter(|status| status == "queued").count(), 3);

    for (who, requisition, word) in [(&lab.technician, decided, "approve"), (&lab.member, cancelled, "cancel")] {
        lab.app.post(&who.token, &format!("/v1/requisitions/{requisition}/{word}"), &json!({})).await.expect(200);
    }
    assert_eq!(asked().await.filter(|status| status == "moot").count(), 2);
    let edit = request(Method::PATCH, &format!("/v1/requisitions/{edited}"), &lab.member.token)
        .header("content-type", "application/json")
        .header("if-match", "*");
    let body = json!({"lines": [{"model_id": model.id, "quantity": 3}]});
    lab.app.send(edit.body(body.to_string().into()).unwrap()).await.expect(200);

    let left: Vec<_> = asked().await.collect();
    let count = |status: &str| left.iter().filter(|told| *told == status).count();
    assert_eq!((count("moot"), count("queued")), (3, 1), "of the edit they are asked once: {left:?}");
}

#[tokio::test]
async fn what_somebody_waits_for_cannot_be_switched_off_and_the_refusal_says_so() {
    let lab = given::a_lab().await;

    for event in ["approval_needed", "return_requested", "needs_person"] {
        let refused = choose(&lab, &lab.technician, channels(json!({"approved": "none", event: "none"}))).await;
        let refused = refused.expect_problem(422, "cannot-be-switched-off");
        assert_eq!(fields(&refused), [format!("/channels/{event}")]);
        assert!(refused["detail"].as_str().unwrap().contains("somebody waits"), "{refused}");
        choose(&lab, &lab.technician, channels(json!({event: "digest"}))).await.expect(200);
    }
    assert_eq!(lab.app.count("channel_choices where channel = 'none'").await, 0);
}

#[tokio::test]
async fn a_choice_that_is_none_is_refused_by_its_field_and_changes_nothing() {
    let lab = given::a_lab().await;

    for (body, field) in [
        (json!({"language": "en", "digest_hour": 24}), "/digest_hour"),
        (json!({"language": "fr", "digest_hour": 8}), "/language"),
        (channels(json!({"submitted": "pigeon"})), "/channels"),
    ] {
        let refused = choose(&lab, &lab.member, body).await.expect_problem(422, "invalid-input");
        assert_eq!(fields(&refused), [field], "{refused}");
    }
    choose(&lab, &lab.member, channels(json!({"lunch": "mail"}))).await.expect_problem(422, "invalid-input");
    assert_eq!(lab.app.count("status_history where event = 'preferences_changed'").await, 0);
}

#[tokio::test]
async fn the_person_and_the_staff_choose_the_language_and_history_says_who() {
    let lab = given::a_lab().await;
    let path = format!("/v1/users/{}/language", lab.member.id);
    let put = async |person: &Person, language: &str| {
        lab.app.call(&person.token, Method::PUT, &path, &json!({"language": language})).await
    };

    put(&lab.technician, "pt").await.expect(200);
    put(&lab.technician, "pt").await.expect(200);
    put(&lab.leader, "en").await.expect_problem(404, "not-found");

    assert_eq!(lab.app.get(&lab.member.token, "/v1/users/me").await.expect(200)["language"], "pt");
    put(&lab.member, "en").await.expect(200);
    let told: Vec<(String, String, uuid::Uuid)> = sqlx::query_as(
        "select from_status, to_status, actor_id from status_history where event = 'language_changed' order by id",
    )
    .fetch_all(&lab.app.owner)
    .await
    .unwrap();
    let word = str::to_owned;
    assert_eq!(told, [(word("en"), word("pt"), lab.technician.id), (word("pt"), word("en"), lab.member.id)]);
}

#[tokio::test]
async fn another_hour_brings_the_digest_that_waits_to_its_new_time() {
    let lab = given::a_lab().await;
    choose(&lab, &lab.member, channels(json!({"submitted": "digest"}))).await.expect(200);
    given::submitted(&lab, &given::model(&lab.app, 1).await).await;
    let wait = "update jobs set due_at = now() + interval '9 hours' where kind = 'send_digest'";
    sqlx::query(wait).execute(&lab.app.owner).await.unwrap();

    let body = json!({"language": "en", "digest_hour": 20, "channels": {"submitted": "digest"}});
    choose(&lab, &lab.member, body).await.expect(200);

    assert_eq!(lab.app.count("jobs where kind = 'send_digest' and due_at <= now()").await, 1);
}

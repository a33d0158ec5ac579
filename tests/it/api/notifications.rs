//! The in-app list: unread, read, counted; letters as the staff sees them, and sent again.

use super::{
    app::{App, fields},
    given::{self, Lab, Person, id_of},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// A lab in which the member was told three things, that they were added being the first; their ids, the newest first.
async fn told() -> (Lab, Vec<Uuid>) {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 3).await;
    for _ in 0..2 {
        given::submitted(&lab, &model).await;
    }
    let ids = items(&lab.app, &lab.member, "/v1/notifications").await;
    assert_eq!(ids.len(), 3);
    (lab, ids)
}

async fn items(app: &App, person: &Person, path: &str) -> Vec<Uuid> {
    let listed = app.get(&person.token, path).await.expect(200);
    listed["items"].as_array().unwrap().iter().map(id_of).collect()
}

async fn unread(app: &App, person: &Person) -> Value {
    app.get(&person.token, "/v1/notifications/unread-count").await.expect(200)["unread"].clone()
}

#[tokio::test]
async fn what_was_read_is_counted_no_more_and_reading_it_again_changes_nothing() {
    let (lab, ids) = told().await;
    assert_eq!(unread(&lab.app, &lab.member).await, 3);
    let path = format!("/v1/notifications/{}/read", ids[1]);

    let first = lab.app.post(&lab.member.token, &path, &json!({})).await.expect(200);
    let list = lab.app.get(&lab.member.token, "/v1/notifications").await.expect(200);
    let second = lab.app.post(&lab.member.token, &path, &json!({})).await.expect(200);

    assert_eq!((first, second), (json!({"unread": 2}), json!({"unread": 2})));
    assert_eq!(lab.app.get(&lab.member.token, "/v1/notifications").await.expect(200), list);
    assert_eq!(list["items"].as_array().unwrap().iter().filter(|row| row["read_at"].is_null()).count(), 2);
    assert_eq!(items(&lab.app, &lab.member, "/v1/notifications?unread=true").await, [ids[0], ids[2]]);
    assert_eq!(items(&lab.app, &lab.member, "/v1/notifications?unread=false").await, [ids[1]]);
    // That a project waited for them is over.
    assert_eq!(unread(&lab.app, &lab.technician).await, 2, "nobody else has read anything");
}

#[tokio::test]
async fn everything_up_to_one_is_read_and_what_came_later_is_not() {
    let (lab, ids) = told().await;

    let left = lab.app.post(&lab.member.token, "/v1/notifications/read", &json!({"up_to": ids[1]})).await.expect(200);

    assert_eq!(left, json!({"unread": 1}));
    assert_eq!(items(&lab.app, &lab.member, "/v1/notifications?unread=true&limit=1").await, [ids[0]]);
}

#[tokio::test]
async fn nobody_reads_for_somebody_else() {
    let (lab, ids) = told().await;

    let path = format!("/v1/notifications/{}/read", ids[0]);
    lab.app.post(&lab.leader.token, &path, &json!({})).await.expect_problem(404, "not-found");
    let up_to = json!({"up_to": ids[0]});
    lab.app.post(&lab.admin.token, "/v1/notifications/read", &up_to).await.expect_problem(403, "role-not-allowed");

    assert_eq!(unread(&lab.app, &lab.member).await, 3);
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_refused() {
    let lab = given::a_lab().await;

    lab.app.get(&lab.member.token, "/v1/notifications?unread=perhaps").await.expect_problem(400, "malformed-request");
    let problem = lab.app.post(&lab.member.token, "/v1/notifications/read", &json!({"up_to": 7})).await;
    assert_eq!(fields(&problem.expect_problem(422, "invalid-input")), ["/up_to"]);
}

async fn settle(lab: &Lab, letter: Uuid, status: &str) {
    let sql = "update notifications set status = $2, attempts = 1, outcome = 'refused with 550' where id = $1";
    sqlx::query(sql).bind(letter).bind(status).execute(&lab.app.owner).await.unwrap();
}

#[tokio::test]
async fn staff_finds_letters_by_recipient_and_status_without_address_name_or_words() {
    let (lab, ids) = told().await;
    settle(&lab, ids[2], "refused").await;

    let path = format!("/v1/letters?recipient_id={}&status=refused", lab.member.id);
    let found = lab.app.get(&lab.technician.token, &path).await.expect(200);

    let [letter] = found["items"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!((id_of(letter), &letter["outcome"]), (ids[2], &json!("refused with 550")));
    assert_eq!(items(&lab.app, &lab.technician, "/v1/letters").await.len(), 7);
    let told = found.to_string();
    assert!(!told.contains("Ana Silva") && !told.contains("@lab.example") && !told.contains("message"), "{told}");
}

#[tokio::test]
async fn a_letter_is_sent_again_in_a_row_of_its_own_and_the_first_one_stays_as_it_was() {
    let (lab, ids) = told().await;
    settle(&lab, ids[0], "refused").await;
    let path = format!("/v1/notifications/{}/resend", ids[0]);
    let before = lab.app.get(&lab.member.token, "/v1/notifications").await.expect(200);

    let again = lab.app.post_with_key(&lab.technician.token, &path, "again", &json!({})).await.expect(202);
    let repeated = lab.app.post_with_key(&lab.technician.token, &path, "again", &json!({})).await.expect(202);

    assert_eq!(again, repeated, "the same request is one resend");
    assert_eq!((&again["resend_of"], &again["status"]), (&json!(ids[0]), &json!("queued")));
    assert_eq!(lab.app.get(&lab.member.token, "/v1/notifications").await.expect(200), before, "it is no news");
    let job: i64 = sqlx::query_scalar("select count(*) from jobs where kind = 'send_mail' and subject_id = $1")
        .bind(id_of(&again))
        .fetch_one(&lab.app.owner)
        .await
        .unwrap();
    assert_eq!(job, 1);
    let told: (String, String, Uuid) = sqlx::query_as(
        "select from_status, to_status, actor_id from status_history where entity = 'notification' and entity_id = $1",
    )
    .bind(ids[0])
    .fetch_one(&lab.app.owner)
    .await
    .unwrap();
    assert_eq!(told, ("refused".to_owned(), "queued".to_owned(), lab.technician.id));
}

#[tokio::test]
async fn a_letter_that_still_comes_or_is_being_sent_again_is_not_sent_again() {
    let (lab, ids) = told().await;
    let path = format!("/v1/notifications/{}/resend", ids[0]);
    let resend = async || lab.app.post(&lab.technician.token, &path, &json!({})).await;

    resend().await.expect_problem(409, "letter-not-sent");
    settle(&lab, ids[0], "failed").await;
    let second = id_of(&resend().await.expect(202));
    resend().await.expect_problem(409, "resend-under-way");

    settle(&lab, second, "sent").await;
    let path = format!("/v1/notifications/{second}/resend");
    let third = lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(202);
    assert_eq!(third["resend_of"], json!(ids[0]), "a repetition names the first letter");
}

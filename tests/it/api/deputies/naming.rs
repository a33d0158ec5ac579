//! Who is named for which time, ended, refused, or gone.

use super::*;
use crate::api::app::fields;

#[tokio::test]
async fn whoever_comes_back_early_ends_it_at_once_and_names_somebody_else_then() {
    let faculty = Faculty::with_deputy().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    let next = given::person(&lab.app, Role::Professor).await;

    let clash = faculty.name(professor, &next).await.expect_problem(409, "deputy-named-already");
    assert!(clash["detail"].as_str().unwrap().starts_with("somebody decides in your place from 20"), "{clash}");
    faculty.end(professor).await;
    faculty.end(professor).await;
    faculty.name(professor, &next).await.expect(200);
    let asked = faculty.submit(&lab.member).await;
    faculty.keeps_out(colleague, &asked, (404, "not-found")).await;
    assert_eq!(faculty.ids(&next, "?waiting_for=me").await, [asked["id"].clone()]);
    faculty.end(professor).await;

    faculty.read(&next, &asked).await.expect_problem(404, "not-found");
    assert_eq!(faculty.events_to(colleague).await, ["deputy_named", "deputy_ended"], "each is told once");
    let all = lab.app.get(&lab.technician.token, "/v1/deputies").await.expect(200);
    let told: Vec<_> =
        all["items"].as_array().unwrap().iter().map(|row| (&row["deputy_id"], &row["absent_id"])).collect();
    assert_eq!(told, [(&json!(next.id), &json!(professor.id)), (&json!(colleague.id), &json!(professor.id))]);
    assert!(all["items"].as_array().unwrap().iter().all(|row| row["ended_at"].is_string()), "{all}");
    let own = lab.app.get(&colleague.token, "/v1/deputies").await.expect(200);
    assert_eq!(own["items"].as_array().unwrap().len(), 1, "others are shown what concerns them");
    let history = lab.app.get(&professor.token, &format!("/v1/users/{}/history", professor.id)).await.expect(200);
    let events: Vec<_> = history["items"].as_array().unwrap().iter().map(|told| told["event"].clone()).collect();
    let (named, ended) = (json!("deputy_named"), json!("deputy_ended"));
    assert_eq!(events.iter().filter(|event| **event == named).count(), 4, "each in the history of both");
    assert_eq!(events.iter().filter(|event| **event == ended).count(), 4, "{history}");
}

#[tokio::test]
async fn next_months_deputy_leaves_todays_in_place_and_each_is_ended_alone() {
    let faculty = Faculty::with_deputy().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    let next = given::person(&lab.app, Role::Professor).await;
    let day = |days| Utc::now() + Duration::days(days);
    let later = json!({"user_id": next.id, "from": day(30), "until": day(37)});

    let named = faculty.put(professor, later.clone()).await.expect(200);
    let again = faculty.put(professor, later).await.expect(200);

    let who: Vec<_> = named["deputies"].as_array().unwrap().iter().map(|one| &one["deputy_id"]).collect();
    assert_eq!(who, [&json!(colleague.id), &json!(next.id)]);
    assert_eq!(again, named, "the same once more changes nothing");
    assert_eq!(faculty.events_to(&next).await, ["deputy_named"]);
    let asked = faculty.submit(&lab.member).await;
    assert_eq!(faculty.ids(colleague, "?waiting_for=me").await, [asked["id"].clone()], "today's goes on");
    for (from, until) in [(6, 8), (29, 31), (31, 32), (20, 50)] {
        let body = json!({"user_id": colleague.id, "from": day(from), "until": day(until)});
        faculty.put(professor, body).await.expect_problem(409, "deputy-named-already");
    }
    let path = format!("/v1/users/me/deputy?id={}", named["deputies"][1]["id"].as_str().unwrap());
    let ended = lab.app.call(&professor.token, Method::DELETE, &path, &Value::Null).await;
    assert_eq!(ended.status, 204);

    let left = lab.app.get(&professor.token, "/v1/users/me/deputy").await.expect(200);
    assert_eq!(left["deputies"], json!([named["deputies"][0]]));
    assert_eq!(faculty.events_to(&next).await, ["deputy_named", "deputy_ended"]);
    faculty.say(colleague, &asked, "endorse").await.expect(200);
}

#[tokio::test]
async fn of_two_deputies_named_at_once_for_one_time_one_counts() {
    let faculty = Faculty::new().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    let other = given::person(&lab.app, Role::Professor).await;

    let (one, two) = tokio::join!(faculty.name(professor, colleague), faculty.name(professor, &other));

    let (won, lost) = if one.status == 200 { (one, two) } else { (two, one) };
    won.expect(200);
    lost.expect_problem(409, "deputy-named-already");
    assert_eq!(lab.app.count("deputies where ended_at is null").await, 1);
}

#[tokio::test]
async fn whoever_may_not_stand_in_is_refused_and_nothing_changes() {
    let faculty = Faculty::new().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    for (absent, deputy) in [(professor, &lab.member), (professor, professor), (&lab.technician, colleague)] {
        faculty.name(absent, deputy).await.expect_problem(409, "cannot-deputise");
    }
    faculty.name(&lab.member, colleague).await.expect_problem(403, "role-not-allowed");
    let in_days = |days| Utc::now() + Duration::days(days);
    for (body, field) in [
        (json!({"user_id": lab.project, "until": in_days(1)}), "/user_id"),
        (json!({"user_id": colleague.id, "until": in_days(-1)}), "/until"),
        (json!({"user_id": colleague.id, "from": in_days(3), "until": in_days(2)}), "/until"),
        (json!({"user_id": colleague.id, "until": in_days(400)}), "/until"),
    ] {
        let problem = faculty.put(professor, body).await.expect_problem(422, "invalid-input");
        assert_eq!(fields(&problem), [field]);
    }
    assert_eq!(lab.app.count("deputies").await, 0);
}

#[tokio::test]
async fn nobody_stands_in_for_somebody_erased_nor_is_somebody_erased_named() {
    let faculty = Faculty::with_deputy().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    let asked = faculty.submit(&lab.member).await;
    let erase = "update users set erased_at = now() where id = $1";

    sqlx::query(erase).bind(professor.id).execute(&lab.app.owner).await.unwrap();
    faculty.read(colleague, &asked).await.expect_problem(404, "not-found");
    sqlx::query(erase).bind(colleague.id).execute(&lab.app.owner).await.unwrap();

    faculty.name(&lab.technician, colleague).await.expect_problem(422, "invalid-input");
}

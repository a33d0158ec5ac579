//! Who decides in somebody's place while they are away, for how long, and what that never lets anybody do.

use super::{
    app::{Reply, fields},
    given::{self, Lab, Model, Person, id_of},
};
use axum::http::Method;
use chrono::{Duration, Utc};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

/// A project whose supervisor is a professor who must agree to everything, and another professor who has nothing to do with it.
struct Faculty {
    lab: Lab,
    model: Model,
    professor: Person,
    colleague: Person,
}

impl Faculty {
    async fn new() -> Self {
        let lab = given::a_lab().await;
        let model = given::model(&lab.app, 9).await;
        let professor = given::person(&lab.app, Role::Professor).await;
        let colleague = given::person(&lab.app, Role::Professor).await;
        given::add_member(&lab.app, lab.project, &lab.leader, &professor, MemberRole::Supervisor).await;
        let rule = json!({"position": 1, "outcome": "supervisor_then_technician"});
        lab.app.post(&lab.admin.token, "/v1/approval-rules", &rule).await.expect(201);
        Self { lab, model, professor, colleague }
    }

    /// As [`Self::new`], with the colleague in the professor's place for a week.
    async fn with_deputy() -> Self {
        let faculty = Self::new().await;
        faculty.name(&faculty.professor, &faculty.colleague).await.expect(200);
        faculty
    }

    async fn name(&self, absent: &Person, deputy: &Person) -> Reply {
        self.put(absent, json!({"user_id": deputy.id, "until": Utc::now() + Duration::days(7)})).await
    }

    async fn put(&self, absent: &Person, body: Value) -> Reply {
        self.lab.app.call(&absent.token, Method::PUT, "/v1/users/me/deputy", &body).await
    }

    async fn end(&self, absent: &Person) {
        let ended = self.lab.app.call(&absent.token, Method::DELETE, "/v1/users/me/deputy", &Value::Null).await;
        assert_eq!(ended.status, 204);
    }

    async fn submit(&self, who: &Person) -> Value {
        // Later than any clock that a test moves.
        let mut body = given::requisition(self.lab.project, &self.model, 1);
        body["starts_at"] = json!(Utc::now() + Duration::days(40));
        body["due_at"] = json!(Utc::now() + Duration::days(50));
        self.lab.app.post(&who.token, "/v1/requisitions", &body).await.expect(202)
    }

    async fn say(&self, who: &Person, requisition: &Value, word: &str) -> Reply {
        let body = if word == "reject" { json!({"reason": "Not in this course"}) } else { json!({}) };
        self.lab.app.post(&who.token, &format!("/v1/requisitions/{}/{word}", id_of(requisition)), &body).await
    }

    async fn read(&self, who: &Person, requisition: &Value) -> Reply {
        self.lab.app.get(&who.token, &format!("/v1/requisitions/{}", id_of(requisition))).await
    }

    async fn ids(&self, who: &Person, query: &str) -> Vec<Value> {
        let listed = self.lab.app.get(&who.token, &format!("/v1/requisitions{query}")).await.expect(200);
        listed["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
    }

    async fn events_to(&self, who: &Person) -> Vec<String> {
        let events = sqlx::query_scalar("select event from notifications where recipient_id = $1 order by id");
        events.bind(who.id).fetch_all(&self.lab.app.owner).await.unwrap()
    }

    /// Neither told of it, nor asked for it, nor let decide it.
    async fn keeps_out(&self, who: &Person, requisition: &Value, problem: (u16, &str)) {
        assert_eq!(self.ids(who, "?waiting_for=me").await, Vec::<Value>::new());
        assert!(!self.events_to(who).await.contains(&"endorsement_needed".to_owned()));
        for word in ["endorse", "reject"] {
            self.say(who, requisition, word).await.expect_problem(problem.0, problem.1);
        }
        let unchanged = self.read(&self.lab.technician, requisition).await.expect(200);
        assert_eq!((&unchanged["waiting_for"], &unchanged["endorsed_by"]), (&json!("supervisor"), &Value::Null));
    }
}

fn last_of_history(requisition: &Value) -> Value {
    let told = requisition["history"].as_array().unwrap().iter().rfind(|told| told["entity"] == "requisition");
    let told = told.expect("a row about the requisition");
    json!([told["event"], told["actor"]["id"], told["on_behalf_of"]])
}

#[tokio::test]
async fn a_deputy_is_told_sees_what_waits_and_agrees_and_history_says_in_whose_place() {
    let faculty = Faculty::with_deputy().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    let asked = faculty.submit(&lab.member).await;

    assert_eq!(faculty.events_to(colleague).await, ["deputy_named", "endorsement_needed"]);
    assert!(faculty.events_to(professor).await.contains(&"endorsement_needed".to_owned()), "the absent hears it too");
    assert_eq!(faculty.ids(colleague, "?waiting_for=me").await, [asked["id"].clone()]);
    assert_eq!(faculty.ids(colleague, "").await, [asked["id"].clone()]);
    faculty.read(colleague, &asked).await.expect(200);
    lab.app.get(&colleague.token, &format!("/v1/projects/{}", lab.project)).await.expect_problem(404, "not-found");
    faculty.say(colleague, &asked, "cancel").await.expect_problem(404, "not-found");
    faculty.say(colleague, &asked, "approve").await.expect_problem(403, "role-not-allowed");

    let endorsed = faculty.say(colleague, &asked, "endorse").await.expect(200);

    assert_eq!((&endorsed["waiting_for"], &endorsed["endorsed_by"]), (&json!("technician"), &json!(colleague.id)));
    assert_eq!(last_of_history(&endorsed), json!(["endorsed", colleague.id, professor.id]));
    let of_project = lab.app.get(&lab.technician.token, &format!("/v1/projects/{}/history", lab.project)).await;
    assert_eq!(of_project.expect(200)["items"][0]["on_behalf_of"], json!(professor.id));
    faculty.say(&lab.technician, &asked, "approve").await.expect(200);
}

#[tokio::test]
async fn a_deputy_rejects_in_the_place_of_the_absent_who_may_still_decide_in_their_own_right() {
    let faculty = Faculty::with_deputy().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    let (unwanted, wanted) = (faculty.submit(&lab.member).await, faculty.submit(&lab.member).await);

    let rejected = faculty.say(colleague, &unwanted, "reject").await.expect(200);
    assert_eq!(last_of_history(&rejected), json!(["rejected", colleague.id, professor.id]));

    let endorsed = faculty.say(professor, &wanted, "endorse").await.expect(200);
    assert_eq!(last_of_history(&endorsed), json!(["endorsed", professor.id, null]));
}

#[tokio::test]
async fn a_deputy_decides_only_while_the_time_lasts_by_the_labs_clock() {
    let faculty = Faculty::new().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    let day = |days| (Utc::now() + Duration::days(days)).format("%F").to_string();
    let body = json!({"user_id": colleague.id, "from": day(2), "until": day(4)});
    let named = faculty.put(professor, body).await.expect(200);
    assert!(named["deputies"][0]["until"].as_str().unwrap().ends_with(":59:59Z"), "a day lasts until its end: {named}");
    let asked = faculty.submit(&lab.member).await;
    let path = format!("/v1/requisitions/{}", id_of(&asked));

    faculty.keeps_out(colleague, &asked, (404, "not-found")).await;
    lab.app.move_lab_clock(3).await;
    lab.app.get(&colleague.token, &path).await.expect(200);
    assert_eq!(faculty.ids(colleague, "?waiting_for=me").await, [asked["id"].clone()]);
    lab.app.move_lab_clock(3).await;

    lab.app.get(&colleague.token, &path).await.expect_problem(404, "not-found");
    faculty.keeps_out(colleague, &asked, (404, "not-found")).await;
    let own = lab.app.get(&professor.token, "/v1/users/me/deputy").await.expect(200);
    assert_eq!(own, json!({"deputies": [], "stands_in_for": []}));
}

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
async fn the_deputy_of_a_deputy_has_no_power() {
    let faculty = Faculty::with_deputy().await;
    let third = given::person(&faculty.lab.app, Role::Professor).await;
    faculty.name(&faculty.colleague, &third).await.expect(200);

    let asked = faculty.submit(&faculty.lab.member).await;

    faculty.keeps_out(&third, &asked, (404, "not-found")).await;
    faculty.say(&faculty.colleague, &asked, "endorse").await.expect(200);
}

#[tokio::test]
async fn a_deputy_who_asked_for_it_does_not_decide_it() {
    let faculty = Faculty::with_deputy().await;
    let Faculty { lab, colleague, .. } = &faculty;
    given::add_member(&lab.app, lab.project, &lab.leader, colleague, MemberRole::Member).await;
    let own = faculty.submit(colleague).await;

    faculty.keeps_out(colleague, &own, (403, "own-requisition")).await;
    let left = lab.app.post(&colleague.token, &format!("/v1/projects/{}/leave", lab.project), &json!({})).await;
    left.expect(200);

    faculty.keeps_out(colleague, &own, (403, "own-requisition")).await;
}

#[tokio::test]
async fn a_deputy_who_borrows_for_the_project_decides_nothing_about_it() {
    for role in [MemberRole::Leader, MemberRole::Member] {
        let faculty = Faculty::with_deputy().await;
        let Faculty { lab, colleague, .. } = &faculty;
        given::add_member(&lab.app, lab.project, &lab.leader, colleague, role).await;

        let asked = faculty.submit(&lab.member).await;

        faculty.keeps_out(colleague, &asked, (403, "member-role-not-allowed")).await;
    }
}

#[tokio::test]
async fn what_the_absent_asked_for_their_deputy_does_not_decide_either() {
    let faculty = Faculty::with_deputy().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    let other = given::person(&lab.app, Role::Professor).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &other, MemberRole::Supervisor).await;
    let path = format!("/v1/projects/{}/members/{}", lab.project, professor.id);
    let give = async |role: &str| {
        lab.app.call(&lab.technician.token, Method::PATCH, &path, &json!({"role": role})).await.expect(200);
    };
    give("member").await;
    let own = faculty.submit(professor).await;
    give("supervisor").await;

    faculty.keeps_out(colleague, &own, (403, "own-requisition")).await;
    faculty.keeps_out(professor, &own, (403, "own-requisition")).await;
    faculty.say(&other, &own, "endorse").await.expect(200);
}

#[tokio::test]
async fn whoever_agreed_in_somebodys_place_does_not_give_the_technicians_yes() {
    let faculty = Faculty::new().await;
    let Faculty { lab, professor, .. } = &faculty;
    let technician = given::person(&lab.app, Role::Technician).await;
    faculty.name(professor, &technician).await.expect(200);
    let asked = faculty.submit(&lab.member).await;

    let endorsed = faculty.say(&technician, &asked, "endorse").await.expect(200);
    assert_eq!(last_of_history(&endorsed), json!(["endorsed", technician.id, professor.id]));

    faculty.say(&technician, &asked, "approve").await.expect_problem(403, "four-eyes");
    faculty.say(&lab.technician, &asked, "approve").await.expect(200);
}

#[tokio::test]
async fn in_whose_place_it_was_agreed_does_not_give_the_technicians_yes_either() {
    let faculty = Faculty::new().await;
    let Faculty { lab, professor, .. } = &faculty;
    let absent = given::person(&lab.app, Role::Technician).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &absent, MemberRole::Supervisor).await;
    faculty.name(&absent, &lab.admin).await.expect(200);
    let (asked, alone) = (faculty.submit(&lab.member).await, faculty.submit(&lab.member).await);
    let endorsed = faculty.say(&lab.admin, &asked, "endorse").await.expect(200);
    assert_eq!(last_of_history(&endorsed), json!(["endorsed", lab.admin.id, absent.id]));
    assert_eq!((&endorsed["endorsed_by"], &endorsed["endorsed_for"]), (&json!(lab.admin.id), &json!(absent.id)));

    for who in [&absent, &lab.admin] {
        faculty.say(who, &asked, "approve").await.expect_problem(403, "four-eyes");
        assert_eq!(faculty.ids(who, "?waiting_for=technician").await, [asked["id"].clone()]);
        assert!(!faculty.ids(who, "?waiting_for=me").await.contains(&asked["id"]), "it does not wait for them");
    }
    faculty.say(&lab.technician, &asked, "approve").await.expect(200);
    faculty.say(professor, &alone, "endorse").await.expect(200);
    faculty.say(&absent, &alone, "approve").await.expect(200);
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

#[tokio::test]
async fn an_admin_in_a_technicians_place_gets_the_letters_to_technicians_for_that_time() {
    let faculty = Faculty::new().await;
    let Faculty { lab, professor, .. } = &faculty;
    let before = faculty.submit(&lab.member).await;
    faculty.say(professor, &before, "endorse").await.expect(200);
    assert!(!faculty.events_to(&lab.admin).await.contains(&"approval_needed".to_owned()));

    faculty.name(&lab.technician, &lab.admin).await.expect(200);
    let asked = faculty.submit(&lab.member).await;
    faculty.say(professor, &asked, "endorse").await.expect(200);

    assert!(faculty.events_to(&lab.admin).await.contains(&"approval_needed".to_owned()));
}

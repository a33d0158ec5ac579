//! Who decides in somebody's place while they are away, for how long, and what that never lets anybody do.

mod limits;
mod naming;

use super::{
    app::Reply,
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

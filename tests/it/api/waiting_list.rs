//! Waiting for a unit that is not free: through the api, and the worker's job as its bell would run it.

mod another_project;
mod early;
mod edited;
mod ended;
mod extended;
mod moot;
mod overdue;
mod overtaking;
mod surplus;

use super::{
    app::{App, Reply, fields},
    given::{self, Lab, Model, Person, id_of},
};
use axum::http::Method;
use chrono::{DateTime, Duration, Utc};
use makerlab_shared::domain::{id::JobId, project::MemberRole, user::Role};
use makerlab_tests::floor::Floor;
use serde_json::{Value, json};
use uuid::Uuid;

struct Line {
    floor: Floor,
    lab: Lab,
    /// A member who waits, beside the lab's own member.
    other: Person,
    model: Model,
    /// Of the leader, for the only unit.
    promised: Uuid,
}

/// One unit, promised to the leader for a week.
async fn a_line() -> Line {
    a_line_of(1).await
}

/// So many units, of which one is promised to the leader for a week.
async fn a_line_of(units: i64) -> Line {
    let floor = Floor::new().await;
    let lab = given::a_lab_of(App::beside(&floor)).await;
    let other = given::person(&lab.app, Role::Student).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &other, MemberRole::Member).await;
    let model = given::free_model(&lab.app, units, &lab.admin).await;
    let body = given::requisition(lab.project, &model, 1);
    let promised = lab.app.post(&lab.leader.token, "/v1/requisitions", &body).await.expect(202);
    Line { promised: id_of(&promised), floor, lab, other, model }
}

impl Line {
    fn app(&self) -> &App {
        &self.lab.app
    }

    fn place(&self) -> Value {
        json!({"project_id": self.lab.project, "model_id": self.model.id, "due_at": Utc::now() + Duration::days(9)})
    }

    async fn join(&self, who: &Person) -> Reply {
        self.join_for(who, 1).await
    }

    async fn join_for(&self, who: &Person, quantity: i64) -> Reply {
        let mut place = self.place();
        place["quantity"] = json!(quantity);
        self.app().post(&who.token, "/v1/waiting-list", &place).await
    }

    async fn entry(&self, who: &Person) -> Value {
        let listed = self.app().get(&who.token, "/v1/waiting-list").await.expect(200);
        listed["items"][0].clone()
    }

    async fn status(&self, who: &Person) -> String {
        self.entry(who).await["status"].as_str().unwrap().to_owned()
    }

    async fn submit(&self, who: &Person) -> Reply {
        self.submit_for(who, 1).await
    }

    async fn submit_for(&self, who: &Person, quantity: i64) -> Reply {
        let mut body = given::requisition(self.lab.project, &self.model, quantity);
        let now: DateTime<Utc> = sqlx::query_scalar("select lab_now()").fetch_one(&self.app().owner).await.unwrap();
        body["due_at"] = json!(now + Duration::days(3));
        self.app().post(&who.token, "/v1/requisitions", &body).await
    }

    async fn cancel_promise(&self) {
        let path = format!("/v1/requisitions/{}/cancel", self.promised);
        self.app().post(&self.lab.leader.token, &path, &json!({})).await.expect(200);
    }

    /// Runs every job that serves the line and is open, each of them twice.
    async fn serve(&self) {
        let open = "select id from jobs where kind = 'serve_waiting_list' and state = 'open' order by id";
        let jobs: Vec<Uuid> = sqlx::query_scalar(open).fetch_all(&self.app().owner).await.unwrap();
        for job in jobs.iter().chain(&jobs) {
            self.floor.ring_now(JobId(*job)).await;
        }
    }

    /// From now on a technician must decide.
    async fn needs_approval(&self) {
        let path = format!("/v1/equipment-models/{}", self.model.id);
        let rule = json!({"approval": "technician"});
        self.app().call(&self.lab.admin.token, Method::PATCH, &path, &rule).await.expect(200);
    }

    /// The units that are kept for somebody.
    async fn kept_for(&self, who: &Person) -> Vec<Uuid> {
        sqlx::query_scalar("select equipment_id from live_holds() where user_id = $1 order by equipment_id")
            .bind(who.id)
            .fetch_all(&self.app().owner)
            .await
            .unwrap()
    }

    /// How far the letters of this event got, the first one first.
    async fn letters(&self, event: &str) -> Vec<String> {
        sqlx::query_scalar("select status from notifications where event = $1 order by created_at, id")
            .bind(event)
            .fetch_all(&self.app().owner)
            .await
            .unwrap()
    }

    async fn told(&self, event: &str, who: &Person) -> i64 {
        sqlx::query_scalar("select count(*) from notifications where event = $1 and recipient_id = $2")
            .bind(event)
            .bind(who.id)
            .fetch_one(&self.app().owner)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn whoever_is_first_has_the_released_unit_kept_and_takes_it_by_submitting() {
    let line = a_line().await;
    let (first, second) = (&line.lab.member, &line.other);
    assert_eq!(line.join(first).await.expect(201)["place"], 1);
    assert_eq!(line.join(second).await.expect(201)["place"], 2);
    line.serve().await;
    assert_eq!((line.status(first).await, line.status(second).await), ("waiting".into(), "waiting".into()));

    line.cancel_promise().await;
    line.serve().await;

    let entry = line.entry(first).await;
    assert_eq!(entry["status"], "held");
    let until: DateTime<Utc> = entry["held_until"].as_str().unwrap().parse().unwrap();
    assert!((until - Utc::now() - Duration::hours(24)).abs() < Duration::minutes(5), "{until}");
    assert_eq!((line.told("hold_granted", first).await, line.told("hold_granted", second).await), (1, 0));
    line.submit(second).await.expect_problem(409, "no-free-unit");
    let requisition = line.submit(first).await.expect(202);
    let taken = line.entry(first).await;
    assert_eq!((&taken["status"], &taken["requisition_id"]), (&json!("taken"), &requisition["id"]));
    assert_eq!(requisition["loans"][0]["equipment_id"], json!(line.model.units[0]));
    assert_eq!(line.app().count("holds where ended_at is null").await, 0);
    line.serve().await;
    assert_eq!(line.status(second).await, "waiting");
}

#[tokio::test]
async fn what_is_not_taken_in_time_goes_to_the_next_in_line() {
    let line = a_line().await;
    let (first, second) = (&line.lab.member, &line.other);
    line.join(first).await.expect(201);
    line.join(second).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;

    line.app().move_lab_clock(2).await;
    line.serve().await;

    assert_eq!((line.status(first).await, line.status(second).await), ("expired".into(), "held".into()));
    line.submit(first).await.expect_problem(409, "no-free-unit");
    line.submit(second).await.expect(202);
}

#[tokio::test]
async fn whoever_leaves_lets_the_next_have_what_was_kept() {
    let line = a_line().await;
    let (first, second) = (&line.lab.member, &line.other);
    let entry = id_of(&line.join(first).await.expect(201));
    line.join(second).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;

    let path = format!("/v1/waiting-list/{entry}/leave");
    line.app().post(&second.token, &path, &json!({})).await.expect_problem(404, "not-found");
    line.app().post(&first.token, &path, &json!({})).await.expect(200);
    line.serve().await;

    assert_eq!((line.status(first).await, line.status(second).await), ("left".into(), "held".into()));
    line.app().post(&first.token, &path, &json!({})).await.expect_problem(409, "not-waiting");
    let told: Vec<String> = sqlx::query_scalar(
        "select to_status from status_history where entity = 'waiting_entry' and entity_id = $1 order by id",
    )
    .bind(entry)
    .fetch_all(&line.app().owner)
    .await
    .unwrap();
    assert_eq!(told, ["waiting", "held", "left"]);
}

#[tokio::test]
async fn where_a_technician_must_decide_the_unit_stays_kept_until_then() {
    let line = a_line().await;
    let (first, second) = (&line.lab.member, &line.other);
    line.join(first).await.expect(201);
    line.join(second).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;
    line.needs_approval().await;

    let pending = id_of(&line.submit(first).await.expect(202));
    line.app().move_lab_clock(2).await;
    line.serve().await;
    assert_eq!((line.status(first).await, line.status(second).await), ("taken".into(), "waiting".into()));
    let path = format!("/v1/requisitions/{pending}/reject");
    line.app().post(&line.lab.technician.token, &path, &json!({"reason": "Not now."})).await.expect(200);
    line.serve().await;

    assert_eq!(line.status(second).await, "held");
}

#[tokio::test]
async fn whoever_has_the_unit_is_told_once_that_somebody_waits() {
    let line = a_line().await;
    given::checked_out(&line.lab, &json!({"id": line.promised})).await;
    line.join(&line.lab.member).await.expect(201);
    line.join(&line.other).await.expect(201);

    line.serve().await;

    assert_eq!(line.told("somebody_waits", &line.lab.leader).await, 1);
    let loan: Uuid = sqlx::query_scalar("select id from loans where requisition_id = $1")
        .bind(line.promised)
        .fetch_one(&line.app().owner)
        .await
        .unwrap();
    let more = json!({"due_at": Utc::now() + Duration::days(8), "reason": "The weather was bad."});
    let path = format!("/v1/loans/{loan}/extend");
    let asked = line.app().post(&line.lab.leader.token, &path, &more).await.expect(200);
    assert!(!asked["loans"][0]["extension_asked"].is_null(), "{asked}");
    assert_eq!(line.told("extension_granted", &line.lab.leader).await, 0, "while somebody waits a technician decides");
}

#[tokio::test]
async fn whoever_got_the_unit_at_the_counter_is_told_so_though_snipeit_never_checked_it_out() {
    let line = a_line().await;
    for sql in [
        "update operations set state = 'refused', settled_at = now() where requisition_id = $1",
        "update loans set status = 'handed_over', handed_over_at = now(), handed_over_by = borrower_id
         where requisition_id = $1",
    ] {
        sqlx::query(sql).bind(line.promised).execute(&line.app().owner).await.unwrap();
    }
    line.join(&line.lab.member).await.expect(201);

    line.serve().await;

    assert_eq!(line.told("somebody_waits", &line.lab.leader).await, 1);
}

#[tokio::test]
async fn nobody_joins_for_what_is_free_nor_twice_nor_for_more_than_there_is() {
    let line = a_line().await;
    let free = given::free_model(line.app(), 1, &line.lab.admin).await;
    let ask = async |change: &dyn Fn(&mut Value)| {
        let mut body = line.place();
        change(&mut body);
        line.app().post(&line.lab.member.token, "/v1/waiting-list", &body).await
    };

    ask(&|body| body["model_id"] = json!(free.id)).await.expect_problem(409, "units-are-free");
    ask(&|body| body["quantity"] = json!(2)).await.expect_problem(409, "no-free-unit");
    let wrong = ask(&|body| {
        body["quantity"] = json!(0);
        body["model_id"] = json!(Uuid::nil());
        body["due_at"] = json!("2020-01-01");
    });
    let wrong = wrong.await.expect_problem(422, "invalid-input");
    assert_eq!(fields(&wrong), ["/due_at", "/quantity", "/model_id"]);
    let twice = |body: &mut Value| body["starts_at"] = json!("2999-01-01T00:00:00Z");
    ask(&twice).await.expect_problem(422, "invalid-input");
    let at = Utc::now() + Duration::days(1);
    let body = json!({"project_id": line.lab.project, "model_id": line.model.id, "starts_at": at, "due_at": at + Duration::days(2)});
    line.app().post(&line.lab.member.token, "/v1/waiting-list", &body).await.expect(201);
    line.app().post(&line.lab.member.token, "/v1/waiting-list", &body).await.expect_problem(409, "already-waiting");
    assert_eq!(line.app().count("waiting_list").await, 1);
}

#[tokio::test]
async fn what_is_kept_shows_as_kept_and_is_promised_to_nobody_else() {
    let line = a_line().await;
    line.join(&line.lab.member).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;

    let (from, to) = (Utc::now(), Utc::now() + Duration::hours(2));
    let window = format!("from={}&to={}&step=hour", from.format("%FT%TZ"), to.format("%FT%TZ"));
    let path = format!("/v1/equipment-models/{}/availability?{window}", line.model.id);
    let told = line.app().get(&line.other.token, &path).await.expect(200);

    assert_eq!((&told["throughout"]["held"], &told["throughout"]["free"]), (&json!(1), &json!(0)));
    let named = json!([{ "equipment_id": line.model.units[0] }]);
    let mut body = given::requisition(line.lab.project, &line.model, 1);
    body["lines"] = named;
    line.app().post(&line.other.token, "/v1/requisitions", &body).await.expect_problem(409, "no-free-unit");
}

#[tokio::test]
async fn what_is_kept_is_given_out_at_the_counter_to_whoever_waited_for_it_and_to_nobody_else() {
    let line = a_line_of(2).await;
    let own = line.submit(&line.lab.leader).await.expect(202);
    line.join(&line.other).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;
    assert_eq!(line.status(&line.other).await, "held");
    let given = own["loans"][0]["equipment_id"].as_str().unwrap();
    let kept = line.model.units.iter().find(|unit| unit.to_string() != given).unwrap();
    let tag: String = sqlx::query_scalar("select tag from equipment where id = $1")
        .bind(kept)
        .fetch_one(&line.app().owner)
        .await
        .unwrap();
    let give = async |requisition: &Value| {
        let path = format!("/v1/requisitions/{}/hand-over", id_of(requisition));
        line.app().post(&line.lab.technician.token, &path, &json!({"units": [{"tag": tag}]})).await
    };

    let problem = give(&own).await.expect_problem(409, "unit-already-promised");

    assert!(problem["detail"].as_str().unwrap().contains("somebody on the waiting list"), "{problem}");
    let taken = line.submit(&line.other).await.expect(202);
    assert_eq!(taken["loans"][0]["equipment_id"], json!(kept));
    let problem = give(&own).await.expect_problem(409, "unit-already-promised");
    assert!(problem["detail"].as_str().unwrap().contains(taken["number"].as_str().unwrap()), "{problem}");
}

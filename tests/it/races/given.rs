//! A crowd at the counter: connections of its own for everybody, and a common start.

use std::{pin::Pin, sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use makerlab_shared::domain::{
    equipment::Approval, id::ModelId, person::Language, project::MemberRole, requisition::LoanStatus, user::Role,
};
use makerlab_tests::{
    lab::shared,
    stack::{NewPerson, Person, StackOptions, http_client, until},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::{sync::Barrier, time::Instant};
use uuid::Uuid;

pub use crate::resilience::given::{Lab, PATIENCE};

/// As a lab runs it: with the waits for the pool that are the default.
pub async fn lab(adjust: impl FnOnce(StackOptions) -> StackOptions) -> Lab {
    let adjust = |options: StackOptions| adjust(options.with("DATABASE_ACQUIRE_TIMEOUT", "3s"));
    crate::resilience::given::lab_with(shared().await, adjust).await
}

/// A lab in which nothing that was promised is sent.
pub async fn lab_without_worker() -> Lab {
    lab(|options| StackOptions { workers: 0, ..options }).await
}

/// What somebody heard, and how long it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub status: u16,
    pub body: Value,
    pub location: Option<String>,
    pub retry_after: Option<String>,
    pub took: Duration,
}

/// A request that waits for the start.
pub type Racer = Pin<Box<dyn Future<Output = Heard> + Send>>;

/// Where a crowd asks.
#[derive(Debug, Clone)]
pub struct Counter {
    http: reqwest::Client,
    base: String,
}

impl Counter {
    pub fn of(lab: &Lab) -> Self {
        let http = http_client().timeout(Duration::from_secs(30)).build().unwrap();
        Self { http, base: lab.stack.api_url().to_owned() }
    }

    pub async fn post(&self, by: &Person, path: &str, key: &str, body: &Value) -> Heard {
        let began = Instant::now();
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(by.token().expose_secret());
        let answer = request.header("Idempotency-Key", key).json(body).send().await.expect("an answer");
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, location, retry_after) = (answer.status().as_u16(), header("location"), header("retry-after"));
        if status >= 400 {
            assert_eq!(header("content-type").as_deref(), Some("application/problem+json"));
        }
        let body = answer.json().await.expect("JSON");
        Heard { status, body, location, retry_after, took: began.elapsed() }
    }

    pub async fn submit(&self, by: &Person, wish: &Value) -> Heard {
        self.post(by, "/v1/requisitions", &new_key(), wish).await
    }

    /// `word` is the last part of an address of a requisition.
    pub async fn tell(&self, by: &Person, requisition: &str, word: &str, body: &Value) -> Heard {
        self.telling(by, requisition, word, body).await
    }

    /// A submit that is still to be made.
    pub fn asking(&self, by: &Person, wish: &Value) -> Racer {
        self.racer(by, "/v1/requisitions".to_owned(), wish)
    }

    /// As [`Self::tell`], still to be done.
    pub fn telling(&self, by: &Person, requisition: &str, word: &str, body: &Value) -> Racer {
        self.racer(by, format!("/v1/requisitions/{requisition}/{word}"), body)
    }

    fn racer(&self, by: &Person, path: String, body: &Value) -> Racer {
        let (counter, by, body) = (self.clone(), by.clone(), body.clone());
        Box::pin(async move { counter.post(&by, &path, &new_key(), &body).await })
    }
}

impl Heard {
    /// Asserts that it was a refusal of this kind and gives its words.
    #[track_caller]
    pub fn refusal(&self, status: u16, slug: &str) -> &str {
        assert_eq!((self.status, &self.body["type"]), (status, &json!(format!("/problems/{slug}"))), "{}", self.body);
        self.body["detail"].as_str().unwrap()
    }

    pub fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }
}

/// Runs all of them, none before all are ready.
pub async fn together<T, R>(racers: impl IntoIterator<Item = R>) -> Vec<T>
where
    T: Send + 'static,
    R: Future<Output = T> + Send + 'static,
{
    let racers: Vec<R> = racers.into_iter().collect();
    let start = Arc::new(Barrier::new(racers.len()));
    let run = |racer: R| {
        let start = Arc::clone(&start);
        tokio::spawn(async move {
            start.wait().await;
            racer.await
        })
    };
    let running: Vec<_> = racers.into_iter().map(run).collect();
    futures_util::future::join_all(running).await.into_iter().map(|ran| ran.expect("a racer that arrives")).collect()
}

/// Those who got it, and those who did not.
pub fn won_and_lost(heard: Vec<Heard>) -> (Vec<Heard>, Vec<Heard>) {
    heard.into_iter().partition(|heard| heard.status < 300)
}

pub fn new_key() -> String {
    Uuid::now_v7().to_string()
}

impl Lab {
    pub fn wish_for(&self, lines: Value) -> Value {
        let due = Utc::now() + TimeDelta::days(7);
        json!({ "project_id": self.project, "purpose": "A race", "due_at": due, "lines": lines })
    }

    /// More students of the project, all of them known in Snipe-IT.
    pub async fn students(&self) -> Vec<Person> {
        let mut students = Vec::new();
        for name in ["bruno.costa", "carla.santos", "diogo.ferreira", "eva.martins", "filipe.rocha", "hugo.pinto"] {
            let student = self.person(&format!("{name}@lab.example"), Role::Student).await;
            self.stack.admin.add_member(self.project, &student, MemberRole::Member).await.unwrap();
            students.push(student);
        }
        students
    }

    pub async fn technician(&self) -> Person {
        self.person("tiago.tecnico@lab.example", Role::Technician).await
    }

    /// Another technician.
    pub async fn colleague(&self) -> Person {
        self.person("teresa.tecnica@lab.example", Role::Technician).await
    }

    async fn person(&self, email: &str, role: Role) -> Person {
        let new = NewPerson { name: "Somebody", email, role, language: Language::En };
        self.stack.add_person(&self.stack.admin, new).await.unwrap()
    }

    pub async fn needs_approval(&self, model: Uuid, approval: Approval) {
        self.stack.admin.set_approval(ModelId(model), approval).await.unwrap();
    }

    /// Keeps all units of the model but the last one for one requisition; returns that unit.
    pub async fn all_but_one_taken(&self) -> Uuid {
        let units = self.free_units(self.model).await;
        let line = json!([{ "model_id": self.model, "quantity": units.len() - 1 }]);
        let taken = Counter::of(self).submit(&self.student, &self.wish_for(line)).await;
        assert_eq!(taken.status, 202, "{}", taken.body);
        let [last] = self.free_units(self.model).await[..] else { panic!("one unit is left") };
        last
    }

    pub async fn free_units(&self, model: Uuid) -> Vec<Uuid> {
        let units = self.stack.admin.units(ModelId(model)).await.unwrap();
        units.into_iter().filter(|unit| unit.is_free).map(|unit| unit.id.0).collect()
    }

    /// Another model of the catalogue, once the worker has read it, whose units go straight through.
    pub async fn another_model(&self, name: &str) -> Uuid {
        let read = async || {
            let model = self.stack.admin.model_named(name).await.ok()?;
            (model.free_units > 0).then_some(model.id.0)
        };
        let model = until(&format!("{name} is in the catalogue"), PATIENCE, read).await.unwrap();
        self.needs_approval(model, Approval::None).await;
        model
    }

    /// Gives everything of it back and waits until it is.
    pub async fn give_all_back(&self, requisition: &str) {
        let seen = self.student.requisition(requisition.parse().unwrap()).await.unwrap();
        for loan in seen.loans.iter().filter(|loan| loan.status == LoanStatus::CheckedOut) {
            self.student.give_back(loan.id).await.unwrap();
        }
        self.comes_to(requisition, "returned").await;
    }

    /// Everything that was to go out is out.
    pub async fn nothing_is_promised(&self) {
        let done = async || (self.count("loans where status = 'promised'").await == 0).then_some(());
        until("nothing is promised any more", PATIENCE, done).await.unwrap();
    }

    pub async fn count(&self, what: &str) -> i64 {
        let query = sqlx::AssertSqlSafe(format!("select count(*) from {what}"));
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }
}

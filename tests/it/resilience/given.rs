//! A lab of processes with boards that need no approval, at a pace at which a lost answer is found again in seconds.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use lapin::{Connection, ConnectionProperties, options::QueueDeclareOptions, types::FieldTable};
use makerlab_shared::{
    broker::Names,
    domain::{id::ProjectId, job::Lane, person::Language, user::Role},
};
use makerlab_tests::{
    lab::Services,
    simulator::{CallKind, EffectKind, Hold, Ledger, SimulatorOptions, Step, ThrottleRule},
    stack::{LabStack, NewPerson, Person, StackOptions, http_client, until},
};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

/// For whatever must happen, on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The protocol's times, scaled down in their order. No sweep comes in between.
const PACE: [(&str, &str); 9] = [
    ("SNIPEIT_CONNECT_TIMEOUT", "500ms"),
    ("SNIPEIT_TIMEOUT", "1500ms"),
    ("JOB_LEASE", "2500ms"),
    ("SNIPEIT_SERVER_LIMIT", "300ms"),
    ("SNIPEIT_SLACK", "100ms"),
    ("SNIPEIT_PROBE_INTERVAL", "300ms"),
    ("SECOND_BELL_AFTER", "1s"),
    ("SWEEP_INTERVAL", "1h"),
    ("DATABASE_ACQUIRE_TIMEOUT", "1s"),
];

const STUDENT: NewPerson<'static> =
    NewPerson { name: "Ana Silva", email: "ana.silva@lab.example", role: Role::Student, language: Language::En };

pub struct Lab {
    pub stack: LabStack,
    pub services: Services,
    pub names: Names,
    pub student: Person,
    pub project: ProjectId,
    pub model: Uuid,
    /// To look behind the counter; not for what a frontend can see.
    pub pool: PgPool,
}

/// One api, one worker.
pub async fn lab(services: &Services) -> Lab {
    lab_with(services, |options| options).await
}

pub async fn lab_with(services: &Services, adjust: impl FnOnce(StackOptions) -> StackOptions) -> Lab {
    lab_throttled(services, None, adjust).await
}

/// With a limit of calls.
pub async fn lab_throttled(
    services: &Services,
    throttle: Option<ThrottleRule>,
    adjust: impl FnOnce(StackOptions) -> StackOptions,
) -> Lab {
    let prefix = format!("resilience-{}", Uuid::now_v7().simple());
    let names = Names::new(&prefix);
    let simulator = SimulatorOptions { throttle, ..SimulatorOptions::default() };
    let paced = |options: StackOptions| {
        let options = PACE.iter().fold(options, |options, (name, value)| options.with(name, value));
        adjust(options.with("QUEUE_PREFIX", &prefix))
    };
    let stack = LabStack::start_with(services, simulator, paced).await.unwrap();
    let student = stack.add_person(&stack.admin, STUDENT).await.unwrap();
    let project = stack.admin.create_project_for("Robot", &student).await.unwrap();
    let pool = PgPoolOptions::new().max_connections(2).connect(&stack.database.app_url()).await.unwrap();
    let model = boards(&pool, &stack).await;
    Lab { stack, services: services.clone(), names, student, project, model, pool }
}

/// The simulator's first model and its free units, as a sync would have read them in.
async fn boards(pool: &PgPool, stack: &LabStack) -> Uuid {
    let (snipeit_model, assets, tags) = {
        let inventory = stack.simulator.state().inventory();
        let first = inventory.assets().next().unwrap().model_id;
        let free = inventory.assets().filter(|asset| asset.model_id == first && inventory.is_available(asset));
        let (assets, tags): (Vec<_>, Vec<_>) = free.map(|asset| (asset.id, asset.tag.clone())).unzip();
        (first, assets, tags)
    };
    let model = sqlx::query_scalar(
        "insert into equipment_models (id, snipeit_model_id, name, approval, seen_at)
         values (gen_random_uuid(), $1, 'Arduino Uno R3', 'none', now())
         on conflict (snipeit_model_id) do update set approval = 'none' returning id",
    )
    .bind(snipeit_model)
    .fetch_one(pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into equipment (id, snipeit_asset_id, model_id, tag, label_id, label_name, label_kind, presence, seen_at)
         select gen_random_uuid(), asset, $3, tag, 2, 'Ready to Deploy', 'deployable', 'listed', now()
         from unnest($1::bigint[], $2::text[]) as unit (asset, tag)
         on conflict (snipeit_asset_id) do nothing",
    )
    .bind(assets)
    .bind(tags)
    .bind(model)
    .execute(pool)
    .await
    .unwrap();
    model
}

/// An answer of the api's, with what a client goes by.
#[derive(Debug)]
pub struct Heard {
    pub status: StatusCode,
    pub content_type: String,
    pub body: Value,
}

impl Lab {
    /// What the student asks for: one board, any of them.
    pub fn wish(&self) -> Value {
        let due = Utc::now() + TimeDelta::days(7);
        json!({
            "project_id": self.project, "purpose": "Line follower", "due_at": due,
            "lines": [{ "model_id": self.model, "quantity": 1 }],
        })
    }

    /// Accepted: from here on it is our promise.
    pub async fn submit(&self) -> String {
        let heard = self.post(&self.wish(), &Uuid::now_v7().to_string()).await.unwrap();
        assert_eq!(heard.status, StatusCode::ACCEPTED, "{}", heard.body);
        heard.body["id"].as_str().unwrap().to_owned()
    }

    /// A submit under a key of the client's choice.
    pub async fn post(&self, wish: &Value, key: &str) -> reqwest::Result<Heard> {
        let http = http_client().timeout(Duration::from_secs(15)).build()?;
        let request = http
            .post(format!("{}/v1/requisitions", self.stack.api_url()))
            .bearer_auth(self.student.token().expose_secret())
            .header("Idempotency-Key", key)
            .json(wish);
        let response = request.send().await?;
        let status = response.status();
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        Ok(Heard { status, content_type, body: response.json().await? })
    }

    /// What the client hears of a wish to cancel, status and all.
    pub async fn cancel(&self, requisition: &str) -> String {
        let cancelled = self.student.api.post(&format!("/v1/requisitions/{requisition}/cancel"), &json!({})).await;
        cancelled.map_or_else(|error| format!("{error:#}"), |body| body.to_string())
    }

    pub async fn give_back(&self, loan: &Value) {
        let path = format!("/v1/loans/{}/return", loan.as_str().unwrap());
        self.student.api.post(&path, &json!({})).await.unwrap();
    }

    /// As an operator types it; what is said, also when it is refused.
    pub async fn rebind(&self, by: &str) -> String {
        let said = self.stack.worker_command(&["snipeit", "rebind", "--by", by]).await;
        said.unwrap_or_else(|error| format!("{error:#}"))
    }

    pub async fn see(&self, requisition: &str) -> Value {
        self.student.api.get(&format!("/v1/requisitions/{requisition}")).await.unwrap()
    }

    pub async fn comes_to(&self, requisition: &str, status: &str) -> Value {
        let path = format!("/v1/requisitions/{requisition}");
        let mut last = Value::Null;
        let what = format!("{requisition} is {status}");
        let reached = until(&what, PATIENCE, async || {
            last = self.student.api.get(&path).await.ok()?;
            (last["status"] == status).then(|| last.clone())
        });
        match reached.await {
            Ok(seen) => seen,
            Err(error) => panic!("{error}: {last:#}\n{}", self.said()),
        }
    }

    /// Until `/readyz` says this word; returns its reasons.
    pub async fn is_said_to_be(&self, word: &str) -> Vec<String> {
        let anybody = self.stack.anybody().unwrap();
        until(&format!("the api is {word}"), PATIENCE, async || {
            let readiness = anybody.get("/readyz").await.ok()?;
            let reasons = readiness["reasons"].as_array()?.iter().map(|reason| reason.as_str().unwrap().to_owned());
            (readiness["status"] == word).then(|| reasons.collect())
        })
        .await
        .unwrap()
    }

    /// Check-outs on their way are kept at this step until the hold is released.
    pub fn hold(&self, step: Step) -> Hold {
        self.stack.simulator.state().faults().hold(CallKind::Checkout, None, step)
    }

    pub fn ledger(&self) -> &Ledger {
        self.stack.simulator.state().ledger()
    }

    /// What really happened in Snipe-IT.
    pub fn effects(&self) -> Vec<EffectKind> {
        self.ledger().effects().iter().map(|effect| effect.kind).collect()
    }

    pub fn posts(&self) -> usize {
        self.ledger().count_calls(CallKind::Checkout)
    }

    /// The events of the evidence about a requisition's operations, oldest first.
    pub async fn evidence(&self, requisition: &str) -> Vec<String> {
        sqlx::query_scalar(
            "select event from attempts join operations on operations.id = attempts.operation_id
             where requisition_id = $1 order by attempts.id",
        )
        .bind(requisition.parse::<Uuid>().unwrap())
        .fetch_all(&self.pool)
        .await
        .unwrap()
    }

    pub async fn messages_ready(&self, lane: Lane) -> u32 {
        let url = self.services.rabbitmq.amqp_url();
        let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let queue = channel.queue_declare(self.names.queue(lane).into(), passive, FieldTable::default()).await;
        queue.map_or(0, |queue| queue.message_count())
    }

    fn said(&self) -> String {
        let all = self.stack.apis.iter().chain(&self.stack.workers);
        all.map(|running| running.server.last_words()).collect::<Vec<_>>().join("\n---\n")
    }
}

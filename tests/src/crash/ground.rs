//! What one case has for itself: database, queues, Snipe-IT, mailbox, two students, a technician, and the processes.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lapin::{Connection, ConnectionProperties, options::QueueDeleteOptions};
use makerlab_api::FreshToken;
use makerlab_shared::{
    broker::Names,
    domain::{
        actor::Actor,
        change::{Cause, Change},
        id::{TokenId, UserId},
        project::{Member, MemberRole},
        token::NewToken,
        user::Role,
    },
    store::commit::commit,
};
use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use crate::{
    floor,
    lab::{LabFolder, Services, TestDatabase, random_word},
    mailbox::Mailbox,
    simulator::{Simulator, SimulatorOptions},
    stack::{Server, Stack, StackOptions, Surroundings, http_client},
};

/// The protocol's times, scaled down in their order. Rounds come when they are called; one hand for letters, so that
/// one death leaves one letter in doubt.
const PACE: [(&str, &str); 14] = [
    ("SNIPEIT_CONNECT_TIMEOUT", "1s"),
    ("SNIPEIT_TIMEOUT", "2s"),
    ("JOB_LEASE", "3s"),
    ("SNIPEIT_SERVER_LIMIT", "500ms"),
    ("SNIPEIT_SLACK", "100ms"),
    ("SNIPEIT_BUDGET_WINDOW", "2s"),
    ("SNIPEIT_PROBE_INTERVAL", "500ms"),
    ("SNIPEIT_OUTAGE_THRESHOLD", "10"),
    ("SECOND_BELL_AFTER", "1s"),
    ("SWEEP_INTERVAL", "1h"),
    ("SYNC_INTERVAL", "1h"),
    ("SMTP_TIMEOUT", "6s"),
    ("LANE_MAIL", "1"),
    ("DATABASE_MAX_CONNECTIONS", "4"),
];

#[derive(Debug, Clone)]
pub(super) struct Somebody(SecretString);

/// The processes are dropped first.
pub(super) struct Ground {
    pub stack: Stack,
    pub worker: Option<Server>,
    pub simulator: Simulator,
    pub mailbox: Mailbox,
    pub pool: PgPool,
    pub names: Names,
    pub students: [Somebody; 2],
    pub technician: Somebody,
    project: Uuid,
    model: Uuid,
    http: Client,
    amqp_url: String,
    _database: TestDatabase,
}

impl Ground {
    /// Nothing runs yet.
    pub async fn lay(services: &Services, folder: LabFolder, further: &[(&str, &str)]) -> anyhow::Result<Self> {
        let simulator = Simulator::start(SimulatorOptions { throttle: None, ..SimulatorOptions::default() })?;
        let mailbox = Mailbox::start()?;
        let database = TestDatabase::migrated_on(&services.postgres).await?;
        let pool = PgPoolOptions::new().max_connections(2).connect(&database.app_url()).await?;
        let prefix = format!("crash-{}", random_word(8));
        let surroundings = Surroundings {
            owner_url: database.owner_url().into(),
            database_url: database.app_url().into(),
            amqp_url: services.rabbitmq.amqp_url().into(),
            queue_prefix: prefix.clone(),
            snipeit_url: simulator.url().to_owned(),
            snipeit_token: simulator.token().to_owned().into(),
            snipeit_timezone: "Europe/Lisbon".to_owned(),
            smtp_url: mailbox.smtp_url().into(),
        };
        let options = StackOptions { apis: 0, workers: 0, ..StackOptions::new(folder, surroundings) };
        let told = PACE.iter().chain(further);
        let options = told.fold(options, |options, (name, value)| options.with(name, value));
        let (ana, ana_id) = somebody(&pool, "Ana Silva", "ana.silva@lab.example", Role::Student).await?;
        let (bruno, bruno_id) = somebody(&pool, "Bruno Costa", "bruno.costa@lab.example", Role::Student).await?;
        let (technician, _) = somebody(&pool, "Tiago Técnico", "tiago@lab.example", Role::Technician).await?;
        // Who dies in the lane of check-outs does not die over a borrower.
        let known = "update users set snipeit_user_id = $1 where email = $2";
        for (email, number) in snipeit_users(&simulator) {
            sqlx::query(known).bind(number).bind(email).execute(&pool).await?;
        }
        let project = floor::project(&pool, ana_id).await;
        let member = Member { project_id: project, user_id: bruno_id, role: MemberRole::Member };
        floor::write(&pool, &Change::add_member(member, &Cause::new(Actor::System, "added"))).await;
        let (model, _) = floor::units(&pool, &simulator).await;
        Ok(Self {
            stack: Stack::start(options).await?,
            worker: None,
            simulator,
            mailbox,
            pool,
            names: Names::new(&prefix),
            students: [ana, bruno],
            technician,
            project: project.0,
            model: model.0,
            amqp_url: services.rabbitmq.amqp_url(),
            http: http_client().timeout(Duration::from_secs(10)).build()?,
            _database: database,
        })
    }

    /// One unit, any of the model, for a week.
    pub fn wish(&self, starts_at: Option<DateTime<Utc>>) -> Value {
        self.wish_of(json!({ "model_id": self.model, "quantity": 1 }), starts_at)
    }

    /// This unit, from now on for a week.
    pub fn wish_for_unit(&self, unit: Uuid) -> Value {
        self.wish_of(json!({ "equipment_id": unit }), None)
    }

    fn wish_of(&self, line: Value, starts_at: Option<DateTime<Utc>>) -> Value {
        let due_at = starts_at.unwrap_or_else(Utc::now) + TimeDelta::days(7);
        json!({
            "project_id": self.project, "purpose": "Line follower", "starts_at": starts_at, "due_at": due_at,
            "lines": [line],
        })
    }

    /// One POST under a key of ours.
    pub async fn post(&self, who: &Somebody, path: &str, body: &Value, key: &str) -> reqwest::Result<Heard> {
        let request = self.http.post(format!("{}{path}", self.stack.api_url()));
        let request = request.bearer_auth(who.0.expose_secret()).header("Idempotency-Key", key).json(body);
        let response = request.send().await?;
        Ok(Heard { status: response.status(), body: response.json().await? })
    }

    /// What the api says of itself.
    pub async fn readiness(&self) -> anyhow::Result<Value> {
        self.stack.anybody()?.get("/readyz").await
    }

    /// Tells what was in them.
    pub async fn delete_queues(&self, queues: impl IntoIterator<Item = String>) -> anyhow::Result<Vec<(String, u32)>> {
        let connection = Connection::connect(&self.amqp_url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        let mut deleted = Vec::new();
        for queue in queues {
            let messages = channel.queue_delete(queue.clone().into(), QueueDeleteOptions::default()).await?;
            deleted.push((queue, messages));
        }
        connection.close(200, "done".into()).await?;
        Ok(deleted)
    }

    pub fn start_worker(&mut self) -> anyhow::Result<()> {
        if self.worker.is_none() {
            self.worker = Some(self.stack.spawn_worker(&Vec::new())?);
        }
        Ok(())
    }
}

/// An answer of the api's.
#[derive(Debug)]
pub(super) struct Heard {
    pub status: StatusCode,
    pub body: Value,
}

fn snipeit_users(simulator: &Simulator) -> Vec<(String, i64)> {
    let inventory = simulator.state().inventory();
    inventory.users.values().filter_map(|user| Some((user.email.clone()?, user.id))).collect()
}

/// Somebody who may use the api; no process is needed for it.
async fn somebody(pool: &PgPool, name: &str, email: &str, role: Role) -> anyhow::Result<(Somebody, UserId)> {
    let user_id = floor::person(pool, name, email, role).await;
    let fresh = FreshToken::generate();
    let token = NewToken {
        id: TokenId::generate(),
        user_id,
        prefix: fresh.prefix,
        hash: fresh.hash,
        label: "crash".to_owned(),
        expires_at: Utc::now() + TimeDelta::days(1),
    };
    let mut transaction = pool.begin().await?;
    commit(&mut transaction, &token.issue(Actor::System)).await?;
    transaction.commit().await?;
    Ok((Somebody(fresh.secret), user_id))
}

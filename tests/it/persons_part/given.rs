//! A desk with both doors open, and operations that nobody but a person can settle.

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use chrono::{TimeDelta, Utc};
use clap::Parser;
use http_body_util::BodyExt;
use makerlab_api::{AppState, FreshToken, router};
use makerlab_shared::{
    domain::{
        actor::Actor,
        id::{TokenId, UserId},
        operation::OperationKind,
        token::NewToken,
    },
    relay::{Relay, Waker},
    settings::BrokerSettings,
    store::commit::commit,
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, Fault, Handover, Page},
};
use makerlab_worker::cli::{self, Command};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

/// Ana Silva: a user of Snipe-IT, and none of ours.
pub const STRANGER: i64 = 2;
pub const TECHNICIAN: &str = "tomas@lab.example";
pub const STUDENT: &str = "rita.sousa@lab.example";

/// A floor, and both ways in which people reach it.
pub struct Desk {
    pub floor: Floor,
    pub technician: String,
    pub student: String,
    router: Router,
}

/// Where an answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Api,
    CommandLine,
}

/// What the api said.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

impl Desk {
    /// With one loan out already, so that the borrower is known in Snipe-IT.
    pub async fn new() -> Self {
        let floor = Floor::new().await;
        floor.given_checked_out().await;
        let broker = BrokerSettings { url: "amqp://nobody.invalid".to_owned().into(), prefix: "unused".to_owned() };
        let relay = Relay::new(floor.pool.clone(), broker, "test").health();
        let router = router(AppState {
            pool: floor.pool.clone().into(),
            waker: Waker::default(),
            relay,
            lab_timezone: chrono_tz::Europe::Lisbon,
        });
        let technician = token(&floor, floor.people.technician).await;
        let student = token(&floor, floor.people.student.id).await;
        Self { floor, technician, student, router }
    }

    /// An operation of this kind of which Snipe-IT cannot tell what became of it, and its finding.
    pub async fn with_person(&self, kind: OperationKind) -> (Asked, Uuid) {
        let asked = match kind {
            OperationKind::CheckOut => self.lent_by_hand_after_an_error(self.floor.given_requested().await).await,
            OperationKind::CheckIn => self.lent_again_by_hand().await,
        };
        self.comes_to_a_person(asked).await
    }

    /// The check-out got an error, and somebody lent the unit by hand since.
    pub async fn lent_by_hand_after_an_error(&self, asked: Asked) -> Asked {
        let state = self.floor.simulator.state();
        state.faults().add(Fault::on(CallKind::Checkout).asset(asked.asset.0).instead(Page::ServerError));
        let is_unknown = async |floor: &Floor| floor.operation_state(asked.operation).await == "unknown";
        self.floor.work_until("the outcome is unknown", is_unknown).await;
        state.hands().check_out(asked.asset.0, STRANGER, Handover::Now).unwrap();
        asked
    }

    /// The borrower has the unit, but by another check-out than ours.
    async fn lent_again_by_hand(&self) -> Asked {
        let lent = self.floor.given_checked_out().await;
        let hands = self.floor.simulator.state().hands();
        hands.check_in(lent.asset.0).unwrap();
        hands.check_out(lent.asset.0, self.floor.people.student.snipeit_id.0, Handover::Now).unwrap();
        self.floor.given_return_requested(lent).await
    }

    pub async fn comes_to_a_person(&self, asked: Asked) -> (Asked, Uuid) {
        let is_asked = async |floor: &Floor| floor.operation_state(asked.operation).await == "with_person";
        self.floor.work_until("a person is asked", is_asked).await;
        let finding = sqlx::query_scalar("select id from findings where subject_id = $1 and state = 'open'");
        (asked, finding.bind(asked.operation.0).fetch_one(&self.floor.pool).await.unwrap())
    }

    /// As the technician, by either door; the error is what the technician reads.
    pub async fn settle(&self, door: Door, finding: Uuid, answer: &str, note: &str) -> Result<(), String> {
        match door {
            Door::Api => {
                let body = json!({ "resolution": answer, "note": note });
                let reply = self.post(&self.technician, &format!("/v1/findings/{finding}/settle"), &body).await;
                if reply.status == 200 { Ok(()) } else { Err(reply.body["detail"].as_str().unwrap().to_owned()) }
            }
            Door::CommandLine => {
                let id = finding.to_string();
                let words = ["findings", "settle", &id, "--as", answer, "--by", TECHNICIAN, "--note", note];
                self.type_in(&words).await.map(drop).map_err(|error| format!("{error:#}"))
            }
        }
    }

    pub async fn type_in(&self, words: &[&str]) -> anyhow::Result<String> {
        let line = Line::try_parse_from(["makerlab-worker"].iter().chain(words))?;
        cli::perform(line.command, &self.floor.pool).await
    }

    pub async fn get(&self, token: &str, path: &str) -> Reply {
        self.send(Request::get(path), token, Body::empty()).await
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Reply {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request, token, Body::from(body.to_string())).await
    }

    async fn send(&self, request: axum::http::request::Builder, token: &str, body: Body) -> Reply {
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(body).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        Reply { status, body: serde_json::from_slice(&bytes).unwrap() }
    }

    /// The statuses of operation, loan and requisition.
    pub async fn statuses(&self, asked: Asked) -> [String; 3] {
        let floor = &self.floor;
        [
            floor.operation_state(asked.operation).await,
            floor.loan_status(asked.loan).await,
            floor.requisition_status(asked.requisition).await,
        ]
    }
}

async fn token(floor: &Floor, user_id: UserId) -> String {
    let FreshToken { prefix, hash, secret } = FreshToken::generate();
    let expires_at = Utc::now() + TimeDelta::days(1);
    let token = NewToken { id: TokenId::generate(), user_id, prefix, hash, label: "test".to_owned(), expires_at };
    let mut transaction = floor.pool.begin().await.unwrap();
    commit(&mut transaction, &token.issue(Actor::System)).await.unwrap();
    transaction.commit().await.unwrap();
    secret.expose_secret().to_owned()
}

//! The router as a test calls it.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use makerlab_api::{AppState, router};
use makerlab_shared::{relay::Relay, settings::BrokerSettings};
use makerlab_tests::{floor::Floor, lab::TestDatabase};
use serde_json::Value;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tower::ServiceExt;

pub(super) struct App {
    pub(super) router: Router,
    /// As the tables' owner, for what a test prepares or looks up behind the api's back.
    pub(super) owner: PgPool,
    pub(super) app_pool: PgPool,
    _database: Option<TestDatabase>,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: axum::http::HeaderMap,
    pub(super) json: Value,
}

impl App {
    pub(super) async fn start() -> Self {
        let database = TestDatabase::migrated().await;
        let app = Self::over(&database);
        Self { _database: Some(database), ..app }
    }

    /// An api beside a worker.
    pub(super) fn beside(floor: &Floor) -> Self {
        Self::over(&floor.database)
    }

    fn over(database: &TestDatabase) -> Self {
        let pool = |url: String| PgPoolOptions::new().max_connections(10).connect_lazy(&url).unwrap();
        let (owner, app_pool) = (pool(database.owner_url()), pool(database.app_url()));
        let broker = BrokerSettings { url: "amqp://nobody.invalid".to_owned().into(), prefix: "unused".to_owned() };
        let relay = Relay::new(app_pool.clone(), broker, "test");
        let state = AppState {
            pool: app_pool.clone().into(),
            waker: relay.waker(),
            relay: relay.health(),
            lab_timezone: chrono_tz::Europe::Lisbon,
        };
        Self { router: router(state), owner, app_pool, _database: None }
    }

    pub(super) async fn get(&self, token: &str, path: &str) -> Reply {
        self.send(request(Method::GET, path, token).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.send(with_json(request(Method::POST, path, token), body)).await
    }

    pub(super) async fn post_with_key(&self, token: &str, path: &str, key: &str, body: &Value) -> Reply {
        self.send(with_json(request(Method::POST, path, token).header("idempotency-key", key), body)).await
    }

    pub(super) async fn call(&self, token: &str, method: Method, path: &str, body: &Value) -> Reply {
        self.send(with_json(request(method, path, token), body)).await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Reply { status: parts.status, headers: parts.headers, json }
    }

    /// Moves the lab's clock ahead.
    pub(super) async fn move_lab_clock(&self, days: i32) {
        let moved = sqlx::query("select move_lab_clock($1 * interval '1 day')").bind(days);
        moved.execute(&self.owner).await.unwrap();
    }

    pub(super) async fn count(&self, table: &str) -> i64 {
        let query = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(query).fetch_one(&self.owner).await.unwrap()
    }
}

impl Reply {
    /// Asserts the status and gives the body.
    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.json);
        self.json
    }

    /// Asserts a problem: its media type, its whole shape and which one it is.
    #[track_caller]
    pub(super) fn expect_problem(self, status: u16, slug: &str) -> Value {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.json);
        assert_eq!(self.json["type"], format!("/problems/{slug}"), "{}", self.json);
        assert_eq!(self.json["status"], status, "{}", self.json);
        assert!(self.json["title"].is_string() && self.json["detail"].is_string(), "{}", self.json);
        self.expect(status)
    }
}

/// The fields that a problem complains about.
pub(super) fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().into_iter().flatten().filter_map(|error| error["field"].as_str()).collect()
}

pub(super) fn request(method: Method, path: &str, token: &str) -> axum::http::request::Builder {
    let builder = Request::builder().method(method).uri(path);
    if token.is_empty() { builder } else { builder.header(header::AUTHORIZATION, format!("Bearer {token}")) }
}

fn with_json(builder: axum::http::request::Builder, body: &Value) -> Request<Body> {
    builder.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
}

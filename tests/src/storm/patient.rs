//! A client as it should be: one Idempotency-Key per wish, the same key again after every answer that is none, at
//! whichever api answers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::stack::{Person, http_client};

/// For one request; shorter than the api's own patience, so that clients do give up.
const TIMEOUT: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(250);
/// For a clear answer.
const PATIENCE: Duration = Duration::from_secs(180);

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Patient {
    http: reqwest::Client,
    urls: Arc<[String]>,
    turn: Arc<AtomicUsize>,
}

/// A clear answer.
#[derive(Debug, Clone)]
pub enum Heard {
    Done(Value),
    /// The last part of the problem's type.
    Refused(String),
    /// None came in the time that a client waits.
    Nothing,
}

impl Patient {
    pub fn new(urls: Vec<String>) -> anyhow::Result<Self> {
        let http = http_client().timeout(TIMEOUT).build().context("could not prepare the HTTP client")?;
        Ok(Self { http, urls: urls.into(), turn: Arc::default() })
    }

    pub fn new_key() -> String {
        Uuid::now_v7().to_string()
    }

    pub async fn post(&self, person: &Person, path: &str, body: &Value, key: &str) -> Heard {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.try_post(person, path, body, key).await {
                Ok((status, body)) if status.is_success() => return Heard::Done(body),
                Ok((status, body)) if status.is_client_error() && !is_in_progress(&body) => {
                    return Heard::Refused(problem(status, &body));
                }
                Ok(_) | Err(_) => sleep(PAUSE).await,
            }
        }
        Heard::Nothing
    }

    /// What the next api says; nothing when it says nothing clear.
    pub async fn get(&self, person: &Person, path: &str) -> Option<Value> {
        let request = self.http.get(self.address(path)).bearer_auth(token(person));
        let answer = request.send().await.ok()?;
        if !answer.status().is_success() {
            return None;
        }
        read(answer).await.ok()
    }

    async fn try_post(
        &self,
        person: &Person,
        path: &str,
        body: &Value,
        key: &str,
    ) -> reqwest::Result<(StatusCode, Value)> {
        let request = self.http.post(self.address(path)).bearer_auth(token(person));
        let answer = request.header("Idempotency-Key", key).json(body).send().await?;
        let status = answer.status();
        Ok((status, read(answer).await?))
    }

    /// Each request goes to the next api.
    fn address(&self, path: &str) -> String {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        format!("{}{path}", self.urls[turn % self.urls.len()])
    }
}

async fn read(answer: reqwest::Response) -> reqwest::Result<Value> {
    let bytes = answer.bytes().await?;
    Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn token(person: &Person) -> &str {
    person.token().expose_secret()
}

fn is_in_progress(body: &Value) -> bool {
    problem_type(body) == Some("request-in-progress")
}

fn problem(status: StatusCode, body: &Value) -> String {
    problem_type(body).map_or_else(|| status.to_string(), str::to_owned)
}

fn problem_type(body: &Value) -> Option<&str> {
    body["type"].as_str()?.rsplit('/').next()
}

//! The API as a frontend sees it: JSON over HTTP as one person.

use std::{sync::Once, time::Duration};

use anyhow::{Context, bail};
use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(20);

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<SecretString>,
}

/// Any answer, also a refusal.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Client {
    /// Without a token: sees what everybody sees.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let http = http_client().timeout(PATIENCE).build().context("could not prepare the HTTP client")?;
        Ok(Self { http, base: base.to_owned(), token: None })
    }

    /// The same as somebody.
    pub fn with_token(&self, token: SecretString) -> Self {
        Self { token: Some(token), ..self.clone() }
    }

    pub fn token(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.succeed(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.succeed(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.succeed(Method::PATCH, path, Some(body)).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        let answer = self.request(method.clone(), path, body).send().await;
        let answer = answer.with_context(|| format!("no answer to {method} {path}"))?;
        let status = answer.status();
        let text = answer.text().await.with_context(|| format!("half an answer to {method} {path}"))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, body })
    }

    /// Whether this path answers 2xx; what is down says no.
    pub async fn is_well(&self, path: &str) -> bool {
        self.send(Method::GET, path, None).await.is_ok_and(|answer| answer.status.is_success())
    }

    async fn succeed(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let Answer { status, body } = self.send(method.clone(), path, body).await?;
        if !status.is_success() {
            bail!("{method} {path} was answered with {status}: {body}");
        }
        Ok(body)
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> RequestBuilder {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        if method == Method::POST {
            request = request.header("Idempotency-Key", uuid::Uuid::now_v7().to_string());
        }
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

/// A client is built even for plain HTTP only with a TLS provider, and the workspace has none by default.
pub fn http_client() -> reqwest::ClientBuilder {
    static PROVIDER: Once = Once::new();
    // An error says that there is one already, which is as good.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder().no_proxy()
}

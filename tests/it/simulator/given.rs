//! A simulator and a plain client for it.

use std::sync::Once;
use std::time::Duration;

use makerlab_tests::simulator::{Simulator, SimulatorOptions};
use reqwest::header::ACCEPT;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// How long a condition may take to come true before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub struct Lab {
    pub simulator: Simulator,
    pub http: Client,
}

pub fn lab() -> Lab {
    lab_with(SimulatorOptions { throttle: None, ..SimulatorOptions::default() })
}

pub fn lab_with(options: SimulatorOptions) -> Lab {
    Lab { simulator: Simulator::start(options).unwrap(), http: client() }
}

pub fn client() -> Client {
    static TLS: Once = Once::new();
    TLS.call_once(|| {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build().unwrap()
}

impl Lab {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1/{path}", self.simulator.url());
        self.http.request(method, url).header(ACCEPT, "application/json").bearer_auth(self.simulator.token())
    }

    pub fn checkout(&self, asset: i64) -> RequestBuilder {
        let body = json!({"checkout_to_type": "user", "assigned_user": 2, "note": "[op:01J]"});
        self.request(Method::POST, &format!("hardware/{asset}/checkout")).json(&body)
    }

    pub fn checkin(&self, asset: i64) -> RequestBuilder {
        self.request(Method::POST, &format!("hardware/{asset}/checkin")).json(&json!({}))
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn total(&self, path: &str) -> i64 {
        self.get(path).await.1["total"].as_i64().unwrap()
    }
}

/// Status and body; a body that is not JSON comes as a string.
pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

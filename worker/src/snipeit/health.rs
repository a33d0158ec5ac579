//! Is Snipe-IT there, and does it take our token?

use serde_json::Value;
use tracing::Instrument;

use super::http::{Body, Call, Heard};
use super::outcome::call_span;
use super::seen::{Read, ReadFailure, ReadFailureKind};
use super::{SnipeIt, classify, reads, wire};

/// What `/health` says, without token and outside of the call budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthSeen {
    pub is_healthy: bool,
    pub status: String,
}

impl SnipeIt {
    /// The cheapest authenticated read: the version. It proves address and token, and counts as a call.
    pub async fn probe(&self) -> Result<Read<String>, ReadFailure> {
        let call = Call::get(self.endpoint(&["version"]));
        self.read("probe", call, |body| wire::text(body, "/version")).instrument(call_span!("snipeit.probe")).await
    }

    /// What Snipe-IT says about itself; an answer of 500 or 503 is a value here.
    pub async fn health(&self) -> Result<Read<HealthSeen>, ReadFailure> {
        self.ask_health().instrument(call_span!("snipeit.health")).await
    }

    async fn ask_health(&self) -> Result<Read<HealthSeen>, ReadFailure> {
        let exchange = self.exchange(Call::get(self.page(&["health"])).without_token()).await;
        let result = match spoken_status(&exchange.heard) {
            Some(health) => Ok(health),
            None => Err(no_status(&exchange.heard)),
        };
        reads::finish("health", result, exchange.seen)
    }
}

fn spoken_status(heard: &Heard) -> Option<HealthSeen> {
    let Heard::Reply(reply) = heard else {
        return None;
    };
    let Body::Whole(bytes) = &reply.body else {
        return None;
    };
    let body: Value = serde_json::from_slice(bytes).ok()?;
    let status = body.get("status")?.as_str()?.to_owned();
    let is_healthy = reply.status == 200 && status == "ok";
    matches!(reply.status, 200 | 500 | 503).then_some(HealthSeen { is_healthy, status })
}

fn no_status(heard: &Heard) -> ReadFailureKind {
    classify::read_value(heard)
        .err()
        .unwrap_or_else(|| ReadFailureKind::Malformed { what: "field `status` is missing or not a text".to_owned() })
}

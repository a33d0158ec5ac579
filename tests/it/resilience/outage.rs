//! Snipe-IT is away for hours, at a pace at which an hour lasts seconds: what does not need it works, the rest waits and
//! says why, and afterwards drains by itself.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::domain::{equipment::Approval, id::OperationId};
use makerlab_tests::{
    lab::shared,
    simulator::{EffectKind, Fault, Page, ThrottleRule},
    stack::until,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::given::{Lab, PATIENCE, lab_throttled};

/// Calls that the breaker takes to open at the most, with everything that was on its way then.
const BEFORE_THE_PAUSE: usize = 8;
const PROBES: usize = 6;

async fn an_hour_from_now_on() -> Lab {
    let throttle = ThrottleRule { limit: 40, window: Duration::from_secs(3) };
    lab_throttled(shared().await, Some(throttle), |options| {
        let options = options.with("SNIPEIT_BUDGET_WINDOW", "3500ms").with("SNIPEIT_OUTAGE_THRESHOLD", "2");
        options.with("LANE_COUNTER", "1").with("LANE_INVENTORY", "1")
    })
    .await
}

impl Lab {
    async fn status(&self) -> Value {
        self.student.api.get("/v1/status").await.unwrap()
    }

    async fn operation(&self, requisition: &str) -> Value {
        self.see(requisition).await["operations"][0].clone()
    }

    async fn decide(&self, requisition: &str, word: &str) -> Value {
        self.stack.admin.api.post(&format!("/v1/requisitions/{requisition}/{word}"), &json!({})).await.unwrap()
    }

    fn calls(&self) -> usize {
        self.ledger().requests().len()
    }
}

fn marker(operation: &Value) -> String {
    OperationId(operation["id"].as_str().unwrap().parse::<Uuid>().unwrap()).marker()
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("{value} is no instant")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_snipeit_is_away_the_rest_works_and_then_everything_drains_in_its_order_without_a_429() {
    let lab = an_hour_from_now_on().await;
    let before = lab.submit().await;
    let loan = lab.comes_to(&before, "checked_out").await["loans"][0]["id"].clone();

    let began = Utc::now();
    lab.stack.simulator.state().faults().add(Fault::on_every_call().until_cleared().instead(Page::Maintenance));
    let mut queue = Vec::new();
    for _ in 0..5 {
        queue.push(lab.submit().await);
    }
    lab.give_back(&loan).await;

    let status = until("the breaker is open", PATIENCE, async || {
        let status = lab.status().await;
        (status["snipeit"]["is_paused"] == true).then_some(status)
    })
    .await
    .unwrap();
    let since = instant(&status["snipeit"]["paused_since"]);
    assert!(since - began < TimeDelta::seconds(20), "it took {}", since - began);
    assert!(status["snipeit"]["pause_cause"].as_str().unwrap().contains("Snipe-IT does not answer"), "{status}");
    assert!(lab.is_said_to_be("degraded").await.iter().any(|reason| reason.contains("Snipe-IT is paused")));

    // Browsing, with its age; planning; asking, deciding and giving up.
    let (model, catalogue) = (lab.model, lab.student.models().await.unwrap());
    assert!(!catalogue.is_empty());
    let shown = lab.student.api.get(&format!("/v1/equipment-models/{model}")).await.unwrap();
    assert!(instant(&shown["as_of"]) < began, "{shown}");
    let days = |from: i64| (Utc::now() + TimeDelta::days(from)).format("%FT%TZ").to_string();
    let window = format!("from={}&to={}", days(10), days(12));
    lab.student.api.get(&format!("/v1/equipment-models/{model}/availability?{window}")).await.unwrap();
    lab.stack.admin.set_approval(model.into(), Approval::Technician).await.unwrap();
    let decided = lab.submit().await;
    assert_eq!(lab.see(&decided).await["status"], "pending");
    assert_eq!(lab.decide(&decided, "approve").await["status"], "approved");
    let given_up = lab.submit().await;
    assert_eq!(lab.decide(&given_up, "cancel").await["status"], "cancelled");

    // What needs it says why it waits, and until when.
    for requisition in queue.iter().chain([&before, &decided]) {
        until("it is told why it waits", PATIENCE, async || {
            let seen = lab.see(requisition).await;
            let open =
                seen["operations"].as_array()?.iter().find(|operation| operation["settled_at"].is_null())?.clone();
            (open["waiting_reason"].is_string() && instant(&open["next_try_at"]) > began).then_some(())
        })
        .await
        .unwrap();
    }
    let waits =
        lab.status().await["lanes"].as_array().unwrap().iter().map(|lane| lane["due"].as_i64().unwrap()).sum::<i64>();
    assert!(waits > 0, "the backlog is shown");

    // For as long as it lasts: reads that probe, and nothing else.
    let (posts, calls) = (lab.posts(), lab.calls());
    assert!(posts <= 1 + BEFORE_THE_PAUSE, "{posts} check-outs were sent before the pause");
    until("it was probed for long", PATIENCE, async || (lab.calls() >= calls + PROBES).then_some(())).await.unwrap();
    assert_eq!(lab.posts(), posts, "nothing is sent into an outage");
    let never_sent: Vec<String> = {
        let mut never_sent = Vec::new();
        for requisition in &queue {
            let operation = lab.operation(requisition).await;
            if operation["attempts"] == 0 {
                never_sent.push(marker(&operation));
            }
        }
        never_sent
    };
    assert!(never_sent.len() >= 2, "{}", never_sent.len());

    lab.stack.simulator.state().faults().clear();

    for requisition in queue.iter().chain([&decided]) {
        lab.comes_to(requisition, "checked_out").await;
    }
    lab.comes_to(&before, "returned").await;
    lab.is_said_to_be("ready").await;
    assert_eq!(lab.see(&given_up).await["operations"], json!([]));
    let effects = lab.ledger().effects();
    let count = |kind| effects.iter().filter(|effect| effect.kind == kind).count();
    assert_eq!((count(EffectKind::Checkout), count(EffectKind::Checkin)), (1 + 5 + 1, 1));
    let order: Vec<_> = effects.iter().filter_map(|effect| effect.marker.clone()).collect();
    let drained: Vec<_> = order.into_iter().filter(|marker| never_sent.contains(marker)).collect();
    assert_eq!(drained, never_sent, "who asked first is served first");
    assert_eq!(lab.ledger().count_answers(429), 0);
}

//! Snipe-IT is away for hours, at a pace at which an hour lasts seconds: what does not need it works, the rest waits and
//! says why, and afterwards drains by itself.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::domain::{
    equipment::{Approval, Collection},
    id::{ModelId, OperationId},
};
use makerlab_tests::{
    lab::shared,
    simulator::{EffectKind, Fault, NewAsset, Page, ThrottleRule},
    stack::{Person, until},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::given::{Lab, PATIENCE, lab_throttled};

/// Calls that the breaker takes to open at the most, with everything that was on its way then.
const BEFORE_THE_PAUSE: usize = 8;
/// An hour of one each thirty seconds.
const PROBES: usize = 120;
/// Requisitions that come before the pause.
const EARLY: usize = 5;
/// Check-outs that wait for the end of it: more than a window has calls for.
const BACKLOG: usize = 60;

async fn an_hour_from_now_on() -> Lab {
    let throttle = ThrottleRule { limit: 60, window: Duration::from_secs(2) };
    let lab = lab_throttled(shared().await, Some(throttle), |options| {
        let options = options.with("SNIPEIT_BUDGET_WINDOW", "2200ms").with("SNIPEIT_OUTAGE_THRESHOLD", "2");
        let options = options.with("SNIPEIT_PROBE_INTERVAL", "20ms").with("SWEEP_INTERVAL", "1s");
        options.with("LANE_COUNTER", "1").with("LANE_INVENTORY", "1")
    })
    .await;
    let hands = lab.stack.simulator.state().hands();
    let model = lab.stack.simulator.state().inventory().assets().next().unwrap().model_id;
    for _ in 0..BACKLOG {
        hands.create_asset(NewAsset::of_model(model));
    }
    let path = format!("/v1/equipment-models/{}", lab.model);
    until("the boards are known", PATIENCE, async || {
        let shown = lab.student.api.get(&path).await.ok()?;
        (shown["free_units"].as_u64()? > BACKLOG as u64).then_some(())
    })
    .await
    .unwrap();
    lab
}

impl Lab {
    async fn status(&self) -> Value {
        self.student.api.get("/v1/status").await.unwrap()
    }

    async fn operation(&self, requisition: &str) -> Value {
        self.see(requisition).await["operations"][0].clone()
    }

    fn calls(&self) -> usize {
        self.ledger().requests().len()
    }

    /// A unit that waits at the counter for the student: the requisition, and what stands on the unit.
    async fn kept_at_counter(&self) -> (String, String) {
        let model = self.student.model_named("Multimeter 117").await.unwrap().id;
        self.stack.admin.set_approval(model, Approval::None).await.unwrap();
        self.stack.admin.set_collection(model, Collection::Counter).await.unwrap();
        let mut wish = self.wish();
        wish["lines"][0]["model_id"] = json!(model);
        let kept = self.student.api.post("/v1/requisitions", &wish).await.unwrap();
        (kept["id"].as_str().unwrap().to_owned(), kept["loans"][0]["tag"].as_str().unwrap().to_owned())
    }

    /// Until a probe has found Snipe-IT away like this.
    async fn is_away(&self, cause: &str) {
        until(&format!("the cause is {cause}"), PATIENCE, async || {
            self.status().await["snipeit"]["pause_cause"].as_str()?.contains(cause).then_some(())
        })
        .await
        .unwrap();
    }
}

async fn decide(by: &Person, requisition: &str, word: &str) -> Value {
    by.api.post(&format!("/v1/requisitions/{requisition}/{word}"), &json!({})).await.unwrap()
}

fn marker(operation: &Value) -> String {
    OperationId(operation["id"].as_str().unwrap().parse::<Uuid>().unwrap()).marker()
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("{value} is no instant")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_snipeit_is_away_the_rest_works_and_then_everything_drains_in_its_order_without_a_429() {
    let mut lab = an_hour_from_now_on().await;
    let before = lab.submit().await;
    let loan = lab.comes_to(&before, "checked_out").await["loans"][0]["id"].clone();
    let kept_on = lab.submit().await;
    let loan_kept_on = lab.comes_to(&kept_on, "checked_out").await["loans"][0]["id"].clone();
    let (at_counter, tag) = lab.kept_at_counter().await;

    let began = Utc::now();
    lab.stack.simulator.state().faults().add(Fault::on_every_call().until_cleared().instead(Page::Maintenance));
    let mut queue = Vec::new();
    for _ in 0..EARLY {
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
    let technician = lab.technician().await;
    lab.stack.admin.set_approval(ModelId(model), Approval::Technician).await.unwrap();
    let decided = lab.submit().await;
    assert_eq!(lab.see(&decided).await["status"], "pending");
    assert_eq!(decide(&technician, &decided, "approve").await["status"], "approved");
    let given_up = lab.submit().await;
    assert_eq!(decide(&technician, &given_up, "cancel").await["status"], "cancelled");

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

    // It grows, by what goes out by itself; then people come to the counter.
    lab.stack.admin.set_approval(ModelId(model), Approval::None).await.unwrap();
    while queue.len() < BACKLOG {
        queue.push(lab.submit().await);
    }
    let units = json!({ "units": [{ "tag": tag }] });
    technician.api.post(&format!("/v1/requisitions/{at_counter}/hand-over"), &units).await.unwrap();
    lab.give_back(&loan_kept_on).await;

    // For as long as it lasts: reads that probe, and nothing else.
    let (posts, calls) = (lab.posts(), lab.calls());
    assert!(posts <= 2 + BEFORE_THE_PAUSE, "{posts} check-outs were sent before the pause");
    until("it was probed for long", PATIENCE, async || (lab.calls() >= calls + PROBES).then_some(())).await.unwrap();
    let silent = Fault::on_every_call().until_cleared().delay_before(PATIENCE);
    lab.stack.simulator.state().faults().clear();
    lab.stack.simulator.state().faults().add(silent.instead(Page::Maintenance));
    lab.is_away("no answer:").await;
    lab.stack.simulator.go_down();
    lab.is_away("refused").await;
    assert_eq!(lab.posts(), posts, "nothing is sent into an outage");
    let (mut never_sent, mut early) = (Vec::new(), 0);
    for (index, requisition) in queue.iter().enumerate() {
        let operation = lab.operation(requisition).await;
        if operation["attempts"] == 0 {
            never_sent.push(marker(&operation));
            early += usize::from(index < EARLY);
        }
    }
    assert!(early >= 2, "{early}");

    let at_desk = [&at_counter, &kept_on].map(async |requisition| {
        let seen = lab.see(requisition).await;
        let open = seen["operations"].as_array().unwrap().iter().find(|operation| operation["settled_at"].is_null());
        marker(open.unwrap())
    });
    let at_desk = futures_util::future::join_all(at_desk).await;
    lab.stack.simulator.state().faults().clear();
    lab.stack.simulator.come_back().unwrap();

    for requisition in queue.iter().chain([&decided]) {
        lab.comes_to(requisition, "checked_out").await;
    }
    for returned in [&before, &kept_on] {
        lab.comes_to(returned, "returned").await;
    }
    lab.comes_to(&at_counter, "checked_out").await;
    lab.is_said_to_be("ready").await;
    assert_eq!(lab.see(&given_up).await["operations"], json!([]));
    let effects = lab.ledger().effects();
    let count = |kind| effects.iter().filter(|effect| effect.kind == kind).count();
    assert_eq!((count(EffectKind::Checkout), count(EffectKind::Checkin)), (2 + BACKLOG + 2, 2));
    let order: Vec<_> = effects.iter().filter_map(|effect| effect.marker.clone()).collect();
    for marker in &at_desk {
        let ahead =
            order.iter().take_while(|earlier| *earlier != marker).filter(|earlier| never_sent.contains(earlier));
        let ahead = ahead.count();
        assert!(ahead < never_sent.len() / 2, "{ahead} of {} went before the people at the counter", never_sent.len());
    }
    let drained: Vec<_> = order.into_iter().filter(|marker| never_sent[..early].contains(marker)).collect();
    assert_eq!(drained, never_sent[..early], "who asked first is served first");
    assert_eq!(lab.ledger().count_answers(429), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_lab_where_nobody_asks_for_anything_an_outage_is_known_within_seconds() {
    let lab = lab_throttled(shared().await, None, |options| options.with("SNIPEIT_OUTAGE_THRESHOLD", "3")).await;
    lab.comes_to(&lab.submit().await, "checked_out").await;
    lab.stack.simulator.state().faults().add(Fault::on_every_call().until_cleared().instead(Page::Maintenance));
    let began = Utc::now();

    lab.stack.admin.api.post("/v1/sync-runs", &json!({})).await.unwrap();

    lab.is_away("Snipe-IT does not answer").await;
    assert!(Utc::now() - began < TimeDelta::seconds(20), "it took {}", Utc::now() - began);
}

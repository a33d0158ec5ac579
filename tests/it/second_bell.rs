//! A broker that is gone for good: everything is still carried to its end, more slowly, and both processes say so.
//!
//! One that was never there is here; one that dies in the middle is in `resilience/broker.rs`.

use chrono::{DateTime, SubsecRound, Utc};
use makerlab_shared::domain::{equipment::Approval, id::ModelId};
use makerlab_tests::{
    lab::shared,
    simulator::{CallKind, Cut, Fault, Trouble},
    stack::{Client, until},
};
use serde_json::{Value, json};

use crate::resilience::given::{Lab, PATIENCE, lab_with};

/// A port on which nothing listens.
const NOWHERE: &str = "amqp://127.0.0.1:1/%2f";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_no_broker_ever_there_a_whole_story_comes_to_its_end_and_both_processes_say_who_does_the_work() {
    // Readiness tells whole seconds.
    let began = Utc::now().trunc_subsecs(0);
    let lab = lab_with(shared().await, |options| {
        options.with("AMQP_URL", NOWHERE).with("SWEEP_INTERVAL", "2s").with("VERIFYING_MAIL_AFTER", "1s")
    })
    .await;
    let model = ModelId(lab.model);
    lab.stack.admin.set_approval(model, Approval::Technician).await.unwrap();

    let decided = lab.submit().await;
    lab.comes_to(&decided, "pending").await;
    lab.technician().await.approve(decided.parse().unwrap()).await.unwrap();
    let out = lab.comes_to(&decided, "checked_out").await;
    lab.student.give_back(out["loans"][0]["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
    lab.comes_to(&decided, "returned").await;
    lab.stack.admin.set_approval(model, Approval::None).await.unwrap();
    let lost_answer = Fault::on(CallKind::Checkout).trouble(Trouble::LoseAnswer(Cut::Reset));
    lab.stack.simulator.state().faults().add(lost_answer);
    let unknown = lab.submit().await;
    lab.comes_to(&unknown, "checked_out").await;

    assert_eq!(lab.evidence(&unknown).await, ["intent", "answer", "look"]);
    assert_eq!(lab.posts(), 2);
    lab.is_swept_and_all_letters_are_delivered().await;
    let since = lab.is_away_since().await;
    assert!(began <= since && since < Utc::now(), "{since}");
    lab.runs(0.0, "first").await;
    lab.runs_more_than(8.0, "second").await;
}

impl Lab {
    async fn is_swept_and_all_letters_are_delivered(&self) {
        let all = async || {
            let left: i64 = sqlx::query_scalar(
                "select (select count(*) from operations where confirmed_at is null)
                      + (select count(*) from notifications where status not in ('sent', 'moot'))
                      + (select count(*) from jobs where state <> 'done'
                             and kind not in ('sweep', 'sync_catalogue', 'watch_return', 'remind_approvers', 'remind_of_wish'))",
            )
            .fetch_one(&self.pool)
            .await
            .unwrap();
            (left == 0).then_some(())
        };
        until("every effect is confirmed, every letter sent, every job done", PATIENCE, all).await.unwrap();
        let written: i64 = sqlx::query_scalar("select count(*) from notifications where status = 'sent'")
            .fetch_one(&self.pool)
            .await
            .unwrap();
        assert!(written >= 6, "{written} letters");
        let delivered = self.stack.mailbox.wait_for(|letters| letters.len() as i64 == written, PATIENCE).await;
        delivered.unwrap();
    }

    /// What both processes say, by which it is away since the same instant however often they are asked.
    pub async fn is_away_since(&self) -> DateTime<Utc> {
        let api = self.stack.anybody().unwrap();
        let worker = Client::new(&self.stack.workers[0].metrics_url).unwrap();
        for process in [&worker, &api] {
            assert_eq!(away_since(process).await, away_since(process).await);
        }
        let status = self.student.api.get("/v1/status").await.unwrap();
        assert_eq!(status["broker"]["is_connected"], json!(false));
        for url in [&self.stack.workers[0].metrics_url, &self.stack.apis[0].metrics_url] {
            assert_eq!(number(url, "broker_connected").await, 0.0);
        }
        away_since(&api).await
    }

    /// So often did this bell call the worker.
    pub async fn runs(&self, wanted: f64, bell: &str) {
        assert_eq!(self.count_runs(bell).await, wanted, "runs by the {bell} bell");
    }

    pub async fn runs_more_than(&self, wanted: f64, bell: &str) {
        let runs = self.count_runs(bell).await;
        assert!(runs > wanted, "{runs} runs by the {bell} bell");
    }

    pub async fn count_runs(&self, bell: &str) -> f64 {
        number(&self.stack.workers[0].metrics_url, &format!("bell=\"{bell}\"")).await
    }
}

async fn away_since(process: &Client) -> DateTime<Utc> {
    let readiness = process.get("/readyz").await.unwrap();
    assert_eq!(readiness["status"], "degraded");
    let reason = readiness["reasons"].as_array().and_then(|reasons| reasons.first()).and_then(Value::as_str);
    let reason = reason.unwrap_or_else(|| panic!("{readiness}"));
    assert!(reason.ends_with("the second bell does all the work, more slowly"), "{reason}");
    let since = reason.strip_prefix("the broker is away since ").and_then(|rest| rest.split(' ').next());
    since.and_then(|since| since.parse().ok()).unwrap_or_else(|| panic!("{reason}"))
}

/// The sum of the numbers in whose lines this stands.
async fn number(url: &str, part: &str) -> f64 {
    let page = Client::new(url).unwrap().get("/metrics").await.unwrap();
    let lines = page.as_str().unwrap().lines().filter(|line| !line.starts_with('#') && line.contains(part));
    let counted = |line: &&str| !line.contains("_duration_");
    lines.filter(counted).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

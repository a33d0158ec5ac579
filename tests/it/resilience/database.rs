//! Row 12: the database goes away between send and settle, and comes back.

use makerlab_tests::{
    lab::{Services, own_postgres, services::off_the_runtime, shared_rabbitmq},
    simulator::{EffectKind, Step},
    stack::until,
};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{
    given::{Lab, PATIENCE, lab_with},
    passage::Passage,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_restarted_before_the_settle_is_waited_for_within_the_lease() {
    let services = services_with_own_database().await;
    let lab = lab_with(&services, |options| {
        options.with("SNIPEIT_TIMEOUT", "30s").with("JOB_LEASE", "120s").with("SECOND_BELL_AFTER", "1h")
    })
    .await;
    let before_the_answer = lab.hold(Step::Answering);
    let accepted = [lab.submit().await, lab.submit().await];
    before_the_answer.reached(2, PATIENCE).await.unwrap();

    pull_the_plug(&services).await;
    before_the_answer.release();
    is_answered_with_503(&lab).await;
    plug_in(&services).await;

    for requisition in &accepted {
        lab.comes_to(requisition, "checked_out").await;
        assert_eq!(lab.evidence(requisition).await, ["intent", "answer"], "settled, not looked at");
    }
    assert_eq!((lab.posts(), lab.effects()), (2, vec![EffectKind::Checkout; 2]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_for_longer_than_the_lease_is_followed_by_a_look_and_no_second_post() {
    let services = services_with_own_database().await;
    let lab = lab_with(&services, |options| options).await;
    let before_the_answer = lab.hold(Step::Answering);
    let requisition = lab.submit().await;
    before_the_answer.reached(1, PATIENCE).await.unwrap();
    let job = job_of(&lab, &requisition).await;

    pull_the_plug(&services).await;
    before_the_answer.release();
    // The database stays away until the worker has given this job up; others are given up earlier.
    let worker = &lab.stack.workers[0].server;
    let words = format!("Job {job} could not be settled");
    let gave_up = async || std::fs::read_to_string(worker.log()).ok()?.contains(&words).then_some(());
    until("the worker has given up", PATIENCE, gave_up).await.unwrap();
    is_answered_with_503(&lab).await;
    plug_in(&services).await;

    lab.comes_to(&requisition, "checked_out").await;
    assert_eq!(lab.evidence(&requisition).await, ["intent", "look"]);
    assert_eq!((lab.posts(), lab.effects()), (1, vec![EffectKind::Checkout]));
    // The api came back by itself as well.
    lab.comes_to(&lab.submit().await, "checked_out").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_that_were_sent_while_the_database_restarted_are_not_sent_again() {
    let services = services_with_own_database().await;
    let mut passage = None;
    let lab = lab_with(&services, |options| {
        let url = options.surroundings.smtp_url.expose_secret().to_owned();
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        let before_the_mailbox = passage.insert(Passage::to(port));
        let through_it = format!("smtp://127.0.0.1:{}", before_the_mailbox.port());
        let all_at_once =
            [("SMTP_TIMEOUT", "100s"), ("JOB_LEASE", "120s"), ("SECOND_BELL_AFTER", "1h"), ("LANE_MAIL", "3")];
        all_at_once
            .iter()
            .fold(options, |options, (name, value)| options.with(name, value))
            .with("SMTP_URL", &through_it)
    })
    .await;
    lab.comes_to(&lab.submit().await, "checked_out").await;
    let passage = passage.unwrap();
    // A letter that is taken is still to be read; one that knocks at the mail server needs the database no more.
    let are_there = async || passage.has_seen(3).then_some(());
    until("the three letters are on their way", PATIENCE, are_there).await.unwrap();

    pull_the_plug(&services).await;
    passage.open();
    lab.stack.mailbox.wait_for(|received| received.len() == 3, PATIENCE).await.unwrap();
    is_answered_with_503(&lab).await;
    plug_in(&services).await;

    let all_sent = "select bool_and(status = 'sent') from notifications";
    let are_sent = async || sqlx::query_scalar(all_sent).fetch_one(&lab.pool).await.unwrap_or(false).then_some(());
    until("the worker has noted that they were sent", PATIENCE, are_sent).await.unwrap();
    assert_eq!(lab.stack.mailbox.messages().len(), 3);
}

/// The job that runs the requisition's one operation.
async fn job_of(lab: &Lab, requisition: &str) -> Uuid {
    let sql = "select jobs.id from jobs join operations on operations.id = jobs.subject_id
               where jobs.kind = 'run_operation' and operations.requisition_id = $1";
    let requisition: Uuid = requisition.parse().unwrap();
    sqlx::query_scalar(sql).bind(requisition).fetch_one(&lab.pool).await.unwrap()
}

async fn services_with_own_database() -> Services {
    Services { postgres: own_postgres().await, rabbitmq: shared_rabbitmq().await.clone() }
}

async fn pull_the_plug(services: &Services) {
    let postgres = services.postgres.clone();
    off_the_runtime(move || postgres.stop_immediate()).await;
}

async fn plug_in(services: &Services) {
    let postgres = services.postgres.clone();
    off_the_runtime(move || postgres.start_again()).await.unwrap();
}

async fn is_answered_with_503(lab: &Lab) {
    let heard = lab.post(&lab.wish(), &Uuid::now_v7().to_string()).await.unwrap();
    assert_eq!(heard.status, StatusCode::SERVICE_UNAVAILABLE, "{}", heard.body);
    assert_eq!(heard.content_type, "application/problem+json");
    assert!(heard.body["type"].as_str().unwrap().ends_with("/database-unavailable"), "{}", heard.body);
}

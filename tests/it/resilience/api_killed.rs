//! Row 1: what was committed needs neither the process that committed it nor a message to be carried out.

use makerlab_tests::{lab::shared, simulator::EffectKind};
use reqwest::StatusCode;

use super::{given::lab_with, passage::Passage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_api_accepted_before_it_was_killed_is_run_by_others_and_a_retry_hears_the_same_answer() {
    let services = shared().await;
    let passage = Passage::to(services.rabbitmq.amqp_port());
    let through_it =
        services.rabbitmq.amqp_url().replace(&services.rabbitmq.amqp_port().to_string(), &passage.port().to_string());
    let mut lab = lab_with(services, |mut options| {
        options.workers = 0;
        options.with("AMQP_URL", &through_it)
    })
    .await;
    let wish = lab.wish();
    let accepted = lab.post(&wish, "the-same-key").await.unwrap();
    assert_eq!(accepted.status, StatusCode::ACCEPTED);

    lab.stack.kill_api();
    let rung: i64 = sqlx::query_scalar("select count(rung_for) from jobs").fetch_one(&lab.pool).await.unwrap();
    assert_eq!(rung, 0, "no bell was rung before the kill");
    passage.open();
    lab.stack.start_worker().await.unwrap();
    lab.stack.start_api().await.unwrap();
    lab.student.api = lab.stack.anybody().unwrap().with_token(lab.student.token().clone());
    let again = lab.post(&wish, "the-same-key").await.unwrap();

    assert_eq!((again.status, &again.body["id"]), (StatusCode::ACCEPTED, &accepted.body["id"]));
    lab.comes_to(accepted.body["id"].as_str().unwrap(), "checked_out").await;
    assert_eq!(lab.effects(), [EffectKind::Checkout]);
}

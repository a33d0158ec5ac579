//! Jobs that cannot be brought to an end by themselves.

use makerlab_shared::domain::id::{JobId, OperationId};
use makerlab_tests::floor::Floor;

#[tokio::test]
async fn out_of_runs_before_anything_was_sent_fails_the_loan_with_a_reason() {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;
    floor.use_up_runs(job).await;

    floor.ring(job).await;

    assert_eq!(floor.loan_status(asked.loan).await, "failed");
    assert!(floor.loan_failure(asked.loan).await.unwrap().contains("nothing was sent"));
}

#[tokio::test]
async fn a_job_about_nothing_is_set_aside_and_the_lane_moves_on() {
    let floor = Floor::new().await;
    let job = JobId::generate();
    sqlx::query("insert into jobs (id, kind, lane, subject_id, state, due_at) values ($1, 'run_operation', 'counter', $2, 'open', now())")
        .bind(job.0)
        .bind(OperationId::generate().0)
        .execute(&floor.pool)
        .await
        .unwrap();

    floor.ring(job).await;

    let state: String =
        sqlx::query_scalar("select state from jobs where id = $1").bind(job.0).fetch_one(&floor.pool).await.unwrap();
    assert_eq!(state, "dead");
}

#[tokio::test]
async fn a_job_of_an_unknown_kind_is_set_aside_with_the_reason() {
    let floor = Floor::new().await;
    let owner = sqlx::PgPool::connect(&floor.database.owner_url()).await.unwrap();
    sqlx::query("alter table jobs drop constraint jobs_kind").execute(&owner).await.unwrap();
    let job = JobId::generate();
    sqlx::query("insert into jobs (id, kind, lane, subject_id, state, due_at) values ($1, 'dance', 'internal', $1, 'open', now())")
        .bind(job.0)
        .execute(&floor.pool)
        .await
        .unwrap();

    floor.ring(job).await;

    let (state, outcome): (String, String) = sqlx::query_as("select state, outcome from jobs where id = $1")
        .bind(job.0)
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(state, "dead");
    assert!(outcome.contains("\"dance\""), "{outcome}");
    assert_eq!(floor.open_findings(job.0).await, ["job_out_of_runs"]);
}

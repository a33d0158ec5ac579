//! Borrowers: found in Snipe-IT by their address, made known there if the lab wants that, and never twice.

use makerlab_shared::domain::change::Change;
use makerlab_shared::domain::{
    id::{JobId, UserId},
    job::NewJob,
    user::Role,
};
use makerlab_tests::{
    simulator::{CallKind, Cut, Fault, Trouble},
    worker_context::{GivenWorker, given_worker},
};

async fn newcomer(worker: &GivenWorker) -> (UserId, JobId) {
    let user = worker.add_user("Nina Nova", "nina.nova@lab.example", Role::Student).await;
    let job = NewJob::match_borrower(user);
    worker.commit(&Change { jobs: vec![job.clone()], ..Change::default() }).await;
    (user, job.id)
}

async fn snipeit_user(worker: &GivenWorker, user: UserId) -> Option<i64> {
    let id = sqlx::query_scalar("select snipeit_user_id from users where id = $1").bind(user.0);
    id.fetch_one(worker.pool()).await.unwrap()
}

fn users_with_her_address(worker: &GivenWorker) -> usize {
    let inventory = worker.simulator.state().inventory();
    inventory.users.values().filter(|user| user.email.as_deref() == Some("nina.nova@lab.example")).count()
}

#[tokio::test]
async fn a_borrower_unknown_to_snipeit_is_a_finding_unless_the_lab_wants_users_created() {
    let worker = given_worker().await;
    let (user, job) = newcomer(&worker).await;

    worker.run(job).await;

    assert_eq!(worker.open_findings().await, ["borrower_not_matched"]);
    assert_eq!((snipeit_user(&worker, user).await, users_with_her_address(&worker)), (None, 0));
}

#[tokio::test]
async fn a_borrower_unknown_to_snipeit_is_created_there_where_the_lab_wants_that() {
    let worker = given_worker().await.with_rules(|rules| rules.create_snipeit_users = true);
    let (user, job) = newcomer(&worker).await;

    worker.run(job).await;

    assert!(snipeit_user(&worker, user).await.is_some());
    assert_eq!(users_with_her_address(&worker), 1);
    assert_eq!(worker.open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_lost_answer_creates_nobody_twice() {
    let worker = given_worker().await.with_rules(|rules| rules.create_snipeit_users = true);
    let (user, job) = newcomer(&worker).await;
    worker.simulator.state().faults().add(Fault::on(CallKind::CreateUser).trouble(Trouble::LoseAnswer(Cut::Reset)));

    worker.run(job).await;
    worker.run_now(job).await;

    assert!(snipeit_user(&worker, user).await.is_some());
    assert_eq!(users_with_her_address(&worker), 1);
}

#[tokio::test]
async fn a_user_name_that_somebody_else_has_is_a_finding_and_never_a_match() {
    let worker = given_worker().await.with_rules(|rules| rules.create_snipeit_users = true);
    let user = worker.add_user("Another Ana", "ana.silva@elsewhere.example", Role::Student).await;
    let job = NewJob::match_borrower(user);
    worker.commit(&Change { jobs: vec![job.clone()], ..Change::default() }).await;

    worker.run(job.id).await;

    assert_eq!(worker.open_findings().await, ["borrower_not_matched"]);
    assert_eq!(snipeit_user(&worker, user).await, None);
}

//! Borrowers: found in Snipe-IT by their address, made known there if the lab wants that, and never twice.

use makerlab_shared::domain::{
    id::{JobId, UserId},
    job::NewJob,
};
use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, Cut, Fault, Trouble},
};

/// A lab that wants borrowers created.
async fn creating() -> Floor {
    Floor::with(&[("SNIPEIT_CREATE_USERS", "true")], None).await
}

async fn newcomer(floor: &Floor) -> (UserId, JobId) {
    newcomer_at(floor, "nina.nova@lab.example").await
}

async fn newcomer_at(floor: &Floor, email: &str) -> (UserId, JobId) {
    let user = floor.given_student(email).await;
    (user, floor.given_job_of(NewJob::match_borrower(user)).await)
}

async fn snipeit_user(floor: &Floor, user: UserId) -> Option<i64> {
    let id = sqlx::query_scalar("select snipeit_user_id from users where id = $1").bind(user.0);
    id.fetch_one(&floor.pool).await.unwrap()
}

fn users_with_the_address(floor: &Floor) -> usize {
    let inventory = floor.simulator.state().inventory();
    inventory.users.values().filter(|user| user.email.as_deref() == Some("nina.nova@lab.example")).count()
}

#[tokio::test]
async fn a_borrower_unknown_to_snipeit_is_a_finding_unless_the_lab_wants_users_created() {
    let floor = Floor::new().await;
    let (user, job) = newcomer(&floor).await;

    floor.ring(job).await;

    assert_eq!(floor.all_open_findings().await, ["borrower_not_matched"]);
    assert_eq!((snipeit_user(&floor, user).await, users_with_the_address(&floor)), (None, 0));
}

#[tokio::test]
async fn a_borrower_unknown_to_snipeit_is_created_there_where_the_lab_wants_that() {
    let floor = creating().await;
    let (user, job) = newcomer(&floor).await;

    floor.ring(job).await;

    assert!(snipeit_user(&floor, user).await.is_some());
    assert_eq!(users_with_the_address(&floor), 1);
    assert_eq!(floor.all_open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_lost_answer_creates_nobody_twice() {
    let floor = creating().await;
    let (user, job) = newcomer(&floor).await;
    floor.simulator.state().faults().add(Fault::on(CallKind::CreateUser).trouble(Trouble::LoseAnswer(Cut::Reset)));

    floor.ring(job).await;
    floor.ring_now(job).await;

    assert!(snipeit_user(&floor, user).await.is_some());
    assert_eq!(users_with_the_address(&floor), 1);
}

#[tokio::test]
async fn a_user_name_that_somebody_else_has_is_a_finding_and_never_a_match() {
    let floor = creating().await;
    let (user, job) = newcomer_at(&floor, "ana.silva@elsewhere.example").await;

    floor.ring(job).await;

    assert_eq!(floor.all_open_findings().await, ["borrower_not_matched"]);
    assert_eq!(snipeit_user(&floor, user).await, None);
}

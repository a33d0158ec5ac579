//! The full sync on demand, and what became of those before.

use super::{
    app::App,
    given::{self, Person},
};
use makerlab_shared::domain::user::Role;
use makerlab_tests::floor::Floor;
use makerlab_worker::jobs::Ran;
use serde_json::{Value, json};

async fn runs(app: &App, technician: &Person) -> Vec<Value> {
    let listed = app.get(&technician.token, "/v1/sync-runs").await.expect(200);
    listed["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_technician_has_the_catalogue_read_at_once_and_reads_what_came_of_it() {
    let floor = Floor::new().await;
    let app = App::beside(&floor);
    let technician = given::person(&app, Role::Technician).await;
    let job = floor.given_synced().await;
    floor.simulator.state().hands().rename(1, "renamed by hand");

    let asked = app.post(&technician.token, "/v1/sync-runs", &json!({})).await.expect(202);

    assert_eq!(asked, json!({"is_running": false}));
    assert_eq!(floor.ring(job).await, Ran::Settled);
    let runs = runs(&app, &technician).await;
    assert_eq!(runs.len(), 2);
    for run in &runs {
        assert!(run["finished_at"].is_string() && run["error"].is_null(), "{run}");
        assert_eq!((&run["counts"]["listed"], &run["counts"]["models"]), (&json!(29), &json!(6)));
    }
    let name: String = sqlx::query_scalar("select name from equipment where snipeit_asset_id = 1")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(name, "renamed by hand");
}

#[tokio::test]
async fn while_the_catalogue_is_being_read_no_second_round_begins() {
    let floor = Floor::new().await;
    let app = App::beside(&floor);
    let technician = given::person(&app, Role::Technician).await;
    let job = floor.given_synced().await;
    let lease = "update jobs set lease_until = now() + interval '1 minute' where id = $1";
    sqlx::query(lease).bind(job.0).execute(&floor.pool).await.unwrap();

    let asked = app.post(&technician.token, "/v1/sync-runs", &json!({})).await.expect(202);

    assert_eq!(asked, json!({"is_running": true}));
    let is_due: bool = sqlx::query_scalar("select due_at <= now() from jobs where id = $1")
        .bind(job.0)
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert!(!is_due);
}

#[tokio::test]
async fn where_no_worker_has_ever_been_there_is_nothing_to_bring_forward() {
    let app = App::start().await;
    let technician = given::person(&app, Role::Technician).await;

    let refused = app.post(&technician.token, "/v1/sync-runs", &json!({})).await;

    refused.expect_problem(409, "sync-not-scheduled");
    assert_eq!(runs(&app, &technician).await, Vec::<Value>::new());
}

//! The full sync on demand, and what became of those before.

use super::{
    app::App,
    given::{self, Person},
};
use makerlab_shared::domain::user::Role;
use makerlab_tests::{floor::Floor, simulator::Handover};
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
        assert_eq!((&run["counts"]["missed"], &run["counts"]["differences"]), (&json!(0), &json!([])));
    }
    assert!(runs[1]["night"].is_string() && runs[0]["night"].is_null(), "one a night: {runs:?}");
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

#[tokio::test]
async fn where_units_are_the_picture_of_a_model_and_who_somebody_is_in_snipeit_are_shown_once_they_were_read() {
    let floor = Floor::new().await;
    let app = App::beside(&floor);
    let technician = given::person(&app, Role::Technician).await;
    let twin = floor.given_student("twin@lab.example").await;
    let picture = "https://snipeit.lab.example/uploads/models/uno.png";
    let hands = floor.simulator.state().hands();
    hands.set_model_image(1, Some(picture));
    hands.set_place(2, 4);
    hands.set_requestable(2, true);
    hands.check_out(3, 3, Handover::Now).unwrap();
    let person = async || app.get(&technician.token, &format!("/v1/users/{twin}")).await.expect(200);
    assert_eq!(person().await["snipeit_users_with_email"], Value::Null);

    floor.given_synced().await;

    assert_eq!(person().await["snipeit_users_with_email"], json!(2));
    let model = format!("/v1/equipment-models/{}", floor.people.model);
    assert_eq!(app.get(&technician.token, &model).await.expect(200)["image_url"], json!(picture));
    let units = app.get(&technician.token, &format!("{model}/equipment")).await.expect(200);
    let place = |asset: i64| {
        let of_asset = |unit: &&Value| unit["snipeit_asset_id"] == json!(asset);
        let unit = units.as_array().unwrap().iter().find(of_asset).unwrap();
        (unit["location"].clone(), unit["home_location"].clone(), unit["requestable"].clone())
    };
    let home = json!("Storage cabinet A");
    assert_eq!(place(1), (home.clone(), home.clone(), json!(false)), "where nobody has taken it from");
    assert_eq!(place(2), (json!("Workbench 1"), json!("Workbench 1"), json!(true)));
    assert_eq!(place(3), (Value::Null, home, json!(false)), "with somebody who is at no place");
    let free = units.as_array().unwrap().iter().filter(|unit| unit["is_free"] == json!(true)).count();
    assert_eq!(free, 7, "what is not requestable in Snipe-IT is lent all the same");
}

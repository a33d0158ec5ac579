//! What nobody collects is free for others after some days of the lab's clock.

use super::{events, hand_over, letters};
use crate::api::{
    app::App,
    given::{self, Person},
};
use chrono::{Duration, Utc};
use makerlab_shared::domain::id::RequisitionId;
use makerlab_tests::floor::Floor;
use makerlab_worker::jobs::Ran;
use serde_json::{Value, json};

struct Shelf {
    floor: Floor,
    app: App,
    technician: Person,
    /// Two units of it wait at the counter, for a week from now on.
    requisition: RequisitionId,
}

impl Shelf {
    async fn new() -> Self {
        let floor = Floor::new().await;
        floor.given_collected_at_counter().await;
        let app = App::beside(&floor);
        let technician = floor.people.technician;
        let token = given::token(&app, technician, Utc::now() + Duration::days(1)).await;
        let technician = Person { id: technician.0, token };
        let requisition = floor.given_requested_units(2).await;
        Self { floor, app, technician, requisition }
    }

    /// Runs what is due after so many days more.
    async fn after(&self, days: i32) -> Value {
        self.app.move_lab_clock(days).await;
        for job in self.floor.due_jobs().await {
            self.floor.ring(job).await;
        }
        self.see().await
    }

    async fn see(&self) -> Value {
        self.app.get(&self.technician.token, &format!("/v1/requisitions/{}", self.requisition)).await.expect(200)
    }
}

#[tokio::test]
async fn what_nobody_collects_is_released_after_the_labs_days_with_one_letter_and_free_again() {
    let shelf = Shelf::new().await;
    assert_eq!(shelf.after(0).await["status"], "approved");
    assert_eq!(shelf.after(2).await["status"], "approved");

    let over = shelf.after(1).await;

    assert_eq!(over["status"], "cancelled");
    assert!(over["loans"].as_array().unwrap().iter().all(|loan| loan["status"] == "released"), "{over}");
    assert_eq!(events(&over, "loan"), ["submitted", "submitted", "not_collected", "not_collected"]);
    assert_eq!(letters(&shelf.app, shelf.requisition.0, "not_collected").await, 1);
    assert_eq!(shelf.floor.count_open("release_uncollected").await, 0);
    let next = shelf.floor.given_requested_units(2).await;
    assert_eq!(shelf.floor.requisition_status(next).await, "approved");
}

#[tokio::test]
async fn what_was_handed_over_stays_and_a_second_bell_releases_nothing_twice() {
    let shelf = Shelf::new().await;
    let dossier = shelf.floor.dossier(shelf.requisition).await;
    let units = json!([{"equipment_id": dossier.loans[0].equipment_id}]);
    hand_over(&shelf.app, &shelf.technician, shelf.requisition.0, units).await.expect(202);
    let job = shelf.floor.open_job("release_uncollected", dossier.loans[1].id.0).await;

    let over = shelf.after(3).await;

    let statuses: Vec<_> = over["loans"].as_array().unwrap().iter().map(|loan| &loan["status"]).collect();
    assert!(["handed_over", "checked_out"].iter().any(|status| statuses[0] == status), "{over}");
    assert_eq!(statuses[1], "released");
    assert_eq!(shelf.floor.count_open("release_uncollected").await, 0);
    assert_eq!(shelf.floor.ring(job).await, Ran::NothingToDo);
    assert_eq!(letters(&shelf.app, shelf.requisition.0, "not_collected").await, 1);
}

#[tokio::test]
async fn another_number_of_days_counts_from_the_next_day_on() {
    let shelf = Shelf::new().await;
    assert_eq!(shelf.after(0).await["status"], "approved");
    sqlx::query("update lab_settings set release_uncollected_after_days = 1").execute(&shelf.app.owner).await.unwrap();

    assert_eq!(shelf.after(1).await["status"], "cancelled");
}

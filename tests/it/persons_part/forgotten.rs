//! A check-out of which a restored database has forgotten everything: a person says that it happened.

use super::given::{Desk, Door, STRANGER};
use chrono::NaiveDateTime;
use makerlab_shared::domain::job::JobKind;
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{EffectKind, Handover},
};
use makerlab_worker::operations;
use serde_json::json;
use uuid::Uuid;

const NOTE: &str = "the borrower showed it to me";

#[tokio::test]
async fn what_snipeit_shows_with_the_borrower_is_the_loan_and_can_be_given_back() {
    for door in [Door::Api, Door::CommandLine] {
        let desk = Desk::new().await;
        let (asked, finding) = held_after_a_restore(&desk, desk.floor.people.student.snipeit_id.0).await;

        desk.settle(door, finding, "happened", NOTE).await.unwrap();

        assert_eq!(desk.statuses(asked).await, ["applied", "checked_out", "checked_out"]);
        assert_eq!(tenure(&desk, asked).await, shown(&desk, asked), "the loan is what Snipe-IT shows");
        let back = desk.floor.given_return_requested(asked).await;
        let is_back = async |floor: &Floor| floor.loan_status(back.loan).await == "returned";
        desk.floor.work_until("it is given back", is_back).await;
        assert_eq!(desk.floor.effects(asked.asset, EffectKind::Checkin).len(), 1);
    }
}

#[tokio::test]
async fn what_somebody_else_holds_cannot_have_happened_until_snipeit_shows_the_borrower() {
    for door in [Door::Api, Door::CommandLine] {
        let desk = Desk::new().await;
        let (asked, finding) = held_after_a_restore(&desk, STRANGER).await;

        let said = desk.settle(door, finding, "happened", NOTE).await.unwrap_err();

        assert!(said.contains("check it out to them in Snipe-IT, wait for the next sweep and answer again"), "{said}");
        assert_eq!(desk.statuses(asked).await, ["with_person", "promised", "attention"]);
        assert_ne!(desk.floor.evidence(asked.operation).await.last().map(String::as_str), Some("decision"));
        let path = format!("/v1/findings/{finding}/settle");
        let reply = desk.post(&desk.technician, &path, &json!({ "resolution": "happened" })).await;
        assert_eq!((reply.status, &reply.body["type"]), (409, &json!("/problems/tenure-forgotten")), "{}", reply.body);

        let hands = desk.floor.simulator.state().hands();
        hands.check_in(asked.asset.0).unwrap();
        hands.check_out(asked.asset.0, desk.floor.people.student.snipeit_id.0, Handover::Now).unwrap();
        desk.floor.ring(desk.floor.given_job(JobKind::Sweep).await).await;
        desk.settle(door, finding, "happened", NOTE).await.unwrap();
        assert_eq!(desk.statuses(asked).await, ["applied", "checked_out", "checked_out"]);
        assert_eq!(tenure(&desk, asked).await, shown(&desk, asked));
    }
}

#[tokio::test]
async fn what_was_seen_before_the_restore_tells_nothing() {
    let desk = Desk::new().await;
    let (asked, finding) = held_after_a_restore(&desk, desk.floor.people.student.snipeit_id.0).await;
    let sql = "update equipment set seen_at = now() - interval '1 day' where snipeit_asset_id = $1";
    sqlx::query(sql).bind(asked.asset.0).execute(&desk.floor.pool).await.unwrap();

    desk.settle(Door::Api, finding, "happened", NOTE).await.unwrap_err();

    assert_eq!(desk.statuses(asked).await, ["with_person", "promised", "attention"]);
}

/// Asked for before the backup; after the restore this user holds the unit, and the log does not tell by whose doing.
async fn held_after_a_restore(desk: &Desk, holder: i64) -> (Asked, Uuid) {
    let floor = &desk.floor;
    let asked = floor.given_requested().await;
    floor.simulator.state().hands().check_out(asked.asset.0, holder, Handover::Now).unwrap();
    floor.be_another_database().await;
    operations::accept_database(&floor.worker).await.unwrap();
    floor.end_waiting_for_look(asked.operation).await;
    desk.comes_to_a_person(asked).await
}

async fn tenure(desk: &Desk, asked: Asked) -> (Option<i64>, Option<NaiveDateTime>) {
    sqlx::query_as("select snipeit_user_id, fingerprint from loans where id = $1")
        .bind(asked.loan.0)
        .fetch_one(&desk.floor.pool)
        .await
        .unwrap()
}

fn shown(desk: &Desk, asked: Asked) -> (Option<i64>, Option<NaiveDateTime>) {
    let inventory = desk.floor.simulator.state().inventory();
    let asset = inventory.find_asset(asked.asset.0).unwrap();
    (asset.holder.map(|holder| holder.id), asset.last_checkout)
}

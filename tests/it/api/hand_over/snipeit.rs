//! What Snipe-IT makes of a hand-over: it follows, or its refusal is a person's, and the loan stays what it is.

use super::{given, hand_over, letters};
use crate::api::{app::App, given::Person};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{
    id::{LoanId, OperationId, RequisitionId, UserId},
    inventory::SnipeitAssetId,
};
use makerlab_tests::{
    floor::{DEADLINE, Floor},
    simulator::{CallKind, Cut, EffectKind, Fault, Handover, Step, Trouble},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody in Snipe-IT whom we know nothing of.
const STRANGER: i64 = 2;

/// A unit that was handed over, of which Snipe-IT knows nothing yet.
pub(super) struct Desk {
    pub(super) floor: Floor,
    pub(super) app: App,
    pub(super) technician: Person,
    pub(super) requisition: RequisitionId,
    pub(super) loan: LoanId,
    pub(super) operation: OperationId,
    pub(super) asset: SnipeitAssetId,
}

impl Desk {
    pub(super) async fn new() -> Self {
        let floor = Floor::new().await;
        // So that the borrower is known in Snipe-IT, and the next call is the check-out itself.
        floor.given_checked_out().await;
        floor.given_collected_at_counter().await;
        let app = App::beside(&floor);
        let technician = floor.people.technician;
        let token = given::token(&app, technician, Utc::now() + Duration::days(1)).await;
        let technician = Person { id: technician.0, token };
        let requisition = floor.given_requested_units(1).await;
        let loan = floor.dossier(requisition).await.loans[0].clone();
        let units = json!([{"equipment_id": loan.equipment_id}]);
        hand_over(&app, &technician, requisition.0, units).await.expect(202);
        let (operation, asset) = (floor.live_operation(loan.id).await, floor.asset_of(loan.id).await);
        Self { floor, app, technician, requisition, loan: loan.id, operation, asset }
    }

    pub(super) async fn give_back(&self) -> Value {
        let path = format!("/v1/loans/{}/return", self.loan);
        self.app.post(&self.technician.token, &path, &json!({})).await.expect(202)
    }

    pub(super) async fn comes_to(&self, status: &str) {
        let is_there = async |floor: &Floor| floor.loan_status(self.loan).await == status;
        self.floor.work_until(status, is_there).await;
    }

    /// Somebody lends the unit by hand before our check-out comes, which is refused then.
    pub(super) async fn is_refused(&self) -> Uuid {
        // Of yesterday, so that a retry need not wait for a later second to choose.
        let yesterday = Handover::On((Utc::now() - Duration::days(1)).date_naive());
        self.floor.simulator.state().hands().check_out(self.asset.0, STRANGER, yesterday).unwrap();
        let is_refused = async |floor: &Floor| floor.operation_state(self.operation).await == "refused";
        self.floor.work_until("Snipe-IT has refused", is_refused).await;
        assert_eq!(self.floor.open_findings(self.operation.0).await, ["hand_over_refused"]);
        sqlx::query_scalar("select id from findings where subject_id = $1")
            .bind(self.operation.0)
            .fetch_one(&self.floor.pool)
            .await
            .unwrap()
    }

    pub(super) async fn settle(&self, finding: Uuid, resolution: &str) -> crate::api::app::Reply {
        let path = format!("/v1/findings/{finding}/settle");
        self.app.post(&self.technician.token, &path, &json!({"resolution": resolution})).await
    }
}

#[tokio::test]
async fn snipeit_follows_a_hand_over_with_one_check_out_and_nobody_is_told_to_pick_it_up() {
    let desk = Desk::new().await;
    assert_eq!(desk.floor.requisition_status(desk.requisition).await, "handed_over");
    assert_eq!(desk.floor.holder(desk.asset), None);

    desk.comes_to("checked_out").await;

    assert_eq!(desk.floor.effects(desk.asset, EffectKind::Checkout).len(), 1);
    assert_eq!(desk.floor.holder(desk.asset), Some(desk.floor.people.student.snipeit_id.0));
    assert_eq!(desk.floor.requisition_status(desk.requisition).await, "checked_out");
    assert_eq!(letters(&desk.app, desk.requisition.0, "checked_out").await, 0);
}

#[tokio::test]
async fn a_refusal_is_a_finding_and_the_loan_stays_handed_over_until_a_retry_goes_through() {
    let desk = Desk::new().await;
    let finding = desk.is_refused().await;
    assert_eq!(desk.floor.loan_status(desk.loan).await, "handed_over");
    assert_eq!(desk.floor.requisition_status(desk.requisition).await, "handed_over");
    assert_ne!(letters(&desk.app, desk.requisition.0, "hand_over_refused").await, 0);
    assert_eq!(letters(&desk.app, desk.requisition.0, "failed").await, 0);
    let shown = desk.app.get(&desk.technician.token, &format!("/v1/findings/{finding}")).await.expect(200);
    assert_eq!(shown["possible_resolutions"], json!(["retried", "acknowledged"]));

    desk.floor.simulator.state().hands().check_in(desk.asset.0).unwrap();
    desk.settle(finding, "retried").await.expect(200);
    desk.comes_to("checked_out").await;

    assert_eq!(desk.floor.holder(desk.asset), Some(desk.floor.people.student.snipeit_id.0));
    let effects = desk.floor.effects(desk.asset, EffectKind::Checkout);
    assert_eq!(effects.iter().filter(|effect| effect.marker.is_some()).count(), 1, "beside the one by hand");
}

#[tokio::test]
async fn what_snipeit_refused_is_back_without_a_call_and_then_there_is_nothing_to_retry() {
    let desk = Desk::new().await;
    let finding = desk.is_refused().await;

    let back = desk.give_back().await;

    assert_eq!(back["loans"][0]["status"], "returned");
    assert_eq!(desk.floor.simulator.state().ledger().count_calls(CallKind::Checkin), 0);
    desk.settle(finding, "retried").await.expect_problem(409, "nothing-to-retry");
    desk.settle(finding, "acknowledged").await.expect(200);
}

#[tokio::test]
async fn what_comes_back_while_the_outcome_is_unknown_is_checked_in_as_soon_as_it_is_known() {
    let desk = Desk::new().await;
    desk.floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).trouble(Trouble::LoseAnswer(Cut::Close)));
    let is_unknown = async |floor: &Floor| floor.operation_state(desk.operation).await == "unknown";
    desk.floor.work_until("the outcome is unknown", is_unknown).await;

    let back = desk.give_back().await;
    assert_eq!(back["loans"][0]["status"], "handed_over");
    let path = format!("/v1/loans/{}/return", desk.loan);
    desk.app.post(&desk.technician.token, &path, &json!({})).await.expect_problem(409, "return-under-way");
    desk.comes_to("returned").await;

    assert_eq!(desk.floor.effects(desk.asset, EffectKind::Checkout).len(), 1);
    assert_eq!(desk.floor.effects(desk.asset, EffectKind::Checkin).len(), 1);
    assert_eq!(desk.floor.holder(desk.asset), None);
    assert_eq!(letters(&desk.app, desk.requisition.0, "returned").await, 1);
}

#[tokio::test]
async fn a_worker_that_dies_between_the_hand_over_and_snipeits_answer_leaves_one_check_out() {
    let desk = Desk::new().await;
    let job = desk.floor.job_about(desk.operation.0).await;
    let hold = desk.floor.simulator.state().faults().hold(CallKind::Checkout, None, Step::Answering);
    {
        // The run is dropped in the middle of its call, as a killed process drops it.
        let run = desk.floor.ring(job);
        tokio::pin!(run);
        tokio::select! {
            _ = &mut run => panic!("the call is held"),
            reached = hold.reached(1, DEADLINE) => reached.unwrap(),
        }
    }
    hold.release();
    assert_eq!(desk.floor.loan_status(desk.loan).await, "handed_over");

    desk.comes_to("checked_out").await;

    assert_eq!(desk.floor.effects(desk.asset, EffectKind::Checkout).len(), 1);
}

#[tokio::test]
async fn another_database_withdraws_nothing_that_it_may_have_forgotten_to_have_sent() {
    let desk = Desk::new().await;
    desk.floor.be_another_database().await;

    let back = desk.give_back().await;

    assert_eq!(
        (&back["loans"][0]["status"], &back["operations"][0]["state"]),
        (&json!("handed_over"), &json!("waiting"))
    );
    let wished: Option<Uuid> = sqlx::query_scalar("select return_wished_by from loans where id = $1")
        .bind(desk.loan.0)
        .fetch_one(&desk.floor.pool)
        .await
        .unwrap();
    assert_eq!(wished.map(UserId), Some(UserId(desk.technician.id)));
}

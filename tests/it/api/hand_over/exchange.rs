//! Another unit is given out at the counter for one that goes out, or has gone out, by itself.

use super::{given, hand_over, letters, of_loans};
use crate::api::{
    app::{App, Reply},
    given::Person,
};
use chrono::{DateTime, Duration, Utc};
use makerlab_shared::domain::{
    id::{LoanId, OperationId},
    inventory::SnipeitAssetId,
};
use makerlab_tests::{
    floor::{Asked, DEADLINE, Floor},
    simulator::{CallKind, Cut, EffectKind, Fault, Step, Trouble},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// A requisition of one unit that goes out by itself, and another unit of its model in the technician's hand.
pub(super) struct Counter {
    pub(super) floor: Floor,
    pub(super) app: App,
    pub(super) technician: Person,
    pub(super) asked: Asked,
    other: SnipeitAssetId,
    tag: String,
}

impl Counter {
    pub(super) async fn new() -> Self {
        Self::on(Floor::new().await).await
    }

    async fn on(floor: Floor) -> Self {
        // So that the borrower is known in Snipe-IT, and the next call is the check-out itself.
        floor.given_checked_out().await;
        let app = App::beside(&floor);
        let technician = floor.people.technician;
        let token = given::token(&app, technician, Utc::now() + Duration::days(1)).await;
        let asked = floor.given_requested().await;
        let (other, tag) = another_unit(&floor).await;
        Self { technician: Person { id: technician.0, token }, floor, app, asked, other, tag }
    }

    pub(super) async fn give(&self, units: Value) -> Reply {
        hand_over(&self.app, &self.technician, self.asked.requisition.0, units).await
    }

    /// The other unit for the loan that is out.
    pub(super) async fn exchange(&self) -> Value {
        self.give(json!([{"tag": self.tag, "loan_id": self.asked.loan}])).await.expect(202)
    }

    pub(super) async fn comes_to(&self, loan: LoanId, status: &str) {
        let is_there = async |floor: &Floor| floor.loan_status(loan).await == status;
        self.floor.work_until(status, is_there).await;
    }

    pub(super) fn effects(&self, asset: SnipeitAssetId) -> (usize, usize) {
        let count = |kind| self.floor.effects(asset, kind).len();
        (count(EffectKind::Checkout), count(EffectKind::Checkin))
    }

    /// The borrower has the other unit and nothing else of it, in Snipe-IT as well.
    async fn has_the_other_unit(&self, second: LoanId) {
        self.comes_to(second, "checked_out").await;
        self.comes_to(self.asked.loan, "returned").await;
        assert_eq!((self.effects(self.asked.asset), self.effects(self.other)), ((1, 1), (1, 0)), "one effect each");
        assert_eq!(self.floor.holder(self.asked.asset), None);
        assert_eq!(self.floor.holder(self.other), Some(self.floor.people.student.snipeit_id.0));
        assert_eq!(self.floor.requisition_status(self.asked.requisition).await, "checked_out");
        assert_eq!(letters(&self.app, self.asked.requisition.0, "returned").await, 0, "nothing less than before");
    }
}

/// A free unit of the floor's model.
pub(super) async fn another_unit(floor: &Floor) -> (SnipeitAssetId, String) {
    let (asset, tag): (i64, String) = sqlx::query_as(
        "select snipeit_asset_id, tag from equipment e
         where model_id = $1 and presence = 'listed' and label_kind = 'deployable' and holder_id is null
             and not exists (select from loans where equipment_id = e.id)
         order by tag limit 1",
    )
    .bind(floor.people.model.0)
    .fetch_one(&floor.pool)
    .await
    .unwrap();
    (SnipeitAssetId(asset), tag)
}

/// The loan that took the place of another.
pub(super) fn second_of(requisition: &Value) -> LoanId {
    let loans = requisition["loans"].as_array().unwrap();
    let second = loans.iter().find(|loan| !loan["instead_of"].is_null()).expect("a loan in the place of another");
    LoanId(second["id"].as_str().unwrap().parse().unwrap())
}

#[tokio::test]
async fn a_check_out_that_waits_is_withdrawn_and_the_unit_that_was_given_is_checked_out() {
    let counter = Counter::new().await;

    let handed = counter.give(json!([{"tag": counter.tag}])).await.expect(202);

    assert_eq!((of_loans(&handed, "status"), of_loans(&handed, "tag")), (vec!["handed_over"], vec![&*counter.tag]));
    assert_eq!(handed["status"], "handed_over");
    assert_eq!(counter.floor.operation_state(counter.asked.operation).await, "abandoned");
    counter.comes_to(counter.asked.loan, "checked_out").await;
    assert_eq!((counter.effects(counter.asked.asset), counter.effects(counter.other)), ((0, 0), (1, 0)));
    assert_eq!(counter.floor.holder(counter.other), Some(counter.floor.people.student.snipeit_id.0));
    assert_eq!(counter.floor.requisition_status(counter.asked.requisition).await, "checked_out");
    assert_eq!(letters(&counter.app, counter.asked.requisition.0, "handed_over").await, 1);
}

#[tokio::test]
async fn a_unit_that_stands_checked_out_is_checked_in_and_the_other_is_a_loan_of_its_own() {
    let counter = Counter::new().await;
    counter.comes_to(counter.asked.loan, "checked_out").await;

    let exchanged = counter.exchange().await;

    assert_eq!(exchanged["status"], "handed_over");
    assert_eq!(of_loans(&exchanged, "status"), ["checked_out", "handed_over"], "until Snipe-IT says something else");
    let second = second_of(&exchanged);
    assert_eq!(exchanged["loans"][1]["instead_of"], json!(counter.asked.loan));
    assert_eq!(exchanged["loans"][1]["due_at"], exchanged["loans"][0]["due_at"]);
    counter.has_the_other_unit(second).await;
    let again = counter.give(json!([{"tag": counter.tag, "loan_id": second}])).await;
    again.expect_problem(409, "already-handed-over");
    let path = format!("/v1/loans/{second}/return");
    counter.app.post(&counter.technician.token, &path, &json!({})).await.expect(202);
    counter.comes_to(second, "returned").await;
    assert_eq!(counter.floor.requisition_status(counter.asked.requisition).await, "returned");
    assert_eq!(letters(&counter.app, counter.asked.requisition.0, "returned").await, 1);
}

#[tokio::test]
async fn a_faulty_unit_that_comes_back_for_another_gets_its_label_and_the_technicians_hear_of_it() {
    let counter = Counter::on(Floor::with(&[("SNIPEIT_LABEL_DAMAGED", "5")], None).await).await;
    counter.comes_to(counter.asked.loan, "checked_out").await;
    let with = |report: Value| json!([{"tag": counter.tag, "loan_id": counter.asked.loan, "comes_back": report}]);
    let wordless = counter.give(with(json!({"condition": "damaged"}))).await.expect_problem(422, "invalid-input");
    assert_eq!(wordless["errors"][0]["field"], "/units/0/comes_back/note");

    let report = json!({"condition": "damaged", "note": "The probe is broken"});
    let exchanged = counter.give(with(report)).await.expect(202);

    let second = second_of(&exchanged);
    let first = exchanged["loans"].as_array().unwrap().iter().find(|loan| loan["id"] == json!(counter.asked.loan));
    let first = first.unwrap();
    assert_eq!((&first["return_condition"], &first["return_note"]), (&json!("damaged"), &json!("The probe is broken")));
    counter.has_the_other_unit(second).await;
    let shown = counter.floor.simulator.state().inventory().find_asset(counter.asked.asset.0).unwrap().label_id;
    assert_eq!(shown, 5, "by the check-in itself");
    assert_eq!(letters(&counter.app, counter.asked.requisition.0, "returned_damaged").await, 1);
}

#[tokio::test]
async fn what_comes_back_damaged_before_snipeit_was_asked_gets_its_label_by_itself() {
    let counter = Counter::on(Floor::with(&[("SNIPEIT_LABEL_DAMAGED", "5")], None).await).await;
    counter.give(json!([{"tag": counter.tag}])).await.expect(202);

    let path = format!("/v1/loans/{}/return", counter.asked.loan);
    let report = json!({"condition": "damaged", "note": "The probe is broken"});
    counter.app.post(&counter.technician.token, &path, &report).await.expect(202);

    assert_eq!(counter.floor.loan_status(counter.asked.loan).await, "returned");
    let label = |floor: &Floor| floor.simulator.state().inventory().find_asset(counter.other.0).unwrap().label_id;
    counter.floor.work_until("the label is set", async |floor: &Floor| label(floor) == 5).await;
    assert_eq!(counter.effects(counter.other), (0, 0), "it was lent to nobody");
}

#[tokio::test]
async fn nobody_says_in_which_condition_a_unit_comes_back_that_was_never_out() {
    let counter = Counter::new().await;

    let report = json!({"condition": "damaged", "note": "The probe is broken"});
    let refused = counter.give(json!([{"tag": counter.tag, "comes_back": report}])).await;

    refused.expect_problem(422, "invalid-input");
    assert_eq!(counter.floor.loan_status(counter.asked.loan).await, "promised");
}

#[tokio::test]
async fn reminders_of_the_exchanged_unit_go_on_where_those_of_the_first_have_come_to() {
    let counter = Counter::new().await;
    counter.comes_to(counter.asked.loan, "checked_out").await;
    let told = sqlx::query("update loans set told_step = -3 where id = $1").bind(counter.asked.loan.0);
    told.execute(&counter.floor.pool).await.unwrap();

    let second = second_of(&counter.exchange().await);

    let watches: Vec<(Option<DateTime<Utc>>, Option<i16>)> =
        sqlx::query_as("select watched_since, told_step from loans where id in ($1, $2) order by id")
            .bind(counter.asked.loan.0)
            .bind(second.0)
            .fetch_all(&counter.floor.pool)
            .await
            .unwrap();
    assert_eq!((watches[0], watches[1].1), (watches[1], Some(-3)), "the same date, and no step twice");
    let open = "jobs where kind = 'watch_return' and state = 'open' and subject_id = ";
    assert_eq!(counter.app.count(&format!("{open} '{second}'")).await, 1);
}

#[tokio::test]
async fn while_nobody_knows_whether_it_was_checked_out_the_answer_says_to_wait_and_nothing_moves() {
    let counter = Counter::new().await;
    let lost = Fault::on(CallKind::Checkout).trouble(Trouble::LoseAnswer(Cut::Close));
    counter.floor.simulator.state().faults().add(lost);
    let is_unknown = async |floor: &Floor| floor.operation_state(counter.asked.operation).await == "unknown";
    counter.floor.work_until("the outcome is unknown", is_unknown).await;
    let before = counter.floor.dossier(counter.asked.requisition).await;

    let refused = counter.give(json!([{"tag": counter.tag}])).await.expect_problem(409, "outcome-unknown");

    assert!(refused["detail"].as_str().unwrap().contains("wait until that is known"), "{refused}");
    let after = counter.floor.dossier(counter.asked.requisition).await;
    assert_eq!((after.loans, after.operations), (before.loans, before.operations));
    counter.comes_to(counter.asked.loan, "checked_out").await;
    let second = second_of(&counter.exchange().await);
    counter.has_the_other_unit(second).await;
}

#[tokio::test]
async fn what_was_handed_over_is_exchanged_as_well_and_checked_in_as_soon_as_its_outcome_is_known() {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    floor.given_collected_at_counter().await;
    let app = App::beside(&floor);
    let technician = floor.people.technician;
    let token = given::token(&app, technician, Utc::now() + Duration::days(1)).await;
    let technician = Person { id: technician.0, token };
    let requisition = floor.given_requested_units(1).await;
    let first = floor.dossier(requisition).await.loans[0].clone();
    hand_over(&app, &technician, requisition.0, json!([{"equipment_id": first.equipment_id}])).await.expect(202);
    let (operation, asset) = (floor.live_operation(first.id).await, floor.asset_of(first.id).await);
    let (other, tag) = another_unit(&floor).await;
    let asked = Asked { requisition, loan: first.id, operation, asset };
    let counter = Counter { floor, app, technician, asked, other, tag };
    let lost = Fault::on(CallKind::Checkout).trouble(Trouble::LoseAnswer(Cut::Close));
    counter.floor.simulator.state().faults().add(lost);
    let is_unknown = async |floor: &Floor| floor.operation_state(operation).await == "unknown";
    counter.floor.work_until("the outcome is unknown", is_unknown).await;

    let exchanged = counter.exchange().await;

    assert_eq!(of_loans(&exchanged, "status"), ["handed_over", "handed_over"]);
    assert_eq!(exchanged["status"], "attention", "nobody knows yet what became of the first");
    counter.has_the_other_unit(second_of(&exchanged)).await;
}

#[tokio::test]
async fn a_worker_that_dies_between_the_exchange_and_snipeits_answer_leaves_one_effect_each() {
    let counter = Counter::new().await;
    counter.comes_to(counter.asked.loan, "checked_out").await;
    let second = second_of(&counter.exchange().await);
    let (check_in, check_out) =
        (counter.floor.live_operation(counter.asked.loan).await, counter.floor.live_operation(second).await);

    dies_while(&counter, check_in, CallKind::Checkin).await;
    dies_while(&counter, check_out, CallKind::Checkout).await;

    assert_eq!(counter.floor.loan_status(counter.asked.loan).await, "checked_out", "nothing is called done before");
    counter.has_the_other_unit(second).await;
}

/// The run is dropped in the middle of its call, as a killed process drops it.
async fn dies_while(counter: &Counter, operation: OperationId, call: CallKind) {
    let job = counter.floor.job_about(operation.0).await;
    let hold = counter.floor.simulator.state().faults().hold(call, None, Step::Answering);
    {
        let run = counter.floor.ring(job);
        tokio::pin!(run);
        tokio::select! {
            _ = &mut run => panic!("the call is held"),
            reached = hold.reached(1, DEADLINE) => reached.unwrap(),
        }
    }
    hold.release();
}

#[tokio::test]
async fn which_unit_comes_back_must_be_said_and_the_other_must_be_scanned() {
    let counter = Counter::new().await;
    let unit: Uuid = sqlx::query_scalar("select id from equipment where tag = $1")
        .bind(&counter.tag)
        .fetch_one(&counter.floor.pool)
        .await
        .unwrap();
    let told = |problem: Value, words: &str| {
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    };

    let typed = counter.give(json!([{"equipment_id": unit}])).await;
    told(typed.expect_problem(422, "invalid-input"), "scan its tag");
    counter.comes_to(counter.asked.loan, "checked_out").await;
    let unnamed = counter.give(json!([{"tag": counter.tag}])).await;
    told(unnamed.expect_problem(409, "wrong-unit"), "say which by its loan_id");
    let typed = counter.give(json!([{"equipment_id": unit, "loan_id": counter.asked.loan}])).await;
    told(typed.expect_problem(422, "invalid-input"), "scan its tag");
    let path = format!("/v1/loans/{}/return", counter.asked.loan);
    counter.app.post(&counter.technician.token, &path, &json!({})).await.expect(202);
    let late = counter.give(json!([{"tag": counter.tag, "loan_id": counter.asked.loan}])).await;

    told(late.expect_problem(409, "return-under-way"), "return is under way");
    assert_eq!(counter.effects(counter.other), (0, 0));
}

#[tokio::test]
async fn another_database_withdraws_no_check_out_that_it_may_have_forgotten_to_have_sent() {
    let counter = Counter::new().await;
    counter.floor.be_another_database().await;

    counter.give(json!([{"tag": counter.tag}])).await.expect_problem(409, "outcome-unknown");

    assert_eq!(counter.floor.operation_state(counter.asked.operation).await, "waiting");
}

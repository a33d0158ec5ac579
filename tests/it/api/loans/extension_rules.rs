//! More time keeps to the rule of new promises: others' plans, the lab's time between two loans, and what is in order.

use super::a_loan_out;
use crate::api::{
    app::Reply,
    availability::set_buffer,
    given::{self, Lab, Model, Person, id_of},
};
use chrono::{DateTime, Duration, Utc};
use makerlab_shared::{domain::id::ModelId, store::catalogue};
use serde_json::{Value, json};
use std::time;
use uuid::Uuid;

const PATIENCE: time::Duration = time::Duration::from_secs(20);

struct Lent {
    lab: Lab,
    model: Model,
    /// Of the member, due in seven days.
    loan: Uuid,
    now: DateTime<Utc>,
}

/// The only unit of its model is out.
async fn a_lent_unit() -> Lent {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let requisition = given::submitted(&lab, &model).await;
    given::checked_out(&lab, &requisition).await;
    // In whole seconds, which the database keeps as they are.
    let now = DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap();
    Lent { loan: id_of(&requisition["loans"][0]), now, lab, model }
}

impl Lent {
    fn at(&self, hours: i64) -> DateTime<Utc> {
        self.now + Duration::hours(hours)
    }

    async fn extend(&self, who: &Person, hours: i64) -> Reply {
        let path = format!("/v1/loans/{}/extend", self.loan);
        self.lab.app.post(&who.token, &path, &json!({"due_at": self.at(hours)})).await
    }

    async fn decide(&self, word: &str, body: Value) -> Reply {
        let path = format!("/v1/loans/{}/extension/{word}", self.loan);
        self.lab.app.post(&self.lab.technician.token, &path, &body).await
    }

    async fn promise(&self, from: i64, until: i64) -> Reply {
        let mut body = given::requisition(self.lab.project, &self.model, 1);
        (body["starts_at"], body["due_at"]) = (json!(self.at(from)), json!(self.at(until)));
        self.lab.app.post(&self.lab.leader.token, "/v1/requisitions", &body).await
    }
}

#[tokio::test]
async fn the_labs_time_before_the_next_promise_is_left_whoever_asks_and_whoever_grants() {
    let lent = a_lent_unit().await;
    let lab = &lent.lab;
    set_buffer(lab, 24).await;
    lent.extend(&lab.member, 40 * 24).await.expect(200);
    lent.promise(240, 260).await.expect(202);
    lent.decide("grant", json!({})).await.expect_problem(409, "unit-already-promised");
    lent.decide("reject", json!({"reason": "It is promised"})).await.expect(200);

    let problem = lent.extend(&lab.member, 217).await.expect_problem(409, "unit-already-promised");

    let back_by = lent.at(216).format("%Y-%m-%d %H:%M UTC").to_string();
    assert!(problem["detail"].as_str().unwrap().contains(&format!("must be back by {back_by}")), "{problem}");
    let granted = lent.extend(&lab.member, 216).await.expect(200);
    assert_eq!(granted["loans"][0]["extensions"], 1);
    assert_eq!(granted["loans"][0]["extension_asked"], json!(null), "by rule, as a promise of all that time would be");
    lent.promise(239, 240).await.expect_problem(409, "no-free-unit");
}

#[tokio::test]
async fn while_units_of_the_model_are_chosen_for_others_an_extension_waits_and_then_keeps_to_what_was_promised() {
    let lent = a_lent_unit().await;
    set_buffer(&lent.lab, 24).await;
    let other = given::free_model(&lent.lab.app, 1, &lent.lab.admin).await;
    let other = given::submitted(&lent.lab, &other).await;
    let mut choosing = lent.lab.app.owner.begin().await.unwrap();
    catalogue::lock_model(&mut choosing, ModelId(lent.model.id)).await.unwrap();
    let promise = async {
        let waits = "pg_locks where locktype = 'advisory' and not granted
                         and database = (select oid from pg_database where datname = current_database())";
        while lent.lab.app.count(waits).await == 0 {}
        sqlx::query(
            "insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at)
             select gen_random_uuid(), line.requisition_id, line.id, $2, requester_id, 'promised', $3, $4
             from requisition_lines line join requisitions r on r.id = line.requisition_id where r.id = $1",
        )
        .bind(id_of(&other))
        .bind(lent.model.units[0])
        .bind(lent.at(240))
        .bind(lent.at(260))
        .execute(&mut *choosing)
        .await
        .unwrap();
        choosing.commit().await.unwrap();
    };
    let promise = tokio::time::timeout(PATIENCE, promise);

    let (extended, promised) = tokio::join!(lent.extend(&lent.lab.member, 230), promise);

    promised.expect("the extension waits for whoever chooses");
    extended.expect_problem(409, "unit-already-promised");
}

#[tokio::test]
async fn a_unit_that_nobody_would_be_promised_is_extended_by_a_technician_alone() {
    let lab = given::a_lab().await;
    for sql in ["update equipment set label_kind = 'undeployable'", "update equipment set presence = 'archived'"] {
        let (loan, _) = a_loan_out(&lab).await;
        sqlx::query(sql).execute(&lab.app.owner).await.unwrap();
        let path = format!("/v1/loans/{loan}/extend");
        let more = json!({"due_at": Utc::now() + Duration::days(9)});

        let asked = lab.app.post(&lab.member.token, &path, &more).await.expect(200);

        assert!(asked["loans"][0]["extension_asked"].is_object(), "{asked}");
        let grant = format!("/v1/loans/{loan}/extension/grant");
        lab.app.post(&lab.technician.token, &grant, &json!({})).await.expect(200);
    }
    let told = "status_history where event = 'extension_asked' and reason like 'the unit is out of order%'";
    assert_eq!(lab.app.count(told).await, 2);
}

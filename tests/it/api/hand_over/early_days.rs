//! What is handed over before its loan begins counts in quotas of days from the hand-over on.

use super::{counter_model, hand_over, tag_of};
use crate::api::given::{self, Lab, Model, id_of};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// A quota of days of one person, and a loan of the member that is handed over days before it begins.
struct Early {
    lab: Lab,
    model: Model,
    begun: DateTime<Utc>,
    requisition: Value,
}

impl Early {
    /// From and until so many hours from now; the quota allows so many days.
    async fn collected(hours: (i64, i64), most: i64) -> Self {
        let lab = given::a_lab().await;
        let quota = json!({"scope": "person", "measure": "loan_days", "most": most});
        lab.app.post(&lab.admin.token, "/v1/quotas", &quota).await.expect(201);
        let model = counter_model(&lab, 2).await;
        let begun = Utc::now();
        let mut body = given::requisition(lab.project, &model, 1);
        body["starts_at"] = json!(begun + Duration::hours(hours.0));
        body["due_at"] = json!(begun + Duration::hours(hours.1));
        let requisition = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
        let early = Self { lab, model, begun, requisition };
        assert_eq!(early.used().await, (hours.1 - hours.0 + 23) / 24, "as planned, while it is promised");
        let unit = json!([{"equipment_id": early.requisition["loans"][0]["equipment_id"]}]);
        early.hand_over(unit).await;
        early
    }

    async fn hand_over(&self, units: Value) {
        let Lab { app, technician, .. } = &self.lab;
        hand_over(app, technician, id_of(&self.requisition), units).await.expect(202);
    }

    async fn used(&self) -> i64 {
        let standings = self.lab.app.get(&self.lab.member.token, "/v1/users/me/quotas").await.expect(200);
        standings[0]["used"].as_i64().unwrap()
    }
}

#[tokio::test]
async fn days_count_from_an_early_hand_over_until_the_unit_is_due_or_back() {
    let early = Early::collected((4 * 24, 6 * 24), 20).await;

    assert_eq!(early.used().await, 6);

    let back = format!("/v1/loans/{}/return", id_of(&early.requisition["loans"][0]));
    early.lab.app.post(&early.lab.technician.token, &back, &json!({})).await.expect(202);
    assert_eq!(early.used().await, 1, "also where it is back before its loan would have begun");
}

#[tokio::test]
async fn a_unit_that_takes_the_place_of_one_that_was_handed_over_early_takes_over_its_days() {
    let early = Early::collected((4 * 24, 6 * 24), 20).await;
    let lab = &early.lab;
    given::checked_out(lab, &early.requisition).await;
    lab.app.move_lab_clock(2).await;
    let first = &early.requisition["loans"][0];
    let other = *early.model.units.iter().find(|unit| json!(unit) != first["equipment_id"]).unwrap();

    early.hand_over(json!([{"tag": tag_of(lab, other).await, "loan_id": first["id"]}])).await;

    assert_eq!(early.used().await, 6);
}

#[tokio::test]
async fn more_time_goes_over_a_quota_by_the_days_that_an_early_hand_over_has_taken() {
    // Two days by the plan, and six in fact.
    let early = Early::collected((4 * 24 + 12, 6 * 24), 6).await;
    let Early { lab, requisition, .. } = &early;
    let path = format!("/v1/loans/{}/extend", id_of(&requisition["loans"][0]));

    let more = json!({"due_at": early.begun + Duration::hours(6 * 24 + 12)});
    let asked = lab.app.post(&lab.member.token, &path, &more).await.expect(200);

    let over = &asked["loans"][0]["extension_asked"]["exceptions"][0];
    assert_eq!(["most", "used", "asked"].map(|field| over[field].as_i64()), [Some(6), Some(6), Some(1)], "{asked}");
}

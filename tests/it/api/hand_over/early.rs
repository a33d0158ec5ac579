//! A unit that is collected before its loan begins: only while it is nobody else's until then, and out from that moment on.

use super::{counter_model, hand_over};
use crate::api::{
    app::Reply,
    given::{self, Lab, Model, Person, id_of},
};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

/// From and until so many days from now.
async fn wish(lab: &Lab, model: &Model, who: &Person, days: (i64, i64)) -> Reply {
    let mut body = given::requisition(lab.project, model, 1);
    (body["starts_at"], body["due_at"]) = (json!(in_days(days.0)), json!(in_days(days.1)));
    lab.app.post(&who.token, "/v1/requisitions", &body).await
}

fn in_days(days: i64) -> DateTime<Utc> {
    Utc::now() + Duration::days(days)
}

async fn collect(lab: &Lab, requisition: &Value, unit: &Value) -> Reply {
    hand_over(&lab.app, &lab.technician, id_of(requisition), json!([{"equipment_id": unit}])).await
}

async fn lent_on(lab: &Lab, model: &Model, day: i64) -> Value {
    let text = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (from, to) = (text(in_days(day)), text(in_days(day) + Duration::hours(1)));
    let path = format!("/v1/equipment-models/{}/availability?from={from}&to={to}&step=hour", model.id);
    lab.app.get(&lab.member.token, &path).await.expect(200)["steps"][0]["lent"].clone()
}

#[tokio::test]
async fn what_is_promised_to_somebody_else_before_the_loan_begins_is_not_collected_early() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 1).await;
    let later = wish(&lab, &model, &lab.member, (4, 6)).await.expect(202);
    let sooner = wish(&lab, &model, &lab.leader, (1, 3)).await.expect(202);
    let unit = &later["loans"][0]["equipment_id"];
    assert_eq!(&sooner["loans"][0]["equipment_id"], unit);

    let problem = collect(&lab, &later, unit).await.expect_problem(409, "unit-already-promised");

    let why = problem["detail"].as_str().unwrap();
    let day = |days| in_days(days).format("%Y-%m-%d").to_string();
    for told in [sooner["number"].as_str().unwrap(), &day(1), &day(3), &day(4), "another free unit"] {
        assert!(why.contains(told), "{told}: {why}");
    }
    assert_eq!(lab.app.count("operations").await, 0, "nothing is handed over");
    lab.app.move_lab_clock(4).await;
    collect(&lab, &later, unit).await.expect(202);
}

#[tokio::test]
async fn another_unit_that_nobody_needs_until_the_end_is_collected_instead() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 2).await;
    let later = wish(&lab, &model, &lab.member, (4, 6)).await.expect(202);
    let sooner = wish(&lab, &model, &lab.leader, (1, 3)).await.expect(202);
    let unit = &later["loans"][0]["equipment_id"];
    assert_eq!(&sooner["loans"][0]["equipment_id"], unit, "the gap before the loan fits best");
    let other = model.units.iter().find(|other| json!(other) != *unit).unwrap();

    let handed = collect(&lab, &later, &json!(other)).await.expect(202);

    assert_eq!(handed["loans"][0]["status"], "handed_over");
}

#[tokio::test]
async fn what_was_collected_early_is_out_from_then_on_and_promised_to_nobody_until_it_is_due() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 1).await;
    let later = wish(&lab, &model, &lab.member, (4, 6)).await.expect(202);
    assert_eq!(lent_on(&lab, &model, 2).await, 0);

    collect(&lab, &later, &later["loans"][0]["equipment_id"]).await.expect(202);

    assert_eq!(lent_on(&lab, &model, 2).await, 1);
    wish(&lab, &model, &lab.leader, (1, 3)).await.expect_problem(409, "no-free-unit");
    let next = wish(&lab, &model, &lab.leader, (6, 8)).await.expect(202);
    let back = format!("/v1/loans/{}/return", id_of(&later["loans"][0]));
    lab.app.post(&lab.technician.token, &back, &json!({})).await.expect(202);
    wish(&lab, &model, &lab.leader, (1, 3)).await.expect(202);
    assert_eq!(next["loans"][0]["status"], "promised");
}

/// What is given in the place of a unit that is out stays out as long.
#[tokio::test]
async fn a_unit_that_takes_the_place_of_one_that_was_collected_early_must_be_free_from_now_on() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 2).await;
    let later = wish(&lab, &model, &lab.member, (4, 6)).await.expect(202);
    let unit = later["loans"][0]["equipment_id"].clone();
    let other = *model.units.iter().find(|other| json!(other) != unit).unwrap();
    collect(&lab, &later, &unit).await.expect(202);
    given::checked_out(&lab, &later).await;
    let sooner = wish(&lab, &model, &lab.leader, (1, 3)).await.expect(202);
    assert_eq!(sooner["loans"][0]["equipment_id"], json!(other));

    let instead = json!([{"tag": super::tag_of(&lab, other).await, "loan_id": later["loans"][0]["id"]}]);
    let reply = hand_over(&lab.app, &lab.technician, id_of(&later), instead).await;

    let problem = reply.expect_problem(409, "unit-already-promised");
    assert!(problem["detail"].as_str().unwrap().contains(sooner["number"].as_str().unwrap()), "{problem}");
}

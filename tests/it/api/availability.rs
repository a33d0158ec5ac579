//! How many units are free when: what is lent, promised, late, resting or broken, in the lab's days and hours.

use super::{
    app::{Reply, fields},
    given::{self, Lab, Model, id_of},
};
use axum::http::{Method, header};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

fn text(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

async fn ask(lab: &Lab, model: &Model, from: DateTime<Utc>, to: DateTime<Utc>, step: &str) -> Reply {
    let window = format!("from={}&to={}&step={step}", text(from), text(to));
    lab.app.get(&lab.member.token, &format!("/v1/equipment-models/{}/availability?{window}", model.id)).await
}

/// The lab's time, to the second.
async fn lab_now(lab: &Lab) -> DateTime<Utc> {
    sqlx::query_scalar("select date_trunc('second', lab_now())").fetch_one(&lab.app.owner).await.unwrap()
}

async fn hour(lab: &Lab, model: &Model, from: DateTime<Utc>) -> Value {
    ask(lab, model, from, from + Duration::hours(1), "hour").await.expect(200)["steps"][0].clone()
}

async fn free_in(lab: &Lab, model: &Model, hours: i64) -> Value {
    hour(lab, model, lab_now(lab).await + Duration::hours(hours)).await["free"].clone()
}

async fn wish(lab: &Lab, model: &Model, hours: (i64, i64)) -> Reply {
    let now = lab_now(lab).await;
    let mut body = given::requisition(lab.project, model, 1);
    body["starts_at"] = json!(now + Duration::hours(hours.0));
    body["due_at"] = json!(now + Duration::hours(hours.1));
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await
}

fn unit_of(requisition: &Value) -> &str {
    requisition["loans"][0]["equipment_id"].as_str().unwrap()
}

pub(super) async fn set_buffer(lab: &Lab, hours: i64) {
    let request = super::app::request(Method::PATCH, "/v1/lab-settings", &lab.admin.token)
        .header(header::IF_MATCH, "*")
        .header(header::CONTENT_TYPE, "application/json");
    let body = json!({ "buffer_after_return_hours": hours }).to_string();
    lab.app.send(request.body(axum::body::Body::from(body)).unwrap()).await.expect(200);
}

#[tokio::test]
async fn each_unit_counts_once_with_the_reason_why_it_is_not_free() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 4, &lab.admin).await;
    let late = wish(&lab, &model, (0, 24)).await.expect(202);
    given::checked_out(&lab, &late).await;
    lab.app.move_lab_clock(2).await;
    let out = wish(&lab, &model, (0, 48)).await.expect(202);
    given::checked_out(&lab, &out).await;
    wish(&lab, &model, (2, 4)).await.expect(202);
    let broken = sqlx::query("update equipment set label_kind = 'undeployable' where id = $1").bind(model.units[3]);
    broken.execute(&lab.app.owner).await.unwrap();

    let from = lab_now(&lab).await + Duration::hours(2);
    let told = ask(&lab, &model, from, from + Duration::hours(3), "hour").await.expect(200);

    let counts = |step: &Value| {
        ["total", "free", "lent", "promised", "overdue", "buffer", "out_of_order"]
            .map(|name| step[name].as_u64().unwrap())
    };
    assert_eq!(counts(&told["steps"][0]), [4, 0, 1, 1, 1, 0, 1]);
    assert_eq!(counts(&told["steps"][2]), [4, 1, 1, 0, 1, 0, 1]);
    assert_eq!(counts(&told["throughout"]), [4, 0, 1, 1, 1, 0, 1]);
    assert!(told["as_of"].is_string() && told["age_seconds"].is_u64(), "{told}");
}

#[tokio::test]
async fn days_are_those_of_the_lab_and_one_of_them_has_23_hours_and_one_25() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let now = lab_now(&lab).await;
    let mut lengths = Vec::new();
    for quarter in 0..5 {
        let from = now + Duration::days(quarter * 90);
        let told = ask(&lab, &model, from, from + Duration::days(90), "day").await.expect(200);
        assert_eq!(told["time_zone"], "Europe/Lisbon");
        for step in told["steps"].as_array().unwrap() {
            let at = |name: &str| DateTime::parse_from_rfc3339(step[name].as_str().unwrap()).unwrap();
            assert_eq!(at("starts_at").format("%T").to_string(), "00:00:00", "a local midnight");
            lengths.push((at("ends_at") - at("starts_at")).num_hours());
        }
    }
    assert!(lengths.contains(&23) && lengths.contains(&25), "{lengths:?}");
    assert!(lengths.iter().all(|hours| (23..=25).contains(hours)));
}

#[tokio::test]
async fn a_window_that_cannot_be_told_is_refused_by_parameter() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let now = lab_now(&lab).await;
    let day = |days| now + Duration::days(days);
    for (from, to, step, field) in [
        (1, 1, "day", "to"),
        (-3, 1, "day", "from"),
        (0, 15, "hour", "to"),
        (0, 93, "day", "to"),
        (720, 740, "day", "to"),
    ] {
        let refused = ask(&lab, &model, day(from), day(to), step).await.expect_problem(422, "invalid-input");
        assert_eq!(fields(&refused), [field], "{from} to {to}");
    }
    ask(&lab, &model, day(0), day(1), "week").await.expect_problem(400, "malformed-request");
}

#[tokio::test]
async fn what_is_shown_as_free_is_promised_and_what_is_not_is_refused() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let first = wish(&lab, &model, (10, 20)).await.expect(202);

    assert_eq!(free_in(&lab, &model, 15).await, 0);
    wish(&lab, &model, (15, 30)).await.expect_problem(409, "no-free-unit");
    assert_eq!(free_in(&lab, &model, 20).await, 1);
    let second = wish(&lab, &model, (21, 30)).await.expect(202);

    assert_eq!(unit_of(&first), unit_of(&second), "the same unit, one period after the other");
}

#[tokio::test]
async fn the_tightest_gap_is_filled_first_so_that_long_periods_stay_possible() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 2, &lab.admin).await;
    let before = wish(&lab, &model, (1, 10)).await.expect(202);
    let other = wish(&lab, &model, (1, 5)).await.expect(202);
    assert_ne!(unit_of(&before), unit_of(&other));

    let tight = wish(&lab, &model, (11, 20)).await.expect(202);
    let long = wish(&lab, &model, (6, 90)).await.expect(202);

    assert_eq!(unit_of(&tight), unit_of(&before));
    assert_eq!(unit_of(&long), unit_of(&other));
}

#[tokio::test]
async fn the_labs_buffer_stands_between_two_promises_and_after_a_return() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    set_buffer(&lab, 24).await;
    wish(&lab, &model, (48, 72)).await.expect(202);

    let resting = hour(&lab, &model, lab_now(&lab).await + Duration::hours(80)).await;
    assert_eq!((&resting["free"], &resting["buffer"]), (&json!(0), &json!(1)));
    wish(&lab, &model, (80, 90)).await.expect_problem(409, "no-free-unit");
    wish(&lab, &model, (0, 25)).await.expect_problem(409, "no-free-unit");
    let early = wish(&lab, &model, (0, 23)).await.expect(202);
    wish(&lab, &model, (97, 120)).await.expect(202);

    let back = "update loans set status = 'returned', returned_at = lab_now() where requisition_id = $1";
    sqlx::query(back).bind(id_of(&early)).execute(&lab.app.owner).await.unwrap();
    assert_eq!(hour(&lab, &model, lab_now(&lab).await + Duration::hours(2)).await["buffer"], 1);
}

#[tokio::test]
async fn a_unit_that_is_late_is_promised_to_nobody_until_it_is_back() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let late = wish(&lab, &model, (0, 24)).await.expect(202);
    given::checked_out(&lab, &late).await;
    wish(&lab, &model, (30, 40)).await.expect(202);

    lab.app.move_lab_clock(3).await;
    wish(&lab, &model, (500, 600)).await.expect_problem(409, "no-free-unit");
    sqlx::query("update loans set status = 'returned', returned_at = lab_now() where status = 'checked_out'")
        .execute(&lab.app.owner)
        .await
        .unwrap();
    wish(&lab, &model, (500, 600)).await.expect(202);
}

#[tokio::test]
async fn a_due_date_without_a_time_means_the_end_of_that_day_at_the_lab() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let day = (lab_now(&lab).await + Duration::days(7)).date_naive();
    let mut body = given::requisition(lab.project, &model, 1);
    body["due_at"] = json!(day);

    let requisition = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);

    let due: DateTime<Utc> = requisition["due_at"].as_str().unwrap().parse().unwrap();
    let local = due.with_timezone(&chrono_tz::Europe::Lisbon).naive_local();
    assert_eq!(local, day.and_hms_opt(23, 59, 59).unwrap());
}

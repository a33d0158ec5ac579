//! The two days of the year that have 23 and 25 hours at the lab: what ends with them, and how their hours are told.

use super::given::{self, Lab, Model, id_of};
use chrono::{DateTime, Days, Duration, NaiveDate, SecondsFormat, TimeZone, Utc};
use chrono_tz::Europe::Lisbon;
use serde_json::{Value, json};

/// A lab at noon before a day of so many hours, and that day.
async fn before_a_day_of(hours: i64) -> (Lab, NaiveDate) {
    let lab = given::a_lab().await;
    let today = Utc::now().with_timezone(&Lisbon).date_naive();
    let mut days = today.iter_days().skip(2).take(800);
    let day = days.find(|day| (midnight(*day + Days::new(1)) - midnight(*day)).num_hours() == hours).unwrap();
    let ahead = (midnight(day) - Duration::hours(12) - Utc::now()).as_seconds_f64();
    let moved = sqlx::query("select move_lab_clock($1 * interval '1 second')").bind(ahead);
    moved.execute(&lab.app.owner).await.unwrap();
    (lab, day)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    Lisbon.from_local_datetime(&day.and_hms_opt(0, 0, 0).unwrap()).unwrap().to_utc()
}

fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// A requisition that is due on a day, without saying when.
async fn due_on(lab: &Lab, model: &Model, day: NaiveDate) -> Value {
    let mut body = given::requisition(lab.project, model, 1);
    body["due_at"] = json!(day);
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202)
}

#[tokio::test]
async fn a_due_date_without_a_time_is_the_end_of_the_labs_day_also_when_it_has_23_or_25_hours() {
    // In spring the day ends an hour earlier, as UTC tells it, than it has begun.
    for (hours, ends_at) in [(23, "22:59:59"), (25, "23:59:59")] {
        let (lab, day) = before_a_day_of(hours).await;
        let model = given::free_model(&lab.app, 2, &lab.admin).await;
        let end = format!("{day}T{ends_at}Z").parse::<DateTime<Utc>>().unwrap();
        assert_eq!(end, midnight(day) + Duration::hours(hours) - Duration::seconds(1));

        let requisition = due_on(&lab, &model, day).await;
        let before = due_on(&lab, &model, day - Days::new(1)).await;
        given::checked_out(&lab, &before).await;
        let loan = id_of(&before["loans"][0]);
        let more = json!({"due_at": day, "reason": "One day more"});
        let extended = lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/extend"), &more).await.expect(200);
        let place = json!({"project_id": lab.project, "model_id": model.id, "due_at": day});
        let waiting = lab.app.post(&lab.leader.token, "/v1/waiting-list", &place).await.expect(201);

        assert_eq!(moment(&requisition["due_at"]), end, "{hours} hours");
        assert_eq!(moment(&requisition["loans"][0]["due_at"]), end);
        assert_eq!(moment(&extended["loans"][0]["due_at"]), end, "more time is a due date as well");
        assert_eq!(moment(&waiting["due_at"]), end);
    }
}

#[tokio::test]
async fn hours_of_availability_go_on_evenly_through_the_change_and_fill_the_day() {
    for hours in [23, 25] {
        let (lab, day) = before_a_day_of(hours).await;
        let model = given::free_model(&lab.app, 1, &lab.admin).await;
        due_on(&lab, &model, day).await;
        let text = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (from, to) = (text(midnight(day)), text(midnight(day + Days::new(1)) + Duration::hours(2)));
        let path = format!("/v1/equipment-models/{}/availability?from={from}&to={to}&step=hour", model.id);

        let told = lab.app.get(&lab.member.token, &path).await.expect(200);

        let steps = told["steps"].as_array().unwrap();
        assert_eq!(steps.len(), usize::try_from(hours + 2).unwrap());
        for (number, step) in (0..).zip(steps) {
            let begins = midnight(day) + Duration::hours(number);
            let is_of_the_day = number < hours;
            assert_eq!((moment(&step["starts_at"]), moment(&step["ends_at"])), (begins, begins + Duration::hours(1)));
            assert_eq!(step["free"], json!(i32::from(!is_of_the_day)), "hour {number} of {hours}");
        }
    }
}

#[tokio::test]
async fn a_day_of_25_hours_is_one_day_in_rules_and_quotas_when_asked_for_and_when_counted() {
    let (lab, day) = before_a_day_of(25).await;
    let model = given::free_model(&lab.app, 3, &lab.admin).await;
    let rule = json!({"position": 1, "longer_than_days": 1, "outcome": "technician"});
    lab.app.post(&lab.admin.token, "/v1/approval-rules", &rule).await.expect(201);
    let quota = json!({"scope": "project", "measure": "loan_days", "most": 2});
    lab.app.post(&lab.admin.token, "/v1/quotas", &quota).await.expect(201);
    let ask = async |until: DateTime<Utc>| {
        let mut body = given::requisition(lab.project, &model, 1);
        (body["starts_at"], body["due_at"]) = (json!(midnight(day)), json!(until));
        lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202)
    };
    let next = midnight(day + Days::new(1));

    let first = ask(next).await;
    let second = ask(next).await;
    let longer = ask(next + Duration::seconds(1)).await;

    for within in [first, second] {
        assert_eq!((&within["lines"][0]["status"], &within["exceptions"]), (&json!("approved"), &json!([])));
    }
    assert_eq!(longer["lines"][0]["status"], "pending", "the rule and the quota count another day");
    let over = ["used", "asked"].map(|field| longer["exceptions"][0][field].as_i64().unwrap());
    assert_eq!(over, [2, 2]);
}

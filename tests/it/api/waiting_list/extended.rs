//! A loan that goes on never goes on into what is kept for the waiting list.

use super::{Line, a_line};
use crate::api::{
    app::Reply,
    availability::set_buffer,
    given::{self, id_of},
};
use chrono::{Duration, Utc};
use serde_json::json;
use uuid::Uuid;

impl Line {
    async fn extend(&self, loan: Uuid, hours: i64) -> Reply {
        let body = json!({"due_at": Utc::now() + Duration::hours(hours)});
        self.app().post(&self.lab.leader.token, &format!("/v1/loans/{loan}/extend"), &body).await
    }
}

#[tokio::test]
async fn a_loan_ends_before_what_is_kept_for_whoever_waited_and_leaves_the_labs_time_between() {
    let line = a_line().await;
    given::checked_out(&line.lab, &json!({"id": line.promised})).await;
    let loan: Uuid = sqlx::query_scalar("select id from loans").fetch_one(&line.app().owner).await.unwrap();
    let mut later = given::requisition(line.lab.project, &line.model, 1);
    (later["starts_at"], later["due_at"]) =
        (json!(Utc::now() + Duration::days(10)), json!(Utc::now() + Duration::days(14)));
    let promised = line.app().post(&line.lab.member.token, "/v1/requisitions", &later).await.expect(202);
    let mut place = line.place();
    (place["starts_at"], place["due_at"]) = (later["starts_at"].clone(), later["due_at"].clone());
    line.app().post(&line.other.token, "/v1/waiting-list", &place).await.expect(201);
    let cancel = format!("/v1/requisitions/{}/cancel", id_of(&promised));
    line.app().post(&line.lab.member.token, &cancel, &json!({})).await.expect(200);
    line.serve().await;
    assert_eq!(line.status(&line.other).await, "held");

    let problem = line.extend(loan, 11 * 24).await.expect_problem(409, "unit-already-promised");
    assert!(problem["detail"].as_str().unwrap().contains("kept for the waiting list from"), "{problem}");
    set_buffer(&line.lab, 24).await;
    line.extend(loan, 10 * 24 - 12).await.expect_problem(409, "unit-already-promised");
    let extended = line.extend(loan, 9 * 24 - 1).await.expect(200);

    assert_eq!(extended["loans"][0]["extensions"], 1, "nobody waits any more, and the rule gives what is left");
}

//! Whoever must bring something back first: nothing is kept for them, and their place stays.

use super::{a_line, given};
use crate::api::given::id_of;
use serde_json::json;

#[tokio::test]
async fn who_keeps_what_is_long_overdue_is_passed_over_until_it_comes_back_and_joins_no_line() {
    let line = a_line().await;
    let (lab, late, other) = (&line.lab, &line.lab.member, &line.other);
    let another = given::free_model(line.app(), 1, &lab.admin).await;
    let lent = given::submitted(lab, &another).await;
    given::checked_out(lab, &lent).await;
    line.join(late).await.expect(201);
    line.join(other).await.expect(201);
    let overdue = "update loans set starts_at = lab_now() - interval '20 days', due_at = lab_now() - interval '10 days'
                   where requisition_id = $1";
    sqlx::query(overdue).bind(id_of(&lent)).execute(&line.app().owner).await.unwrap();

    line.cancel_promise().await;
    line.serve().await;

    assert_eq!((line.status(late).await.as_str(), line.status(other).await.as_str()), ("waiting", "held"));
    assert_eq!(line.told("hold_granted", late).await, 0);
    let refused = line.join(late).await.expect_problem(409, "overdue-loans");
    assert_eq!(refused["units_out"][0]["loan_id"], lent["loans"][0]["id"]);
    line.submit(late).await.expect_problem(409, "overdue-loans");

    let give_back = format!("/v1/loans/{}/return", lent["loans"][0]["id"].as_str().unwrap());
    line.app().post(&late.token, &give_back, &json!({})).await.expect(202);
    let leave = format!("/v1/waiting-list/{}/leave", id_of(&line.entry(other).await));
    line.app().post(&other.token, &leave, &json!({})).await.expect(200);
    line.serve().await;
    assert_eq!(line.status(late).await, "held");
}

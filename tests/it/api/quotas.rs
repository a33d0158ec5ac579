//! Quotas: going over one is an exception that somebody decides, and what is left can be read.

use super::given::{self, Lab, Model, Person, a_lab, id_of};
use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

async fn set(lab: &Lab, body: Value) -> Uuid {
    id_of(&lab.app.post(&lab.admin.token, "/v1/quotas", &body).await.expect(201))
}

fn units(scope: &str, most: i64) -> Value {
    json!({"scope": scope, "measure": "units_out", "most": most})
}

async fn ask(lab: &Lab, who: &Person, model: &Model, quantity: i64) -> Value {
    let body = given::requisition(lab.project, model, quantity);
    lab.app.post(&who.token, "/v1/requisitions", &body).await.expect(202)
}

async fn left(lab: &Lab, who: &Person, path: &str) -> Value {
    let standings = lab.app.get(&who.token, path).await.expect(200);
    assert_eq!(standings.as_array().unwrap().len(), 1, "{standings}");
    json!([standings[0]["used"], standings[0]["left"]])
}

async fn of_project(lab: &Lab) -> Value {
    left(lab, &lab.member, &format!("/v1/projects/{}/quotas", lab.project)).await
}

#[tokio::test]
async fn within_the_quota_it_goes_straight_through_and_over_it_a_technician_decides_who_is_told_why() {
    let lab = a_lab().await;
    let model = given::free_model(&lab.app, 9, &lab.admin).await;
    let quota = set(&lab, units("project", 3)).await;

    let within = ask(&lab, &lab.member, &model, 3).await;
    assert_eq!((within["loans"].as_array().unwrap().len(), &within["exceptions"]), (3, &json!([])));
    let over = ask(&lab, &lab.leader, &model, 1).await;

    assert_eq!((&over["status"], &over["loans"]), (&json!("pending"), &json!([])));
    let exception = json!({
        "quota_id": quota, "scope": "project", "category": null, "measure": "units_out", "most": 3, "used": 3, "asked": 1,
    });
    assert_eq!(over["exceptions"], json!([exception]));
    let told: Vec<String> = sqlx::query_scalar(
        "select message from notifications where event = 'approval_needed' and requisition_id = $1 and recipient_id = $2",
    )
    .bind(id_of(&over))
    .bind(lab.technician.id)
    .fetch_all(&lab.app.owner)
    .await
    .unwrap();
    assert_eq!(told, ["units_out of a project: 3 of 3 used, 1 asked for"]);

    let path = format!("/v1/requisitions/{}/approve", id_of(&over));
    let approved = lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(200);
    assert_eq!((approved["loans"].as_array().unwrap().len(), &approved["exceptions"]), (1, &json!([exception])));
    assert_eq!(of_project(&lab).await, json!([4, 0]));
}

#[tokio::test]
async fn what_waits_for_a_decision_counts_and_what_came_to_nothing_does_not() {
    let lab = a_lab().await;
    set(&lab, units("project", 10)).await;
    let straight = given::free_model(&lab.app, 5, &lab.admin).await;
    let decided = given::model(&lab.app, 5).await;

    let promised = ask(&lab, &lab.member, &straight, 2).await;
    let waiting = ask(&lab, &lab.member, &decided, 3).await;
    assert_eq!(of_project(&lab).await, json!([5, 5]));

    for (requisition, left) in [(promised, json!([3, 7])), (waiting, json!([0, 10]))] {
        let path = format!("/v1/requisitions/{}/cancel", id_of(&requisition));
        lab.app.post(&lab.member.token, &path, &json!({})).await.expect(200);
        assert_eq!(of_project(&lab).await, left);
    }
}

#[tokio::test]
async fn a_persons_quota_holds_for_one_person_in_whatever_project() {
    let lab = a_lab().await;
    set(&lab, units("person", 2)).await;
    let model = given::free_model(&lab.app, 9, &lab.admin).await;
    let second = given::active_project(&lab.app, &lab.member, &lab.technician).await;

    ask(&lab, &lab.member, &model, 2).await;

    let body = given::requisition(second, &model, 1);
    let elsewhere = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
    assert_eq!(elsewhere["exceptions"][0]["scope"], "person");
    assert_eq!(ask(&lab, &lab.leader, &model, 2).await["exceptions"], json!([]));
    assert_eq!(left(&lab, &lab.member, "/v1/users/me/quotas").await, json!([3, 0]));
    assert_eq!(left(&lab, &lab.leader, "/v1/users/me/quotas").await, json!([2, 0]));
}

#[tokio::test]
async fn a_category_counts_alone_and_days_are_counted_in_days() {
    let lab = a_lab().await;
    let (boards, other) =
        (given::free_model(&lab.app, 9, &lab.admin).await, given::free_model(&lab.app, 9, &lab.admin).await);
    sqlx::query("update equipment_models set category = 'Boards' where id = $1")
        .bind(boards.id)
        .execute(&lab.app.owner)
        .await
        .unwrap();
    set(&lab, json!({"scope": "project", "category": "boards", "measure": "loan_days", "most": 20})).await;

    assert_eq!(ask(&lab, &lab.member, &other, 5).await["exceptions"], json!([]));
    // Seven days each.
    assert_eq!(ask(&lab, &lab.member, &boards, 2).await["exceptions"], json!([]));
    let over = ask(&lab, &lab.member, &boards, 1).await;
    let numbers = ["used", "asked", "most"].map(|field| over["exceptions"][0][field].as_i64().unwrap());
    assert_eq!(numbers, [14, 7, 20]);

    // A year later the old loans do not count any more.
    lab.app.move_lab_clock(400).await;
    let path = format!("/v1/requisitions/{}/cancel", id_of(&over));
    lab.app.post(&lab.member.token, &path, &json!({})).await.expect(200);
    assert_eq!(of_project(&lab).await, json!([0, 20]));
}

#[tokio::test]
async fn value_counts_what_the_units_cost_in_snipe_it() {
    let lab = a_lab().await;
    let (dear, gift) =
        (given::free_model(&lab.app, 3, &lab.admin).await, given::free_model(&lab.app, 3, &lab.admin).await);
    sqlx::query("update equipment set purchase_cost_cents = 40000 where model_id = $1")
        .bind(dear.id)
        .execute(&lab.app.owner)
        .await
        .unwrap();
    set(&lab, json!({"scope": "person", "measure": "value_out", "most": 90_000})).await;

    assert_eq!(ask(&lab, &lab.member, &dear, 2).await["exceptions"], json!([]));
    assert_eq!(ask(&lab, &lab.member, &gift, 3).await["exceptions"], json!([]));
    let over = ask(&lab, &lab.member, &dear, 1).await;

    let numbers = ["used", "asked", "most"].map(|field| over["exceptions"][0][field].as_i64().unwrap());
    assert_eq!(numbers, [80_000, 40_000, 90_000]);
    assert_eq!(left(&lab, &lab.member, "/v1/users/me/quotas").await, json!([120_000, 0]));
}

#[tokio::test]
async fn of_many_requests_at_once_no_more_go_through_than_the_quota_allows() {
    let lab = a_lab().await;
    set(&lab, units("project", 3)).await;
    let model = given::free_model(&lab.app, 20, &lab.admin).await;

    let asked = (0..12).map(|n| ask(&lab, if n % 2 == 0 { &lab.member } else { &lab.leader }, &model, 1));
    let answers = futures_util::future::join_all(asked).await;

    let through = answers.iter().filter(|answer| answer["loans"].as_array().unwrap().len() == 1).count();
    assert_eq!(through, 3);
    assert_eq!(
        answers.iter().filter(|answer| answer["status"] == "pending" && answer["exceptions"] != json!([])).count(),
        9
    );
}

#[tokio::test]
async fn a_projects_own_quota_replaces_the_one_for_all_and_a_removed_one_holds_no_longer() {
    let lab = a_lab().await;
    let general = set(&lab, units("project", 1)).await;
    let mut own = units("project", 2);
    own["project_id"] = json!(lab.project);
    let own = set(&lab, own).await;
    assert_eq!(of_project(&lab).await, json!([0, 2]));

    for (removed, left) in [(own, Some(json!([0, 1]))), (general, None)] {
        let path = format!("/v1/quotas/{removed}/remove");
        for _ in 0..2 {
            let answer = lab.app.post(&lab.admin.token, &path, &json!({})).await.expect(200);
            assert_eq!(answer["is_removed"], true);
        }
        match left {
            Some(left) => assert_eq!(of_project(&lab).await, left),
            None => {
                let path = format!("/v1/projects/{}/quotas", lab.project);
                assert_eq!(lab.app.get(&lab.member.token, &path).await.expect(200), json!([]));
            }
        }
    }
    let told: Vec<String> = sqlx::query_scalar("select event from status_history where entity = 'quota' order by id")
        .fetch_all(&lab.app.owner)
        .await
        .unwrap();
    assert_eq!(told, ["quota_set", "quota_set", "quota_removed", "quota_removed"]);
}

#[tokio::test]
async fn a_quota_that_makes_no_sense_or_stands_already_is_refused() {
    let lab = a_lab().await;
    let quota = set(&lab, units("person", 1)).await;
    let post = async |body: Value| lab.app.post(&lab.admin.token, "/v1/quotas", &body).await;

    post(units("person", -1)).await.expect_problem(422, "invalid-input");
    let mut of_a_person = units("person", 1);
    of_a_person["project_id"] = json!(lab.project);
    post(of_a_person).await.expect_problem(422, "invalid-input");
    let mut nowhere = units("project", 1);
    nowhere["project_id"] = json!(Uuid::now_v7());
    post(nowhere).await.expect_problem(422, "invalid-input");
    post(units("person", 5)).await.expect_problem(409, "quota-exists");

    let path = format!("/v1/quotas/{quota}");
    let blind = lab.app.call(&lab.admin.token, Method::PATCH, &path, &json!({"most": 5})).await;
    blind.expect_problem(428, "precondition-required");
    lab.app.post(&lab.admin.token, &format!("{path}/remove"), &json!({})).await.expect(200);
    let edit = super::app::request(Method::PATCH, &path, &lab.admin.token)
        .header("if-match", "*")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(json!({"most": 5}).to_string()))
        .unwrap();
    lab.app.send(edit).await.expect_problem(409, "quota-removed");
}

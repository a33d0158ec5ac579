//! Reports through the router: what they say, how they are written, who may read them.

use super::{
    app::{App, fields, request},
    given::{self, Lab, a_lab, id_of},
};
use axum::{
    body::Body,
    http::{Method, header},
};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

const AUTUMN: &str = "from=2026-09-01&to=2100-01-01";

fn of_project(lab: &Lab, query: &str) -> String {
    format!("/v1/projects/{}/report?{query}", lab.project)
}

/// One unit out for exactly two days and overdue, one requisition rejected for a reason, one waiting.
async fn a_busy_lab(reason: &str) -> Lab {
    let lab = a_lab().await;
    let model = given::model(&lab.app, 2).await;
    let out = given::submitted(&lab, &model).await;
    let approve = format!("/v1/requisitions/{}/approve", id_of(&out));
    lab.app.post(&lab.technician.token, &approve, &json!({})).await.expect(200);
    given::checked_out(&lab, &out).await;
    let back = "update loans set status = 'returned', checked_out_at = now() - interval '2 days', returned_at = now(),
                    starts_at = now() - interval '2 days', due_at = now() - interval '1 day'";
    sqlx::query(back).execute(&lab.app.owner).await.unwrap();
    let rejected = given::submitted(&lab, &model).await;
    let reject = format!("/v1/requisitions/{}/reject", id_of(&rejected));
    lab.app.post(&lab.technician.token, &reject, &json!({ "reason": reason })).await.expect(200);
    given::submitted(&lab, &model).await;
    lab
}

async fn csv(app: &App, token: &str, path: &str) -> String {
    let asked = request(Method::GET, path, token).header(header::ACCEPT, "text/csv").body(Body::empty()).unwrap();
    let reply = app.send(asked).await;
    assert_eq!(reply.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
    assert_eq!(reply.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"report-2026-09-01-2100-01-01.csv\"");
    reply.expect(200).as_str().expect("text").to_owned()
}

#[tokio::test]
async fn whoever_looks_on_reads_word_for_word_why_something_was_rejected() {
    let lab = a_busy_lab("Ana has to bring hers back first").await;
    let observer = given::person(&lab.app, Role::Student).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &observer, MemberRole::Observer).await;

    let report = lab.app.get(&observer.token, &of_project(&lab, AUTUMN)).await.expect(200);
    let sheet = csv(&lab.app, &lab.technician.token, &format!("/v1/reports/lab?{AUTUMN}")).await;

    assert_eq!(report["requisitions"]["rejections"][0]["reason"], "Ana has to bring hers back first");
    assert!(sheet.contains("Ana has to bring hers back first"), "{sheet}");
}

#[tokio::test]
async fn a_report_counts_what_was_asked_for_decided_lent_and_brought_back() {
    let lab = a_busy_lab("Being repaired").await;

    let report = lab.app.get(&lab.member.token, &of_project(&lab, AUTUMN)).await.expect(200);

    assert_eq!(report["project_id"], json!(lab.project));
    assert_eq!(report["requisitions"]["submitted"], 3);
    let outcomes: Vec<_> = report["requisitions"]["by_outcome"].as_array().unwrap().iter().map(pair).collect();
    let expected = [
        ("waiting", 1),
        ("granted", 1),
        ("substituted", 0),
        ("partly_granted", 0),
        ("rejected", 1),
        ("lapsed", 0),
        ("cancelled", 0),
        ("failed", 0),
    ];
    assert_eq!(outcomes, expected.map(|(outcome, number)| (outcome.to_owned(), number)));
    assert_eq!(report["requisitions"]["rejections"], json!([{"reason": "Being repaired", "requisitions": 1}]));
    assert_eq!(report["waiting"]["submitted_to_decided"]["count"], 2);
    assert_eq!(report["waiting"]["decided_to_out"]["count"], 1);
    assert_eq!(report["out_now"], json!({"units": 0, "overdue": 0, "value_cents": 0, "units_without_cost": 0}));
    assert_eq!(report["returns"], json!({"on_time": 0, "late": 1, "lost": 0, "damaged": 0}));
    assert_eq!(report["loans"]["loan_seconds"], 2 * 86_400);
    assert_eq!(report["loans"]["loan_days"], 2.0);
    assert_eq!(report["loans"]["by_category"][0]["loan_days"], 2.0);
    assert_eq!(report["loans"]["by_model"][0]["model_name"], "Oscilloscope 1");
    let demand = &report["demand"][0];
    assert_eq!((&demand["units_wanted"], &demand["units_rejected"]), (&json!(3), &json!(1)));
}

fn pair(row: &Value) -> (String, i64) {
    (row["outcome"].as_str().unwrap().to_owned(), row["requisitions"].as_i64().unwrap())
}

#[tokio::test]
async fn the_same_report_is_a_table_for_a_spreadsheet_in_which_no_cell_is_a_formula() {
    let lab = a_busy_lab("=HYPERLINK(\"http://evil.example\", \"click\")").await;

    let text = csv(&lab.app, &lab.technician.token, &of_project(&lab, AUTUMN)).await;

    let lines: Vec<_> = text.split("\r\n").collect();
    assert_eq!(lines[0], "section,item_id,item,category,measure,value");
    for expected in [
        "report,,,,from,2026-08-31T23:00:00Z",
        "outcomes,,rejected,,requisitions,1",
        "rejections,,\"'=HYPERLINK(\"\"http://evil.example\"\", \"\"click\"\")\",,requisitions,1",
        "loans,,,,loan_days,2.000",
        "returns,,,,late,1",
    ] {
        assert!(lines.contains(&expected), "{expected} is not in\n{text}");
    }
    let by_query = lab.app.get(&lab.technician.token, &of_project(&lab, &format!("{AUTUMN}&format=csv"))).await;
    assert!(by_query.expect(200).as_str().unwrap().starts_with("section,"));
}

#[tokio::test]
async fn what_is_refused_for_lack_of_units_is_told_as_demand_once_a_day_for_each_person() {
    let lab = a_lab().await;
    let model = given::free_model(&lab.app, 2, &lab.admin).await;
    let ask = async |quantity: i64| {
        let body = given::requisition(lab.project, &model, quantity);
        lab.app.post(&lab.member.token, "/v1/requisitions", &body).await
    };
    let demand = async || {
        let report = lab.app.get(&lab.member.token, &of_project(&lab, AUTUMN)).await.expect(200);
        report["demand"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["units_wanted"].clone(), row["units_missing"].clone()))
            .collect::<Vec<_>>()
    };

    assert_eq!(demand().await, []);
    ask(3).await.expect_problem(409, "no-free-unit");
    ask(3).await.expect_problem(409, "no-free-unit");
    assert_eq!(demand().await, [(json!(0), json!(1))]);
    ask(6).await.expect_problem(409, "no-free-unit");
    ask(1).await.expect(202);
    assert_eq!(demand().await, [(json!(1), json!(4))]);
    assert_eq!(lab.app.count("requisitions").await, 1);
}

#[tokio::test]
async fn what_a_decision_leaves_out_and_what_could_not_be_granted_is_told_as_demand_and_never_twice() {
    let lab = a_lab().await;
    let (model, other) = (given::model(&lab.app, 3).await, given::model(&lab.app, 9).await);
    let submit = async |quantity: i64| {
        let body = given::requisition(lab.project, &model, quantity);
        lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202)
    };
    let decide = async |requisition: &Value, decision: Value| {
        let mut decision = decision;
        decision["decision"] = json!("approve");
        decision["line_id"] = requisition["lines"][0]["id"].clone();
        let path = format!("/v1/requisitions/{}/decide", id_of(requisition));
        lab.app.post(&lab.technician.token, &path, &json!({ "decisions": [decision] })).await
    };
    let told = async || {
        let report = lab.app.get(&lab.member.token, &of_project(&lab, AUTUMN)).await.expect(200);
        let rows = report["demand"].as_array().unwrap().iter();
        let row = rows.clone().find(|row| row["model_id"] == json!(model.id)).unwrap().clone();
        ["wanted", "rejected", "reduced", "not_free", "missing"]
            .map(|name| row[format!("units_{name}")].as_i64().unwrap())
    };

    let many = submit(4).await;
    let approve = format!("/v1/requisitions/{}/approve", id_of(&many));
    for _ in 0..2 {
        lab.app.post(&lab.technician.token, &approve, &json!({})).await.expect_problem(409, "no-free-unit");
    }
    assert_eq!(told().await, [4, 0, 0, 1, 0]);
    decide(&many, json!({"quantity": 2})).await.expect(200);
    assert_eq!(told().await, [4, 0, 2, 0, 0], "the decision tells what is not given");

    let replaced = submit(2).await;
    decide(&replaced, json!({})).await.expect_problem(409, "no-free-unit");
    decide(&replaced, json!({"model_id": other.id})).await.expect(200);
    assert_eq!(told().await, [6, 0, 4, 0, 0]);

    let given_up = submit(2).await;
    decide(&given_up, json!({"quantity": 2})).await.expect_problem(409, "no-free-unit");
    let cancel = format!("/v1/requisitions/{}/cancel", id_of(&given_up));
    lab.app.post(&lab.member.token, &cancel, &json!({})).await.expect(200);
    assert_eq!(told().await, [8, 0, 4, 1, 0], "who gave up had wanted it all the same");
}

/// Three units of the first model and one of the second.
async fn of_two_lines(lab: &Lab, model: &given::Model, other: &given::Model) -> Value {
    let mut body = given::requisition(lab.project, model, 3);
    body["lines"].as_array_mut().unwrap().push(json!({"model_id": other.id}));
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202)
}

async fn decide(lab: &Lab, requisition: &Value, line: usize, grant: Value) {
    let mut decision = grant;
    (decision["decision"], decision["line_id"]) = (json!("approve"), requisition["lines"][line]["id"].clone());
    let path = format!("/v1/requisitions/{}/decide", id_of(requisition));
    lab.app.post(&lab.technician.token, &path, &json!({ "decisions": [decision] })).await.expect(200);
}

/// What was promised for it goes out.
async fn goes_out(lab: &Lab, requisition: &Value) {
    let out = "update loans set status = 'checked_out', checked_out_at = lab_now(), snipeit_user_id = 7,
                   fingerprint = '2026-01-10 10:00:00'
               where requisition_id = $1 and status = 'promised'";
    sqlx::query(out).bind(id_of(requisition)).execute(&lab.app.owner).await.unwrap();
}

#[tokio::test]
async fn what_was_granted_otherwise_than_asked_is_told_so_and_never_as_granted() {
    let lab = a_lab().await;
    let (model, other) = (given::model(&lab.app, 9).await, given::model(&lab.app, 9).await);
    let [whole, fewer, another, both] = [
        json!({}),
        json!({"quantity": 2}),
        json!({"model_id": other.id}),
        json!({"model_id": other.id, "quantity": 1}),
    ];
    for grant in [whole, fewer, another, both] {
        let requisition = of_two_lines(&lab, &model, &other).await;
        decide(&lab, &requisition, 0, grant).await;
        decide(&lab, &requisition, 1, json!({})).await;
    }
    let waits = of_two_lines(&lab, &model, &other).await;
    decide(&lab, &waits, 1, json!({})).await;

    let report = lab.app.get(&lab.member.token, &of_project(&lab, AUTUMN)).await.expect(200);
    let sheet = csv(&lab.app, &lab.technician.token, &of_project(&lab, AUTUMN)).await;

    let counted = |rows: &Value, what: &str| -> Vec<(String, i64)> {
        let rows = rows.as_array().unwrap().iter().filter(|row| row[what] != 0);
        rows.map(|row| (row["outcome"].as_str().unwrap().to_owned(), row[what].as_i64().unwrap())).collect()
    };
    let told = |expected: &[(&str, i64)]| -> Vec<(String, i64)> {
        expected.iter().map(|(outcome, number)| ((*outcome).to_owned(), *number)).collect()
    };
    let requisitions = [("waiting", 1), ("granted", 1), ("substituted", 1), ("partly_granted", 2)];
    let lines = [("waiting", 1), ("granted", 6), ("substituted", 2), ("reduced", 1)];
    assert_eq!(counted(&report["requisitions"]["by_outcome"], "requisitions"), told(&requisitions));
    assert_eq!(counted(&report["requisitions"]["lines_by_outcome"], "lines"), told(&lines));
    for (outcome, number) in requisitions {
        assert!(sheet.contains(&format!("\r\noutcomes,,{outcome},,requisitions,{number}\r\n")), "{sheet}");
    }
    for (outcome, number) in lines {
        assert!(sheet.contains(&format!("\r\nline_outcomes,,{outcome},,lines,{number}\r\n")), "{sheet}");
    }
}

#[tokio::test]
async fn each_line_has_waited_until_its_own_decision_and_its_units_from_then_on() {
    let lab = a_lab().await;
    let (model, other) = (given::model(&lab.app, 3).await, given::model(&lab.app, 1).await);
    let waits = async || {
        let report = lab.app.get(&lab.member.token, &of_project(&lab, AUTUMN)).await.expect(200);
        // In whole days, since the test itself takes a while.
        let days = |wait: &Value| {
            let days = |rank: &str| wait[rank].as_i64().map(|seconds| seconds / 86_400);
            (wait["count"].as_i64().unwrap(), days("median_seconds"), days("p90_seconds"))
        };
        let told = &report["waiting"];
        (days(&told["submitted_to_decided"]), days(&told["decided_to_out"]))
    };

    let requisition = of_two_lines(&lab, &model, &other).await;
    decide(&lab, &requisition, 1, json!({})).await;
    assert_eq!(waits().await, ((1, Some(0), Some(0)), (0, None, None)), "one line is decided");
    lab.app.move_lab_clock(1).await;
    goes_out(&lab, &requisition).await;
    lab.app.move_lab_clock(1).await;
    decide(&lab, &requisition, 0, json!({"quantity": 1})).await;
    goes_out(&lab, &requisition).await;

    assert_eq!(waits().await, ((2, Some(0), Some(2)), (2, Some(0), Some(1))), "the other is decided two days later");
}

#[tokio::test]
async fn what_is_out_is_told_with_its_value_as_far_as_it_is_known() {
    let lab = a_lab().await;
    let model = given::free_model(&lab.app, 2, &lab.admin).await;
    let body = given::requisition(lab.project, &model, 2);
    let submitted = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
    let priced = "update equipment set purchase_cost_cents = 45990 where id = $1";
    sqlx::query(priced).bind(model.units[0]).execute(&lab.app.owner).await.unwrap();
    for operation in submitted["operations"].as_array().unwrap() {
        let applied = "update operations set state = 'applied' where id = $1";
        sqlx::query(applied).bind(id_of(operation)).execute(&lab.app.owner).await.unwrap();
    }
    let out =
        "update loans set status = 'checked_out', checked_out_at = now() - interval '3 days', snipeit_user_id = 7,
                   starts_at = now() - interval '3 days', due_at = now() - interval '1 hour',
                   fingerprint = '2026-01-10 10:00:00'";
    sqlx::query(out).execute(&lab.app.owner).await.unwrap();

    let report = lab.app.get(&lab.technician.token, &of_project(&lab, AUTUMN)).await.expect(200);

    let expected = json!({"units": 2, "overdue": 2, "value_cents": 45990, "units_without_cost": 1});
    assert_eq!(report["out_now"], expected);
    let seconds = report["loans"]["loan_seconds"].as_i64().unwrap();
    assert!((2 * 259_200..2 * 259_200 + 60).contains(&seconds), "out until now: {seconds}");
}

#[tokio::test]
async fn days_are_the_labs_and_a_period_ends_before_its_end() {
    let lab = a_busy_lab("Being repaired").await;
    let report = async |query: &str| lab.app.get(&lab.technician.token, &of_project(&lab, query)).await.expect(200);

    let long_day = report("from=2026-10-25&to=2026-10-26").await;
    let created = sqlx::query_scalar("select max(created_at) from requisitions");
    let created: chrono::DateTime<chrono::Utc> = created.fetch_one(&lab.app.owner).await.unwrap();
    let last = created.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let before = report(&format!("from=2026-09-01&to={last}")).await;
    let after = report(&format!("from={last}&to=2100-01-01")).await;

    assert_eq!((&long_day["from"], &long_day["to"]), (&json!("2026-10-24T23:00:00Z"), &json!("2026-10-26T00:00:00Z")));
    assert_eq!(before["requisitions"]["submitted"], 2);
    assert_eq!(after["requisitions"]["submitted"], 1);
}

#[tokio::test]
async fn what_is_no_period_is_refused_with_the_parameter_that_is_wrong() {
    let lab = a_lab().await;
    for (query, wrong) in [
        ("from=yesterday&to=2026-10-01", "from"),
        ("from=2026-09-01&to=2026-09-01T10:00:00+01:00", "to"),
        ("from=2026-09-02&to=2026-09-01", "to"),
    ] {
        let path = format!("/v1/reports/lab?{query}");
        let refused = lab.app.get(&lab.technician.token, &path).await.expect_problem(400, "malformed-request");
        assert_eq!(fields(&refused), [wrong], "{query}");
    }
    for query in ["from=2026-09-01", "from=2026-09-01&to=2026-10-01&format=pdf", "from=2026-09-01&to=2026-10-01&x=1"] {
        let path = format!("/v1/reports/lab?{query}");
        lab.app.get(&lab.technician.token, &path).await.expect_problem(400, "malformed-request");
    }
}

#[tokio::test]
async fn reports_are_for_those_who_see_what_they_count_and_name_nobody() {
    let lab = a_busy_lab("Being repaired").await;
    let (observer, stranger) =
        (given::person(&lab.app, Role::Professor).await, given::person(&lab.app, Role::Student).await);
    given::add_member(&lab.app, lab.project, &lab.leader, &observer, MemberRole::Observer).await;
    let other = given::active_project(&lab.app, &stranger, &lab.technician).await;

    let whole = format!("/v1/reports/lab?{AUTUMN}");
    lab.app.get(&stranger.token, &of_project(&lab, AUTUMN)).await.expect_problem(404, "not-found");
    lab.app.get(&lab.leader.token, &whole).await.expect_problem(403, "role-not-allowed");
    let empty = lab.app.get(&stranger.token, &format!("/v1/projects/{other}/report?{AUTUMN}")).await.expect(200);
    let of_lab = lab.app.get(&lab.technician.token, &whole).await.expect(200);
    let seen = lab.app.get(&observer.token, &of_project(&lab, AUTUMN)).await.expect(200);

    assert_eq!((&empty["requisitions"]["submitted"], &of_lab["requisitions"]["submitted"]), (&json!(0), &json!(3)));
    assert_eq!(empty["loans"]["by_model"], json!([]));
    let sheet = csv(&lab.app, &lab.technician.token, &whole).await;
    for text in [seen.to_string(), of_lab.to_string(), sheet] {
        assert!(!text.contains("Ana Silva") && !text.contains("@lab.example"), "{text}");
        assert!(!text.contains(&lab.member.id.to_string()), "{text}");
    }
}

//! A project with anything out or open does not end, and says what.

use super::path;
use crate::api::given::{self, Lab, a_lab, id_of};
use serde_json::{Value, json};

/// One requisition of one unit that goes straight through.
async fn promised(lab: &Lab) -> Value {
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    given::submitted(lab, &model).await
}

async fn set(lab: &Lab, statement: &str, requisition: &Value) {
    let query = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).bind(id_of(requisition));
    assert_eq!(query.execute(&lab.app.owner).await.unwrap().rows_affected(), 1, "{statement}");
}

async fn end(lab: &Lab, word: &str) -> crate::api::app::Reply {
    lab.app.post(&lab.technician.token, &path(lab.project, &format!("/{word}")), &json!({})).await
}

#[tokio::test]
async fn with_units_out_it_is_neither_completed_nor_archived_and_the_answer_lists_them() {
    let lab = a_lab().await;
    let requisition = promised(&lab).await;
    given::checked_out(&lab, &requisition).await;

    for word in ["complete", "archive"] {
        let problem = end(&lab, word).await.expect_problem(409, "units-still-out");
        let loan = &requisition["loans"][0];
        assert_eq!(
            problem["units_out"],
            json!([{
                "loan_id": loan["id"],
                "tag": loan["tag"],
                "model_name": requisition["lines"][0]["model_name"],
                "borrower_id": lab.member.id,
                "borrower": "Ana Silva",
                "due_at": loan["due_at"],
            }])
        );
        assert_eq!(problem.get("requisitions_open"), None);
    }
    let project = lab.app.get(&lab.member.token, &path(lab.project, "")).await.expect(200);
    assert_eq!(project["status"], "active");

    set(&lab, "update loans set status = 'returned', returned_at = now() where requisition_id = $1", &requisition)
        .await;
    end(&lab, "complete").await.expect(200);
}

#[tokio::test]
async fn whatever_may_have_left_the_shelf_counts_as_out() {
    let lab = a_lab().await;
    let requisition = promised(&lab).await;
    for operation in [
        "state = 'sent', fingerprint = '2026-01-10 10:00:00', attempts = 1",
        "state = 'unknown', fingerprint = '2026-01-10 10:00:00', attempts = 1",
        "state = 'with_person', attempts = 1",
        "state = 'waiting', attempts = 1",
        "state = 'waiting', attempts = 0, in_doubt = true",
    ] {
        set(&lab, &format!("update operations set {operation} where requisition_id = $1"), &requisition).await;
        let problem = end(&lab, "complete").await.expect_problem(409, "units-still-out");
        assert_eq!(problem["units_out"].as_array().unwrap().len(), 1, "{operation}");
    }
}

#[tokio::test]
async fn a_return_under_way_is_not_a_return() {
    let lab = a_lab().await;
    let requisition = promised(&lab).await;
    given::checked_out(&lab, &requisition).await;
    let loan = requisition["loans"][0]["id"].as_str().unwrap();
    lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &json!({})).await.expect(202);

    let problem = end(&lab, "archive").await.expect_problem(409, "units-still-out");

    assert_eq!(problem["units_out"][0]["loan_id"], loan);
}

#[tokio::test]
async fn with_requisitions_that_wait_or_are_promised_it_does_not_end_until_they_are_cancelled() {
    let lab = a_lab().await;
    let promised = promised(&lab).await;
    let model = given::model(&lab.app, 1).await;
    let pending = given::submitted(&lab, &model).await;

    let problem = end(&lab, "complete").await.expect_problem(409, "requisitions-open");

    let listed =
        [&promised, &pending].map(|one| json!({"id": one["id"], "number": one["number"], "status": one["status"]}));
    assert_eq!(problem["requisitions_open"], json!(listed));
    assert_eq!(problem.get("units_out"), None);
    for open in [promised, pending] {
        let cancel = format!("/v1/requisitions/{}/cancel", id_of(&open));
        lab.app.post(&lab.member.token, &cancel, &json!({})).await.expect(200);
    }
    end(&lab, "complete").await.expect(200);
}

/// Whoever comes first wins, and the other one hears it: no open requisition of a project that is over.
#[tokio::test]
async fn a_project_that_ends_while_somebody_submits_has_nothing_open_in_the_end() {
    for _ in 0..8 {
        let lab = a_lab().await;
        let model = given::model(&lab.app, 1).await;
        let body = given::requisition(lab.project, &model, 1);

        let submit = lab.app.post(&lab.member.token, "/v1/requisitions", &body);
        let (submitted, ended) = tokio::join!(submit, end(&lab, "complete"));

        match (submitted.status.as_u16(), ended.status.as_u16()) {
            (202, 409) => drop(ended.expect_problem(409, "requisitions-open")),
            (409, 200) => drop(submitted.expect_problem(409, "project-not-active")),
            both => panic!("{both:?}: {} {}", submitted.json, ended.json),
        }
    }
}

/// The same, with the order forced: the submission has been checked and is not committed yet.
#[tokio::test]
async fn an_end_waits_for_a_submission_that_is_under_way() {
    let lab = a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let mut submission = lab.app.owner.begin().await.unwrap();
    let checked =
        makerlab_shared::store::projects::find_standing(&mut submission, lab.project.into(), lab.member.id.into());
    checked.await.unwrap();

    let ending = end(&lab, "complete");
    tokio::pin!(ending);
    let waits = async {
        let waiting = "pg_locks join pg_database on true
                       where datname = current_database() and locktype in ('transactionid', 'tuple') and not granted";
        while lab.app.count(waiting).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        reply = &mut ending => panic!("it did not wait: {} {}", reply.status, reply.json),
        () = waits => {}
    }
    sqlx::query(
        "insert into requisitions (id, project_id, requester_id, purpose, starts_at, due_at, status)
         values (gen_random_uuid(), $1, $2, 'Measuring', now(), now() + interval '7 days', 'pending')",
    )
    .bind(lab.project)
    .bind(lab.member.id)
    .execute(&mut *submission)
    .await
    .unwrap();
    sqlx::query(
        "insert into requisition_lines (id, requisition_id, position, model_id, quantity, status)
         select gen_random_uuid(), id, 1, $1, 1, 'pending' from requisitions",
    )
    .bind(model.id)
    .execute(&mut *submission)
    .await
    .unwrap();
    submission.commit().await.unwrap();

    ending.await.expect_problem(409, "requisitions-open");
}

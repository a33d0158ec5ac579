//! Each answer to each kind of operation, by each door.

use super::given::{Desk, Door};
use makerlab_shared::domain::operation::OperationKind::{self, CheckIn, CheckOut};
use uuid::Uuid;

const NOTE: &str = "seen on the shelf";

/// What was asked, what was answered, and what became of operation, loan and requisition.
const CELLS: [(OperationKind, &str, [&str; 3]); 6] = [
    (CheckOut, "happened", ["applied", "checked_out", "checked_out"]),
    (CheckOut, "did_not_happen", ["refused", "failed", "failed"]),
    (CheckOut, "abandoned", ["abandoned", "failed", "failed"]),
    (CheckIn, "happened", ["applied", "returned", "returned"]),
    (CheckIn, "did_not_happen", ["refused", "checked_out", "checked_out"]),
    (CheckIn, "abandoned", ["abandoned", "checked_out", "checked_out"]),
];

#[tokio::test]
async fn every_answer_by_the_api_moves_what_it_says_and_stands_in_every_history_with_the_person() {
    for cell in CELLS {
        is_settled(Door::Api, cell).await;
    }
}

#[tokio::test]
async fn every_answer_by_the_command_line_moves_what_it_says_and_stands_in_every_history_with_the_person() {
    for cell in CELLS {
        is_settled(Door::CommandLine, cell).await;
    }
}

async fn is_settled(door: Door, (kind, answer, expected): (OperationKind, &str, [&str; 3])) {
    let desk = Desk::new().await;
    let (asked, finding) = desk.with_person(kind).await;
    let calls = desk.floor.simulator.state().ledger().requests().len();

    desk.settle(door, finding, answer, NOTE).await.unwrap();

    assert_eq!(desk.statuses(asked).await, expected, "{kind} {answer}");
    let [operation, loan, requisition] = expected;
    for (entity, id, status) in [
        ("operation", asked.operation.0, operation),
        ("loan", asked.loan.0, loan),
        ("requisition", asked.requisition.0, requisition),
        ("finding", finding, answer),
    ] {
        let expected =
            (entity.to_owned(), status.to_owned(), Some(desk.floor.people.technician.0), Some(NOTE.to_owned()));
        assert_eq!(last_of(&desk, id).await, expected, "{kind} {answer}: the history of the {entity}");
    }
    assert_eq!(desk.floor.evidence(asked.operation).await.last().map(String::as_str), Some("decision"));
    desk.floor.work_until("everything is done", async |floor| floor.due_jobs().await.is_empty()).await;
    assert_eq!(desk.statuses(asked).await, expected, "{kind} {answer}: nothing moves it any more");
    assert_eq!(desk.floor.simulator.state().ledger().requests().len(), calls, "an answer sends nothing");
}

/// Entity, status, actor and reason of the newest row of its history.
async fn last_of(desk: &Desk, id: Uuid) -> (String, String, Option<Uuid>, Option<String>) {
    sqlx::query_as(
        "select entity, to_status, actor_id, reason from status_history where entity_id = $1 order by id desc limit 1",
    )
    .bind(id)
    .fetch_one(&desk.floor.pool)
    .await
    .unwrap()
}

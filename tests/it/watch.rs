//! The watch over units that are out, as a job: who hears what, when, and that nobody hears anything twice.

use makerlab_shared::domain::id::{JobId, UserId};
use makerlab_tests::{
    floor::{Asked, Floor},
    mailbox::Fault,
};
use makerlab_worker::jobs::Ran;

/// A floor with a loan that is out, whose borrower hears at midnight: whatever the time is, a step of the day on which it
/// is due comes before the hour at which it is.
async fn lent() -> (Floor, Asked) {
    let floor = Floor::new().await;
    run(&floor, "update users set digest_hour = 0").await;
    let lent = floor.given_checked_out().await;
    (floor, lent)
}

async fn run(floor: &Floor, sql: &'static str) {
    sqlx::query(sql).execute(&floor.pool).await.unwrap();
}

async fn watch(floor: &Floor) -> Option<JobId> {
    let open = sqlx::query_scalar("select id from jobs where kind = 'watch_return' and state = 'open' order by due_at");
    open.fetch_optional(&floor.pool).await.unwrap().map(JobId)
}

/// Lets time pass until the watch looks again, and looks. `false`: there is no watch any more.
async fn next_look(floor: &Floor) -> bool {
    let Some(job) = watch(floor).await else { return false };
    floor.database.move_lab_clock_to(job.0).await;
    floor.ring(job).await;
    true
}

/// What somebody was told of due dates, the oldest first.
async fn told(floor: &Floor, reader: UserId) -> Vec<String> {
    let told = sqlx::query_scalar(
        "select event from notifications
         where recipient_id = $1 and event in ('return_due', 'overdue', 'overdue_escalated') order by created_at, id",
    );
    told.bind(reader.0).fetch_all(&floor.pool).await.unwrap()
}

async fn count(floor: &Floor, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn a_unit_that_stays_out_is_told_of_step_by_step_and_later_to_supervisors_and_technicians_too() {
    let (floor, _) = lent().await;
    let supervisor = floor.given_student("vera@lab.example").await;
    let role = sqlx::query("update memberships set role = 'supervisor' where user_id = $1").bind(supervisor.0);
    role.execute(&floor.pool).await.unwrap();

    while next_look(&floor).await {}

    let student = told(&floor, floor.people.student.id).await;
    assert_eq!(student, ["return_due", "return_due", "return_due", "overdue", "overdue", "overdue", "overdue"]);
    assert_eq!(told(&floor, supervisor).await, ["overdue_escalated"; 3]);
    assert_eq!(told(&floor, floor.people.technician).await, ["overdue_escalated"; 3]);
    let steps: Vec<String> =
        sqlx::query_scalar("select reason from status_history where event in ('reminded', 'told_overdue') order by id")
            .fetch_all(&floor.pool)
            .await
            .unwrap();
    assert_eq!(
        steps,
        ["3 days before", "1 day before", "on the day", "1 day after", "3 days after", "7 days after", "14 days after"]
    );
    assert_eq!(
        count(&floor, "select count(*) from jobs where kind = 'watch_return' and outcome = 'all_told'").await,
        1
    );
}

#[tokio::test]
async fn of_what_was_missed_while_nobody_worked_only_the_latest_is_told() {
    let (floor, _) = lent().await;
    let job = watch(&floor).await.unwrap();

    floor.database.move_lab_clock(7 + 9).await;
    floor.ring(job).await;

    assert_eq!(told(&floor, floor.people.student.id).await, ["overdue"]);
    assert_eq!(count(&floor, "select told_step::bigint from loans").await, 7);
    assert_eq!(watch(&floor).await, Some(job), "the last step is still to come");
}

#[tokio::test]
async fn a_second_delivery_tells_nothing_twice() {
    let (floor, _) = lent().await;
    let job = watch(&floor).await.unwrap();
    floor.database.move_lab_clock(8).await;

    floor.ring(job).await;
    assert_eq!(floor.ring_now(job).await, Ran::NothingToDo, "its next look was fixed together with what it told");
    floor.take_over(job).await;
    floor.ring_now(job).await;

    assert_eq!(told(&floor, floor.people.student.id).await.len(), 1);
}

#[tokio::test]
async fn after_the_return_nobody_is_told_and_what_waited_for_a_digest_is_moot() {
    let (floor, lent) = lent().await;
    next_look(&floor).await;
    next_look(&floor).await;
    let waiting =
        "select count(*) from notifications where event = 'return_due' and channel = 'digest' and status = 'queued'";
    assert_eq!(count(&floor, waiting).await, 1);
    let job = watch(&floor).await.unwrap();

    let back = floor.given_return_requested(lent).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;
    floor.database.move_lab_clock(30).await;
    floor.ring_now(job).await;

    assert_eq!(told(&floor, floor.people.student.id).await, ["return_due"]);
    assert_eq!(count(&floor, "select count(*) from notifications where status = 'moot'").await, 1);
    assert_eq!(watch(&floor).await, None);
}

#[tokio::test]
async fn a_reminder_that_the_mail_server_did_not_take_before_the_return_never_leaves() {
    let (floor, lent) = lent().await;
    floor.work_until("all letters are sent", async |f: &Floor| f.due_jobs().await.is_empty()).await;
    let letters = floor.mailbox.messages().len();
    next_look(&floor).await;
    next_look(&floor).await;
    assert_eq!(told(&floor, floor.people.student.id).await, ["return_due"]);
    let digest = floor.open_job("send_digest", floor.people.student.id.0).await;
    floor.mailbox.set_fault(Fault::RefuseGreeting { code: 421, text: "busy".to_owned() });
    floor.database.move_lab_clock(1).await;
    floor.ring_now(digest).await;
    assert_eq!(count(&floor, "select count(*) from digests where status = 'queued' and attempts = 1").await, 1);

    let back = floor.given_return_requested(lent).await;
    floor.mailbox.set_fault(Fault::None);
    floor.ring_now(digest).await;

    assert_eq!(floor.mailbox.messages().len(), letters);
    assert_eq!(
        count(&floor, "select count(*) from notifications where event = 'return_due' and status = 'moot'").await,
        1
    );
    assert_eq!(floor.loan_status(back.loan).await, "checked_out", "Snipe-IT has not heard of it yet");
}

#[tokio::test]
async fn whoever_has_asked_for_the_return_is_not_told_to_bring_the_unit() {
    let (floor, lent) = lent().await;
    let job = watch(&floor).await.unwrap();
    floor.given_return_requested(lent).await;

    floor.database.move_lab_clock(8).await;
    floor.ring(job).await;

    assert!(told(&floor, floor.people.student.id).await.is_empty());
    assert_eq!(watch(&floor).await, Some(job), "the return may still fail");
}

#[tokio::test]
async fn what_waits_for_a_digest_is_moot_as_soon_as_somebody_asks_for_the_return() {
    let (floor, lent) = lent().await;
    while !told(&floor, floor.people.technician).await.contains(&"overdue_escalated".to_owned()) {
        assert!(next_look(&floor).await);
    }
    run(&floor, "update notifications set status = 'queued', digest_id = null").await;
    let waiting = "select count(*) from notifications
         where event in ('return_due', 'overdue', 'overdue_escalated') and status = 'queued'";
    assert!(count(&floor, waiting).await >= 4);

    floor.given_return_requested(lent).await;

    assert_eq!(count(&floor, waiting).await, 0);
    assert_eq!(floor.loan_status(lent.loan).await, "checked_out", "Snipe-IT has not heard of it yet");
}

#[tokio::test]
async fn several_units_that_are_due_make_one_digest_with_their_names_and_dates() {
    let floor = Floor::new().await;
    let requisition = floor.given_requested_units(2).await;
    floor.work_until("both are out", async |f: &Floor| f.requisition_status(requisition).await == "checked_out").await;
    floor.work_until("all letters are sent", async |f: &Floor| f.due_jobs().await.is_empty()).await;
    let letters = floor.mailbox.messages().len();

    // Two days before the units are due, their first reminder is over, whatever the hour.
    floor.database.move_lab_clock(5).await;
    for job in floor.due_jobs().await {
        floor.ring(job).await;
    }
    floor.database.move_lab_clock(1).await;
    floor.work_until("the digest is sent", async |f: &Floor| f.mailbox.messages().len() > letters).await;

    let digest = floor.mailbox.messages().pop().unwrap();
    assert!(digest.subject.starts_with("News from the lab: "), "{}", digest.subject);
    let loans = floor.dossier(requisition).await.loans;
    for loan in &loans {
        let tag: String = sqlx::query_scalar("select tag from equipment where id = $1")
            .bind(loan.equipment_id.0)
            .fetch_one(&floor.pool)
            .await
            .unwrap();
        assert!(digest.text.contains(&format!("({tag}) is due on ")), "{}", digest.text);
    }
    assert_eq!(floor.mailbox.messages().len(), letters + 1);
}

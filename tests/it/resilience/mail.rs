//! Row 15: whatever the mail server does, the loan goes its way.

use std::time::Duration;

use makerlab_tests::{
    floor::{DEADLINE, Floor},
    mailbox::Fault,
};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_hangs_drops_or_refuses_leaves_the_loan_untouched_and_gets_the_letter_later() {
    let busy = || Fault::RefuseGreeting { code: 421, text: "too busy".into() };
    let faults = [
        (Fault::HangAtGreeting, "queued"),
        (Fault::HangBeforeText, "queued"),
        (Fault::DropBeforeText, "queued"),
        (busy(), "queued"),
        (Fault::HangAfterText { keep: false }, "unknown"),
        (Fault::DropAfterText { keep: false }, "unknown"),
    ];
    for (fault, status_meanwhile) in faults {
        let floor = Floor::with(&[("SMTP_TIMEOUT", "400ms")], None).await;
        floor.mailbox.set_fault(fault.clone());

        let asked = floor.given_checked_out().await;
        let tried = async |floor: &Floor| letters(floor).await.iter().all(|letter| letter.attempts == 1);
        floor.work_until("every letter was tried", tried).await;

        assert_eq!(floor.requisition_status(asked.requisition).await, "checked_out", "{fault:?}");
        for letter in letters(&floor).await {
            assert_eq!(letter.status, status_meanwhile, "{fault:?}");
        }

        floor.mailbox.set_fault(Fault::None);
        for letter in letters(&floor).await {
            floor.make_due(floor.job_about(letter.id).await).await;
        }
        floor.work_until("every letter is sent", async |floor: &Floor| are_all(floor, "sent").await).await;
        let wanted = letters(&floor).await.len();
        floor.mailbox.wait_for(|received| received.len() == wanted, DEADLINE).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_that_is_refused_for_good_is_not_sent_again_and_the_loan_stays_as_it_is() {
    let floor = Floor::new().await;
    floor.mailbox.set_fault(Fault::RefuseRecipient { code: 550, text: "no such mailbox".into() });

    let asked = floor.given_checked_out().await;
    floor.work_until("every letter has ended", async |floor: &Floor| are_all(floor, "refused").await).await;

    assert_eq!(floor.requisition_status(asked.requisition).await, "checked_out");
    assert_eq!(floor.count_open("send_mail").await, 0);
    assert!(floor.mailbox.wait_for(|received| !received.is_empty(), Duration::from_millis(100)).await.is_err());
}

#[derive(sqlx::FromRow)]
struct Letter {
    id: Uuid,
    status: String,
    attempts: i32,
}

async fn letters(floor: &Floor) -> Vec<Letter> {
    sqlx::query_as("select id, status, attempts from notifications").fetch_all(&floor.pool).await.unwrap()
}

async fn are_all(floor: &Floor, status: &str) -> bool {
    letters(floor).await.iter().all(|letter| letter.status == status)
}

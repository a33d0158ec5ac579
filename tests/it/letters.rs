//! Letters as jobs: one letter each, by the mail's own rules, and never in the way of a loan.

mod stored;

use std::time::Duration;

use chrono::{DateTime, Utc};
use makerlab_shared::domain::{
    actor::Actor,
    change::Cause,
    id::{JobId, NotificationId, RequisitionId},
    job::{JobKind, Lane, NewJob},
    operation::OperationState,
    requisition::{Decide, Dossier, ReturnCondition, ReturnReport},
    user::Role,
};
use makerlab_shared::{
    domain::change::{Change, LetterProgress, NewNotification, Recipient},
    domain::notification::NotificationEvent,
};
use makerlab_tests::{
    floor::Floor,
    mailbox::{Fault, Message},
};
use makerlab_worker::jobs::Ran;
use uuid::Uuid;

#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct Letter {
    status: String,
    attempts: i32,
    outcome: Option<String>,
    sent_at: Option<DateTime<Utc>>,
}

impl Letter {
    fn brief(&self) -> (&str, i32) {
        (&self.status, self.attempts)
    }
}

async fn letter(floor: &Floor, job: JobId) -> Letter {
    sqlx::query_as(
        "select status, attempts, outcome, sent_at from notifications
         where id = (select subject_id from jobs where id = $1)",
    )
    .bind(job.0)
    .fetch_one(&floor.pool)
    .await
    .unwrap()
}

/// The mail jobs of the letters about a requisition with this event.
async fn mail_jobs(floor: &Floor, requisition: RequisitionId, event: &str) -> Vec<JobId> {
    let ids = sqlx::query_scalar(
        "select jobs.id from jobs join notifications on notifications.id = jobs.subject_id
         where jobs.kind = 'send_mail' and notifications.requisition_id = $1 and notifications.event = $2",
    );
    let ids = ids.bind(requisition.0).bind(event).fetch_all(&floor.pool).await.unwrap();
    ids.into_iter().map(JobId).collect()
}

struct Submitted {
    floor: Floor,
    requisition: RequisitionId,
    /// The job of the letter "we received it" to the student.
    job: JobId,
}

impl Submitted {
    async fn reject(&self) {
        let decide = Decide {
            by: self.floor.people.technician,
            role: Role::Technician,
            member: None,
            is_supervised: false,
            in_place_of: None,
            names_version: false,
            has_part: false,
        };
        let change = self.floor.dossier(self.requisition).await.reject(decide, "not during the exams").unwrap();
        self.floor.write(&change).await;
    }
}

async fn submitted() -> Submitted {
    let floor = Floor::new().await;
    let requisition = floor.given_pending(2).await;
    let job = mail_jobs(&floor, requisition, "submitted").await[0];
    Submitted { floor, requisition, job }
}

fn one(messages: Vec<Message>) -> Message {
    let [message] = <[Message; 1]>::try_from(messages).expect("exactly one message");
    message
}

#[tokio::test]
async fn a_letter_tells_the_requisition_as_it_stands() {
    let given = submitted().await;

    let ran = given.floor.ring(given.job).await;

    assert_eq!(ran, Ran::Settled);
    let number = given.floor.dossier(given.requisition).await.requisition.number.unwrap();
    let message = one(given.floor.mailbox.messages());
    assert_eq!(message.envelope_to, ["rita.sousa@lab.example"]);
    assert_eq!(message.subject, format!("Requisition {number} was received"));
    for told in ["Hello Rita Sousa,", "Line follower", "through the hall", "2 × Arduino Uno R3"] {
        assert!(message.text.contains(told), "{told:?} is missing in {}", message.text);
    }
    let link = format!("https://maker.lab.example/v1/requisitions/{}", given.requisition);
    assert!(message.text.contains(&link), "{}", message.text);
    let letter = letter(&given.floor, given.job).await;
    assert_eq!(letter.brief(), ("sent", 1));
    assert!(letter.sent_at.is_some());
}

#[tokio::test]
async fn a_second_delivery_sends_no_second_letter() {
    let given = submitted().await;

    let first = given.floor.ring(given.job).await;
    let second = given.floor.ring(given.job).await;

    assert_eq!((first, second), (Ran::Settled, Ran::NothingToDo));
    assert_eq!(given.floor.mailbox.messages().len(), 1);
}

#[tokio::test]
async fn a_letter_that_was_settled_is_not_sent_again_whatever_rings() {
    let given = submitted().await;
    given.floor.ring(given.job).await;
    let again = NewJob::send_mail(NotificationId(subject_of(&given.floor, given.job).await));
    let again = given.floor.given_job_of(again).await;

    given.floor.ring(again).await;

    assert_eq!(given.floor.mailbox.messages().len(), 1);
    assert_eq!(letter(&given.floor, given.job).await.brief(), ("sent", 1));
}

async fn subject_of(floor: &Floor, job: JobId) -> Uuid {
    sqlx::query_scalar("select subject_id from jobs where id = $1").bind(job.0).fetch_one(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn a_mail_server_that_is_down_postpones_the_letter_and_leaves_the_requisition_alone() {
    let given = submitted().await;
    let before = given.floor.dossier(given.requisition).await;
    let text = "come back later".to_owned();
    given.floor.mailbox.set_fault(Fault::RefuseGreeting { code: 421, text });

    given.floor.ring(given.job).await;

    let postponed = letter(&given.floor, given.job).await;
    assert_eq!(postponed.brief(), ("queued", 1));
    assert!(postponed.outcome.unwrap().contains("come back later"));
    let after = given.floor.dossier(given.requisition).await;
    assert_eq!(after, Dossier { now: after.now, ..before });

    given.floor.mailbox.set_fault(Fault::None);
    given.floor.ring_now(given.job).await;
    assert_eq!(letter(&given.floor, given.job).await.brief(), ("sent", 2));
    assert_eq!(given.floor.mailbox.messages().len(), 1);
}

#[tokio::test]
async fn a_mail_server_that_stays_down_is_asked_as_often_as_the_rules_say_and_the_letter_fails() {
    let given = submitted().await;
    given.floor.mailbox.set_fault(Fault::RefuseGreeting { code: 554, text: "no".to_owned() });

    for _ in 0..20 {
        given.floor.ring_now(given.job).await;
    }

    assert_eq!(letter(&given.floor, given.job).await.brief(), ("failed", 8));
    assert_eq!(given.floor.all_open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_final_and_the_address_is_not_kept() {
    let given = submitted().await;
    let text = "no such user rita.sousa@lab.example".to_owned();
    given.floor.mailbox.set_fault(Fault::RefuseRecipient { code: 550, text });

    given.floor.ring(given.job).await;

    let refused = letter(&given.floor, given.job).await;
    assert_eq!(refused.brief(), ("refused", 1));
    let outcome = refused.outcome.unwrap();
    assert!(outcome.contains("550") && !outcome.contains("rita.sousa@"), "{outcome}");
    assert_eq!(given.floor.ring_now(given.job).await, Ran::NothingToDo);
}

#[tokio::test]
async fn a_letter_lost_on_its_way_is_sent_once_more_with_the_same_message_id() {
    let given = submitted().await;
    given.floor.mailbox.set_fault_times(Fault::DropAfterText { keep: true }, 1);

    given.floor.ring(given.job).await;
    assert_eq!(letter(&given.floor, given.job).await.brief(), ("unknown", 1));
    given.floor.ring_now(given.job).await;

    let messages = given.floor.mailbox.messages();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].message_id, messages[1].message_id);
    assert_eq!(letter(&given.floor, given.job).await.brief(), ("sent", 2));
}

#[tokio::test]
async fn an_erased_person_gets_no_letter() {
    let given = submitted().await;
    let erase = sqlx::query("update users set name = 'x', email = 'x@x', erased_at = now() where id = $1");
    erase.bind(given.floor.people.student.id.0).execute(&given.floor.pool).await.unwrap();

    given.floor.ring(given.job).await;

    assert_eq!(letter(&given.floor, given.job).await.brief(), ("failed", 0));
    assert!(given.floor.mailbox.messages().is_empty());
}

#[tokio::test]
async fn a_letter_about_no_requisition_ends_without_being_sent() {
    let floor = Floor::new().await;
    let id = NotificationId::generate();
    let notification = NewNotification {
        id,
        event: NotificationEvent::NeedsPerson,
        to: Recipient::User(floor.people.technician),
        requisition_id: None,
        subject_id: Uuid::now_v7(),
        message: None,
    };
    floor.write(&Change { notifications: vec![notification], ..Change::default() }).await;

    let job = floor.job_about(id.0).await;
    floor.ring(job).await;

    assert_eq!(letter(&floor, job).await.brief(), ("failed", 0));
    assert!(floor.mailbox.messages().is_empty());
}

#[tokio::test]
async fn a_rejection_is_told_with_its_reason_in_the_readers_language() {
    let given = submitted().await;
    let speaks = sqlx::query("update users set language = 'pt' where id = $1").bind(given.floor.people.student.id.0);
    speaks.execute(&given.floor.pool).await.unwrap();
    given.reject().await;

    let job = mail_jobs(&given.floor, given.requisition, "rejected").await[0];
    given.floor.ring(job).await;

    let message = one(given.floor.mailbox.messages());
    assert!(message.text.contains("Motivo: not during the exams"), "{}", message.text);
}

#[tokio::test]
async fn a_letter_that_asks_for_a_decision_is_not_sent_once_that_was_made() {
    let given = submitted().await;
    let asking = mail_jobs(&given.floor, given.requisition, "approval_needed").await;
    given.reject().await;

    for job in &asking {
        assert_eq!(given.floor.ring(*job).await, Ran::Settled);
        assert_eq!(letter(&given.floor, *job).await.brief(), ("moot", 0));
    }

    assert!(!asking.is_empty() && given.floor.mailbox.messages().is_empty());
}

#[tokio::test]
async fn a_letter_that_was_not_accepted_is_not_tried_again_once_what_it_asks_for_is_done() {
    let given = submitted().await;
    let asking = mail_jobs(&given.floor, given.requisition, "approval_needed").await;
    given.floor.mailbox.set_fault(Fault::RefuseGreeting { code: 421, text: "busy".to_owned() });
    for job in &asking {
        given.floor.ring(*job).await;
        assert_eq!(letter(&given.floor, *job).await.brief(), ("queued", 1));
    }
    given.floor.mailbox.set_fault(Fault::None);

    given.reject().await;

    for job in &asking {
        given.floor.ring_now(*job).await;
        assert_eq!(letter(&given.floor, *job).await.brief(), ("moot", 1));
    }
    assert!(!asking.is_empty() && given.floor.mailbox.messages().is_empty());
}

#[tokio::test]
async fn what_became_moot_while_its_letter_was_on_its_way_tells_what_became_of_the_letter() {
    for (status, kept) in [("queued", "moot"), ("sent", "sent"), ("unknown", "unknown")] {
        let given = submitted().await;
        let job = mail_jobs(&given.floor, given.requisition, "approval_needed").await[0];
        let id = NotificationId(subject_of(&given.floor, job).await);
        given.reject().await;

        let (status, outcome) = (status.parse().unwrap(), "250 ok".to_owned());
        let progress = LetterProgress { id, attempts_before: 0, attempts: 1, status, outcome };
        given.floor.write(&Change::letter(progress)).await;

        assert_eq!(letter(&given.floor, job).await.brief(), (kept, 1));
    }
}

/// A requisition of two units whose outcomes became unknown.
async fn unknown(floor: &Floor) -> (RequisitionId, Dossier) {
    let requisition = floor.given_requested_units(2).await;
    let cause = Cause::new(Actor::System, "outcome_unknown");
    let mut transition = floor.dossier(requisition).await.begin();
    for operation in &mut transition.after.operations {
        operation.state = OperationState::Unknown;
        operation.attempts = 1;
        operation.fingerprint = Some("2026-11-23T10:00:01".parse().unwrap());
    }
    floor.write(&transition.finish(&cause)).await;
    (requisition, floor.dossier(requisition).await)
}

async fn add_notice(floor: &Floor, dossier: &Dossier, operation: usize) -> JobId {
    let job = NewJob::notice_verifying(dossier.operations[operation].id, Utc::now() - Duration::from_secs(1));
    assert_eq!((job.kind, job.lane), (JobKind::NoticeVerifying, Lane::Internal));
    floor.given_job_of(job).await
}

#[tokio::test]
async fn a_requester_is_told_once_that_several_units_are_being_verified() {
    let floor = Floor::new().await;
    let (requisition, dossier) = unknown(&floor).await;
    let first = add_notice(&floor, &dossier, 0).await;
    let second = add_notice(&floor, &dossier, 1).await;

    floor.ring(first).await;
    floor.ring(second).await;

    let letters = mail_jobs(&floor, requisition, "being_verified").await;
    assert_eq!(letters.len(), 1);
    floor.ring(letters[0]).await;
    let message = one(floor.mailbox.messages());
    assert!(message.text.contains("2 × Arduino Uno R3 (ML-00001, ML-00002): being verified"), "{}", message.text);
}

#[tokio::test]
async fn nobody_is_bothered_when_the_outcome_is_known_by_then() {
    let floor = Floor::new().await;
    let requisition = floor.given_requested().await.requisition;
    let dossier = floor.dossier(requisition).await;
    let notice = add_notice(&floor, &dossier, 0).await;

    floor.ring(notice).await;

    assert!(mail_jobs(&floor, requisition, "being_verified").await.is_empty());
}

#[tokio::test]
async fn the_letter_about_what_is_lost_calls_it_lost_and_nowhere_returned() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    let lost = ReturnReport::new(ReturnCondition::Lost, Some("It fell from the mast".to_owned())).unwrap();
    floor.given_return_as(lent, lost).await;
    floor.work_until("it is over", async |floor: &Floor| floor.loan_status(lent.loan).await == "returned").await;
    for job in mail_jobs(&floor, lent.requisition, "returned").await {
        floor.ring(job).await;
    }

    let letters = floor.mailbox.messages();

    let told = letters.iter().find(|letter| letter.subject.starts_with("Recorded as lost")).expect("it is told");
    assert!(told.text.contains("): lost\n") && !told.text.contains("returned"), "{}", told.text);
}

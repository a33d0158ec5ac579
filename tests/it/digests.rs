//! The digest as a job: one letter a person and day, at least once, normally once, with each thing in exactly one.

use chrono::{TimeDelta, Utc};
use makerlab_shared::domain::{
    actor::Actor,
    change::{Cause, Change, NewNotification, Recipient, Write},
    digest::DigestHour,
    id::{JobId, NotificationId, RequisitionId},
    notice::Moot,
    notification::{self, NotificationEvent},
    person::Language,
    preference::{Channel, Channels, Preferences},
};
use makerlab_shared::store::{commit::commit, digests, preferences};
use makerlab_tests::{
    floor::Floor,
    mailbox::{Fault, Message},
};
use makerlab_worker::jobs::{self, Ran};
use std::time::Duration;

/// A floor on which the student wants to hear of everything once a day.
async fn wanted(language: Language) -> Floor {
    let floor = Floor::new().await;
    choose(&floor, language, 8).await;
    floor
}

async fn choose(floor: &Floor, language: Language, hour: i64) {
    let student = floor.people.student.id;
    let before = preferences::find(&mut floor.pool.acquire().await.unwrap(), student).await.unwrap().unwrap();
    let channels = Channels::choose(NotificationEvent::ALL.iter().map(|event| (*event, Channel::Digest))).unwrap();
    let after = Preferences { language, digest_hour: DigestHour::parse(hour).unwrap(), channels };
    floor.write(&before.change(student, after, &Cause::new(Actor::System, "chosen"))).await;
}

async fn tell(floor: &Floor, requisition: RequisitionId, event: NotificationEvent, message: Option<&str>) {
    let notification = NewNotification {
        id: NotificationId::generate(),
        event,
        to: Recipient::User(floor.people.student.id),
        requisition_id: Some(requisition),
        subject_id: requisition.0,
        message: message.map(notification::Message::said),
    };
    floor.write(&Change { notifications: vec![notification], ..Change::default() }).await;
}

async fn open_digest(floor: &Floor) -> Option<JobId> {
    let open = sqlx::query_scalar("select id from jobs where kind = 'send_digest' and state = 'open'");
    open.fetch_optional(&floor.pool).await.unwrap().map(JobId)
}

/// What waits was told days ago, so that its hour is over.
async fn let_the_hour_come(floor: &Floor) {
    let sql = "update notifications set created_at = created_at - interval '2 days' where channel = 'digest'";
    sqlx::query(sql).execute(&floor.pool).await.unwrap();
}

/// The digests so far were those of days whose hour is over, whatever the time is now.
async fn let_a_day_pass(floor: &Floor) {
    for sql in [
        "update digests set day = day - 2",
        "update notifications set created_at = created_at - interval '2 days' where channel = 'digest'",
    ] {
        sqlx::query(sql).execute(&floor.pool).await.unwrap();
    }
}

async fn statuses(floor: &Floor) -> Vec<(String, String)> {
    let sql = "select event, status from notifications where channel = 'digest' order by created_at, id";
    sqlx::query_as(sql).fetch_all(&floor.pool).await.unwrap()
}

fn one(messages: Vec<Message>) -> Message {
    let [message] = <[Message; 1]>::try_from(messages).expect("exactly one message");
    message
}

/// The digest that tells of two requisitions, due, and its job.
async fn due_digest(language: Language) -> (Floor, JobId) {
    let floor = wanted(language).await;
    let first = floor.given_pending(1).await;
    tell(&floor, first, NotificationEvent::Rejected, Some("not during the exams")).await;
    let second = floor.given_pending(2).await;
    tell(&floor, second, NotificationEvent::ReturnRequested, None).await;
    let job = open_digest(&floor).await.expect("an open digest");
    let_the_hour_come(&floor).await;
    (floor, job)
}

#[tokio::test]
async fn before_its_hour_a_digest_waits_and_says_until_when() {
    let floor = wanted(Language::En).await;
    // An hour that is at least eleven hours away, whatever the time is.
    let hour = (Utc::now() + TimeDelta::hours(12)).with_timezone(&chrono_tz::Europe::Lisbon);
    choose(&floor, Language::En, chrono::Timelike::hour(&hour).into()).await;
    floor.given_pending(1).await;
    let job = open_digest(&floor).await.unwrap();

    assert_eq!(floor.ring(job).await, Ran::Settled);

    assert!(floor.mailbox.messages().is_empty());
    let (waits, runs): (f64, i32) =
        sqlx::query_as("select extract(epoch from due_at - now())::float8 / 3600, runs from jobs where id = $1")
            .bind(job.0)
            .fetch_one(&floor.pool)
            .await
            .unwrap();
    assert!((10.0..=13.0).contains(&waits), "{waits} hours");
    assert_eq!(runs, 0, "waiting is not held against it");
    floor.given_pending(1).await;
    assert_eq!(open_digest(&floor).await, Some(job), "what comes meanwhile waits with it");
}

#[tokio::test]
async fn a_digest_goes_by_the_labs_clock_one_a_day_however_far_it_is_moved() {
    let floor = wanted(Language::En).await;
    for sent in 1..=3 {
        floor.given_pending(1).await;
        let job = open_digest(&floor).await.unwrap();
        floor.ring(job).await;
        floor.ring(job).await;
        assert_eq!(floor.mailbox.messages().len(), sent - 1, "its hour has not come");

        floor.database.move_lab_clock(2).await;
        assert_eq!(floor.ring(job).await, Ran::Settled);
        assert_eq!(floor.mailbox.messages().len(), sent);
    }
    let days: i64 = sqlx::query_scalar("select count(distinct day) from digests").fetch_one(&floor.pool).await.unwrap();
    assert_eq!((days, open_digest(&floor).await), (3, None));
}

#[tokio::test]
async fn a_digest_tells_everything_that_waits_in_one_letter_by_requisition_with_links() {
    let (floor, job) = due_digest(Language::En).await;

    assert_eq!(floor.ring_now(job).await, Ran::Settled);

    let message = one(floor.mailbox.messages());
    assert_eq!(message.subject, "News from the lab: 4 messages");
    assert_eq!(message.envelope_to, ["rita.sousa@lab.example"]);
    let text = &message.text;
    let places: Vec<_> =
        ["Waiting for you", "a return was requested", "What happened", "rejected; nothing", "received"]
            .map(|part| text.find(part).unwrap_or_else(|| panic!("{part:?} is missing in {text}")))
            .to_vec();
    assert!(places[0] < places[1] && places[1] < places[2] && places[2] < places[3], "{text}");
    assert!(text.contains("Reason: not during the exams"), "{text}");
    assert!(text.contains("See the requisition: https://maker.lab.example/v1/requisitions/"), "{text}");
    assert!(statuses(&floor).await.iter().all(|(_, status)| status == "sent"));
    assert_eq!(open_digest(&floor).await, None);
}

#[tokio::test]
async fn a_digest_speaks_the_readers_language() {
    let (floor, job) = due_digest(Language::Pt).await;

    floor.ring_now(job).await;

    let message = one(floor.mailbox.messages());
    assert_eq!(message.subject, "Novidades do laboratório: 4 mensagens");
    assert!(message.text.contains("À sua espera") && message.text.contains("Motivo: not during the exams"));
}

#[tokio::test]
async fn a_second_delivery_sends_no_second_digest() {
    let (floor, job) = due_digest(Language::En).await;

    let (first, second) = (floor.ring_now(job).await, floor.ring(job).await);

    assert_eq!((first, second), (Ran::Settled, Ran::NothingToDo));
    assert_eq!(floor.mailbox.messages().len(), 1);
}

#[tokio::test]
async fn what_comes_after_the_digest_of_a_day_waits_for_the_next_one_and_is_told_once() {
    let (floor, job) = due_digest(Language::En).await;
    floor.ring_now(job).await;
    let later = floor.given_pending(1).await;
    let_the_hour_come(&floor).await;
    let next = open_digest(&floor).await.expect("another digest");

    floor.ring_now(next).await;
    assert_eq!(floor.mailbox.messages().len(), 1, "one letter a day");

    let_a_day_pass(&floor).await;
    floor.ring_now(next).await;
    let messages = floor.mailbox.messages();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1].subject, "News from the lab: 1 message");
    let number = floor.dossier(later).await.requisition.number.unwrap().to_string();
    assert!(messages[1].text.contains(&number) && !messages[0].text.contains(&number));
    assert_ne!(messages[0].message_id, messages[1].message_id);
}

#[tokio::test]
async fn a_resend_is_the_same_letter_whatever_came_meanwhile() {
    let (floor, job) = due_digest(Language::En).await;
    floor.mailbox.set_fault_times(Fault::DropAfterText { keep: true }, 1);
    floor.ring_now(job).await;
    floor.given_pending(1).await;

    floor.ring_now(job).await;

    let messages = floor.mailbox.messages();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].message_id, messages[1].message_id);
    assert_eq!(messages[0].text, messages[1].text);
    assert_eq!(open_digest(&floor).await, Some(job), "what came meanwhile keeps the job open");
    let told = statuses(&floor).await;
    assert_eq!(told.iter().filter(|(_, status)| status == "queued").count(), 1, "{told:?}");
}

#[tokio::test]
async fn a_digest_whose_worker_died_before_the_mail_server_heard_of_it_is_sent_by_another_as_it_was_gathered() {
    let (floor, job) = due_digest(Language::En).await;
    floor.mailbox.set_fault(Fault::RefuseGreeting { code: 421, text: "busy".to_owned() });
    floor.ring_now(job).await;
    let gathered: (String, i32) =
        sqlx::query_as("select status, attempts from digests").fetch_one(&floor.pool).await.unwrap();
    assert_eq!(gathered, ("queued".to_owned(), 1));
    // As after a death between gathering and the first attempt.
    sqlx::query("update digests set attempts = 0").execute(&floor.pool).await.unwrap();
    floor.mailbox.set_fault(Fault::None);
    let another = floor.another_worker(&[]);

    floor.make_due(job).await;
    jobs::run(&another, job).await.unwrap();

    assert_eq!(one(floor.mailbox.messages()).subject, "News from the lab: 4 messages");
    assert!(statuses(&floor).await.iter().all(|(_, status)| status == "sent"));
}

#[tokio::test]
async fn what_became_moot_is_left_out_and_an_empty_digest_is_not_sent() {
    let floor = wanted(Language::En).await;
    let (gone, stays) = (floor.given_pending(1).await, floor.given_pending(1).await);
    let moot = |requisition: RequisitionId| Change {
        writes: vec![Write::MarkMoot(Moot { subject_id: requisition.0, events: &[NotificationEvent::Submitted] })],
        ..Change::default()
    };
    floor.write(&moot(gone)).await;
    let job = open_digest(&floor).await.unwrap();
    let_the_hour_come(&floor).await;

    floor.ring_now(job).await;

    assert_eq!(one(floor.mailbox.messages()).subject, "News from the lab: 1 message");
    let mut told = statuses(&floor).await;
    told.sort();
    let row = |status: &str| ("submitted".to_owned(), status.to_owned());
    assert_eq!(told, [row("moot"), row("sent")]);
    floor.write(&moot(stays)).await;
    assert_eq!(statuses(&floor).await.iter().filter(|(_, status)| status == "sent").count(), 1, "what was told, was");

    let empty = floor.given_pending(1).await;
    floor.write(&moot(empty)).await;
    let job = open_digest(&floor).await.unwrap();
    let_a_day_pass(&floor).await;
    floor.ring_now(job).await;
    assert_eq!((floor.mailbox.messages().len(), open_digest(&floor).await), (1, None));
}

/// Nothing of a requisition is to be told any more.
fn over(requisition: RequisitionId) -> Change {
    let events = NotificationEvent::ALL;
    Change { writes: vec![Write::MarkMoot(Moot { subject_id: requisition.0, events })], ..Change::default() }
}

fn mail_server_is_busy() -> Fault {
    Fault::RefuseGreeting { code: 421, text: "busy".to_owned() }
}

#[tokio::test]
async fn what_is_over_before_the_mail_server_takes_the_digest_is_left_out_of_it() {
    let floor = wanted(Language::En).await;
    let (gone, stays) = (floor.given_pending(1).await, floor.given_pending(1).await);
    let job = open_digest(&floor).await.unwrap();
    let_the_hour_come(&floor).await;
    floor.mailbox.set_fault(mail_server_is_busy());
    floor.ring_now(job).await;

    floor.write(&over(gone)).await;
    floor.mailbox.set_fault(Fault::None);
    floor.ring_now(job).await;

    let message = one(floor.mailbox.messages());
    assert_eq!(message.subject, "News from the lab: 1 message");
    let number = floor.dossier(stays).await.requisition.number.unwrap().to_string();
    assert!(message.text.contains(&number), "{}", message.text);
    let mut told = statuses(&floor).await;
    told.sort();
    let row = |status: &str| ("submitted".to_owned(), status.to_owned());
    assert_eq!(told, [row("moot"), row("sent")]);
}

#[tokio::test]
async fn a_digest_of_which_everything_is_over_before_it_leaves_ends_without_a_letter() {
    let floor = wanted(Language::En).await;
    let gone = floor.given_pending(1).await;
    let job = open_digest(&floor).await.unwrap();
    let_the_hour_come(&floor).await;
    floor.mailbox.set_fault(mail_server_is_busy());
    floor.ring_now(job).await;

    floor.write(&over(gone)).await;
    floor.mailbox.set_fault(Fault::None);
    floor.ring_now(job).await;

    assert!(floor.mailbox.messages().is_empty());
    let ended: (String, bool) =
        sqlx::query_as("select status, settled_at is not null from digests").fetch_one(&floor.pool).await.unwrap();
    assert_eq!(ended, ("moot".to_owned(), true));
    assert_eq!(open_digest(&floor).await, None);
}

#[tokio::test]
async fn what_a_digest_has_perhaps_told_stands_in_the_copy_whatever_is_over_by_then() {
    let (floor, job) = due_digest(Language::En).await;
    floor.mailbox.set_fault_times(Fault::DropAfterText { keep: true }, 1);
    floor.ring_now(job).await;
    let requisitions: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from requisitions").fetch_all(&floor.pool).await.unwrap();

    for requisition in requisitions {
        floor.write(&over(RequisitionId(requisition))).await;
    }
    floor.ring_now(job).await;

    let messages = floor.mailbox.messages();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].text, messages[1].text);
}

#[tokio::test]
async fn an_erased_person_gets_no_digest() {
    let (floor, job) = due_digest(Language::En).await;
    let erase = sqlx::query("update users set name = 'x', email = 'x@x', erased_at = now() where id = $1");
    erase.bind(floor.people.student.id.0).execute(&floor.pool).await.unwrap();

    floor.ring_now(job).await;

    assert!(floor.mailbox.messages().is_empty());
    assert!(statuses(&floor).await.iter().all(|(_, status)| status == "failed"));
    assert_eq!(open_digest(&floor).await, None);
}

#[tokio::test]
async fn the_database_allows_one_digest_a_person_and_day_and_one_open_job() {
    let (floor, job) = due_digest(Language::En).await;
    floor.ring_now(job).await;
    floor.given_pending(1).await;

    let refused = sqlx::query(
        "insert into digests (id, recipient_id, day, status, settled_at)
         select gen_random_uuid(), recipient_id, day, 'sent', now() from digests",
    );
    let refused = refused.execute(&floor.pool).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().constraint(), Some("digests_one_a_day"));
    let refused = sqlx::query(
        "insert into jobs (id, kind, lane, subject_id, state, due_at)
         select gen_random_uuid(), kind, lane, subject_id, 'open', now() from jobs where kind = 'send_digest' and state = 'open'",
    );
    let refused = refused.execute(&floor.pool).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().constraint(), Some("jobs_one_digest"));
}

#[tokio::test]
async fn a_job_does_not_end_while_somebody_is_writing_what_it_should_tell() {
    let (floor, job) = due_digest(Language::En).await;
    let requisition = floor.given_pending(1).await;
    let notification = NewNotification {
        id: NotificationId::generate(),
        event: NotificationEvent::Cancelled,
        to: Recipient::User(floor.people.student.id),
        requisition_id: Some(requisition),
        subject_id: requisition.0,
        message: None,
    };
    let mut writing = floor.pool.begin().await.unwrap();
    let change = Change { notifications: vec![notification], ..Change::default() };
    commit(&mut writing, &change).await.unwrap();

    let mut ending = floor.pool.begin().await.unwrap();
    let wait =
        tokio::time::timeout(Duration::from_millis(300), digests::lock_waiting(&mut ending, floor.people.student.id));
    assert!(wait.await.is_err(), "the worker waits for the writer");
    drop(ending);
    writing.commit().await.unwrap();

    let_the_hour_come(&floor).await;
    floor.ring_now(job).await;
    assert!(one(floor.mailbox.messages()).text.contains("cancelled, as far as it was not carried out yet"));
}

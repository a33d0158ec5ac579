//! What becomes of a letter when the mail server behaves, refuses, hangs or hangs up, at each step of the conversation.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use makerlab_shared::domain::notification::{MailRules, MailStep, NotificationEvent, NotificationStatus, next_step};
use makerlab_shared::domain::person::{EmailAddress, Language, PersonName};
use makerlab_tests::mailbox::{Fault, Mailbox, Message};
use makerlab_worker::mail::{
    Composer, Delivery, Letter, MailContext, MailLine, MailRequisition, MailSettings, MailTransport, Recipient,
};
use proptest::prelude::*;
use uuid::Uuid;

const SHORT: Duration = Duration::from_millis(600);
/// Half of it must do for the envelope, on a machine that is busy with other tests.
const PATIENT: Duration = Duration::from_secs(3);
const AMPLE: Duration = Duration::from_secs(10);
const NOTIFICATION: Uuid = Uuid::from_u128(0x0199_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0000);

fn settings(url: &str, timeout: Duration) -> MailSettings {
    MailSettings { url: url.to_owned().into(), from: "MakerLab <makerlab@lab.example>".into(), timeout }
}

fn transport_to(mailbox: &Mailbox, timeout: Duration) -> MailTransport {
    MailTransport::from_settings(&settings(&mailbox.smtp_url(), timeout)).unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn a_context(recipient_name: PersonName, value: &str) -> MailContext {
    MailContext {
        recipient_name,
        project_name: value.into(),
        requisition: Some(MailRequisition {
            number: "R-2026-000123".into(),
            purpose: value.into(),
            lines: vec![MailLine {
                description: value.into(),
                quantity: 2,
                units: vec![value.into()],
                outcome: None,
                ..MailLine::default()
            }],
            from: moment("2026-07-01T08:00:00Z"),
            due: moment("2026-07-15T16:30:00Z"),
            unit: None,
        }),
        deputy: None,
        role: None,
        reason: Some(value.into()),
        equipment: None,
        message: Some(value.into()),
        link: None,
    }
}

fn letter_of(transport: &MailTransport, context: &MailContext, language: Language) -> Letter {
    let words = Composer::new(Tz::Europe__Lisbon).compose(NotificationEvent::Approved, language, context).unwrap();
    let to =
        Recipient { name: context.recipient_name.clone(), address: EmailAddress::parse("ana@lab.example").unwrap() };
    Letter::new(NOTIFICATION, moment("2026-06-30T10:00:00Z"), transport.sender(), &to, words).unwrap()
}

fn a_letter(transport: &MailTransport) -> Letter {
    let name = PersonName::parse("Ângela Silva").unwrap();
    letter_of(transport, &a_context(name, "Estação meteorológica"), Language::Pt)
}

/// One delivery to a mail server with this fault.
async fn deliver_to(fault: Fault, timeout: Duration) -> (Delivery, Mailbox) {
    let mailbox = Mailbox::start().unwrap();
    mailbox.set_fault(fault);
    let transport = transport_to(&mailbox, timeout);
    let delivery = transport.deliver(&a_letter(&transport)).await;
    (delivery, mailbox)
}

fn only(messages: &[Message]) -> &Message {
    let [message] = messages else { panic!("expected one message, found {}", messages.len()) };
    message
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let (delivery, mailbox) = deliver_to(Fault::None, AMPLE).await;

    assert!(matches!(delivery, Delivery::Sent { .. }), "{delivery:?}");
    let messages = mailbox.wait_for(|messages| !messages.is_empty(), AMPLE).await.unwrap();
    let message = only(&messages);
    assert_eq!(message.envelope_from, "makerlab@lab.example");
    assert!(message.is_to("ana@lab.example"));
    assert_eq!(message.from, "MakerLab <makerlab@lab.example>");
    assert_eq!(message.to, "Ângela Silva <ana@lab.example>");
    assert_eq!(message.subject, "Requisição R-2026-000123 aprovada");
    assert_eq!(message.message_id, format!("<{NOTIFICATION}@lab.example>"));
    assert_eq!(message.header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(message.header("Date"), Some("Tue, 30 Jun 2026 10:00:00 +0000"));
    assert!(message.text.starts_with("Olá Ângela Silva,\n"), "{}", message.text);
    assert!(message.html.contains("<html lang=\"pt-PT\">"), "{}", message.html);
}

#[tokio::test]
async fn a_refused_recipient_is_final_and_the_answer_is_kept_without_the_address() {
    let fault = Fault::RefuseRecipient { code: 550, text: "5.1.1 <Ana@lab.example>: no such mailbox".into() };

    let (delivery, mailbox) = deliver_to(fault, AMPLE).await;

    let text = "5.1.1 <a***@lab.example>: no such mailbox".to_owned();
    assert_eq!(delivery, Delivery::RefusedForGood { code: 550, text });
    assert_eq!(mailbox.counts().texts, 0);
}

#[tokio::test]
async fn a_refused_text_is_final() {
    for fault in
        [Fault::RefuseData { code: 554, text: "no".into() }, Fault::RefuseText { code: 554, text: "no".into() }]
    {
        let (delivery, mailbox) = deliver_to(fault, AMPLE).await;

        assert_eq!(delivery, Delivery::RefusedForGood { code: 554, text: "no".into() });
        assert!(mailbox.messages().is_empty());
    }
}

#[tokio::test]
async fn a_mail_server_that_is_busy_is_tried_again() {
    for fault in [
        Fault::RefuseGreeting { code: 421, text: "busy".into() },
        Fault::RefuseRecipient { code: 450, text: "greylisted".into() },
        Fault::RefuseData { code: 451, text: "busy".into() },
        Fault::RefuseText { code: 452, text: "disk full".into() },
    ] {
        let (delivery, mailbox) = deliver_to(fault.clone(), AMPLE).await;

        assert!(matches!(delivery, Delivery::TryAgain { .. }), "{fault:?}: {delivery:?}");
        assert!(mailbox.messages().is_empty());
    }
}

#[tokio::test]
async fn a_refusal_of_this_installation_loses_no_letter() {
    for fault in [
        Fault::RefuseGreeting { code: 554, text: "your address is blocked".into() },
        Fault::RefuseSender { code: 550, text: "not your domain".into() },
        Fault::RefuseRecipient { code: 530, text: "log in first".into() },
    ] {
        let (delivery, _mailbox) = deliver_to(fault.clone(), AMPLE).await;

        assert!(matches!(delivery, Delivery::TryAgain { .. }), "{fault:?}: {delivery:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_again_and_not_repeated() {
    let mailbox = Mailbox::start().unwrap();
    let url = mailbox.smtp_url().replace("smtp://", "smtp://lab:s3cret@");
    let transport = MailTransport::from_settings(&settings(&url, AMPLE)).unwrap();
    mailbox.set_fault_times(Fault::RefuseLogin { code: 535, text: "wrong".into() }, 1);

    let refused = transport.deliver(&a_letter(&transport)).await;
    let accepted = transport.deliver(&a_letter(&transport)).await;

    assert!(matches!(refused, Delivery::TryAgain { .. }), "{refused:?}");
    assert!(matches!(accepted, Delivery::Sent { .. }), "{accepted:?}");
    assert!(!format!("{refused:?} {transport:?}").contains("s3cret"));
    assert_eq!(mailbox.counts().logins, 1);
}

#[tokio::test]
async fn a_letter_that_must_be_encrypted_is_never_sent_in_clear() {
    let mailbox = Mailbox::start().unwrap();
    for url in [format!("{}?tls=required", mailbox.smtp_url()), mailbox.smtp_url().replace("smtp://", "smtps://")] {
        let transport = MailTransport::from_settings(&settings(&url, SHORT)).unwrap();

        let delivery = transport.deliver(&a_letter(&transport)).await;

        assert!(matches!(delivery, Delivery::TryAgain { .. }), "{url}: {delivery:?}");
        assert_eq!(mailbox.counts().texts, 0);
    }
}

#[tokio::test]
async fn a_mail_server_that_is_not_there_is_tried_again() {
    let mailbox = Mailbox::start().unwrap();
    let transport = transport_to(&mailbox, AMPLE);
    drop(mailbox);

    let delivery = transport.deliver(&a_letter(&transport)).await;

    assert!(matches!(delivery, Delivery::TryAgain { .. }), "{delivery:?}");
}

#[tokio::test]
async fn a_mail_server_that_fails_before_the_text_has_not_got_the_letter() {
    for fault in [Fault::HangAtGreeting, Fault::HangBeforeText, Fault::DropBeforeText] {
        let started = Instant::now();
        let (delivery, mailbox) = deliver_to(fault.clone(), SHORT).await;

        assert!(matches!(delivery, Delivery::TryAgain { .. }), "{fault:?}: {delivery:?}");
        assert_eq!(mailbox.counts().texts, 0);
        assert!(started.elapsed() < AMPLE, "{fault:?} took {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_mail_server_that_hangs_up_after_the_text_leaves_the_outcome_unknown() {
    for keep in [false, true] {
        let (delivery, mailbox) = deliver_to(Fault::DropAfterText { keep }, AMPLE).await;

        assert!(matches!(delivery, Delivery::Unknown { .. }), "keep {keep}: {delivery:?}");
        assert_eq!(mailbox.counts().texts, 1);
        assert_eq!(mailbox.messages().len(), usize::from(keep));
    }
}

#[tokio::test]
async fn a_mail_server_that_hangs_after_the_text_leaves_the_outcome_unknown_within_the_timeout() {
    let started = Instant::now();
    let (delivery, mailbox) = deliver_to(Fault::HangAfterText { keep: true }, PATIENT).await;

    assert!(matches!(delivery, Delivery::Unknown { .. }), "{delivery:?}");
    assert!(started.elapsed() < AMPLE, "took {:?}", started.elapsed());
    assert_eq!(mailbox.messages().len(), 1);
}

#[tokio::test]
async fn a_resend_after_an_unknown_outcome_is_recognisably_the_same_letter() {
    let mailbox = Mailbox::start().unwrap();
    let transport = transport_to(&mailbox, AMPLE);
    mailbox.set_fault_times(Fault::DropAfterText { keep: true }, 1);

    let first = transport.deliver(&a_letter(&transport)).await;
    let step = next_step(&MailRules::default(), NotificationStatus::Queued, 1, &first);
    let second = transport.deliver(&a_letter(&transport)).await;
    let end = next_step(&MailRules::default(), NotificationStatus::Unknown, 2, &second);

    assert!(matches!(step, MailStep::Again { status: NotificationStatus::Unknown, .. }), "{step:?}");
    assert_eq!(end, MailStep::Settle { status: NotificationStatus::Sent });
    let messages = mailbox.wait_for(|messages| messages.len() == 2, AMPLE).await.unwrap();
    let [first, second] = messages.as_slice() else { unreachable!("waited for two") };
    assert_eq!(first.message_id, second.message_id);
    assert_eq!(first.header("Date"), second.header("Date"));
    assert_eq!((&first.subject, &first.text), (&second.subject, &second.text));
}

#[tokio::test]
async fn no_value_can_add_a_header_a_recipient_or_a_second_letter() {
    let attack = "x\r\nBcc: eve@lab.example\r\n\r\nforged\r\n.\r\nMAIL FROM:<eve@lab.example>\r\n\n.\n";
    let mailbox = Mailbox::start().unwrap();
    let transport = transport_to(&mailbox, AMPLE);
    // A stored value that was never parsed, the worst there could be.
    let name = PersonName::from_stored(attack.into());
    let mut context = a_context(name, attack);
    context.requisition.as_mut().unwrap().number = attack.into();

    let attacked = transport.deliver(&letter_of(&transport, &context, Language::En)).await;
    let ordinary = transport.deliver(&a_letter(&transport)).await;

    assert!(matches!(attacked, Delivery::Sent { .. }), "{attacked:?}");
    assert!(matches!(ordinary, Delivery::Sent { .. }), "{ordinary:?}");
    let messages = mailbox.wait_for(|messages| messages.len() == 2, AMPLE).await.unwrap();
    let names = |message: &Message| message.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&messages[0]), names(&messages[1]), "no header more than an ordinary letter has");
    assert_eq!(messages[0].envelope_to, ["ana@lab.example"]);
    assert!(messages[0].text.ends_with("automatically.\n"), "cut short: {}", messages[0].text);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Our parser must be the stricter one: what it accepts, the mail library can write on an envelope.
    #[test]
    fn every_accepted_address_and_name_makes_a_letter(local in "[ -~]{1,12}", domain in "[a-z0-9.-]{1,12}", name in "\\PC{1,30}") {
        let (Ok(address), Ok(name)) = (EmailAddress::parse(&format!("{local}@{domain}")), PersonName::parse(&name)) else {
            return Ok(());
        };
        let transport = MailTransport::from_settings(&settings("smtp://127.0.0.1:1", AMPLE)).unwrap();
        let words = Composer::new(Tz::UTC)
            .compose(NotificationEvent::Submitted, Language::En, &a_context(name.clone(), "x"))
            .unwrap();
        let to = Recipient { name, address };
        let letter = Letter::new(NOTIFICATION, moment("2026-06-30T10:00:00Z"), transport.sender(), &to, words);
        prop_assert!(letter.is_ok(), "{:?}", letter.err());
    }
}

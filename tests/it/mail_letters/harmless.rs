//! Nothing that people or Snipe-IT wrote becomes markup, a line of its own or a dangerous link.

use super::*;

#[test]
fn nothing_that_people_wrote_becomes_markup() {
    let attack = "<script>alert(1)</script>\" onload=\"x";
    let context = MailContext {
        recipient_name: PersonName::parse(attack).unwrap(),
        project_name: attack.into(),
        requisition: Some(MailRequisition {
            number: attack.into(),
            purpose: attack.into(),
            ..a_requisition(vec![MailLine {
                description: attack.into(),
                quantity: 1,
                units: vec![attack.into()],
                outcome: None,
                ..MailLine::default()
            }])
        }),
        reason: Some(attack.into()),
        message: Some(attack.into()),
        ..a_context()
    };

    for &event in NotificationEvent::ALL {
        for &language in Language::ALL {
            let html = compose(event, language, &context).html;
            assert!(!html.contains("<script") && !html.contains("onload=\""), "{event} {language}: {html}");
        }
    }
}

#[test]
fn a_link_that_is_not_a_web_address_is_left_out() {
    let context = MailContext { link: Some("javascript:alert(1)".parse().unwrap()), ..a_context() };

    let composed = compose(NotificationEvent::Submitted, Language::En, &context);

    assert!(!composed.html.contains("javascript:") && !composed.text.contains("javascript:"));
}

#[test]
fn nothing_that_people_wrote_becomes_a_line_of_its_own() {
    let attack = "x\r\nBcc: eve@lab.example\n\nSubject: forged\u{2028}y";
    let context = MailContext {
        recipient_name: PersonName::from_stored(attack.into()),
        project_name: attack.into(),
        requisition: Some(MailRequisition { number: attack.into(), purpose: attack.into(), ..a_requisition(vec![]) }),
        reason: Some(attack.into()),
        message: Some(attack.into()),
        ..a_context()
    };

    for &event in NotificationEvent::ALL {
        let composed = compose(event, Language::En, &context);
        assert!(!composed.subject.chars().any(char::is_control), "{event}: {:?}", composed.subject);
        let forged = |line: &str| line.starts_with("Bcc:") || line.starts_with("Subject:");
        assert!(!composed.text.lines().any(forged), "{event}: {}", composed.text);
    }
}

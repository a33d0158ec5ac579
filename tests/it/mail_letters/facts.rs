//! What a letter tells beside its prose: roles, lines and their outcomes, the same in text and HTML.

use super::*;

#[test]
fn every_role_in_a_project_has_a_word_in_every_language() {
    for &role in MemberRole::ALL {
        for &language in Language::ALL {
            let context = MailContext { role: Some(role), ..a_project_context() };
            let composed = compose(NotificationEvent::MemberAdded, language, &context);
            let word = composed.text.split_once("Weather station\n").unwrap().1.lines().next().unwrap();
            let (_, word) = word.split_once(": ").unwrap_or_else(|| panic!("{role} {language}: {}", composed.text));
            assert!(!word.is_empty() && composed.html.contains(word), "{role} {language}: {}", composed.html);
        }
    }
}

#[test]
fn every_outcome_of_a_line_has_a_word_in_every_language() {
    for outcome in LineOutcome::ALL {
        let line = MailLine {
            description: "Multimeter".into(),
            quantity: 1,
            units: vec![],
            outcome: Some(outcome),
            ..MailLine::default()
        };
        let context = MailContext { requisition: Some(a_requisition(vec![line])), ..a_context() };
        for &language in Language::ALL {
            let text = compose(NotificationEvent::Failed, language, &context).text;
            let word = text.split_once("Multimeter: ").unwrap().1.lines().next().unwrap();
            assert!(!word.is_empty() && !word.contains('_'), "{outcome:?} {language}: {word}");
        }
    }
}

#[test]
fn a_line_tells_how_many_were_asked_for_instead_of_what_and_why() {
    let line = MailLine {
        description: "Oscilloscope B".into(),
        quantity: 2,
        units: vec!["ML-0001".into(), "ML-0002".into()],
        outcome: Some(LineOutcome::Reserved),
        asked: Some(5),
        instead_of: Some("Oscilloscope A".into()),
        reason: Some("The A are\nin repair".into()),
    };
    let context = MailContext { requisition: Some(a_requisition(vec![line])), ..a_context() };
    let told = |language| compose(NotificationEvent::PartlyApproved, language, &context);

    let english = "2 × Oscilloscope B (ML-0001, ML-0002): reserved, asked for: 5, instead of: Oscilloscope A. \
                   Reason: The A are in repair";
    let portuguese = "2 × Oscilloscope B (ML-0001, ML-0002): reservado, pedidos: 5, em vez de: Oscilloscope A. \
                      Motivo: The A are in repair";
    for (language, line) in [(Language::En, english), (Language::Pt, portuguese)] {
        let Composed { text, html, .. } = told(language);
        assert!(text.contains(&format!("- {line}\n")), "{text}");
        assert!(html.contains(&format!("<li>{line}</li>")), "{html}");
    }
}

#[test]
fn the_html_says_the_same_as_the_text() {
    let context = a_full_context();

    let html = compose(NotificationEvent::Failed, Language::Pt, &context).html;

    insta::assert_snapshot!(html, @r#"
    <!DOCTYPE html>
    <html lang="pt-PT">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Não foi possível satisfazer a requisição R-2026-000123</title>
    </head>
    <body style="margin:0;padding:24px;background:#f4f4f2;color:#1d1d1b;font:16px/1.5 sans-serif">
    <div style="max-width:36em;margin:0 auto;padding:24px;background:#ffffff">
    <p>Olá Ângela Silva,</p>
    <p>Não foi possível satisfazer a requisição R-2026-000123, ou só foi possível em parte. Indica-se abaixo o resultado de cada linha.</p>
    <p>Os técnicos do laboratório também foram informados.</p>
    <p><strong>Motivo:</strong> The oscilloscope is being calibrated.</p>
    <p><strong>O inventário respondeu:</strong> <q>That asset is not available for checkout!</q></p>
    <table role="presentation" style="border-spacing:0 4px">
    <tr><td style="padding-right:16px;color:#5f5f5a">Projeto</td><td>Weather station</td></tr>
    <tr><td style="padding-right:16px;color:#5f5f5a">Finalidade</td><td>Measure the roof</td></tr>
    <tr><td style="padding-right:16px;color:#5f5f5a">De</td><td>quarta-feira, 1 de julho de 2026, 09:00</td></tr>
    <tr><td style="padding-right:16px;color:#5f5f5a">Devolução até</td><td>quarta-feira, 15 de julho de 2026, 17:30</td></tr>
    </table>
    <p style="margin-bottom:4px"><strong>Equipamento</strong></p>
    <ul style="margin-top:0">
    <li>2 × Arduino Uno R4 (ML-0007, ML-0009): pronto</li>
    <li>1 × Oscilloscope: não foi possível</li>
    </ul>
    <p><a href="https:&#x2f;&#x2f;lab.example&#x2f;requisitions&#x2f;R-2026-000123">Ver a requisição</a></p>
    <p style="margin-bottom:0;color:#5f5f5a;font-size:13px">Mensagem enviada automaticamente pelo MakerLab Requisitions.</p>
    </div>
    </body>
    </html>
    "#);
}

#[test]
fn a_letter_to_a_deputy_tells_of_no_project() {
    let context =
        MailContext { project_name: String::new(), requisition: None, deputy: Some(a_deputy()), ..a_context() };
    for (event, language) in
        [(NotificationEvent::DeputyNamed, Language::En), (NotificationEvent::DeputyEnded, Language::Pt)]
    {
        let composed = compose(event, language, &context);
        for whole in [&composed.text, &composed.html] {
            assert!(whole.contains("Ana Costa") && whole.contains("2026"), "{whole}");
            assert!(!whole.contains("Project") && !whole.contains("Projeto:"), "{whole}");
        }
    }
}

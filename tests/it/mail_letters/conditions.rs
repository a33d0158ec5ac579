//! Whoever has brought a unit back, or lost it, reads how that was recorded.

use super::*;

/// In each condition: the subject and what stands between the greeting and the facts.
fn returns_told(language: Language, facts_begin: &str) -> String {
    let told = |&condition: &ReturnCondition| {
        let mut requisition = a_requisition(vec![]);
        requisition.unit.as_mut().unwrap().condition = Some(condition);
        let context = MailContext { requisition: Some(requisition), ..a_context() };
        let Composed { subject, text, .. } = compose(NotificationEvent::Returned, language, &context);
        let (_greeting, rest) = text.split_once("\n\n").unwrap();
        let (prose, _facts) = rest.split_once(facts_begin).unwrap();
        format!("[{condition}] {subject}\n{}\n", prose.trim().replace("\n\n", "\n"))
    };
    ReturnCondition::ALL.iter().map(told).collect::<Vec<_>>().join("\n")
}

#[test]
fn nobody_is_thanked_for_the_return_of_what_is_lost_and_what_is_wrong_is_named_in_english() {
    insta::assert_snapshot!(returns_told(Language::En, "Project:"), @r"
    [fine] Return of requisition R-2026-000123 confirmed
    The inventory has confirmed the return of the equipment of requisition R-2026-000123. Thank you.

    [damaged] Return of requisition R-2026-000123 confirmed
    The inventory has confirmed the return of Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123. It was recorded as damaged.
    If that is not so, please speak to the technicians of the lab.

    [incomplete] Return of requisition R-2026-000123 confirmed
    The inventory has confirmed the return of Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123. It was recorded as incomplete.
    If that is not so, please speak to the technicians of the lab.

    [lost] Recorded as lost: Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123, was recorded as lost. The loan is closed.
    A technician of the lab will get in touch with you. If the unit turns up after all, please bring it to the counter.
    ");
}

#[test]
fn nobody_is_thanked_for_the_return_of_what_is_lost_and_what_is_wrong_is_named_in_portuguese() {
    insta::assert_snapshot!(returns_told(Language::Pt, "Projeto:"), @r"
    [fine] Devolução da requisição R-2026-000123 confirmada
    O inventário confirmou a devolução do equipamento da requisição R-2026-000123. Obrigado.

    [damaged] Devolução da requisição R-2026-000123 confirmada
    O inventário confirmou a devolução de Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123. Foi registado como danificado.
    Se não for assim, fale, por favor, com os técnicos do laboratório.

    [incomplete] Devolução da requisição R-2026-000123 confirmada
    O inventário confirmou a devolução de Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123. Foi registado como incompleto.
    Se não for assim, fale, por favor, com os técnicos do laboratório.

    [lost] Registado como perdido: Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123, foi registado como perdido. O empréstimo está encerrado.
    Um técnico do laboratório entrará em contacto consigo. Se a unidade acabar por aparecer, pedimos que a entregue ao balcão.
    ");
}

//! What people read, word for word. A change of wording is a change of this file.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use makerlab_shared::domain::notification::NotificationEvent;
use makerlab_shared::domain::person::{Language, PersonName};
use makerlab_shared::domain::project::MemberRole;
use makerlab_shared::domain::requisition::ReturnCondition;
use makerlab_worker::mail::{Composed, Composer, LineOutcome, MailContext, MailLine, MailRequisition, MailUnit};

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn a_context() -> MailContext {
    MailContext {
        recipient_name: PersonName::parse("Ângela Silva").unwrap(),
        project_name: "Weather station".into(),
        requisition: Some(a_requisition(vec![])),
        role: None,
        reason: None,
        equipment: None,
        message: None,
        link: None,
    }
}

fn a_requisition(lines: Vec<MailLine>) -> MailRequisition {
    MailRequisition {
        number: "R-2026-000123".into(),
        purpose: "Measure the roof".into(),
        lines,
        from: moment("2026-07-01T08:00:00Z"),
        due: moment("2026-07-15T16:30:00Z"),
        unit: Some(MailUnit {
            description: "Oscilloscope DS1054Z".into(),
            tag: "ML-00031".into(),
            due: "2026-07-15T16:30:00Z".parse().unwrap(),
            condition: Some(ReturnCondition::Damaged),
            borrower: PersonName::parse("Rui Nunes").unwrap(),
            wished_until: Some("2026-07-22T16:30:00Z".parse().unwrap()),
        }),
    }
}

fn a_project_context() -> MailContext {
    MailContext {
        requisition: None,
        role: Some(MemberRole::Supervisor),
        link: Some("https://lab.example/projects/7".parse().unwrap()),
        ..a_context()
    }
}

fn a_full_context() -> MailContext {
    MailContext {
        requisition: Some(a_requisition(vec![
            MailLine {
                description: "Arduino Uno R4".into(),
                quantity: 2,
                units: vec!["ML-0007".into(), "ML-0009".into()],
                outcome: Some(LineOutcome::CheckedOut),
                ..MailLine::default()
            },
            MailLine {
                description: "Oscilloscope".into(),
                quantity: 1,
                units: vec![],
                outcome: Some(LineOutcome::Failed),
                ..MailLine::default()
            },
        ])),
        reason: Some("The oscilloscope is being calibrated.".into()),
        message: Some("That asset is not available for checkout!".into()),
        link: Some("https://lab.example/requisitions/R-2026-000123".parse().unwrap()),
        ..a_context()
    }
}

fn compose(event: NotificationEvent, language: Language, context: &MailContext) -> Composed {
    Composer::new(Tz::Europe__Lisbon).compose(event, language, context).unwrap()
}

/// Each event's own words: the subject and what stands between the greeting and the facts.
fn all_prose(language: Language, facts_begin: &str) -> String {
    let context = MailContext { equipment: Some("2 × Oscilloscope".into()), ..a_context() };
    let prose_of = |event: &NotificationEvent| {
        let composed = compose(*event, language, &context);
        let (_greeting, rest) = composed.text.split_once("\n\n").unwrap();
        let (prose, _facts) = rest.split_once(facts_begin).unwrap();
        format!("[{event}] {}\n{}\n", composed.subject, prose.trim().replace("\n\n", "\n"))
    };
    NotificationEvent::ALL.iter().map(prose_of).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_letter_in_english() {
    insta::assert_snapshot!(all_prose(Language::En, "Project:"), @r#"
    [submitted] Requisition R-2026-000123 was received
    We have received requisition R-2026-000123 and recorded it as pending.
    You will hear from us when it is decided or when the equipment is ready.

    [edited] Requisition R-2026-000123 was changed
    Requisition R-2026-000123 was changed, by you or by a leader of your project. What it asks for now takes the place of what it asked for before.
    You will hear from us when it is decided or when the equipment is ready.

    [approval_needed] Requisition R-2026-000123 is waiting for approval
    Requisition R-2026-000123 is waiting for a technician to approve or reject it.
    Nothing is checked out before that.

    [endorsement_needed] Requisition R-2026-000123 needs the agreement of a supervisor
    Requisition R-2026-000123 of your project is waiting for one of its supervisors to agree or to reject it.
    A technician decides after that. Nothing is checked out before.

    [approval_reminder] Requisition R-2026-000123 is still waiting for a decision
    Requisition R-2026-000123 has been waiting for some time for a decision that you may take: say yes to it, or reject it.
    Nothing is checked out before that. You are not reminded of it again.

    [approved] Requisition R-2026-000123 was approved
    Requisition R-2026-000123 was approved. The equipment is now being checked out in the inventory.
    You will hear from us when it is ready to be picked up.

    [partly_approved] Requisition R-2026-000123 was approved in part
    Requisition R-2026-000123 was decided line by line, and not everything was approved as you asked for it. What became of each line is listed below.
    You will hear from us when what was granted is ready to be picked up.

    [rejected] Requisition R-2026-000123 was rejected
    Requisition R-2026-000123 was rejected. Nothing was checked out.
    If you have questions about the decision, please speak to the technicians of the lab.

    [handed_over] Equipment of requisition R-2026-000123 was handed over to you
    Equipment of requisition R-2026-000123 was handed over to you at the counter of the lab.
    Please return it by Wednesday, 15 July 2026, 17:30.

    [not_collected] Requisition R-2026-000123 was not collected
    Nobody has collected the equipment of requisition R-2026-000123 in time, so it is not kept any longer and is free for others again.
    If you still need it, please ask for it once more.

    [hand_over_refused] The inventory refuses what was handed over for R-2026-000123
    Equipment of requisition R-2026-000123 was handed over at the counter, and the inventory does not check it out. The borrower has it all the same.
    Please look at the open finding, mend the cause in the inventory and try again.

    [checked_out] Requisition R-2026-000123 is ready to be picked up
    The inventory has confirmed requisition R-2026-000123: the equipment is ready to be picked up at the counter of the lab.
    Please return it by Wednesday, 15 July 2026, 17:30.

    [being_verified] Requisition R-2026-000123 is being verified
    We asked the inventory to record requisition R-2026-000123 and have not received a clear answer yet. We are finding out what happened.
    You need not do anything, and please do not submit it again. We will write when we know.

    [failed] Requisition R-2026-000123 could not be carried out
    Requisition R-2026-000123 could not be carried out, or only in part. What became of each line is listed below.
    The technicians of the lab have been told as well.

    [cancelled] Requisition R-2026-000123 was cancelled
    Requisition R-2026-000123 was cancelled, as far as it was not carried out yet. The equipment that was set aside for it is free again.

    [return_requested] Return requested for requisition R-2026-000123
    The return of equipment of requisition R-2026-000123 was requested.
    Please receive it at the counter and check its condition.

    [returned_damaged] Damaged: Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123, comes back damaged.
    Please look after it, correct the condition if it is another, and check the label of the unit in the inventory.

    [returned] Return of requisition R-2026-000123 confirmed
    The inventory has confirmed the return of the equipment of requisition R-2026-000123. Thank you.

    [return_due] Please return Oscilloscope DS1054Z (ML-00031) by Wednesday, 15 July 2026, 17:30
    Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123, is due on Wednesday, 15 July 2026, 17:30.
    Please bring it back to the counter by then.

    [overdue] Overdue: Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123, was due on Wednesday, 15 July 2026, 17:30 and is not back yet.
    Please bring it back to the counter, or speak to the technicians of the lab.

    [overdue_escalated] Overdue with Rui Nunes: Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), lent to Rui Nunes for requisition R-2026-000123, was due on Wednesday, 15 July 2026, 17:30 and is not back yet.
    Rui Nunes was reminded several times. Please help to bring it back to the lab.

    [extension_asked] More time wished for Oscilloscope DS1054Z (ML-00031)
    Rui Nunes asks for more time with Oscilloscope DS1054Z (ML-00031) until Wednesday, 22 July 2026, 17:30.
    It was lent for requisition R-2026-000123 and is due on Wednesday, 15 July 2026, 17:30.
    Please grant or reject it.

    [extension_granted] Oscilloscope DS1054Z (ML-00031) is yours until Wednesday, 15 July 2026, 17:30
    Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123, is now due on Wednesday, 15 July 2026, 17:30.
    Please bring it back to the counter by then.

    [extension_rejected] No more time for Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123, was not extended. It stays due on Wednesday, 15 July 2026, 17:30.
    If you have questions about the decision, please speak to the technicians of the lab.

    [needs_person] Requisition R-2026-000123 needs a technician
    Requisition R-2026-000123 cannot go on by itself: what the inventory shows does not say for certain what happened.
    Please look at the open findings and settle them.

    [promise_at_risk] Equipment of requisition R-2026-000123 may not be there in time
    A unit that is kept for requisition R-2026-000123 is not back yet or cannot be lent, and no other unit of its kind is free for that period.
    As soon as one is free it takes its place by itself. The borrower and the technicians of the lab have both been told.

    [somebody_waits] Somebody waits for equipment of requisition R-2026-000123
    Somebody waits for a unit like those that you have with requisition R-2026-000123. Please bring them back on time, or earlier if you need them no longer.
    While somebody waits the loan cannot be extended.

    [hold_granted] 2 × Oscilloscope kept for you
    What you were waiting for is free and kept for you for some time: 2 × Oscilloscope. The waiting list shows until when.
    Submit a requisition for the period that you wait for by then; otherwise it goes to whoever waits next.

    [project_submitted] Project Weather station is waiting to be activated
    The project Weather station was submitted. It is waiting for a technician to activate or reject it.
    Its members cannot request equipment before that.

    [project_activated] Project Weather station was activated
    The project Weather station was activated. From now on its leaders and members can request equipment for it.

    [project_rejected] Project Weather station was rejected
    The project Weather station was rejected. No equipment can be requested for it.
    If you have questions about the decision, please speak to the technicians of the lab.

    [member_added] You were added to the project Weather station
    You are now part of the project Weather station.
    If you do not know this project, please tell the technicians of the lab.

    [member_removed] You were removed from the project Weather station
    You are no longer part of the project Weather station and cannot request equipment for it.
    What you have borrowed for it stays yours to return on time.
    "#);
}

#[test]
fn every_letter_in_european_portuguese() {
    insta::assert_snapshot!(all_prose(Language::Pt, "Projeto:"), @r#"
    [submitted] Requisição R-2026-000123 recebida
    Recebemos a requisição R-2026-000123 e registámo-la como pendente.
    Receberá nova mensagem quando houver uma decisão ou quando o equipamento estiver pronto.

    [edited] Requisição R-2026-000123 alterada
    A requisição R-2026-000123 foi alterada, por si ou por um responsável do seu projeto. O que pede agora substitui o que pedia antes.
    Receberá nova mensagem quando houver uma decisão ou quando o equipamento estiver pronto.

    [approval_needed] Requisição R-2026-000123 aguarda aprovação
    A requisição R-2026-000123 aguarda que um técnico a aprove ou recuse.
    Até lá, nenhum equipamento é entregue.

    [endorsement_needed] A requisição R-2026-000123 precisa do acordo de um orientador
    A requisição R-2026-000123 do seu projeto aguarda que um dos seus orientadores concorde ou a recuse.
    Depois disso decide um técnico. Até lá, nenhum equipamento é entregue.

    [approval_reminder] A requisição R-2026-000123 continua à espera de uma decisão
    A requisição R-2026-000123 aguarda há algum tempo uma decisão que lhe cabe: aceite-a ou recuse-a.
    Até lá, nenhum equipamento é entregue. Não voltará a receber este lembrete.

    [approved] Requisição R-2026-000123 aprovada
    A requisição R-2026-000123 foi aprovada. O equipamento está agora a ser registado no inventário.
    Receberá nova mensagem quando estiver pronto para levantamento.

    [partly_approved] Requisição R-2026-000123 aprovada em parte
    A requisição R-2026-000123 foi decidida linha a linha, e nem tudo foi aprovado como pediu. Indica-se abaixo o resultado de cada linha.
    Receberá nova mensagem quando o que foi concedido estiver pronto para levantamento.

    [rejected] Requisição R-2026-000123 recusada
    A requisição R-2026-000123 foi recusada. Nenhum equipamento foi entregue.
    Se tiver dúvidas sobre a decisão, fale, por favor, com os técnicos do laboratório.

    [handed_over] Equipamento da requisição R-2026-000123 foi-lhe entregue
    Foi-lhe entregue, ao balcão do laboratório, equipamento da requisição R-2026-000123.
    Pedimos que o devolva até quarta-feira, 15 de julho de 2026, 17:30.

    [not_collected] A requisição R-2026-000123 não foi levantada
    Ninguém levantou a tempo o equipamento da requisição R-2026-000123, que por isso deixou de estar reservado e está de novo livre para outras pessoas.
    Se ainda precisar dele, pedimos que faça um novo pedido.

    [hand_over_refused] O inventário recusa o que foi entregue para R-2026-000123
    Foi entregue ao balcão equipamento da requisição R-2026-000123, mas o inventário não o regista como emprestado. O equipamento está, ainda assim, com quem o requisitou.
    Pedimos que veja a ocorrência em aberto, corrija a causa no inventário e tente de novo.

    [checked_out] Requisição R-2026-000123 pronta para levantamento
    O inventário confirmou a requisição R-2026-000123: o equipamento está pronto para levantamento no balcão do laboratório.
    A devolução deve ser feita, por favor, até quarta-feira, 15 de julho de 2026, 17:30.

    [being_verified] Requisição R-2026-000123 em verificação
    Pedimos ao inventário que registasse a requisição R-2026-000123 e ainda não obtivemos uma resposta clara. Estamos a apurar o que aconteceu.
    Não precisa de fazer nada e pedimos que não a submeta de novo. Escreveremos assim que soubermos.

    [failed] Não foi possível satisfazer a requisição R-2026-000123
    Não foi possível satisfazer a requisição R-2026-000123, ou só foi possível em parte. Indica-se abaixo o resultado de cada linha.
    Os técnicos do laboratório também foram informados.

    [cancelled] Requisição R-2026-000123 cancelada
    A requisição R-2026-000123 foi cancelada, na parte que ainda não tinha sido satisfeita. O equipamento que lhe estava destinado ficou de novo disponível.

    [return_requested] Devolução pedida para a requisição R-2026-000123
    Foi pedida a devolução de equipamento da requisição R-2026-000123.
    Pedimos que o receba ao balcão e verifique o seu estado.

    [returned_damaged] Danificado: Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123, é devolvido danificado.
    Pedimos que trate do assunto, corrija o estado indicado se for outro, e verifique a etiqueta da unidade no inventário.

    [returned] Devolução da requisição R-2026-000123 confirmada
    O inventário confirmou a devolução do equipamento da requisição R-2026-000123. Obrigado.

    [return_due] Devolva Oscilloscope DS1054Z (ML-00031) até quarta-feira, 15 de julho de 2026, 17:30
    Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123, deve ser devolvido até quarta-feira, 15 de julho de 2026, 17:30.
    Pedimos que o entregue ao balcão até essa data.

    [overdue] Em atraso: Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123, devia ter sido devolvido até quarta-feira, 15 de julho de 2026, 17:30 e ainda não o foi.
    Pedimos que o entregue ao balcão ou que fale com os técnicos do laboratório.

    [overdue_escalated] Em atraso com Rui Nunes: Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), emprestado a Rui Nunes no âmbito da requisição R-2026-000123, devia ter sido devolvido até quarta-feira, 15 de julho de 2026, 17:30 e ainda não o foi.
    Rui Nunes já recebeu vários avisos. Pedimos a sua ajuda para que o equipamento volte ao laboratório.

    [extension_asked] Pedido de mais tempo para Oscilloscope DS1054Z (ML-00031)
    Rui Nunes pede mais tempo com Oscilloscope DS1054Z (ML-00031), até quarta-feira, 22 de julho de 2026, 17:30.
    Foi emprestado no âmbito da requisição R-2026-000123 e deve ser devolvido até quarta-feira, 15 de julho de 2026, 17:30.
    Pedimos que aceite ou recuse o pedido.

    [extension_granted] Oscilloscope DS1054Z (ML-00031) fica consigo até quarta-feira, 15 de julho de 2026, 17:30
    Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123, deve agora ser devolvido até quarta-feira, 15 de julho de 2026, 17:30.
    Pedimos que o entregue ao balcão até essa data.

    [extension_rejected] Sem mais tempo para Oscilloscope DS1054Z (ML-00031)
    O prazo de Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123, não foi prolongado. Deve ser devolvido até quarta-feira, 15 de julho de 2026, 17:30.
    Se tiver dúvidas sobre a decisão, fale, por favor, com os técnicos do laboratório.

    [needs_person] A requisição R-2026-000123 precisa de um técnico
    A requisição R-2026-000123 não pode prosseguir sozinha: o que o inventário mostra não permite saber com certeza o que aconteceu.
    Pedimos que veja as ocorrências em aberto e as resolva.

    [promise_at_risk] O equipamento da requisição R-2026-000123 pode não estar disponível a tempo
    Uma unidade reservada para a requisição R-2026-000123 ainda não foi devolvida ou não pode ser emprestada, e nenhuma outra unidade do mesmo tipo está livre nesse período.
    Assim que houver uma livre, ela toma automaticamente o seu lugar. Quem a requisitou e os técnicos do laboratório foram ambos informados.

    [somebody_waits] Alguém espera por equipamento da requisição R-2026-000123
    Alguém espera por uma unidade como as que tem consigo ao abrigo da requisição R-2026-000123. Pedimos que as devolva a tempo, ou antes, se já não precisar delas.
    Enquanto alguém esperar, o empréstimo não pode ser prolongado.

    [hold_granted] 2 × Oscilloscope à sua espera
    Aquilo por que esperava está livre e fica guardado para si durante algum tempo: 2 × Oscilloscope. A lista de espera indica até quando.
    Até lá, submeta uma requisição para o período que indicou; caso contrário, passa a quem estiver a seguir na lista.

    [project_submitted] O projeto Weather station aguarda ativação
    O projeto Weather station foi submetido. Aguarda que um técnico o ative ou recuse.
    Até lá, os seus membros não podem requisitar equipamento.

    [project_activated] O projeto Weather station foi ativado
    O projeto Weather station foi ativado. A partir de agora, os seus responsáveis e membros podem requisitar equipamento.

    [project_rejected] O projeto Weather station foi recusado
    O projeto Weather station foi recusado. Não é possível requisitar equipamento para ele.
    Se tiver dúvidas sobre a decisão, fale, por favor, com os técnicos do laboratório.

    [member_added] Foi adicionado(a) ao projeto Weather station
    Faz agora parte do projeto Weather station.
    Se não conhece este projeto, informe, por favor, os técnicos do laboratório.

    [member_removed] Foi removido(a) do projeto Weather station
    Já não faz parte do projeto Weather station e não pode requisitar equipamento para ele.
    O equipamento que levantou continua à sua responsabilidade até o devolver, dentro do prazo.
    "#);
}

#[test]
fn a_whole_letter_in_english() {
    let context = a_full_context();

    insta::assert_snapshot!(compose(NotificationEvent::Failed, Language::En, &context).text, @r#"
    Hello Ângela Silva,

    Requisition R-2026-000123 could not be carried out, or only in part. What became of each line is listed below.

    The technicians of the lab have been told as well.

    Reason: The oscilloscope is being calibrated.
    The inventory said: “That asset is not available for checkout!”

    Project: Weather station
    Purpose: Measure the roof
    From: Wednesday, 1 July 2026, 09:00
    Return by: Wednesday, 15 July 2026, 17:30

    Equipment:
    - 2 × Arduino Uno R4 (ML-0007, ML-0009): ready
    - 1 × Oscilloscope: not possible

    See the requisition: https://lab.example/requisitions/R-2026-000123

    MakerLab Requisitions wrote this message automatically.
    "#);
}

#[test]
fn a_whole_letter_in_european_portuguese() {
    let context = a_full_context();

    insta::assert_snapshot!(compose(NotificationEvent::Failed, Language::Pt, &context).text, @r#"
    Olá Ângela Silva,

    Não foi possível satisfazer a requisição R-2026-000123, ou só foi possível em parte. Indica-se abaixo o resultado de cada linha.

    Os técnicos do laboratório também foram informados.

    Motivo: The oscilloscope is being calibrated.
    O inventário respondeu: «That asset is not available for checkout!»

    Projeto: Weather station
    Finalidade: Measure the roof
    De: quarta-feira, 1 de julho de 2026, 09:00
    Devolução até: quarta-feira, 15 de julho de 2026, 17:30

    Equipamento:
    - 2 × Arduino Uno R4 (ML-0007, ML-0009): pronto
    - 1 × Oscilloscope: não foi possível

    Ver a requisição: https://lab.example/requisitions/R-2026-000123

    Mensagem enviada automaticamente pelo MakerLab Requisitions.
    "#);
}

#[test]
fn a_whole_letter_about_a_project() {
    let text = |language| compose(NotificationEvent::MemberAdded, language, &a_project_context()).text;

    insta::assert_snapshot!(text(Language::En), @r#"
    Hello Ângela Silva,

    You are now part of the project Weather station.

    If you do not know this project, please tell the technicians of the lab.

    Project: Weather station
    Your role: supervisor

    See the project: https://lab.example/projects/7

    MakerLab Requisitions wrote this message automatically.
    "#);
    insta::assert_snapshot!(text(Language::Pt), @r#"
    Olá Ângela Silva,

    Faz agora parte do projeto Weather station.

    Se não conhece este projeto, informe, por favor, os técnicos do laboratório.

    Projeto: Weather station
    O seu papel: orientador(a)

    Ver o projeto: https://lab.example/projects/7

    Mensagem enviada automaticamente pelo MakerLab Requisitions.
    "#);
}

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

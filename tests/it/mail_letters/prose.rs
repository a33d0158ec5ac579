//! Each event in its own words, in every language.

use super::*;

/// Each event's own words: the subject and what stands between the greeting and the facts.
fn all_prose(language: Language, facts_begin: &str) -> String {
    let context = MailContext { equipment: Some("2 × Oscilloscope".into()), deputy: Some(a_deputy()), ..a_context() };
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
    The inventory has confirmed the return of Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123. It was recorded as damaged.
    If that is not so, please speak to the technicians of the lab.

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

    [extension_reminder] Nobody has answered yet: more time for Oscilloscope DS1054Z (ML-00031)
    Rui Nunes asked some time ago for more time with Oscilloscope DS1054Z (ML-00031) until Wednesday, 22 July 2026, 17:30, and nobody has answered yet.
    It was lent for requisition R-2026-000123 and is due on Wednesday, 15 July 2026, 17:30.
    Please grant or reject it. You are not reminded of it again.

    [extension_granted] Oscilloscope DS1054Z (ML-00031) is yours until Wednesday, 15 July 2026, 17:30
    Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123, is now due on Wednesday, 15 July 2026, 17:30.
    Please bring it back to the counter by then.

    [due_date_changed] Oscilloscope DS1054Z (ML-00031) is now due on Wednesday, 15 July 2026, 17:30
    The lab has moved the day on which Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123, is due: it is now Wednesday, 15 July 2026, 17:30.
    Please bring it back to the counter by then. If that is too early for you, ask for more time or talk to the lab.

    [extension_rejected] No more time for Oscilloscope DS1054Z (ML-00031)
    Oscilloscope DS1054Z (ML-00031), lent for requisition R-2026-000123, was not extended. It stays due on Wednesday, 15 July 2026, 17:30.
    If you have questions about the decision, please speak to the technicians of the lab.

    [needs_person] Requisition R-2026-000123 needs a technician
    Requisition R-2026-000123 cannot go on by itself: what the inventory shows does not say for certain what happened.
    Please look at the open findings and settle them.

    [drift_found] Oscilloscope DS1054Z (ML-00031) of requisition R-2026-000123 is not what our record says
    What the inventory shows of Oscilloscope DS1054Z (ML-00031), for requisition R-2026-000123, is not what our record says of its loan.
    Please look at the open findings and settle this one: each says what was expected, what was seen and what may be done.

    [promise_at_risk] Equipment of requisition R-2026-000123 may not be there in time
    A unit that is kept for requisition R-2026-000123 is not back yet or cannot be lent, and no other unit of its kind is free for that period.
    As soon as one is free it takes its place by itself. The borrower and the technicians of the lab have both been told.

    [unit_is_there] The equipment of requisition R-2026-000123 is there
    The unit of requisition R-2026-000123 that might not have been there in time is there now, or another of its kind in its place: Oscilloscope DS1054Z (ML-00031).
    If it waits at the counter for you, please collect it soon: the days for which it is kept run from now on.

    [no_unit] The lab had no unit for requisition R-2026-000123
    The unit of requisition R-2026-000123 was not there to be collected and no other of its kind was free, until the time that you asked for was over. It is not promised any longer, and this is not held against you.
    If you still need it, please ask for it once more, or join the waiting list.

    [period_over] The time of requisition R-2026-000123 is over
    The time that you asked for with requisition R-2026-000123 was over before you could have the equipment. It waits no longer, nothing is kept for it, and this is not held against you.
    If you still need it, please ask for it once more.

    [somebody_waits] Somebody waits for equipment of requisition R-2026-000123
    Somebody waits for a unit like those that you have with requisition R-2026-000123. Please bring them back on time, or earlier if you need them no longer.
    While somebody waits, a technician decides whether you can keep it longer.

    [hold_granted] 2 × Oscilloscope kept for you
    What you were waiting for is free and kept for you for some time: 2 × Oscilloscope. The waiting list shows until when, and from when on you can have it.
    Submit a requisition for the period that you wait for by then; otherwise it goes to whoever waits next.

    [waiting_ended] 2 × Oscilloscope: you are not on the waiting list any more
    Your place on the waiting list has ended (2 × Oscilloscope): the project Weather station is over, or you may not request equipment for it any more.
    What was kept for you goes to whoever waits next.

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

    [member_role_changed] Your role in the project Weather station was changed
    You have another role in the project Weather station from now on.
    If you did not expect this, please ask the leaders of the project.

    [member_removed] You were removed from the project Weather station
    You are no longer part of the project Weather station and cannot request equipment for it.
    What you have borrowed for it stays yours to return on time.

    [deputy_named] You decide in the place of Ana Costa
    Ana Costa will be away and has named you to decide in their place, from Wednesday, 1 July 2026, 09:00 until Wednesday, 15 July 2026, 17:30.
    In that time you are asked beside them. What you have asked for yourself, and the projects that you borrow for, are decided by others.

    [deputy_ended] You do not decide in the place of Ana Costa any more
    Ana Costa has ended before its time that you decide in their place, from Wednesday, 1 July 2026, 09:00 until Wednesday, 15 July 2026, 17:30.
    You need not do anything.
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
    O inventário confirmou a devolução de Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123. Foi registado como danificado.
    Se não for assim, fale, por favor, com os técnicos do laboratório.

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

    [extension_reminder] Ainda sem resposta: mais tempo para Oscilloscope DS1054Z (ML-00031)
    Rui Nunes pediu há algum tempo mais tempo com Oscilloscope DS1054Z (ML-00031), até quarta-feira, 22 de julho de 2026, 17:30, e ainda ninguém respondeu.
    Foi emprestado no âmbito da requisição R-2026-000123 e deve ser devolvido até quarta-feira, 15 de julho de 2026, 17:30.
    Pedimos que aceite ou recuse o pedido. Não voltará a receber este lembrete.

    [extension_granted] Oscilloscope DS1054Z (ML-00031) fica consigo até quarta-feira, 15 de julho de 2026, 17:30
    Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123, deve agora ser devolvido até quarta-feira, 15 de julho de 2026, 17:30.
    Pedimos que o entregue ao balcão até essa data.

    [due_date_changed] Oscilloscope DS1054Z (ML-00031) deve agora ser devolvido até quarta-feira, 15 de julho de 2026, 17:30
    O laboratório alterou a data de devolução de Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123: é agora quarta-feira, 15 de julho de 2026, 17:30.
    Pedimos que o entregue ao balcão até essa data. Se for demasiado cedo, peça mais tempo ou fale com o laboratório.

    [extension_rejected] Sem mais tempo para Oscilloscope DS1054Z (ML-00031)
    O prazo de Oscilloscope DS1054Z (ML-00031), emprestado no âmbito da requisição R-2026-000123, não foi prolongado. Deve ser devolvido até quarta-feira, 15 de julho de 2026, 17:30.
    Se tiver dúvidas sobre a decisão, fale, por favor, com os técnicos do laboratório.

    [needs_person] A requisição R-2026-000123 precisa de um técnico
    A requisição R-2026-000123 não pode prosseguir sozinha: o que o inventário mostra não permite saber com certeza o que aconteceu.
    Pedimos que veja as ocorrências em aberto e as resolva.

    [drift_found] Oscilloscope DS1054Z (ML-00031) da requisição R-2026-000123 não está como no nosso registo
    O que o inventário mostra de Oscilloscope DS1054Z (ML-00031), da requisição R-2026-000123, não é o que o nosso registo diz do seu empréstimo.
    Pedimos que veja as ocorrências em aberto e resolva esta: cada uma diz o que se esperava, o que se viu e o que se pode fazer.

    [promise_at_risk] O equipamento da requisição R-2026-000123 pode não estar disponível a tempo
    Uma unidade reservada para a requisição R-2026-000123 ainda não foi devolvida ou não pode ser emprestada, e nenhuma outra unidade do mesmo tipo está livre nesse período.
    Assim que houver uma livre, ela toma automaticamente o seu lugar. Quem a requisitou e os técnicos do laboratório foram ambos informados.

    [unit_is_there] O equipamento da requisição R-2026-000123 já está disponível
    A unidade da requisição R-2026-000123 que podia não estar disponível a tempo já o está, ou outra do mesmo tipo em seu lugar: Oscilloscope DS1054Z (ML-00031).
    Se o espera ao balcão, pedimos que a levante em breve: os dias durante os quais fica reservada contam a partir de agora.

    [no_unit] O laboratório não teve uma unidade para a requisição R-2026-000123
    A unidade da requisição R-2026-000123 não esteve disponível para levantamento, e nenhuma outra do mesmo tipo ficou livre, até ao fim do período que pediu. Já não está prometida, e isso não conta contra si.
    Se ainda precisar dela, pedimos que faça um novo pedido ou que entre na lista de espera.

    [period_over] O período da requisição R-2026-000123 terminou
    O período que pediu na requisição R-2026-000123 terminou antes de poder ter o equipamento. O pedido já não está em espera, nada está reservado para ele, e isso não conta contra si.
    Se ainda precisar dele, pedimos que faça um novo pedido.

    [somebody_waits] Alguém espera por equipamento da requisição R-2026-000123
    Alguém espera por uma unidade como as que tem consigo ao abrigo da requisição R-2026-000123. Pedimos que as devolva a tempo, ou antes, se já não precisar delas.
    Enquanto alguém esperar, é um técnico que decide se pode ficar com ele mais tempo.

    [hold_granted] 2 × Oscilloscope à sua espera
    Aquilo por que esperava está livre e fica guardado para si durante algum tempo: 2 × Oscilloscope. A lista de espera indica até quando, e a partir de quando pode ser seu.
    Até lá, submeta uma requisição para o período que indicou; caso contrário, passa a quem estiver a seguir na lista.

    [waiting_ended] 2 × Oscilloscope: já não está na lista de espera
    O seu lugar na lista de espera terminou (2 × Oscilloscope): o projeto Weather station acabou, ou já não pode requisitar equipamento para ele.
    O que lhe estava guardado passa a quem estiver a seguir na lista.

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

    [member_role_changed] O seu papel no projeto Weather station foi alterado
    A partir de agora, tem outro papel no projeto Weather station.
    Se não esperava esta alteração, fale, por favor, com os responsáveis do projeto.

    [member_removed] Foi removido(a) do projeto Weather station
    Já não faz parte do projeto Weather station e não pode requisitar equipamento para ele.
    O equipamento que levantou continua à sua responsabilidade até o devolver, dentro do prazo.

    [deputy_named] Decide em lugar de Ana Costa
    Ana Costa vai ausentar-se e indicou-o(a) para decidir em seu lugar, desde quarta-feira, 1 de julho de 2026, 09:00 até quarta-feira, 15 de julho de 2026, 17:30.
    Durante esse tempo recebe também os pedidos de decisão. O que pediu para si, e os projetos para os quais requisita, são decididos por outras pessoas.

    [deputy_ended] Já não decide em lugar de Ana Costa
    Ana Costa terminou antes do tempo a substituição que lhe tinha pedido, desde quarta-feira, 1 de julho de 2026, 09:00 até quarta-feira, 15 de julho de 2026, 17:30.
    Não precisa de fazer nada.
    "#);
}

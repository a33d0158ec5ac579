//! In the Portuguese of Portugal.

use super::Ground;
use crate::domain::{
    approval::Conditions,
    money::Cents,
    operation::{Missed, PersonNeeded},
    quota::{Exceeded, QuotaMeasure, QuotaScope, QuotaSubject},
    requisition::MustBeDecided,
    user::Role,
};

pub(super) fn ground(ground: &Ground) -> String {
    let words = match ground {
        Ground::Said { text } => text,
        Ground::Edited => "alterada desde que foi submetida",
        Ground::Rule { position, conditions: of } => return format!("regra {position}: {}", conditions(of)),
        Ground::LinesTogether => "as linhas de um mesmo modelo ou categoria contam em conjunto",
        Ground::AsTheModelSays => "nenhuma regra se aplica; vale o que está definido para o modelo",
        Ground::QuotaGoneOver => "uma quota é ultrapassada",
        Ground::OwnRules => {
            "regras próprias: são os administradores que definem as regras, por isso o que um deles pede tem de ser \
             aprovado por um colega"
        }
        Ground::NoSupervisor => "o projeto não tem quem o oriente, por isso decide um técnico",
        Ground::OnlyAskersSupervise => "só orienta o projeto quem faz o pedido, por isso decide um técnico",
        Ground::ByRoleOfEditor => "pelas funções de quem a alterou",
        Ground::OverQuota(over) => return exceeded(over),
        Ground::NotCheckedOut { missed: why, refusal } => {
            return format!("{}{}", missed(why), quoted(refusal.as_deref()));
        }
        Ground::NoOtherUnitFree => "nenhuma outra unidade está livre",
        Ground::NotDecidedInTime => "ninguém decidiu a tempo",
        Ground::NotCheckedOutInTime => "não foi possível registar a tempo o empréstimo no inventário do laboratório",
        Ground::GivenUp => "um técnico desistiu do empréstimo",
        Ground::PersonNeeded { why } => person_needed(*why),
        Ground::MustBeDecided { why } => must_be_decided(*why),
    };
    words.to_owned()
}

fn must_be_decided(why: MustBeDecided) -> &'static str {
    match why {
        MustBeDecided::Overdue => "o prazo de devolução já passou",
        MustBeDecided::SomebodyWaits => "há quem esteja à espera de uma unidade destas",
        MustBeDecided::OutOfOrder => "a unidade não está em condições, ou já não consta de nenhuma lista do Snipe-IT",
        MustBeDecided::OwnRules => {
            "regras próprias: são os administradores que definem o que se concede por si, por isso o que um deles pede \
             tem de ser aprovado por um colega"
        }
        MustBeDecided::TooOften => "já foi prolongado tantas vezes quantas o laboratório concede por si",
        MustBeDecided::TooLong => "seria prolongado por mais dias do que o laboratório concede por si",
        MustBeDecided::OverQuota => "uma quota seria ultrapassada",
        MustBeDecided::RulesAskTechnician => {
            "para todo esse tempo, as regras do laboratório exigem a aprovação de um técnico"
        }
        MustBeDecided::RulesAskSupervisor => {
            "para todo esse tempo, as regras do laboratório exigem primeiro a aprovação de quem orienta o projeto; sobre um prolongamento decide só um técnico"
        }
    }
}

fn missed(why: &Missed) -> &'static str {
    match why {
        Missed::RefusedThoughAvailable => "o inventário recusou o empréstimo",
        Missed::UnitUnavailable => "a unidade não está disponível no inventário",
        Missed::UnitMissing => "o inventário já não conhece a unidade",
        Missed::OutOfRuns => "não foi possível em nenhuma das tentativas; nada foi enviado",
        Missed::SettledByPerson => "um técnico verificou que o empréstimo não chegou a ser registado",
    }
}

fn person_needed(why: PersonNeeded) -> &'static str {
    match why {
        PersonNeeded::LentLaterByOthers => {
            "Alguém emprestou a unidade depois da nossa tentativa, e o registo de atividade não mostra a nossa."
        }
        PersonNeeded::OutOfAttempts => {
            "O Snipe-IT não deu uma resposta clara, e em nenhuma tentativa se viu acontecer alguma coisa."
        }
        PersonNeeded::UnitUnavailable => {
            "Depois de uma resposta pouco clara, a unidade está com outra pessoa ou não pode ser emprestada."
        }
        PersonNeeded::UnitMissing => "O Snipe-IT já não conhece a unidade.",
        PersonNeeded::TenureChanged => {
            "Quem requisitou tem a unidade no Snipe-IT, mas por outro empréstimo que não o nosso."
        }
        PersonNeeded::OutOfRuns => {
            "A tarefa foi tentada todas as vezes permitidas, e não se conhece o resultado da última."
        }
        PersonNeeded::HeldInDoubt => {
            "A base de dados foi reposta ou substituída. Alguém tem a unidade, e o registo de atividade não mostra o nosso \
             empréstimo."
        }
        PersonNeeded::BorrowerUnknown => {
            "O nosso empréstimo ficou registado, mas nem os nossos dados nem o registo de atividade dizem em nome de quem \
             no Snipe-IT."
        }
        PersonNeeded::LogUnreadable => {
            "Só o registo de atividade do Snipe-IT o poderia dizer, e não foi possível lê-lo: ao nosso utilizador falta a \
             permissão reports.view."
        }
    }
}

fn quoted(refusal: Option<&str>) -> String {
    refusal.map(|words| format!(" (Snipe-IT: «{words}»)")).unwrap_or_default()
}

fn conditions(of: &Conditions) -> String {
    let mut parts = Vec::new();
    parts.extend(of.category.as_ref().map(|category| format!("categoria {category}")));
    parts.extend(of.model_id.map(|_| "este modelo".to_owned()));
    parts.extend(of.value_from.map(|least| format!("no valor de {} ou mais", money(least))));
    parts.extend(of.longer_than_days.map(|days| format!("por mais de {days} dias")));
    parts.extend(of.more_than_units.map(|units| format!("mais de {units} unidades")));
    parts.extend(of.requester_role.map(|role| format!("pedido de {}", asker(role))));
    parts.extend(of.over_quota.map(|over| if over { "acima de uma quota" } else { "dentro das quotas" }.to_owned()));
    if parts.is_empty() { "tudo".to_owned() } else { parts.join(", ") }
}

fn asker(role: Role) -> &'static str {
    match role {
        Role::Student => "estudante",
        Role::Professor => "docente",
        Role::Technician => "técnico",
        Role::Admin => "administrador",
    }
}

fn quota(of: &QuotaSubject) -> String {
    let measure = match of.measure {
        QuotaMeasure::UnitsOut => "unidades",
        QuotaMeasure::LoanDays => "dias de empréstimo",
        QuotaMeasure::ValueOut => "valor",
    };
    let scope = match (of.scope, of.project) {
        (QuotaScope::Project, None) => "por projeto",
        (QuotaScope::Project, Some(_)) => "deste projeto",
        (QuotaScope::Person, _) => "por pessoa",
    };
    let category = of.category.as_ref().map(|category| format!(", categoria {category}")).unwrap_or_default();
    format!("{measure} {scope}{category}")
}

/// Without a participle, which would have to agree with what is measured.
fn exceeded(over: &Exceeded) -> String {
    let [most, used, asked] = over.numbers(money);
    format!("{}: {used} de {most} em uso, e este pedido soma {asked}", quota(&over.subject))
}

fn money(cents: Cents) -> String {
    format!("{},{:02}", cents.get() / 100, cents.get() % 100)
}

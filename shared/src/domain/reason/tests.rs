//! Every ground in every language, as stored and as told.

use super::{Ground, Reason};
use crate::domain::{
    approval::Conditions,
    id::{ModelId, ProjectId, QuotaId},
    money::Cents,
    notification::Message,
    operation::{Missed, PersonNeeded},
    person::Language,
    quota::{Exceeded, QuotaMeasure, QuotaScope, QuotaSubject},
    requisition::MustBeDecided,
    user::Role,
};
use serde_json::json;
use uuid::Uuid;

fn over(scope: QuotaScope, project: Option<ProjectId>, category: Option<&str>, measure: QuotaMeasure) -> Ground {
    let subject = QuotaSubject { scope, project, category: category.map(str::to_owned), measure };
    Ground::OverQuota(Exceeded { quota_id: QuotaId(Uuid::nil()), subject, most: 25_000, used: 5_000, asked: 30_050 })
}

fn rule(conditions: Conditions) -> Ground {
    Ground::Rule { position: 3, conditions }
}

fn everything_that_a_rule_can_say() -> Conditions {
    Conditions {
        category: Some("Osciloscópios".to_owned()),
        model_id: Some(ModelId(Uuid::nil())),
        value_from: Cents::parse("1000.50"),
        longer_than_days: Some(14),
        more_than_units: Some(3),
        requester_role: Some(Role::Student),
        over_quota: Some(true),
    }
}

fn missed(missed: Missed) -> Ground {
    Ground::NotCheckedOut { missed, refusal: Some("Não disponível!".to_owned()) }
}

/// Each with its words in both languages.
fn told() -> Vec<(Ground, &'static str, &'static str)> {
    let person_needed = |why| Ground::PersonNeeded { why };
    vec![
        (Ground::Edited, "edited since it was submitted", "alterada desde que foi submetida"),
        (rule(Conditions::default()), "rule 3: everything", "regra 3: tudo"),
        (
            rule(everything_that_a_rule_can_say()),
            "rule 3: category Osciloscópios, this model, worth 1000.50 or more, longer than 14 days, \
             more than 3 units, asked for by a student, over a quota",
            "regra 3: categoria Osciloscópios, este modelo, no valor de 1000,50 ou mais, por mais de 14 dias, \
             mais de 3 unidades, pedido de estudante, acima de uma quota",
        ),
        (
            rule(Conditions { over_quota: Some(false), ..Conditions::default() }),
            "rule 3: within the quotas",
            "regra 3: dentro das quotas",
        ),
        (
            over(QuotaScope::Person, None, Some("Placas"), QuotaMeasure::UnitsOut),
            "units_out of a person, category Placas: 5000 of 25000 used, 30050 asked for",
            "unidades por pessoa, categoria Placas: 5000 de 25000 em uso, e este pedido soma 30050",
        ),
        (
            over(QuotaScope::Project, None, None, QuotaMeasure::LoanDays),
            "loan_days of a project: 5000 of 25000 used, 30050 asked for",
            "dias de empréstimo por projeto: 5000 de 25000 em uso, e este pedido soma 30050",
        ),
        (
            over(QuotaScope::Project, Some(ProjectId(Uuid::nil())), None, QuotaMeasure::ValueOut),
            "value_out of this project: 50.00 of 250.00 used, 300.50 asked for",
            "valor deste projeto: 50,00 de 250,00 em uso, e este pedido soma 300,50",
        ),
        (
            missed(Missed::UnitUnavailable),
            "the unit is not available in the inventory (Snipe-IT: “Não disponível!”)",
            "a unidade não está disponível no inventário (Snipe-IT: «Não disponível!»)",
        ),
        (
            Ground::NotCheckedOut { missed: Missed::OutOfRuns, refusal: None },
            "it could not be carried out in all its attempts; nothing was sent",
            "não foi possível em nenhuma das tentativas; nada foi enviado",
        ),
        (
            person_needed(PersonNeeded::UnitMissing),
            "Snipe-IT does not know the asset any more.",
            "O Snipe-IT já não conhece a unidade.",
        ),
        (
            Ground::MustBeDecided { why: MustBeDecided::TooOften },
            "it was extended as often as the lab allows by itself",
            "já foi prolongado tantas vezes quantas o laboratório concede por si",
        ),
        (
            Ground::OwnRules,
            "own-rules: admins set the rules, so a colleague must say yes to what an admin asks for",
            "regras próprias: são os administradores que definem as regras, por isso o que um deles pede tem de ser \
             aprovado por um colega",
        ),
    ]
}

/// Those whose words hold nothing but themselves.
fn fixed() -> Vec<Ground> {
    let missed = [
        Missed::RefusedThoughAvailable,
        Missed::UnitUnavailable,
        Missed::UnitMissing,
        Missed::OutOfRuns,
        Missed::SettledByPerson,
    ];
    let with_person = [
        PersonNeeded::LentLaterByOthers,
        PersonNeeded::OutOfAttempts,
        PersonNeeded::UnitUnavailable,
        PersonNeeded::UnitMissing,
        PersonNeeded::TenureChanged,
        PersonNeeded::OutOfRuns,
        PersonNeeded::HeldInDoubt,
        PersonNeeded::BorrowerUnknown,
        PersonNeeded::LogUnreadable,
    ];
    let must_be_decided = [
        MustBeDecided::Overdue,
        MustBeDecided::SomebodyWaits,
        MustBeDecided::OutOfOrder,
        MustBeDecided::OwnRules,
        MustBeDecided::TooOften,
        MustBeDecided::TooLong,
        MustBeDecided::OverQuota,
        MustBeDecided::RulesAskTechnician,
        MustBeDecided::RulesAskSupervisor,
    ];
    let alone = [
        Ground::LinesTogether,
        Ground::AsTheModelSays,
        Ground::QuotaGoneOver,
        Ground::NoSupervisor,
        Ground::OnlyAskersSupervise,
        Ground::ByRoleOfEditor,
        Ground::NoOtherUnitFree,
        Ground::NotDecidedInTime,
        Ground::NotCheckedOutInTime,
        Ground::GivenUp,
    ];
    let missed = missed.map(|missed| Ground::NotCheckedOut { missed, refusal: None });
    let must_be_decided = must_be_decided.map(|why| Ground::MustBeDecided { why });
    let with_person = with_person.map(|why| Ground::PersonNeeded { why });
    alone.into_iter().chain(missed).chain(with_person).chain(must_be_decided).collect()
}

#[test]
fn each_ground_is_told_in_the_language_of_its_reader() {
    for (ground, english, portuguese) in told() {
        let reason = Reason::from(ground);
        assert_eq!(reason.in_words(Language::En), english);
        assert_eq!(reason.in_words(Language::Pt), portuguese);
    }
}

/// Words that Portuguese does not have.
#[test]
fn no_english_is_left_in_portuguese() {
    let english = [
        "the",
        "an",
        "of",
        "is",
        "it",
        "was",
        "not",
        "and",
        "by",
        "or",
        "than",
        "who",
        "unit",
        "units",
        "asset",
        "rule",
        "asked",
        "used",
        "days",
        "over",
        "project",
        "student",
        "check-out",
        "units_out",
        "loan_days",
        "value_out",
        "log",
    ];
    for ground in fixed().into_iter().chain(told().into_iter().map(|(ground, ..)| ground)) {
        let words = Reason::from(ground).in_words(Language::Pt);
        let mut each = words.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).map(str::to_lowercase);
        let left = each.find(|word| english.contains(&word.as_str()));
        assert_eq!(left, None, "{words}");
    }
}

#[test]
fn grounds_are_told_one_after_the_other() {
    let reason = Reason::from(rule(Conditions::default())).and(Ground::NoSupervisor);
    assert_eq!(
        reason.in_words(Language::En),
        "rule 3: everything; the project has no supervisor, so a technician decides"
    );
    assert_eq!(
        reason.in_words(Language::Pt),
        "regra 3: tudo; o projeto não tem quem o oriente, por isso decide um técnico"
    );
}

#[test]
fn what_is_stored_is_what_is_read() {
    let all: Reason = fixed().into_iter().chain(told().into_iter().map(|(ground, ..)| ground)).collect();
    assert_eq!(Reason::from_stored(Some(all.to_json()), Some("words".to_owned())), Some(all));
    let rule = Reason::from(rule(Conditions { more_than_units: Some(3), ..Conditions::default() }));
    let stored = json!([{"ground": "rule", "position": 3, "conditions": {"more_than_units": 3}}]);
    assert_eq!(Reason::from_stored(Some(stored), None), Some(rule));
}

#[test]
fn what_is_older_than_grounds_or_of_a_later_version_is_told_as_it_stands() {
    let (text, unknown) = ("rule 3: everything", json!([{"ground": "moon_phase"}]));
    for grounds in [None, Some(unknown)] {
        let reason = Reason::from_stored(grounds.clone(), Some(text.to_owned())).unwrap();
        assert_eq!(reason.in_words(Language::Pt), text);
        assert_eq!(Message::from_stored(Some(text.to_owned()), grounds), Some(Message::said(text)));
    }
    assert_eq!(Message::from_stored(None, None), None);
}

//! In English, as the API answers.

use super::Ground;
use crate::domain::{
    approval::Conditions,
    money::Cents,
    operation::Missed,
    quota::{Exceeded, QuotaScope, QuotaSubject},
    requisition::MustBeDecided,
};

pub(super) fn ground(ground: &Ground) -> String {
    let words = match ground {
        Ground::Said { text } => text,
        Ground::Edited => "edited since it was submitted",
        Ground::Rule { position, conditions: of } => return format!("rule {position}: {}", conditions(of)),
        Ground::LinesTogether => "lines of one model or category count together",
        Ground::AsTheModelSays => "no rule fits; it is as the model says",
        Ground::QuotaGoneOver => "a quota is gone over",
        Ground::OwnRules => "own-rules: admins set the rules, so a colleague must say yes to what an admin asks for",
        Ground::NoSupervisor => "the project has no supervisor, so a technician decides",
        Ground::OnlyAskersSupervise => "nobody supervises the project but who asks for it, so a technician decides",
        Ground::ByRoleOfEditor => "by the role of whoever has edited it",
        Ground::OverQuota(over) => return exceeded(over),
        Ground::NotCheckedOut { missed: why, refusal } => {
            return format!("{}{}", missed(why), quoted(refusal.as_deref()));
        }
        Ground::NoOtherUnitFree => "no other unit is free",
        Ground::NotDecidedInTime => "nobody decided in time",
        Ground::NotCheckedOutInTime => "it could not be checked out in the lab's inventory in time",
        Ground::GivenUp => "given up by a technician",
        Ground::PersonNeeded { why } => why.summary(),
        Ground::MustBeDecided { why } => must_be_decided(*why),
    };
    words.to_owned()
}

fn must_be_decided(why: MustBeDecided) -> &'static str {
    match why {
        MustBeDecided::Overdue => "the unit is overdue",
        MustBeDecided::SomebodyWaits => "somebody waits for such a unit",
        MustBeDecided::OutOfOrder => "the unit is out of order, or in none of Snipe-IT's lists any more",
        MustBeDecided::OwnRules => {
            "own-rules: admins set what is granted by itself, so a colleague must say yes to an admin's"
        }
        MustBeDecided::TooOften => "it was extended as often as the lab allows by itself",
        MustBeDecided::TooLong => "it would be extended by more days than the lab allows by itself",
        MustBeDecided::OverQuota => "a quota would be gone over",
        MustBeDecided::RulesAskTechnician => "for all of that time the lab's rules ask for a technician's yes",
        MustBeDecided::RulesAskSupervisor => {
            "for all of that time the lab's rules ask for a supervisor's yes first; about more time a technician decides alone"
        }
    }
}

fn missed(why: &Missed) -> &'static str {
    match why {
        Missed::RefusedThoughAvailable => "the inventory refused the check-out",
        Missed::UnitUnavailable => "the unit is not available in the inventory",
        Missed::UnitMissing => "the inventory does not know the unit any more",
        Missed::OutOfRuns => "it could not be carried out in all its attempts; nothing was sent",
        Missed::SettledByPerson => "a technician found that the check-out did not take place",
    }
}

fn quoted(refusal: Option<&str>) -> String {
    refusal.map(|words| format!(" (Snipe-IT: “{words}”)")).unwrap_or_default()
}

/// For whoever waits because of it; a model is not named, since the line names it.
fn conditions(of: &Conditions) -> String {
    let mut parts = Vec::new();
    parts.extend(of.category.as_ref().map(|category| format!("category {category}")));
    parts.extend(of.model_id.map(|_| "this model".to_owned()));
    parts.extend(of.value_from.map(|least| format!("worth {} or more", money(least))));
    parts.extend(of.longer_than_days.map(|days| format!("longer than {days} days")));
    parts.extend(of.more_than_units.map(|units| format!("more than {units} units")));
    parts.extend(of.requester_role.map(|role| format!("asked for by a {role}")));
    parts.extend(of.over_quota.map(|over| if over { "over a quota" } else { "within the quotas" }.to_owned()));
    if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") }
}

pub(super) fn quota(of: &QuotaSubject) -> String {
    let scope = match (of.scope, of.project) {
        (QuotaScope::Project, None) => "a project",
        (QuotaScope::Project, Some(_)) => "this project",
        (QuotaScope::Person, _) => "a person",
    };
    let category = of.category.as_ref().map(|category| format!(", category {category}")).unwrap_or_default();
    format!("{} of {scope}{category}", of.measure)
}

fn exceeded(over: &Exceeded) -> String {
    let [most, used, asked] = over.numbers(money);
    format!("{}: {used} of {most} used, {asked} asked for", quota(&over.subject))
}

fn money(cents: Cents) -> String {
    format!("{}.{:02}", cents.get() / 100, cents.get() % 100)
}

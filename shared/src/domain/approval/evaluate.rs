//! What the rules say of one line, and why.

use super::{ApprovalRule, Need};
use crate::domain::{
    equipment::Approval,
    id::{ApprovalRuleId, ModelId},
    money::Cents,
    requisition::Period,
    user::Role,
};

/// What rules can ask about a line and the requisition around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub model_id: ModelId,
    pub category: Option<String>,
    /// What a unit costs; `None`: nobody knows.
    pub unit_cost: Option<Cents>,
    pub quantity: i32,
    pub period: Period,
    pub requester_role: Role,
    pub is_over_quota: bool,
    /// What the model says where no rule fits.
    pub of_model: Approval,
}

impl Facts {
    /// In cents.
    pub(super) fn value(&self) -> Option<i64> {
        self.unit_cost.map(|cents| cents.get().saturating_mul(self.quantity.into()))
    }
}

/// Who must say yes to a line, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub need: Need,
    /// `None`: no rule said so.
    pub rule_id: Option<ApprovalRuleId>,
    /// The rule's words as they are now, since it may be changed later; or why it is so without a rule.
    pub reason: String,
}

const AS_THE_MODEL_SAYS: &str = "no rule fits; it is as the model says";
const QUOTA_GONE_OVER: &str = "a quota is gone over";

/// The first rule that fits counts, else what the model says. Going over a quota asks for a technician at least, unless
/// the rule is about that. `rules` in their order.
pub fn evaluate(rules: &[ApprovalRule], facts: &Facts) -> Verdict {
    let found = rules.iter().find(|rule| rule.fits(facts));
    let lifts_quotas = found.is_some_and(|rule| rule.conditions.over_quota == Some(true));
    let verdict = match (found, facts.of_model) {
        (Some(rule), _) => Verdict { need: rule.outcome, rule_id: Some(rule.id), reason: rule.in_words() },
        (None, Approval::None) => without_rule(Need::None, AS_THE_MODEL_SAYS),
        (None, Approval::Technician) => without_rule(Need::Technician, AS_THE_MODEL_SAYS),
    };
    if facts.is_over_quota && !lifts_quotas && verdict.need < Need::Technician {
        return without_rule(Need::Technician, QUOTA_GONE_OVER);
    }
    verdict
}

fn without_rule(need: Need, reason: &str) -> Verdict {
    Verdict { need, rule_id: None, reason: reason.to_owned() }
}

/// One line that needs it holds the whole requisition back; the first of the strictest tells why.
pub fn strictest(verdicts: &[Verdict]) -> Option<&Verdict> {
    // `max_by_key` would give the last one.
    verdicts.iter().rev().max_by_key(|verdict| verdict.need)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::Conditions;
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    fn facts() -> Facts {
        let starts_at: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
        Facts {
            model_id: ModelId::generate(),
            category: Some("Oscilloscopes".to_owned()),
            unit_cost: Cents::parse("200.00"),
            quantity: 2,
            period: Period { starts_at, due_at: starts_at + TimeDelta::days(14) },
            requester_role: Role::Student,
            is_over_quota: false,
            of_model: Approval::Technician,
        }
    }

    fn rule(position: i32, conditions: Conditions, outcome: Need) -> ApprovalRule {
        ApprovalRule { id: ApprovalRuleId::generate(), position, conditions, outcome, enabled: true, version: 1 }
    }

    fn fits(conditions: Conditions) -> bool {
        rule(1, conditions, Need::None).fits(&facts())
    }

    #[test]
    fn the_first_rule_that_fits_counts_and_without_one_the_model() {
        let none = Conditions { category: Some("Cables".to_owned()), ..Conditions::default() };
        let rules = [
            rule(1, none, Need::SupervisorThenTechnician),
            rule(2, Conditions::default(), Need::None),
            rule(3, Conditions::default(), Need::SupervisorThenTechnician),
        ];

        assert_eq!(evaluate(&rules, &facts()).rule_id, Some(rules[1].id));
        assert_eq!(evaluate(&rules[..1], &facts()), without_rule(Need::Technician, AS_THE_MODEL_SAYS));
    }

    #[test]
    fn each_condition_has_its_edge() {
        let all = Conditions::default;
        assert!(fits(Conditions { category: Some("oscilloscopes".to_owned()), ..all() }));
        assert!(fits(Conditions { value_from: Cents::parse("400.00"), ..all() }));
        assert!(!fits(Conditions { value_from: Cents::parse("400.01"), ..all() }));
        assert!(!fits(Conditions { longer_than_days: Some(14), ..all() }));
        assert!(fits(Conditions { longer_than_days: Some(13), ..all() }));
        assert!(!fits(Conditions { more_than_units: Some(2), ..all() }));
        assert!(fits(Conditions { more_than_units: Some(1), ..all() }));
        assert!(!fits(Conditions { requester_role: Some(Role::Professor), ..all() }));
        assert!(!fits(Conditions { over_quota: Some(true), ..all() }));
        assert!(!fits(Conditions { model_id: Some(ModelId::generate()), ..all() }));
    }

    #[test]
    fn what_nobody_knows_the_cost_of_is_worth_nothing_in_particular() {
        let dear = rule(1, Conditions { value_from: Cents::parse("0.00"), ..Conditions::default() }, Need::None);
        assert!(!dear.fits(&Facts { unit_cost: None, ..facts() }));
    }

    #[test]
    fn a_quota_gone_over_is_lifted_only_by_a_rule_about_it() {
        let over = Facts { is_over_quota: true, ..facts() };
        let about = Conditions { over_quota: Some(true), ..Conditions::default() };
        let verdict = |conditions| evaluate(&[rule(1, conditions, Need::None)], &over);

        assert_eq!(verdict(Conditions::default()), without_rule(Need::Technician, QUOTA_GONE_OVER));
        assert_eq!(verdict(about).need, Need::None);
    }

    #[test]
    fn a_rule_tells_itself_in_words() {
        let conditions = Conditions {
            category: Some("Oscilloscopes".to_owned()),
            value_from: Cents::parse("1000.50"),
            longer_than_days: Some(14),
            ..Conditions::default()
        };
        let told = rule(3, conditions, Need::Technician).in_words();
        assert_eq!(told, "rule 3: category Oscilloscopes, worth 1000.50 or more, longer than 14 days");
        assert_eq!(rule(4, Conditions::default(), Need::None).in_words(), "rule 4: everything");
    }

    proptest! {
        /// A rule that fits less never changes what an earlier rule said, and a disabled one says nothing.
        #[test]
        fn later_and_disabled_rules_change_nothing(outcomes in prop::collection::vec(0..3_usize, 1..6), off in any::<bool>()) {
            let all = Conditions::default;
            let rules: Vec<_> = outcomes.iter().map(|index| rule(1, all(), Need::ALL[*index])).collect();
            let mut with_one_before = vec![ApprovalRule { enabled: !off, ..rule(0, all(), Need::None) }];
            with_one_before.extend(rules.clone());

            prop_assert_eq!(evaluate(&rules, &facts()), evaluate(&rules[..1], &facts()));
            let first = if off { &rules[0] } else { &with_one_before[0] };
            prop_assert_eq!(evaluate(&with_one_before, &facts()).rule_id, Some(first.id));
        }

        #[test]
        fn the_strictest_line_counts(needs in prop::collection::vec(0..3_usize, 1..6)) {
            let verdicts: Vec<_> = needs.iter().map(|index| without_rule(Need::ALL[*index], "")).collect();
            let most = verdicts.iter().map(|verdict| verdict.need).max();
            prop_assert_eq!(strictest(&verdicts).map(|verdict| verdict.need), most);
        }
    }
}

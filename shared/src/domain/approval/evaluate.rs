//! What the rules say of one line, and why.

use super::{ApprovalRule, Need};
use crate::domain::{
    equipment::Approval,
    id::{ApprovalRuleId, ModelId},
    money::Cents,
    reason::{Ground, Reason},
    requisition::Period,
    user::Role,
};

/// What rules can ask about a line and the requisition around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub model_id: ModelId,
    pub category: Option<String>,
    /// What the line asks for.
    pub amount: Amount,
    /// What all lines of its model ask for together, so that nobody splits what a rule is about.
    pub of_same_model: Amount,
    /// The same of its category.
    pub of_same_category: Amount,
    pub period: Period,
    pub requester_role: Role,
    pub is_over_quota: bool,
    /// What the model says where no rule fits.
    pub of_model: Approval,
}

/// How much is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    pub units: i32,
    /// What they cost, in cents; `None`: nobody knows.
    pub value: Option<i64>,
}

impl Amount {
    pub fn of(units: i32, unit_cost: Option<Cents>) -> Self {
        Self { units, value: unit_cost.map(|cents| cents.get().saturating_mul(units.into())) }
    }

    /// As far as anybody knows what it costs.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let value = match (self.value, other.value) {
            (Some(value), Some(more)) => Some(value.saturating_add(more)),
            (value, more) => value.or(more),
        };
        Self { units: self.units.saturating_add(other.units), value }
    }
}

impl Facts {
    /// As if the requisition had no other line.
    fn of_line_alone(&self) -> Self {
        Self { of_same_model: self.amount, of_same_category: self.amount, ..self.clone() }
    }
}

/// Who must say yes to a line, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub need: Need,
    /// `None`: no rule said so.
    pub rule_id: Option<ApprovalRuleId>,
    /// The rule as it is now; or why it is so without a rule.
    pub reason: Reason,
}

impl Verdict {
    /// Whether a rule says more than the model, and than the quotas.
    pub fn says_more(&self) -> bool {
        self.rule_id.is_some() || self.reason.has(&Ground::OwnRules)
    }
}

/// The first rule that fits counts, else what the model says. Going over a quota asks for a technician at least, unless
/// the rule is about that; and so does whatever an admin asks for, since admins set the rules. `rules` in their order.
pub fn evaluate(rules: &[ApprovalRule], facts: &Facts) -> Verdict {
    let found = rules.iter().find(|rule| rule.fits(facts));
    let lifts_quotas = found.is_some_and(|rule| rule.conditions.over_quota == Some(true));
    let verdict = match (found, facts.of_model) {
        (Some(rule), _) => Verdict { need: rule.outcome, rule_id: Some(rule.id), reason: why_fits(rule, facts) },
        (None, Approval::None) => without_rule(Need::None, Ground::AsTheModelSays),
        (None, Approval::Technician) => without_rule(Need::Technician, Ground::AsTheModelSays),
    };
    if facts.is_over_quota && !lifts_quotas && verdict.need < Need::Technician {
        return without_rule(Need::Technician, Ground::QuotaGoneOver);
    }
    if facts.requester_role == Role::Admin && verdict.need < Need::Technician {
        return without_rule(Need::Technician, Ground::OwnRules);
    }
    verdict
}

fn why_fits(rule: &ApprovalRule, facts: &Facts) -> Reason {
    let reason = Reason::from(rule.ground());
    if rule.fits(&facts.of_line_alone()) { reason } else { reason.and(Ground::LinesTogether) }
}

fn without_rule(need: Need, ground: Ground) -> Verdict {
    Verdict { need, rule_id: None, reason: ground.into() }
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
            amount: Amount::of(2, Cents::parse("200.00")),
            of_same_model: Amount::of(2, Cents::parse("200.00")),
            of_same_category: Amount::of(2, Cents::parse("200.00")),
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
        assert_eq!(evaluate(&rules[..1], &facts()), without_rule(Need::Technician, Ground::AsTheModelSays));
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
    fn days_of_the_lab_are_no_longer_where_the_clock_is_put_back() {
        let longer_than_14 = rule(1, Conditions { longer_than_days: Some(14), ..Conditions::default() }, Need::None);
        let fits = |from: &str, until: &str| {
            let period = Period { starts_at: from.parse().unwrap(), due_at: until.parse().unwrap() };
            longer_than_14.fits(&Facts { period, ..facts() })
        };

        assert!(!fits("2026-10-12T00:00:00+01:00", "2026-10-26T00:00:00+00:00"));
        assert!(fits("2026-10-12T00:00:00+01:00", "2026-10-26T00:00:01+00:00"));
    }

    #[test]
    fn what_nobody_knows_the_cost_of_is_worth_nothing_in_particular() {
        let dear = rule(1, Conditions { value_from: Cents::parse("0.00"), ..Conditions::default() }, Need::None);
        let unknown = Amount::of(2, None);
        assert!(!dear.fits(&Facts { amount: unknown, of_same_model: unknown, of_same_category: unknown, ..facts() }));
    }

    #[test]
    fn a_rule_about_a_category_counts_its_lines_together_and_every_other_those_of_the_model() {
        let two = Amount::of(2, Cents::parse("200.00"));
        let three = two.and(Amount::of(1, None));
        assert_eq!((three.units, three.value), (3, Some(40_000)));
        let split = Facts { of_same_model: three, of_same_category: three.and(two), ..facts() };
        let more_than = |units| Conditions { more_than_units: Some(units), ..Conditions::default() };
        let of_category = |conditions| Conditions { category: Some("Oscilloscopes".to_owned()), ..conditions };
        let of_model = |conditions| Conditions { model_id: Some(split.model_id), ..conditions };
        for (conditions, fits) in [
            (more_than(2), true),
            (more_than(3), false),
            (of_category(more_than(4)), true),
            (of_category(more_than(5)), false),
            (of_model(of_category(more_than(4))), false),
            (Conditions { value_from: Cents::parse("401.00"), ..Conditions::default() }, false),
            (of_category(Conditions { value_from: Cents::parse("800.00"), ..Conditions::default() }), true),
        ] {
            assert_eq!(rule(1, conditions.clone(), Need::None).fits(&split), fits, "{conditions:?}");
        }
        let why =
            |facts| evaluate(&[rule(1, more_than(2), Need::Technician)], facts).reason.has(&Ground::LinesTogether);
        assert!(
            why(&split) && !why(&Facts { amount: three, ..split.clone() }),
            "told where the line alone is too little"
        );
    }

    #[test]
    fn a_quota_gone_over_is_lifted_only_by_a_rule_about_it() {
        let over = Facts { is_over_quota: true, ..facts() };
        let about = Conditions { over_quota: Some(true), ..Conditions::default() };
        let verdict = |conditions| evaluate(&[rule(1, conditions, Need::None)], &over);

        assert_eq!(verdict(Conditions::default()), without_rule(Need::Technician, Ground::QuotaGoneOver));
        assert_eq!(verdict(about).need, Need::None);
    }

    #[test]
    fn what_an_admin_asks_for_needs_a_colleague_whatever_the_admins_rules_say() {
        let admins = Facts { requester_role: Role::Admin, of_model: Approval::None, ..facts() };
        let nobody = [rule(1, Conditions::default(), Need::None)];
        let strict = [rule(1, Conditions::default(), Need::SupervisorThenTechnician)];

        assert_eq!(evaluate(&nobody, &admins), without_rule(Need::Technician, Ground::OwnRules));
        assert_eq!(evaluate(&[], &admins), without_rule(Need::Technician, Ground::OwnRules));
        assert_eq!(evaluate(&strict, &admins).need, Need::SupervisorThenTechnician);
        assert_eq!(evaluate(&nobody, &Facts { requester_role: Role::Technician, ..admins }).need, Need::None);
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
            let verdicts: Vec<_> = needs.iter().map(|index| without_rule(Need::ALL[*index], Ground::AsTheModelSays)).collect();
            let most = verdicts.iter().map(|verdict| verdict.need).max();
            prop_assert_eq!(strictest(&verdicts).map(|verdict| verdict.need), most);
        }
    }
}

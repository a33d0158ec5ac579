//! Who must say yes to a requisition as a whole, by the rules that hold when it is submitted.

use super::{NewLine, Period, Submission};
use crate::domain::{
    approval::{Amount, Facts, Need, Stage, Verdict, evaluate, strictest},
    id::UserId,
    reason::{Ground, Reason},
    user::Role,
};

/// What the rules say of a requisition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The strictest of its lines'.
    pub need: Need,
    /// Who decides first; `None`: nobody has to.
    pub stage: Option<Stage>,
    pub reason: Reason,
    /// In the order of the lines.
    pub verdicts: Vec<Verdict>,
}

impl Submission {
    /// One line that needs a yes holds the whole requisition back. Where no supervisor is there to be asked, a technician
    /// decides alone, and the reason says so.
    pub fn assess(&self) -> Assessment {
        let lines: Vec<_> = self.lines.iter().map(|promised| &promised.line).collect();
        let asked = AskedFor { lines: &lines, period: self.period, is_over_quota: !self.exceeded().is_empty() };
        let verdicts: Vec<_> = lines.iter().map(|line| self.judge(line, &asked)).collect();
        let strictest = strictest(&verdicts);
        let need = strictest.map_or(Need::None, |verdict| verdict.need);
        let mut reason: Reason = strictest.into_iter().flat_map(|verdict| verdict.reason.clone()).collect();
        let stage = match need {
            Need::None => None,
            Need::Technician => Some(Stage::Technician),
            Need::SupervisorThenTechnician if self.impartial_supervisors().is_empty() => {
                reason = reason.and(match self.supervisors.is_empty() {
                    true => Ground::NoSupervisor,
                    false => Ground::OnlyAskersSupervise,
                });
                Some(Stage::Technician)
            }
            Need::SupervisorThenTechnician => Some(Stage::Supervisor),
        };
        Assessment { need, stage, reason, verdicts }
    }

    /// Those who may decide it.
    pub(super) fn impartial_supervisors(&self) -> Vec<UserId> {
        let asks = |person| person == self.requester_id || self.editors.iter().any(|(editor, _)| *editor == person);
        self.supervisors.iter().copied().filter(|person| !asks(*person)).collect()
    }

    /// By the role of whoever asked and of whoever has edited it: an edit is no way around the rules for either.
    fn judge(&self, line: &NewLine, asked: &AskedFor<'_>) -> Verdict {
        let by_role = |role| evaluate(&self.rules, &asked.facts_of(line, role));
        let of_requester = by_role(self.requester_role);
        let of_editors: Vec<_> = self.editors.iter().map(|(_, role)| by_role(*role)).collect();
        match strictest(&of_editors) {
            Some(stricter) if stricter.need > of_requester.need => {
                Verdict { reason: stricter.reason.clone().and(Ground::ByRoleOfEditor), ..stricter.clone() }
            }
            Some(_) | None => of_requester,
        }
    }
}

/// Lines that are asked for together, for a period.
pub(super) struct AskedFor<'a> {
    pub(super) lines: &'a [&'a NewLine],
    pub(super) period: Period,
    pub(super) is_over_quota: bool,
}

impl AskedFor<'_> {
    /// What rules can ask about one of them.
    pub(super) fn facts_of(&self, line: &NewLine, asked_by: Role) -> Facts {
        Facts {
            model_id: line.model_id,
            category: line.category.clone(),
            amount: line.amount(),
            of_same_model: self.together(|other| other.model_id == line.model_id),
            of_same_category: self.together(|other| category_of(other) == category_of(line)),
            period: self.period,
            requester_role: asked_by,
            is_over_quota: self.is_over_quota,
            of_model: line.approval,
        }
    }

    /// What such lines ask for, of whatever model.
    fn together(&self, are_meant: impl Fn(&NewLine) -> bool) -> Amount {
        let lines = self.lines.iter().filter(|line| are_meant(line));
        lines.fold(Amount::of(0, None), |sum, line| sum.and(line.amount()))
    }
}

/// Whatever its case, as rules have it.
fn category_of(line: &NewLine) -> Option<String> {
    line.category.as_ref().map(|category| category.to_lowercase())
}

impl NewLine {
    fn amount(&self) -> Amount {
        Amount::of(self.quantity, self.unit_cost)
    }
}

impl Assessment {
    /// For those who decide, where it is more than what the model asks for, and than the quotas that are told beside it.
    pub fn told(&self) -> Option<&Reason> {
        let by_rule = self.verdicts.iter().any(|verdict| verdict.need == self.need && verdict.says_more());
        by_rule.then_some(&self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        approval::{ApprovalRule, Conditions},
        equipment::Approval,
        id::{ApprovalRuleId, ModelId},
        requisition::{
            PromisedLine,
            properties::{a_dossier, a_submission},
        },
    };

    /// Of one line, where a rule asks a supervisor first.
    fn supervised_by(supervisors: Vec<UserId>, requester: UserId, editors: Vec<(UserId, Role)>) -> Assessment {
        let rule = ApprovalRule {
            id: ApprovalRuleId::generate(),
            position: 1,
            conditions: Conditions::default(),
            outcome: Need::SupervisorThenTechnician,
            enabled: true,
            version: 1,
        };
        let line = NewLine {
            model_id: ModelId::generate(),
            approval: Approval::None,
            category: None,
            unit_cost: None,
            equipment_id: None,
            quantity: 1,
        };
        let requisition = a_dossier(requester).requisition;
        let lines = vec![PromisedLine { line, units: Vec::new() }];
        Submission { lines, rules: vec![rule], supervisors, editors, ..a_submission(&requisition) }.assess()
    }

    #[test]
    fn where_only_those_supervise_who_ask_for_it_a_technician_decides_and_the_reason_says_so() {
        let [asks, edits, professor] = std::array::from_fn(|_| UserId::generate());
        const ALONE: Ground = Ground::OnlyAskersSupervise;
        let editors = vec![(edits, Role::Professor)];
        for (supervisors, why) in [(vec![], Ground::NoSupervisor), (vec![asks], ALONE), (vec![edits, asks], ALONE)] {
            let assessed = supervised_by(supervisors, asks, editors.clone());
            assert_eq!(assessed.stage, Some(Stage::Technician));
            assert!(assessed.reason.has(&why), "{:?}", assessed.reason);
        }
        assert_eq!(supervised_by(vec![asks, professor], asks, editors).stage, Some(Stage::Supervisor));
    }
}

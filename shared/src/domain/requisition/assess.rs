//! Who must say yes to a requisition as a whole, by the rules that hold when it is submitted.

use super::{NewLine, Submission};
use crate::domain::approval::{Facts, Need, Stage, Verdict, evaluate, strictest};

/// What the rules say of a requisition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The strictest of its lines'.
    pub need: Need,
    /// Who decides first; `None`: nobody has to.
    pub stage: Option<Stage>,
    pub reason: String,
    /// In the order of the lines.
    pub verdicts: Vec<Verdict>,
}

impl Submission {
    /// One line that needs a yes holds the whole requisition back. Where no supervisor is there to be asked, a technician
    /// decides alone, and the reason says so.
    pub fn assess(&self) -> Assessment {
        let is_over_quota = !self.exceeded().is_empty();
        let verdicts: Vec<_> = self
            .lines
            .iter()
            .map(|promised| evaluate(&self.rules, &self.facts_of(&promised.line, is_over_quota)))
            .collect();
        let strictest = strictest(&verdicts);
        let need = strictest.map_or(Need::None, |verdict| verdict.need);
        let mut reason = strictest.map(|verdict| verdict.reason.clone()).unwrap_or_default();
        let stage = match need {
            Need::None => None,
            Need::Technician => Some(Stage::Technician),
            Need::SupervisorThenTechnician if self.supervisors.is_empty() => {
                reason.push_str("; the project has no supervisor, so a technician decides");
                Some(Stage::Technician)
            }
            Need::SupervisorThenTechnician => Some(Stage::Supervisor),
        };
        Assessment { need, stage, reason, verdicts }
    }

    fn facts_of(&self, line: &NewLine, is_over_quota: bool) -> Facts {
        Facts {
            model_id: line.model_id,
            category: line.category.clone(),
            unit_cost: line.unit_cost,
            quantity: line.quantity,
            period: self.period,
            requester_role: self.requester_role,
            is_over_quota,
            of_model: line.approval,
        }
    }
}

impl Assessment {
    /// For those who decide, where a rule says more than that the model asks for it.
    pub fn told(&self) -> Option<&str> {
        let by_rule = self.verdicts.iter().any(|verdict| verdict.need == self.need && verdict.rule_id.is_some());
        by_rule.then_some(self.reason.as_str())
    }
}

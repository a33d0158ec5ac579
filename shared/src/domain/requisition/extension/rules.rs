//! The rules of approval, asked anew about the whole of the longer time: an extension is no way around them.

use super::{ExtensionGround, ExtensionWish, MustBeDecided};
use crate::domain::{
    approval::{Need, Verdict, evaluate, strictest},
    reason::Ground,
    requisition::{Line, Loan, NewLine, Period, assess::AskedFor},
};

/// More time for a loan, as the rules see it.
pub(super) struct AskedAnew<'a> {
    pub(super) line: &'a Line,
    pub(super) loan: &'a Loan,
    pub(super) wish: &'a ExtensionWish,
    pub(super) is_over_quota: bool,
}

impl ExtensionGround {
    /// What they ask for beyond what they ask of the present time, and what somebody has said yes to already; empty: nothing.
    /// Quotas and an admin's own wish have grounds of their own.
    pub(super) fn by_rules(&self, asked: &AskedAnew<'_>) -> Vec<Ground> {
        let longer = Period { due_at: asked.wish.due_at, ..asked.loan.period };
        let (Some(verdict), Some(present)) = (self.judge(asked, longer), self.judge(asked, asked.loan.period)) else {
            return Vec::new();
        };
        let has_own = [Ground::QuotaGoneOver, Ground::OwnRules].iter().any(|ground| verdict.reason.has(ground));
        if has_own || verdict.need <= present.need.max(self.said_yes_to(asked.line)) {
            return Vec::new();
        }
        let why = match verdict.need {
            Need::None | Need::Technician => MustBeDecided::RulesAskTechnician,
            Need::SupervisorThenTechnician => MustBeDecided::RulesAskSupervisor,
        };
        [Ground::MustBeDecided { why }].into_iter().chain(verdict.reason).collect()
    }

    /// By the stricter of the roles of whoever has the unit and whoever asks for more time.
    fn judge(&self, asked: &AskedAnew<'_>, period: Period) -> Option<Verdict> {
        let (_, line) = self.lines.iter().find(|(id, _)| *id == asked.line.id)?;
        let lines: Vec<&NewLine> = self.lines.iter().map(|(_, line)| line).collect();
        let together = AskedFor { lines: &lines, period, is_over_quota: asked.is_over_quota };
        let roles = [self.borrower_role, asked.wish.role];
        strictest(&roles.map(|role| evaluate(&self.approval_rules, &together.facts_of(line, role)))).cloned()
    }

    /// Who has agreed to the loan so far: when it was asked for, or when it was given more time.
    fn said_yes_to(&self, line: &Line) -> Need {
        let at_first = line.verdict.as_ref().map_or(Need::None, |verdict| verdict.need);
        let was_decided = line.decided.is_some() || self.granted().any(|extension| extension.decided_by.is_some());
        if was_decided { at_first.max(Need::Technician) } else { at_first }
    }
}

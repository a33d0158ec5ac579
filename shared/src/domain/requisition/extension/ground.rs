//! What speaks against more time: what nobody can grant, and what the rule leaves to a technician.

use super::{Extension, ExtensionRefused, ExtensionStatus, ExtensionWish, rules::AskedAnew};
use crate::domain::{
    approval::ApprovalRule,
    availability::{NextUse, Rules, UnitPlan},
    id::{LineId, LoanId, UserId},
    lab_day::CLOCK_CHANGE,
    lab_settings::LabNumbers,
    quota::{Exceeded, Standing, exceeded_by_going_on},
    reason::{Ground, Reason},
    requisition::{Line, Loan, NewLine, Period},
    user::Role,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What must be known beside the loan to answer a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionGround {
    pub limits: LabNumbers,
    /// By which it is decided what is free.
    pub rules: Rules,
    /// What is planned for the unit; `None`: Snipe-IT does not list it any more.
    pub plan: Option<UnitPlan>,
    /// All of this loan and of those whose unit its own took the place of, the oldest first.
    pub before: Vec<Extension>,
    /// Somebody else waits for such a unit in that time.
    pub somebody_waits: bool,
    pub borrower_role: Role,
    /// From when on its days count: its beginning, or the hand-over where that came before it, also that of the unit whose
    /// place its own took.
    pub days_since: DateTime<Utc>,
    /// The quotas that hold for the project and the borrower, as they stand now without what waits for this loan.
    pub quotas: Vec<Standing>,
    /// Of the unit's model.
    pub category: Option<String>,
    /// What the loan's requisition asks for, as it was granted.
    pub lines: Vec<(LineId, NewLine)>,
    /// Of approval, in their order.
    pub approval_rules: Vec<ApprovalRule>,
}

/// Why a technician must decide. Stored: a variant may be added, its name stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MustBeDecided {
    Overdue,
    SomebodyWaits,
    /// Or in none of Snipe-IT's lists any more.
    OutOfOrder,
    /// An admin's wish.
    OwnRules,
    TooOften,
    TooLong,
    OverQuota,
    /// The rules of approval, asked about the whole of the longer time.
    RulesAskTechnician,
    /// The same; about more time a technician decides all the same.
    RulesAskSupervisor,
}

impl ExtensionGround {
    /// What the unit is planned for that a later due date would come too near to: nobody grants it then.
    pub fn next_use(&self, loan: &Loan, due_at: DateTime<Utc>) -> Option<NextUse> {
        self.rules.next_use(self.plan.as_ref()?, loan.period, due_at)
    }

    pub(super) fn check_next_use(&self, loan: &Loan, due_at: DateTime<Utc>) -> Result<(), ExtensionRefused> {
        self.next_use(loan, due_at).map_or(Ok(()), |next| Err(ExtensionRefused::WantedByOthers(next)))
    }

    pub(super) fn asked(&self, loan: LoanId) -> Option<&Extension> {
        self.before.iter().find(|one| one.loan_id == loan && one.status == ExtensionStatus::Asked)
    }

    pub(super) fn asked_by_others(&self, loan: LoanId, by: UserId) -> Result<Extension, ExtensionRefused> {
        let asked = self.asked(loan).ok_or(ExtensionRefused::NothingAsked)?;
        if asked.asked_by == by { Err(ExtensionRefused::OwnWish) } else { Ok(asked.clone()) }
    }

    /// The quotas that the longer loan would go over. What is late is counted until now already.
    pub(super) fn exceeded(&self, loan: &Loan, due_at: DateTime<Utc>) -> Vec<Exceeded> {
        let counted = Period { starts_at: self.days_since, due_at: loan.period.due_at.max(self.rules.now) };
        exceeded_by_going_on(&self.quotas, self.category.as_deref(), counted, due_at)
    }

    /// What keeps the rule from saying yes: the first of the lab's limits, what the rules of approval ask for, and the quotas.
    /// `None`: nothing. `exceeded`: what would be gone over.
    pub(super) fn must_be_decided(
        &self,
        (line, loan): (&Line, &Loan),
        wish: &ExtensionWish,
        exceeded: &[Exceeded],
        now: DateTime<Utc>,
    ) -> Option<Reason> {
        let limit = self.beyond_limits(loan, wish, exceeded, now).map(|why| Ground::MustBeDecided { why });
        let asked = AskedAnew { line, loan, wish, is_over_quota: !exceeded.is_empty() };
        let over = exceeded.iter().cloned().map(Ground::OverQuota);
        let grounds: Vec<_> = limit.into_iter().chain(self.by_rules(&asked)).chain(over).collect();
        (!grounds.is_empty()).then(|| grounds.into_iter().collect())
    }

    fn beyond_limits(
        &self,
        loan: &Loan,
        wish: &ExtensionWish,
        exceeded: &[Exceeded],
        now: DateTime<Utc>,
    ) -> Option<MustBeDecided> {
        let first_due = self.granted().next().map_or(loan.period.due_at, |first| first.due_before);
        let most = TimeDelta::days(self.limits.extension_days_max.into()) + CLOCK_CHANGE;
        let often = i64::try_from(self.granted().count()).unwrap_or(i64::MAX);
        if loan.period.due_at <= now {
            Some(MustBeDecided::Overdue)
        } else if self.somebody_waits {
            Some(MustBeDecided::SomebodyWaits)
        } else if self.plan.as_ref().is_none_or(|plan| !plan.is_in_order) {
            Some(MustBeDecided::OutOfOrder)
        } else if often >= self.limits.extensions_max.into() {
            Some(MustBeDecided::TooOften)
        } else if wish.due_at - first_due > most {
            Some(MustBeDecided::TooLong)
        } else if !exceeded.is_empty() {
            Some(MustBeDecided::OverQuota)
        } else if [wish.role, self.borrower_role].contains(&Role::Admin) {
            Some(MustBeDecided::OwnRules)
        } else {
            None
        }
    }

    pub(super) fn granted(&self) -> impl Iterator<Item = &Extension> {
        self.before.iter().filter(|extension| extension.status == ExtensionStatus::Granted)
    }
}

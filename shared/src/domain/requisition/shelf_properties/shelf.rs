//! The shelf as the database tells it, and a look at every hour of it that knows no rule.

use super::world::World;
use crate::domain::{
    availability::{Occupation, OccupationKind, Rules, UnitPlan},
    equipment::Unit,
    id::{EquipmentId, UserId},
    requisition::{Dossier, Loan, LoanStatus, Period, properties::an_empty_plan},
    waiting_list::{Hold, WaitingStatus},
};
use chrono::{DateTime, TimeDelta, Utc};

impl World {
    pub(super) fn rules(&self) -> Rules {
        Rules { now: self.now, buffer: self.buffer }
    }

    fn loans(&self, unit: EquipmentId) -> impl Iterator<Item = &Loan> {
        let all = self.dossiers.iter().flat_map(|dossier: &Dossier| &dossier.loans);
        all.filter(move |loan| loan.equipment_id == unit)
    }

    /// By which it is promised or out.
    pub(super) fn live_loans(&self, unit: EquipmentId) -> Vec<&Loan> {
        self.loans(unit).filter(|loan| loan.status == LoanStatus::Promised || loan.status.is_out()).collect()
    }

    /// With whom they are kept for.
    pub(super) fn live_holds(&self) -> impl Iterator<Item = (&Hold, UserId)> {
        self.holds.iter().filter_map(|hold| {
            let entry = self.entries.iter().find(|entry| entry.id == hold.entry_id)?;
            let is_live = matches!(entry.status, WaitingStatus::Held | WaitingStatus::Taken)
                && entry.held_until.is_none_or(|until| until > self.now);
            is_live.then_some((hold, entry.user_id))
        })
    }

    /// As `store::shelf` reads them.
    pub(super) fn plans(&self, asker: Option<UserId>) -> Vec<UnitPlan> {
        let of_loan = |loan: &&Loan| Occupation {
            kind: if loan.status.is_out() { OccupationKind::Lent } else { OccupationKind::Promised },
            period: loan.period,
        };
        let plan = |unit: &Unit| {
            let loans = self.live_loans(unit.id);
            let (askers, others): (Vec<_>, Vec<_>) = self
                .live_holds()
                .filter(|(hold, _)| hold.equipment_id == unit.id)
                .partition(|(_, holder)| asker == Some(*holder));
            let held = others.iter().map(|(hold, _)| Occupation { kind: OccupationKind::Held, period: hold.period });
            UnitPlan {
                is_held: loans.iter().any(|loan| loan.status == LoanStatus::CheckedOut),
                last_return: self.last_return(unit.id),
                is_kept_for_asker: !askers.is_empty(),
                occupations: loans.iter().map(of_loan).chain(held).collect(),
                ..an_empty_plan(*unit)
            }
        };
        self.units.iter().map(plan).collect()
    }

    fn last_return(&self, unit: EquipmentId) -> Option<DateTime<Utc>> {
        self.loans(unit).filter(|loan| loan.status == LoanStatus::Returned).filter_map(|loan| loan.returned_at).max()
    }

    /// For how long the unit is this loan's, in fact: what is out is out, whenever it was to begin.
    pub(super) fn in_hand(&self, loan: &Loan) -> Period {
        let Period { starts_at, due_at } = loan.period;
        Period { starts_at: if loan.status.is_out() { starts_at.min(self.now) } else { starts_at }, due_at }
    }

    /// The units that nobody else has or needs in any hour of the period that is to come, nor so soon before or after it as
    /// the lab lets none be lent.
    pub(super) fn free_hour_by_hour(&self, asker: UserId, period: Period) -> Vec<EquipmentId> {
        let given_at = period.starts_at.max(self.now);
        let is_taken = |unit: EquipmentId, hour: DateTime<Utc>| {
            let is_in = |period: Period| period.starts_at <= hour && hour < period.due_at;
            self.live_loans(unit).iter().any(|loan| is_in(self.in_hand(loan)))
                || self.live_holds().any(|(hold, holder)| {
                    hold.equipment_id == unit && holder != asker && hold.period.due_at > self.now && is_in(hold.period)
                })
        };
        let is_free = |unit: EquipmentId| {
            let is_late =
                self.live_loans(unit).iter().any(|loan| loan.status.is_out() && loan.period.due_at <= self.now);
            let has_rested = self.last_return(unit).is_none_or(|back| back + self.buffer <= given_at);
            let hours = (period.due_at - period.starts_at + self.buffer * 2).num_hours();
            let mut around = (0..hours).map(|hour| period.starts_at - self.buffer + TimeDelta::hours(hour));
            !is_late && has_rested && !around.any(|hour| is_taken(unit, hour))
        };
        self.units.iter().map(|unit| unit.id).filter(|unit| is_free(*unit)).collect()
    }
}

//! Serving a line: what is over leaves it, and whoever comes first and can be served whole has the units kept.

use super::{Hold, WaitingEntry, WaitingStatus};
use crate::domain::{
    actor::Actor,
    availability::{Occupation, OccupationKind, Rules, UnitPlan, Wish, pick},
    change::{Cause, Change, NewNotification, Recipient, Write},
    equipment::Unit,
    id::{HoldId, NotificationId},
    job::{DueTime, NewJob},
    notification::NotificationEvent,
    requisition::Period,
};
use chrono::TimeDelta;

/// Everybody who waits for one model, and its units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub model_name: String,
    /// Waiting or held, in the order in which they came.
    pub entries: Vec<WaitingEntry>,
    /// Without the units that are kept past their time.
    pub plans: Vec<UnitPlan>,
    pub rules: Rules,
    /// For how long units are kept.
    pub hold: TimeDelta,
}

/// Whoever cannot be served whole waits on, and keeps nobody behind them from being served.
pub fn serve(mut line: Line) -> Change {
    let mut change = Change::default();
    let now = line.rules.now;
    let (going_on, over): (Vec<_>, Vec<_>) = std::mem::take(&mut line.entries)
        .into_iter()
        .partition(|entry| entry.remaining(now).is_some() && entry.held_until.is_none_or(|until| until > now));
    // First of all, because somebody who came earlier may get what is given up here.
    for entry in over {
        change.append(entry.expire());
    }
    for entry in going_on.into_iter().filter(|entry| entry.status == WaitingStatus::Waiting) {
        let Some(period) = entry.remaining(now) else { continue };
        let units = line.find_units(&entry, period);
        if !units.is_empty() {
            change.append(line.keep(entry, period, &units));
        }
    }
    change
}

impl Line {
    /// All that the entry wants, or none.
    fn find_units(&self, entry: &WaitingEntry, period: Period) -> Vec<Unit> {
        let quantity = usize::try_from(entry.quantity).unwrap_or(usize::MAX);
        let units = pick(&self.plans, &Wish { period, quantity, excluding: &[], only: None }, &self.rules);
        if units.len() == quantity { units } else { Vec::new() }
    }

    fn keep(&mut self, entry: WaitingEntry, period: Period, units: &[Unit]) -> Change {
        let until = (self.rules.now + self.hold).min(entry.period.due_at);
        let entry = WaitingEntry { period, ..entry };
        let held = WaitingEntry { status: WaitingStatus::Held, held_until: Some(until), ..entry.clone() };
        let mut change = Change::default();
        change.history.push(held.told(Some(entry.status), &Cause::new(Actor::System, "hold_granted")));
        change.jobs.push(NewJob::serve_waiting_list(entry.model_id, DueTime::Lab(until)));
        change.notify(NewNotification {
            id: NotificationId::generate(),
            event: NotificationEvent::HoldGranted,
            to: Recipient::User(entry.user_id),
            requisition_id: None,
            subject_id: entry.project_id.0,
            message: Some(format!("{} × {}", entry.quantity, self.model_name)),
        });
        change.writes.push(Write::UpdateWaitingEntry(held));
        for unit in units {
            let hold = Hold { id: HoldId::generate(), entry_id: entry.id, equipment_id: unit.id, period };
            change.writes.push(Write::InsertHold(hold));
            if let Some(plan) = self.plans.iter_mut().find(|plan| plan.unit == *unit) {
                plan.occupations.push(Occupation { kind: OccupationKind::Held, period });
            }
        }
        change
    }
}

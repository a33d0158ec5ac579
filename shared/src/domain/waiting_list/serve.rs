//! Serving a line: what is over leaves it, and whoever comes first and can be served whole has the units kept.

use super::{Hold, NamedEntry, WaitingEntry, WaitingStatus, end_places};
use crate::domain::{
    actor::Actor,
    availability::{Occupation, OccupationKind, Rules, UnitPlan, Wish, pick},
    change::{Cause, Change, NewNotification, Recipient, Write},
    equipment::Unit,
    id::{HoldId, NotificationId, UserId, WaitingEntryId},
    job::{DueTime, NewJob},
    notification::{Message, NotificationEvent},
    permission::Permission,
    project::{MemberRole, ProjectStatus},
    requisition::{OverdueStanding, Period, check_standing},
};
use chrono::TimeDelta;

/// Everybody who waits for one model, and its units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub model_name: String,
    /// Waiting or held, in the order in which they came.
    pub entries: Vec<InLine>,
    /// Without the units that are kept past their time.
    pub plans: Vec<UnitPlan>,
    pub rules: Rules,
    /// For how long units are kept.
    pub hold: TimeDelta,
}

/// A place, and where its person stands in the project now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InLine {
    pub entry: WaitingEntry,
    pub project_status: ProjectStatus,
    pub member_role: Option<MemberRole>,
    pub overdue: OverdueStanding,
}

/// Whoever cannot be served whole waits on, and keeps nobody behind them from being served. Nothing is kept for those who
/// may not ask for it: their places end, or wait on while they only have to bring something back first.
pub fn serve(mut line: Line) -> Change {
    let mut change = Change::default();
    let now = line.rules.now;
    let (entries, astray): (Vec<_>, Vec<_>) = std::mem::take(&mut line.entries).into_iter().partition(InLine::may_ask);
    let astray = astray.into_iter().map(|one| NamedEntry { entry: one.entry, model_name: line.model_name.clone() });
    change.append(end_places(astray, &Cause::new(Actor::System, "may_not_ask")));
    let (going_on, over): (Vec<_>, Vec<_>) = entries.into_iter().partition(|one| one.entry.is_going_on(now));
    let mut places: Vec<_> = going_on.iter().map(|one| (one.entry.id, one.entry.user_id, one.entry.period)).collect();
    // First of all, because somebody who came earlier may get what is given up here.
    for one in over {
        change.append(one.entry.expire());
    }
    for one in going_on {
        if one.entry.status != WaitingStatus::Waiting || one.overdue.check(now).is_err() {
            continue;
        }
        let entry = one.entry;
        let Some((period, units)) = entry.remaining(now).and_then(|period| line.find_units(&entry, period)) else {
            continue;
        };
        let is_of_another = |place: &(WaitingEntryId, UserId, Period)| {
            place.0 != entry.id && (place.1, place.2) == (entry.user_id, period)
        };
        // Nobody has two places of one period: this one waits for another moment.
        if !places.iter().any(is_of_another) {
            places.push((entry.id, entry.user_id, period));
            change.append(line.keep(entry, period, &units));
        }
    }
    change
}

impl InLine {
    fn may_ask(&self) -> bool {
        check_standing(Permission::JoinWaitingList, self.member_role, self.project_status).is_ok()
    }
}

impl Line {
    /// All that the entry wants, or none; from when on it can have it, where units only rest after their return until then.
    fn find_units(&self, entry: &WaitingEntry, period: Period) -> Option<(Period, Vec<Unit>)> {
        let quantity = usize::try_from(entry.quantity).unwrap_or(usize::MAX);
        let mut rested: Vec<_> = self.plans.iter().filter_map(|plan| self.rules.rested_at(plan, period)).collect();
        rested.sort_unstable();
        std::iter::once(period.starts_at).chain(rested).find_map(|starts_at| {
            let period = Period { starts_at, ..period };
            let units = pick(&self.plans, &Wish { period, quantity, excluding: &[], only: None }, &self.rules);
            (units.len() == quantity).then_some((period, units))
        })
    }

    fn keep(&mut self, entry: WaitingEntry, period: Period, units: &[Unit]) -> Change {
        let until = (self.rules.now + self.hold).min(entry.period.due_at);
        let (id, model, to) = (entry.id, entry.model_id, Recipient::User(entry.user_id));
        let entry = WaitingEntry { period, held_until: Some(until), ..entry };
        let told = NamedEntry { entry: entry.clone(), model_name: self.model_name.clone() }.in_words();
        let mut change = entry.moved_to(WaitingStatus::Held, &Cause::new(Actor::System, "hold_granted"));
        change.jobs.push(NewJob::serve_waiting_list(model, DueTime::Lab(until)));
        change.notify(NewNotification {
            id: NotificationId::generate(),
            event: NotificationEvent::HoldGranted,
            to,
            requisition_id: None,
            subject_id: id.0,
            message: Some(Message::Said(told)),
        });
        for unit in units {
            let hold = Hold { id: HoldId::generate(), entry_id: id, equipment_id: unit.id, period };
            change.writes.push(Write::InsertHold(hold));
            if let Some(plan) = self.plans.iter_mut().find(|plan| plan.unit == *unit) {
                plan.occupations.push(Occupation { kind: OccupationKind::Held, period });
            }
        }
        change
    }
}

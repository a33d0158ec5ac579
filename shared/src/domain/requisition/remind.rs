//! Reminding those who have not decided: once for each stage, after the lab's number of hours; until its time is over.

use super::{Dossier, Transition};
use crate::domain::{
    actor::Actor,
    approval::Stage,
    change::{Cause, Change, Recipient},
    deputy::StandIn,
    id::UserId,
    job::NewJob,
    notification::{Message, NotificationEvent},
};
use chrono::{DateTime, TimeDelta, Utc};

/// How often the number of hours is looked at again: it may have been changed meanwhile. It is 1 at the least.
pub(super) const LOOK_AGAIN: TimeDelta = TimeDelta::hours(1);

/// Who can be asked for a decision about a requisition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Approvers {
    pub supervisors: Vec<UserId>,
    /// Of the supervisors.
    pub deputies: Vec<StandIn>,
    /// Technicians and admins.
    pub staff: Vec<UserId>,
    /// Who may not decide it: whoever has asked, edited or borrowed for the project since.
    pub insiders: Vec<UserId>,
}

/// What becomes of a reminder.
#[derive(Debug, Clone, PartialEq)]
pub enum Reminded {
    /// Decided, cancelled or rejected.
    NotWaiting,
    /// Once is all.
    Already,
    /// Ask again then, by the lab's clock.
    Wait { until: DateTime<Utc> },
    /// `then`: when to look again, by the lab's clock.
    Now { change: Box<Change>, then: Option<DateTime<Utc>> },
    /// Its period is over; nobody decides it any more.
    Lapsed(Box<Change>),
}

impl Dossier {
    /// Reminds everybody who may decide next, if what waits now has waited for so many hours. Nobody is reminded who may
    /// not: neither whoever it is for, nor, of the second yes, whoever gave the first. It is looked after until it is decided,
    /// or its period is over.
    pub fn remind_approvers(self, approvers: &Approvers, after_hours: i32) -> Reminded {
        let (Some(stage), Some(since)) = (self.requisition.waiting_for, self.requisition.waiting_since) else {
            return Reminded::NotWaiting;
        };
        if self.requisition.period.due_at <= self.now {
            return Reminded::Lapsed(Box::new(self.lapse()));
        }
        let look_again = self.look_again();
        if self.requisition.reminded_at.is_some() {
            return Reminded::Wait { until: look_again };
        }
        let due = since + TimeDelta::hours(after_hours.into());
        if self.now < due {
            return Reminded::Wait { until: due.min(look_again) };
        }
        let waited_for = self.waited_for(approvers, stage);
        Reminded::Now { change: Box::new(self.remind(&waited_for)), then: Some(look_again) }
    }

    fn look_again(&self) -> DateTime<Utc> {
        self.requisition.period.due_at.min(self.now + LOOK_AGAIN)
    }

    /// A supervisor who has left, or may not decide it, cannot be waited for; technicians decide then.
    fn waited_for(&self, approvers: &Approvers, stage: Stage) -> Vec<UserId> {
        let Approvers { supervisors, deputies, staff, insiders } = approvers;
        let supervisors = self.impartial_supervisors(supervisors, insiders);
        let asked = match stage {
            Stage::Supervisor if !supervisors.is_empty() => self.with_deputies(&supervisors, deputies),
            Stage::Supervisor | Stage::Technician => staff.clone(),
        };
        let may = |person: &UserId| !self.is_of(*person) && !insiders.contains(person) && !self.has_agreed(*person);
        asked.into_iter().filter(may).collect()
    }

    /// They, or somebody in their place.
    fn has_agreed(&self, person: UserId) -> bool {
        self.requisition.endorsed.is_some_and(|first| first.by == person || first.on_behalf_of == Some(person))
    }

    /// Supervisors and those who stand in for them, each once; not where it is either's own.
    pub(super) fn with_deputies(&self, supervisors: &[UserId], deputies: &[StandIn]) -> Vec<UserId> {
        let mut asked = supervisors.to_vec();
        for StandIn { deputy, absent } in deputies {
            if !self.is_of(*deputy) && !self.is_of(*absent) && !asked.contains(deputy) {
                asked.push(*deputy);
            }
        }
        asked
    }

    fn remind(self, waited_for: &[UserId]) -> Change {
        let mut transition = self.begin();
        let (now, subject) = (transition.after.now, transition.after.requisition.id.0);
        transition.after.requisition.reminded_at = Some(now);
        for person in waited_for {
            let why = transition.after.requisition.approval_reason.clone().map(Message::Reason);
            transition.notify(NotificationEvent::ApprovalReminder, Recipient::User(*person), subject, why);
        }
        let cause = Cause::new(Actor::System, "approvers_reminded");
        transition.tell(&cause);
        transition.finish(&cause)
    }
}

impl Transition {
    /// Another stage, or other lines that wait, are waited for anew; a reminder is due once for each stage and edit.
    pub(super) fn note_waiting(&mut self) {
        let waiting = |dossier: &Dossier| dossier.undecided_lines().map(|line| line.id).collect::<Vec<_>>();
        let before = self.before.as_ref();
        let stage_before = before.and_then(|before| before.requisition.waiting_for);
        let is_edited = before.is_some_and(|before| before.requisition.edits != self.after.requisition.edits);
        let is_less = before.is_some_and(|before| waiting(before) != waiting(&self.after));
        let (now, look_again) = (self.after.now, self.after.look_again());
        let requisition = &mut self.after.requisition;
        if requisition.waiting_for.is_none() {
            requisition.waiting_since = None;
        } else if requisition.waiting_for != stage_before || is_edited {
            requisition.waiting_since = Some(now);
            requisition.reminded_at = None;
            self.change.jobs.push(NewJob::remind_approvers(requisition.id, look_again));
        } else if is_less {
            requisition.waiting_since = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::requisition::{
        Decide, Endorsed,
        properties::{a_dossier, now},
    };
    use crate::domain::{change::Write, project::MemberRole, user::Role};

    fn waiting_for(stage: Stage) -> Dossier {
        let mut dossier = a_dossier(UserId::generate());
        dossier.requisition.waiting_for = Some(stage);
        dossier.requisition.waiting_since = Some(now());
        dossier
    }

    fn after(dossier: Dossier, hours: i64) -> Dossier {
        Dossier { now: now() + TimeDelta::hours(hours), ..dossier }
    }

    fn asked(reminded: Reminded) -> Vec<UserId> {
        let Reminded::Now { change, .. } = reminded else { panic!("nobody was reminded: {reminded:?}") };
        let to = |recipient| match recipient {
            Recipient::User(person) => person,
            Recipient::Technicians | Recipient::Deciders(_) => panic!("each by name"),
        };
        change.notifications.iter().map(|letter| to(letter.to)).collect()
    }

    #[test]
    fn the_hour_is_looked_at_again_until_it_has_come() {
        let (dossier, approvers) = (waiting_for(Stage::Technician), Approvers::default());
        let wait = |hours, of| after(dossier.clone(), hours).remind_approvers(&approvers, of);

        assert_eq!(wait(0, 24), Reminded::Wait { until: now() + TimeDelta::hours(1) });
        assert_eq!(wait(23, 24), Reminded::Wait { until: now() + TimeDelta::hours(24) });
        assert!(matches!(wait(24, 24), Reminded::Now { .. }));
        assert!(matches!(wait(2, 2), Reminded::Now { .. }), "whatever the number was before");
        assert!(matches!(wait(24, 48), Reminded::Wait { .. }));
    }

    #[test]
    fn whoever_may_not_decide_is_not_reminded() {
        let [own, endorser, absent, borrower, colleague, professor] = std::array::from_fn(|_| UserId::generate());
        let staff = vec![own, endorser, absent, borrower, colleague];
        let insiders = vec![own, borrower];
        let approvers = Approvers { supervisors: vec![professor], deputies: Vec::new(), staff, insiders };
        let mut dossier = after(waiting_for(Stage::Technician), 24);
        dossier.requisition.requester_id = own;
        dossier.requisition.endorsed = Some(Endorsed { by: endorser, on_behalf_of: Some(absent), at: now() });
        assert_eq!(asked(dossier.remind_approvers(&approvers, 24)), [colleague]);

        let first = after(waiting_for(Stage::Supervisor), 24);
        assert_eq!(asked(first.clone().remind_approvers(&approvers, 24)), [professor]);
        for supervisors in [Vec::new(), vec![own], vec![borrower]] {
            let without = Approvers { supervisors, ..approvers.clone() };
            assert_eq!(asked(first.clone().remind_approvers(&without, 24)), [endorser, absent, colleague]);
        }
    }

    #[test]
    fn what_is_undecided_lapses_from_the_moment_at_which_its_period_is_over_reminded_of_or_not() {
        let week = 7 * 24;
        for reminded_at in [None, Some(now())] {
            let mut dossier = waiting_for(Stage::Technician);
            dossier.requisition.reminded_at = reminded_at;
            let last = dossier.requisition.period.due_at;
            let nearly = Dossier { now: last - TimeDelta::minutes(5), ..dossier.clone() };
            assert_eq!(nearly.remind_approvers(&Approvers::default(), 720), Reminded::Wait { until: last });

            let lapsed = after(dossier, week).remind_approvers(&Approvers::default(), 1);

            let Reminded::Lapsed(change) = lapsed else { panic!("{lapsed:?}") };
            let told: Vec<_> = change.notifications.iter().map(|letter| letter.event).collect();
            assert_eq!(told, [NotificationEvent::PeriodOver]);
        }
    }

    #[test]
    fn each_stage_is_reminded_of_once_and_another_stage_anew() {
        let mut dossier = after(waiting_for(Stage::Supervisor), 24);
        dossier.requisition.reminded_at = Some(now());
        let until = dossier.now + TimeDelta::hours(1);
        assert_eq!(dossier.clone().remind_approvers(&Approvers::default(), 1), Reminded::Wait { until });
        let by = Decide {
            by: UserId::generate(),
            role: Role::Professor,
            member: Some(MemberRole::Supervisor),
            is_supervised: true,
            in_place_of: None,
            names_version: false,
            has_part: false,
        };

        let change = dossier.clone().endorse(by).unwrap();

        let Some(Write::UpdateRequisition(after)) = change.writes.first() else { panic!("{change:?}") };
        assert_eq!((after.waiting_since, after.reminded_at), (Some(dossier.now), None));
        assert_eq!(change.jobs.len(), 1);
    }
}

//! Editing: until the first decision, what is asked for may become something else, and the rules judge it anew.
//!
//! No line is rewritten: its id stands for what it asks for, also for whoever is deciding about it. A line that is not wanted
//! as it was is withdrawn and another is added, so that nothing is lost and a decision that names the old line is refused.
//! Another period, another purpose and added lines are noticed by the version, without which nobody grants what was edited.

mod period;
mod words;

use super::{
    Dossier, Line, LineStatus, PromisedLine, Requisition, RequisitionStatus, Submission, SubmitRefused, Transition,
    submit::{exceptions, judge, new_line},
};
use crate::domain::{
    actor::Actor,
    approval::Verdict,
    change::{Cause, Change, Entity, HistoryEntry, Write, entry},
    id::{LineId, ModelId, RequisitionId, UserId},
    notification::NotificationEvent,
    permission::Permission,
    waiting_list::Claim,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// An edit, and what the requisition was before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub requisition_id: RequisitionId,
    /// From 1.
    pub number: i32,
    pub by: UserId,
    /// The lab's time.
    pub at: DateTime<Utc>,
    pub before: Requisition,
    /// What the rules had said of the lines that stood then.
    pub verdicts: Vec<(LineId, Verdict)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    #[error("the requisition is {0}; only one that waits for its first decision can be edited, so ask for a new one")]
    Over(RequisitionStatus),
    #[error("part of it has been decided already; cancel what still waits and ask for that anew")]
    PartlyDecided,
    #[error("nobody had to decide it, and its units are kept already; cancel it and ask anew")]
    GoesThrough,
    #[error(transparent)]
    Submit(SubmitRefused),
}

impl Dossier {
    /// Whether it waits for its first decision. A supervisor who has agreed is asked again after an edit.
    ///
    /// # Errors
    /// Why it is too late.
    pub fn check_edit(&self) -> Result<(), EditRefused> {
        let status = self.requisition.status;
        if !Permission::EditRequisition.rule().allowed_while.allows_requisition(status) {
            return Err(EditRefused::Over(status));
        }
        if self.requisition.decided_by.is_some() {
            return Err(EditRefused::PartlyDecided);
        }
        if self.standing_lines().any(|line| line.status != LineStatus::Pending) {
            return Err(EditRefused::GoesThrough);
        }
        Ok(())
    }

    /// Whether the submission asks for what is asked for already.
    pub fn asks_for(&self, submission: &Submission) -> bool {
        let Requisition { purpose, period, .. } = &self.requisition;
        let kept = self.kept_lines(&submission.lines);
        *purpose == submission.purpose
            && *period == submission.period
            && kept.iter().all(Option::is_some)
            && kept.len() == self.standing_lines().count()
    }

    /// Asks for what the submission says in place of what was asked for. The rules judge it as if it were submitted now:
    /// those who decide are told once, or its units are promised at once. An edit that changes nothing does nothing.
    ///
    /// # Errors
    /// The rule that says no; nothing is changed then.
    pub fn edit(self, by: UserId, submission: &Submission) -> Result<Change, EditRefused> {
        self.check_edit()?;
        submission.check().map_err(EditRefused::Submit)?;
        if self.asks_for(submission) {
            return Ok(Change::default());
        }
        let cause = Cause::new(Actor::User(by), "edited").because(self.difference(submission));
        let (before, at, status) = (self.requisition.clone(), self.now, self.requisition.status);
        let (models, verdicts) = (models_of(&self), verdicts_of(&self));
        let mut transition = self.begin();
        revise(&mut transition.after.requisition, by, submission);
        let lines = replace_lines(&mut transition, submission);
        withdraw_questions(&mut transition);
        transition.notify_requester(NotificationEvent::Edited, None);
        let exceeded = judge(&mut transition, submission, lines);
        let_go_of_kept_units(&mut transition, &before, models);
        let (id, number) = (before.id, transition.after.requisition.edits);
        let mut change = transition.finish(&cause);
        if !change.history.iter().any(|entry| entry.entity == Entity::Requisition) {
            change.history.push(HistoryEntry {
                requisition_id: Some(id),
                ..entry(Entity::Requisition, id.0, Some(status.as_str()), status.as_str(), &cause)
            });
        }
        change.writes.push(Write::InsertEdit(Edit { requisition_id: id, number, by, at, before, verdicts }));
        change.writes.extend(exceptions(id, number, exceeded));
        Ok(change)
    }

    /// For each wanted line the standing one that asks for the same; each of them once.
    fn kept_lines(&self, wanted: &[PromisedLine]) -> Vec<Option<&Line>> {
        let mut standing: Vec<&Line> = self.standing_lines().collect();
        let find = |wanted: &PromisedLine| {
            let same = standing.iter().position(|line| asks_for_the_same(line, wanted))?;
            Some(standing.remove(same))
        };
        wanted.iter().map(find).collect()
    }
}

fn asks_for_the_same(line: &Line, wanted: &PromisedLine) -> bool {
    let wanted = &wanted.line;
    (line.model_id, line.equipment_id, line.quantity) == (wanted.model_id, wanted.equipment_id, wanted.quantity)
}

/// A supervisor has agreed to what it was, not to what it is now.
fn revise(requisition: &mut Requisition, by: UserId, submission: &Submission) {
    requisition.purpose = submission.purpose.clone();
    requisition.period = submission.period;
    requisition.endorsed = None;
    requisition.edits += 1;
    if !requisition.editors.contains(&by) {
        requisition.editors.push(by);
    }
}

/// Withdraws the lines that are not wanted any more. Returns one for each that is wanted: those that stay, and new ones
/// behind all that ever were.
fn replace_lines(transition: &mut Transition, submission: &Submission) -> Vec<Line> {
    let dossier = &transition.after;
    let id = dossier.requisition.id;
    let mut next = dossier.lines.iter().map(|line| line.position).max().unwrap_or(0) + 1;
    let kept: Vec<Option<Line>> = dossier.kept_lines(&submission.lines).into_iter().map(|line| line.cloned()).collect();
    let wanted = kept.into_iter().zip(&submission.lines);
    let lines: Vec<Line> = wanted
        .map(|(kept, wanted)| {
            kept.unwrap_or_else(|| {
                next += 1;
                new_line(id, next - 1, &wanted.line)
            })
        })
        .collect();
    for line in transition.after.lines.iter_mut().filter(|line| lines.iter().all(|wanted| wanted.id != line.id)) {
        line.status = LineStatus::Withdrawn;
    }
    lines
}

/// Whoever has not read yet that they are asked need not read it twice.
fn withdraw_questions(transition: &mut Transition) {
    let asked =
        &[NotificationEvent::ApprovalNeeded, NotificationEvent::EndorsementNeeded, NotificationEvent::ApprovalReminder];
    transition.mark_moot(asked);
}

/// What the waiting list has kept for it until the decision serves no other time.
fn let_go_of_kept_units(transition: &mut Transition, before: &Requisition, models: BTreeSet<ModelId>) {
    let period = transition.after.requisition.period;
    let is_within = before.period.starts_at <= period.starts_at && period.due_at <= before.period.due_at;
    for model in models.into_iter().filter(|_| !is_within) {
        transition.limit_holds_of(model, Claim::default());
    }
}

fn verdicts_of(dossier: &Dossier) -> Vec<(LineId, Verdict)> {
    dossier.standing_lines().filter_map(|line| Some((line.id, line.verdict.clone()?))).collect()
}

fn models_of(dossier: &Dossier) -> BTreeSet<ModelId> {
    dossier.standing_lines().map(|line| line.model_id).collect()
}

//! Deciding, line by line: a technician or an admin grants or rejects; nobody decides their own.
//!
//! Lines that a decision does not name go on waiting. Whoever asked gets one letter, when the last line is decided.

use super::{Decided, Dossier, Line, LineStatus, Requisition, Ruling, Transition, submit::promise};
use crate::domain::{
    actor::Actor,
    approval::Stage,
    change::{Cause, Change},
    equipment::Unit,
    id::{LineId, UserId},
    notification::{Message, NotificationEvent},
    permission::{Denied, Permission, Place},
    project::MemberRole,
    user::Role,
};

/// Who decides, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decide {
    pub by: UserId,
    pub role: Role,
    /// What they are in the project.
    pub member: Option<MemberRole>,
    /// Whether the project has a supervisor who may decide it.
    pub is_supervised: bool,
    /// For which supervisor of the project they stand in at this moment, if for any.
    pub in_place_of: Option<UserId>,
    /// They have said which version they read, and it is this one.
    pub names_version: bool,
    /// They have borrowed for the project at some time since it was asked for.
    pub has_part: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefused {
    #[error("only technicians and admins decide")]
    NotStaff,
    #[error("your role in the project does not let you decide this")]
    MemberRole,
    #[error("a rule asks a supervisor of the project first; technicians decide after that, or reject it")]
    SupervisorFirst,
    #[error("it does not wait for a supervisor")]
    NotWithSupervisor,
    #[error("nobody decides their own requisition; ask a colleague")]
    OwnRequisition,
    #[error("you have agreed to it as a supervisor already; somebody else of the lab must grant it")]
    EndorsedIt,
    #[error("it was agreed to in your place already; somebody else of the lab must grant it")]
    EndorsedForThem,
    #[error("whoever borrows for the project, or did since it was asked for, does not decide it; ask a colleague")]
    ConflictOfInterest,
    #[error("nobody decides their own requisition, and so you do not in the place of whoever asked for it")]
    OwnOfAbsent,
    #[error(
        "it was edited after it was submitted: read it, and send the header If-Match with the ETag that came with it, \
         so that nobody grants what they have not read"
    )]
    VersionMissing,
    #[error("the requisition has been decided already")]
    AlreadyDecided,
    #[error("line {0} has been decided already; leave it out")]
    LineAlreadyDecided(i32),
    #[error("line {0} was taken out since you read it; read the requisition again and decide what it asks for now")]
    LineWithdrawn(i32),
    #[error("line {0} is decided twice; name it once")]
    LineNamedTwice(i32),
    #[error("no line of this requisition has the id {0}")]
    UnknownLine(LineId),
    #[error("name at least one line and what is decided about it")]
    NothingDecided,
    #[error("line {position} asks for {asked}; grant between 1 and {asked}")]
    Quantity { position: i32, asked: i32 },
    #[error("the requisition's period is over; reject it and ask for a new one")]
    PeriodOver,
    #[error("say why, so that the requester knows what to do")]
    ReasonMissing,
}

impl Dossier {
    /// The lines that no edit has taken out.
    pub fn standing_lines(&self) -> impl Iterator<Item = &Line> + Clone {
        self.lines.iter().filter(|line| line.status != LineStatus::Withdrawn)
    }

    /// The lines that wait for a decision.
    pub fn undecided_lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.status == LineStatus::Pending)
    }

    /// # Errors
    /// The rule that says no, whatever is decided.
    pub fn check_decision(&self, decide: Decide) -> Result<(), DecisionRefused> {
        self.check_may(Permission::DecideRequisition, decide).map(drop)
    }

    /// Whether they asked for it, had a part in what it asks for, or hold something of it.
    pub fn is_of(&self, person: UserId) -> bool {
        let Requisition { requester_id, editors, .. } = &self.requisition;
        *requester_id == person || editors.contains(&person) || self.loans.iter().any(|loan| loan.borrower_id == person)
    }

    /// The supervisors who may decide it; where there is none, technicians decide alone. `insiders`: those who borrow for
    /// the project, or did since it was asked for.
    pub fn impartial_supervisors(&self, supervisors: &[UserId], insiders: &[UserId]) -> Vec<UserId> {
        let may = |person: &UserId| !self.is_of(*person) && !insiders.contains(person);
        supervisors.iter().copied().filter(may).collect()
    }

    /// Of several supervisors for whom somebody stands in, the first whose own it is not. In the place of who borrows for
    /// the project (`insiders`) nobody decides either.
    pub fn choose_absent(&self, absent: &[UserId], insiders: &[UserId]) -> Option<UserId> {
        let may = self.impartial_supervisors(absent, insiders).into_iter().next();
        may.or_else(|| absent.iter().copied().find(|person| self.is_of(*person)))
    }

    /// In whose place they may; `None`: in their own right.
    pub(super) fn check_may(&self, permission: Permission, decide: Decide) -> Result<Option<UserId>, DecisionRefused> {
        let Decide { by, role, member, has_part, .. } = decide;
        let own = Place { role, member, in_place_of: None, owns: self.is_of(by), has_part };
        let stands_in = Place { in_place_of: Some(MemberRole::Supervisor), ..own };
        let absent = match (permission.check(own), decide.in_place_of) {
            (Ok(()), _) => None,
            (Err(Denied::Own), _) => return Err(DecisionRefused::OwnRequisition),
            (Err(Denied::Conflict), _) => return Err(DecisionRefused::ConflictOfInterest),
            (Err(_), Some(absent)) if permission.check(stands_in).is_ok() => {
                if self.is_of(absent) {
                    return Err(DecisionRefused::OwnOfAbsent);
                }
                Some(absent)
            }
            (Err(Denied::MemberRole), _) => return Err(DecisionRefused::MemberRole),
            (Err(Denied::Hidden | Denied::Role), _) => return Err(DecisionRefused::NotStaff),
        };
        if self.undecided_lines().next().is_none() {
            return Err(DecisionRefused::AlreadyDecided);
        }
        Ok(absent)
    }

    /// Checks everything that does not depend on units, so that no unit is looked for in vain.
    ///
    /// # Errors
    /// The rule that says no.
    pub fn check_rulings(
        &self,
        decide: Decide,
        rulings: &[Ruling],
        reason: Option<&str>,
    ) -> Result<(), DecisionRefused> {
        self.check_decision(decide)?;
        if rulings.iter().any(|ruling| ruling.granted.is_some()) {
            self.check_may_grant(decide)?;
        }
        self.check_each(rulings, reason)
    }

    /// A yes to what was edited says which version it means; a no holds whatever it asks for by now.
    pub(super) fn check_has_read(&self, decide: Decide) -> Result<(), DecisionRefused> {
        if self.requisition.edits > 0 && !decide.names_version {
            return Err(DecisionRefused::VersionMissing);
        }
        Ok(())
    }

    /// Four eyes: whoever agreed as a supervisor, or in whose place it was agreed, may still say no, and not give the
    /// second yes.
    fn check_may_grant(&self, decide: Decide) -> Result<(), DecisionRefused> {
        if self.asks_supervisor_first(decide) {
            return Err(DecisionRefused::SupervisorFirst);
        }
        match self.requisition.endorsed {
            Some(endorsed) if endorsed.by == decide.by => Err(DecisionRefused::EndorsedIt),
            Some(endorsed) if endorsed.on_behalf_of == Some(decide.by) => Err(DecisionRefused::EndorsedForThem),
            Some(_) | None => self.check_has_read(decide),
        }
    }

    /// A supervisor who has left, or may not decide it, cannot be waited for.
    fn asks_supervisor_first(&self, decide: Decide) -> bool {
        decide.is_supervised && self.requisition.waiting_for == Some(Stage::Supervisor)
    }

    fn check_each(&self, rulings: &[Ruling], reason: Option<&str>) -> Result<(), DecisionRefused> {
        if rulings.is_empty() {
            return Err(DecisionRefused::NothingDecided);
        }
        for (index, ruling) in rulings.iter().enumerate() {
            let line = self.find_line(ruling.line_id).ok_or(DecisionRefused::UnknownLine(ruling.line_id))?;
            if rulings[..index].iter().any(|before| before.line_id == line.id) {
                return Err(DecisionRefused::LineNamedTwice(line.position));
            }
            self.check_ruling(line, ruling, reason)?;
        }
        Ok(())
    }

    fn check_ruling(&self, line: &Line, ruling: &Ruling, reason: Option<&str>) -> Result<(), DecisionRefused> {
        match line.status {
            LineStatus::Pending => {}
            LineStatus::Withdrawn => return Err(DecisionRefused::LineWithdrawn(line.position)),
            LineStatus::Approved | LineStatus::Rejected | LineStatus::Cancelled | LineStatus::Lapsed => {
                return Err(DecisionRefused::LineAlreadyDecided(line.position));
            }
        }
        match ruling.granted {
            None if says_nothing(ruling.reason.as_deref()) && says_nothing(reason) => {
                Err(DecisionRefused::ReasonMissing)
            }
            None => Ok(()),
            Some(granted) if !(1..=line.quantity).contains(&granted.quantity) => {
                Err(DecisionRefused::Quantity { position: line.position, asked: line.quantity })
            }
            Some(_) if self.requisition.period.due_at <= self.now => Err(DecisionRefused::PeriodOver),
            Some(_) => Ok(()),
        }
    }

    /// Decides the named lines. `units` are those chosen for what is granted; their check-outs become due.
    ///
    /// # Errors
    /// The rule that says no; nothing is decided then.
    pub fn decide(
        self,
        decide: Decide,
        rulings: &[Ruling],
        units: &[(LineId, Vec<Unit>)],
        reason: Option<&str>,
    ) -> Result<Change, DecisionRefused> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        self.check_rulings(decide, rulings, reason)?;
        let cause = Cause::new(Actor::User(decide.by), word_for(rulings));
        Ok(self.carry_out(decide.by, rulings, units, Cause { reason: reason.map(str::to_owned), ..cause }))
    }

    fn carry_out(self, by: UserId, rulings: &[Ruling], units: &[(LineId, Vec<Unit>)], cause: Cause) -> Change {
        let reason = cause.reason.as_deref();
        let mut transition = self.begin();
        for ruling in rulings {
            rule(&mut transition, by, ruling, units, reason);
        }
        let (now, requisition) = (transition.after.now, &mut transition.after.requisition);
        requisition.decided_by = Some(by);
        requisition.decided_at = Some(now);
        if let Some(reason) = reason {
            requisition.decision_reason = Some(reason.to_owned());
        }
        if let Some(event) = outcome(&transition.after) {
            transition.notify_requester(event, reason.map(Message::said));
        }
        transition.finish(&cause)
    }

    /// Grants every waiting line as it was asked for.
    pub fn grant_all(&self) -> Vec<Ruling> {
        self.undecided_lines().map(Ruling::grant_as_asked).collect()
    }

    /// Rejects every waiting line. A supervisor may while a supervisor is asked, a technician always.
    ///
    /// # Errors
    /// The rule that says no.
    pub fn reject(self, decide: Decide, reason: &str) -> Result<Change, DecisionRefused> {
        let absent = self.check_may(Permission::RejectRequisition, decide)?;
        if !decide.role.is_staff() && self.requisition.waiting_for != Some(Stage::Supervisor) {
            return Err(DecisionRefused::NotWithSupervisor);
        }
        let reason = reason.trim();
        let rulings: Vec<_> = self.undecided_lines().map(Ruling::reject).collect();
        self.check_each(&rulings, Some(reason))?;
        let cause = Cause::new(Actor::User(decide.by), word_for(&rulings)).on_behalf_of(absent).because(reason);
        Ok(self.carry_out(decide.by, &rulings, &[], cause))
    }
}

fn says_nothing(reason: Option<&str>) -> bool {
    reason.is_none_or(|reason| reason.trim().is_empty())
}

fn rule(
    transition: &mut Transition,
    by: UserId,
    ruling: &Ruling,
    units: &[(LineId, Vec<Unit>)],
    of_the_whole: Option<&str>,
) {
    let at = transition.after.now;
    let line = transition.line_mut(ruling.line_id);
    let (status, reason) = match ruling.granted {
        Some(_) => (LineStatus::Approved, ruling.reason.as_deref()),
        None => (LineStatus::Rejected, ruling.reason.as_deref().or(of_the_whole)),
    };
    line.status = status;
    line.decided = Some(Decided { by, at, granted: ruling.granted, reason: reason.map(str::to_owned) });
    let line = line.clone();
    let chosen = units.iter().find(|(id, _)| *id == line.id).map_or(&[][..], |(_, units)| units);
    promise(transition, &line, chosen, Some(by));
}

/// What the requester is told once nothing waits any more.
fn outcome(after: &Dossier) -> Option<NotificationEvent> {
    if after.undecided_lines().next().is_some() {
        return None;
    }
    let is_rejected = |line: &Line| line.status == LineStatus::Rejected;
    let is_as_asked = |line: &Line| line.status == LineStatus::Approved && is_what_was_asked(after, line);
    let mut standing = after.standing_lines();
    if standing.clone().all(is_rejected) {
        Some(NotificationEvent::Rejected)
    } else if standing.all(is_as_asked) {
        Some(NotificationEvent::Approved)
    } else {
        Some(NotificationEvent::PartlyApproved)
    }
}

/// Which units they are matters only to whoever named one.
fn is_what_was_asked(after: &Dossier, line: &Line) -> bool {
    let (granted, asked) = (line.granted(), line.as_asked());
    let mut units = after.loans.iter().filter(|loan| loan.line_id == line.id).map(|loan| loan.equipment_id);
    granted.model_id == asked.model_id
        && granted.quantity == asked.quantity
        && line.equipment_id.is_none_or(|named| units.all(|unit| unit == named))
}

fn word_for(rulings: &[Ruling]) -> &'static str {
    let granted = rulings.iter().filter(|ruling| ruling.granted.is_some()).count();
    match granted {
        0 => "rejected",
        all if all == rulings.len() => "approved",
        _ => "decided",
    }
}

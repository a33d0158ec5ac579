//! More time for a unit that is out: granted by rule where nothing speaks against it, else decided by a technician.
//!
//! An extension moves the loan's planned period, and with it the promise; being late moves nothing.

mod ground;
mod moved;
mod refused;
mod remind;
mod rules;
mod withdrawn;

pub use ground::{ExtensionGround, MustBeDecided};
pub use refused::ExtensionRefused;

use super::{Dossier, Loan, Transition, watch::begin_watch};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Decision, Entity, Recipient, Write},
    id::{ExtensionId, LoanId, UserId},
    job::NewJob,
    notification::{Message, NotificationEvent},
    person::Language,
    quota::Exceeded,
    reason::{Ground, Reason},
    text_enum::text_enum,
    user::Role,
};
use chrono::{DateTime, TimeDelta, Utc};
pub(super) use moved::move_wish;

/// As for a period that is asked for at first.
const LONGEST_LOAN: TimeDelta = TimeDelta::days(366);

/// What asks for a decision about a wish.
pub(super) const ASKING: &[NotificationEvent] =
    &[NotificationEvent::ExtensionAsked, NotificationEvent::ExtensionReminder];

text_enum! {
    pub enum ExtensionStatus {
        /// Waits for a technician.
        Asked = "asked",
        Granted = "granted",
        Rejected = "rejected",
        /// Taken back, or another date was asked for in its place.
        Withdrawn = "withdrawn",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub id: ExtensionId,
    pub loan_id: LoanId,
    pub asked_by: UserId,
    pub due_before: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub reason: Option<String>,
    /// Why the rule did not grant it; `None`: it did, or it is older than that was kept.
    pub asked_because: Option<Reason>,
    pub status: ExtensionStatus,
    /// By the lab's time.
    pub asked_at: DateTime<Utc>,
    /// When those who may decide it were reminded; `None`: they were not.
    pub reminded_at: Option<DateTime<Utc>>,
    /// `None` for what was granted by rule.
    pub decided_by: Option<UserId>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decision_reason: Option<String>,
    pub version: i32,
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionWish {
    pub due_at: DateTime<Utc>,
    pub reason: Option<String>,
    pub by: UserId,
    pub role: Role,
}

impl Extension {
    fn asked(loan: &Loan, wish: ExtensionWish, now: DateTime<Utc>) -> Self {
        Self {
            id: ExtensionId::generate(),
            loan_id: loan.id,
            asked_by: wish.by,
            due_before: loan.period.due_at,
            due_at: wish.due_at,
            reason: wish.reason,
            asked_because: None,
            status: ExtensionStatus::Asked,
            asked_at: now,
            reminded_at: None,
            decided_by: None,
            decided_at: None,
            decision_reason: None,
            version: 1,
        }
    }

    /// Whoever asked asks for another date instead; when the wished one is over, anybody may.
    fn gives_way_to(&self, by: UserId, now: DateTime<Utc>) -> bool {
        self.asked_by == by || self.due_at <= now
    }

    /// For whoever decides: the words of whoever asked as they are, and why the rule did not grant it in the reader's.
    fn for_deciders(&self) -> Option<Message> {
        let said = self.reason.as_deref();
        let Some(because) = self.asked_because.clone() else { return said.map(Message::said) };
        let said = said.map(|text| Ground::Said { text: text.to_owned() });
        Some(Message::Reason(said.into_iter().chain(because).collect()))
    }
}

impl Dossier {
    /// Checks what does not depend on others, so that nobody is looked for in vain.
    ///
    /// # Errors
    /// What cannot be, whoever decides.
    pub fn check_extension(&self, id: LoanId, due_at: DateTime<Utc>) -> Result<(), ExtensionRefused> {
        check_date(self.extensible(id)?, due_at, self.now)
    }

    /// Grants the wish at once, or writes it down for a technician, in place of the one that waits.
    ///
    /// # Errors
    /// What cannot be, whoever decides.
    pub fn extend(self, id: LoanId, wish: ExtensionWish, ground: &ExtensionGround) -> Result<Change, ExtensionRefused> {
        self.check_extension(id, wish.due_at)?;
        let loan = self.extensible(id)?.clone();
        let line = self.find_line(loan.line_id).expect("a loan's line is in its dossier");
        let former = ground.asked(id).cloned();
        if former.as_ref().is_some_and(|former| !former.gives_way_to(wish.by, self.now)) {
            return Err(ExtensionRefused::AskedAlready);
        }
        ground.check_next_use(&loan, wish.due_at)?;
        let exceeded = ground.exceeded(&loan, wish.due_at);
        let must_be_decided = ground.must_be_decided((line, &loan), &wish, &exceeded, self.now);
        let (actor, extension) = (Actor::User(wish.by), Extension::asked(&loan, wish, self.now));
        let mut transition = self.begin();
        if let Some(former) = former {
            withdrawn::give_way(&mut transition, &loan, former, &extension);
        }
        Ok(match must_be_decided {
            None => {
                let extension = decided(extension, ExtensionStatus::Granted, None, transition.after.now);
                move_due_date(&mut transition, &extension);
                transition.change.writes.push(Write::InsertExtension(extension));
                transition.finish(&Cause::new(actor, "extension_granted").because("by rule"))
            }
            Some(because) => {
                let told = because.in_words(Language::En);
                let extension = Extension { asked_because: Some(because), ..extension };
                ask_deciders(&mut transition, NotificationEvent::ExtensionAsked, &extension);
                transition.change.jobs.push(remind::look_after(&extension));
                let exceptions = exceptions(extension.id, exceeded);
                transition.change.writes.push(Write::InsertExtension(extension));
                transition.change.writes.extend(exceptions);
                finish_as_it_is(transition, &loan, &Cause::new(actor, "extension_asked").because(told))
            }
        })
    }

    /// A technician says yes to the wish that waits.
    ///
    /// # Errors
    /// What cannot be any more.
    pub fn grant_extension(self, id: LoanId, by: UserId, ground: &ExtensionGround) -> Result<Change, ExtensionRefused> {
        let loan = self.extensible(id)?;
        let asked = ground.asked_by_others(id, by)?;
        if asked.due_at <= self.now {
            return Err(ExtensionRefused::DateOver);
        }
        ground.check_next_use(loan, asked.due_at)?;
        let mut transition = self.begin();
        let granted = decided(asked, ExtensionStatus::Granted, Some(by), transition.after.now);
        move_due_date(&mut transition, &granted);
        answer_asked(&mut transition, granted);
        Ok(transition.finish(&Cause::new(Actor::User(by), "extension_granted")))
    }

    /// A technician says no, also to the wish for a unit that has come back since.
    ///
    /// # Errors
    /// If there is no wish, or no reason.
    pub fn reject_extension(
        self,
        id: LoanId,
        by: UserId,
        reason: &str,
        ground: &ExtensionGround,
    ) -> Result<Change, ExtensionRefused> {
        let loan = self.find_loan(id).ok_or(ExtensionRefused::UnknownLoan)?.clone();
        let asked = ground.asked_by_others(id, by)?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(ExtensionRefused::ReasonMissing);
        }
        let mut transition = self.begin();
        let mut rejected = decided(asked, ExtensionStatus::Rejected, Some(by), transition.after.now);
        rejected.decision_reason = Some(reason.to_owned());
        tell(&mut transition, NotificationEvent::ExtensionRejected, &rejected);
        answer_asked(&mut transition, rejected);
        Ok(finish_as_it_is(transition, &loan, &Cause::new(Actor::User(by), "extension_rejected")))
    }

    fn extensible(&self, id: LoanId) -> Result<&Loan, ExtensionRefused> {
        let loan = self.find_loan(id).ok_or(ExtensionRefused::UnknownLoan)?;
        if !loan.status.is_out() {
            return Err(ExtensionRefused::NotLent(loan.status));
        }
        if !loan.is_with_borrower() || self.is_coming_back(loan) {
            return Err(ExtensionRefused::ReturnUnderWay);
        }
        Ok(loan)
    }
}

fn check_date(loan: &Loan, due_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), ExtensionRefused> {
    if due_at <= loan.period.due_at {
        Err(ExtensionRefused::NotLater)
    } else if due_at <= now {
        Err(ExtensionRefused::InThePast)
    } else if due_at - loan.period.starts_at > LONGEST_LOAN {
        Err(ExtensionRefused::BeyondAYear)
    } else {
        Ok(())
    }
}

fn ask_deciders(transition: &mut Transition, event: NotificationEvent, extension: &Extension) {
    let to = Recipient::Deciders(Decision::Extension);
    transition.notify(event, to, extension.loan_id.0, extension.for_deciders());
}

fn exceptions(extension_id: ExtensionId, exceeded: Vec<Exceeded>) -> Option<Write> {
    (!exceeded.is_empty()).then_some(Write::InsertExtensionExceptions { extension_id, exceeded })
}

fn decided(extension: Extension, status: ExtensionStatus, by: Option<UserId>, now: DateTime<Utc>) -> Extension {
    Extension { status, decided_by: by, decided_at: Some(now), ..extension }
}

/// The new plan: the period, the watch that begins anew, and Snipe-IT's expected date, which follows.
fn move_due_date(transition: &mut Transition, extension: &Extension) {
    transition.loan_mut(extension.loan_id).period.due_at = extension.due_at;
    begin_watch(transition, extension.loan_id);
    transition.change.jobs.push(NewJob::set_expected_checkin(extension.loan_id));
    tell(transition, NotificationEvent::ExtensionGranted, extension);
}

/// The borrower, and whoever asked for them and heard no answer at once.
fn tell(transition: &mut Transition, event: NotificationEvent, extension: &Extension) {
    let borrower = transition.loan_mut(extension.loan_id).borrower_id;
    let asker = extension.decided_by.map(|_| extension.asked_by).filter(|asker| *asker != borrower);
    for reader in [borrower].into_iter().chain(asker) {
        let message = extension.decision_reason.clone().map(Message::Said);
        transition.notify(event, Recipient::User(reader), extension.loan_id.0, message);
    }
}

fn answer_asked(transition: &mut Transition, extension: Extension) {
    transition.mark_moot_of(extension.loan_id, ASKING);
    transition.change.writes.push(Write::UpdateExtension(extension));
}

/// The loan stays as it is, and its history tells what happened all the same.
fn finish_as_it_is(mut transition: Transition, loan: &Loan, cause: &Cause) -> Change {
    let status = loan.status.as_str();
    transition.record(Entity::Loan, loan.id.0, Some(status), status, cause);
    transition.finish(cause)
}

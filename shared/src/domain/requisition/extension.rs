//! More time for a unit that is out: granted by rule where nothing speaks against it, else decided by a technician.
//!
//! An extension moves the loan's planned period, and with it the promise; being late moves nothing.

use super::{Dossier, Loan, LoanStatus, Transition};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Entity, Recipient, Write},
    id::{ExtensionId, LoanId, UserId},
    job::NewJob,
    lab_settings::LabNumbers,
    loan_watch::{QUIET_UNTIL, Watch},
    notice::Moot,
    notification::NotificationEvent,
    preference::Channel,
    text_enum::text_enum,
};
use chrono::{DateTime, TimeDelta, Utc};

/// A day more than so many times 24 hours, where the clock was put back in between.
const CLOCK_CHANGE: TimeDelta = TimeDelta::hours(1);
/// As for a period that is asked for at first.
const LONGEST_LOAN: TimeDelta = TimeDelta::days(366);

text_enum! {
    pub enum ExtensionStatus {
        /// Waits for a technician.
        Asked = "asked",
        Granted = "granted",
        Rejected = "rejected",
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
    pub status: ExtensionStatus,
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
}

/// What must be known beside the loan to answer a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionGround {
    pub limits: LabNumbers,
    /// All of this loan, the oldest first.
    pub before: Vec<Extension>,
    /// From when on the unit is promised to somebody else, if that is before the wished date.
    pub promised_from: Option<DateTime<Utc>>,
    /// Somebody else waits for such a unit in that time.
    pub somebody_waits: bool,
}

/// Why a technician must decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MustBeDecided {
    #[error("the unit is overdue")]
    Overdue,
    #[error("somebody waits for such a unit")]
    SomebodyWaits,
    #[error("it was extended as often as the lab allows by itself")]
    TooOften,
    #[error("it would be extended by more days than the lab allows by itself")]
    TooLong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionRefused {
    #[error("the loan does not belong to this requisition")]
    UnknownLoan,
    #[error("the loan is {0}; only what is checked out can be extended")]
    NotLent(LoanStatus),
    #[error("a return of this loan is under way already")]
    ReturnUnderWay,
    #[error("must be later than the present due date")]
    NotLater,
    #[error("is in the past; choose a later one")]
    InThePast,
    #[error("is more than 366 days after the loan's start; bring the unit back and ask for it anew")]
    BeyondAYear,
    #[error("the unit is promised to somebody else from {} on; bring it back by then", .0.format("%Y-%m-%d %H:%M UTC"))]
    PromisedToAnother(DateTime<Utc>),
    #[error("an extension of this loan has been asked for and waits for a technician")]
    AskedAlready,
    #[error("no extension of this loan waits for a decision")]
    NothingAsked,
    #[error("nobody decides what they asked for themselves; ask a colleague")]
    OwnWish,
    #[error("the date that was asked for has passed; reject it")]
    DateOver,
    #[error("say why, so that the borrower knows what to do")]
    ReasonMissing,
}

impl ExtensionGround {
    fn asked(&self) -> Option<&Extension> {
        self.before.iter().find(|extension| extension.status == ExtensionStatus::Asked)
    }

    fn asked_by_others(&self, by: UserId) -> Result<Extension, ExtensionRefused> {
        let asked = self.asked().ok_or(ExtensionRefused::NothingAsked)?;
        if asked.asked_by == by { Err(ExtensionRefused::OwnWish) } else { Ok(asked.clone()) }
    }

    fn granted(&self) -> impl Iterator<Item = &Extension> {
        self.before.iter().filter(|extension| extension.status == ExtensionStatus::Granted)
    }

    /// The first thing that keeps the rule from saying yes.
    fn must_be_decided(&self, loan: &Loan, due_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<MustBeDecided> {
        let first_due = self.granted().next().map_or(loan.period.due_at, |first| first.due_before);
        let most = TimeDelta::days(self.limits.extension_days_max.into()) + CLOCK_CHANGE;
        let often = i64::try_from(self.granted().count()).unwrap_or(i64::MAX);
        if loan.period.due_at <= now {
            Some(MustBeDecided::Overdue)
        } else if self.somebody_waits {
            Some(MustBeDecided::SomebodyWaits)
        } else if often >= self.limits.extensions_max.into() {
            Some(MustBeDecided::TooOften)
        } else if due_at - first_due > most {
            Some(MustBeDecided::TooLong)
        } else {
            None
        }
    }
}

impl Dossier {
    /// Grants the wish at once, or writes it down for a technician.
    ///
    /// # Errors
    /// What cannot be, whoever decides.
    pub fn extend(self, id: LoanId, wish: ExtensionWish, ground: &ExtensionGround) -> Result<Change, ExtensionRefused> {
        let loan = self.extensible(id)?.clone();
        if ground.asked().is_some() {
            return Err(ExtensionRefused::AskedAlready);
        }
        check_date(&loan, wish.due_at, self.now)?;
        if let Some(from) = ground.promised_from {
            return Err(ExtensionRefused::PromisedToAnother(from));
        }
        let must_be_decided = ground.must_be_decided(&loan, wish.due_at, self.now);
        let extension = Extension {
            id: ExtensionId::generate(),
            loan_id: id,
            asked_by: wish.by,
            due_before: loan.period.due_at,
            due_at: wish.due_at,
            reason: wish.reason,
            status: ExtensionStatus::Asked,
            decided_by: None,
            decided_at: None,
            decision_reason: None,
            version: 1,
        };
        let actor = Actor::User(wish.by);
        let mut transition = self.begin();
        Ok(match must_be_decided {
            None => {
                let extension = decided(extension, ExtensionStatus::Granted, None, transition.after.now);
                move_due_date(&mut transition, &extension);
                transition.change.writes.push(Write::InsertExtension(extension));
                transition.finish(&Cause::new(actor, "extension_granted").because("by rule"))
            }
            Some(why) => {
                let message = extension.reason.clone();
                transition.notify(NotificationEvent::ExtensionAsked, Recipient::Technicians, id.0, message);
                transition.change.writes.push(Write::InsertExtension(extension));
                finish_as_it_is(transition, &loan, &Cause::new(actor, "extension_asked").because(why.to_string()))
            }
        })
    }

    /// A technician says yes to the wish that waits.
    ///
    /// # Errors
    /// What cannot be any more.
    pub fn grant_extension(self, id: LoanId, by: UserId, ground: &ExtensionGround) -> Result<Change, ExtensionRefused> {
        self.extensible(id)?;
        let asked = ground.asked_by_others(by)?;
        if asked.due_at <= self.now {
            return Err(ExtensionRefused::DateOver);
        }
        if let Some(from) = ground.promised_from {
            return Err(ExtensionRefused::PromisedToAnother(from));
        }
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
        let asked = ground.asked_by_others(by)?;
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
        if loan.status != LoanStatus::CheckedOut {
            return Err(ExtensionRefused::NotLent(loan.status));
        }
        if self.find_live_operation(id).is_some() {
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

fn decided(extension: Extension, status: ExtensionStatus, by: Option<UserId>, now: DateTime<Utc>) -> Extension {
    Extension { status, decided_by: by, decided_at: Some(now), ..extension }
}

/// The new plan: the period, the watch that begins anew, and Snipe-IT's expected date, which follows.
fn move_due_date(transition: &mut Transition, extension: &Extension) {
    let now = transition.after.now;
    let loan = transition.loan_mut(extension.loan_id);
    loan.period.due_at = extension.due_at;
    loan.watch = Watch::begin(now);
    let watch = NewJob::watch_return(loan.id, extension.due_at - QUIET_UNTIL);
    transition.change.jobs.extend([watch, NewJob::set_expected_checkin(extension.loan_id)]);
    tell(transition, NotificationEvent::ExtensionGranted, extension);
}

/// The borrower, and whoever asked for them and heard no answer at once.
fn tell(transition: &mut Transition, event: NotificationEvent, extension: &Extension) {
    let borrower = transition.loan_mut(extension.loan_id).borrower_id;
    let asker = extension.decided_by.map(|_| extension.asked_by).filter(|asker| *asker != borrower);
    for reader in [borrower].into_iter().chain(asker) {
        let message = extension.decision_reason.clone();
        transition.notify(event, Recipient::User(reader), extension.loan_id.0, message);
    }
}

fn answer_asked(transition: &mut Transition, extension: Extension) {
    transition.change.writes.push(Write::MarkMoot(Moot {
        subject_id: extension.loan_id.0,
        events: &[NotificationEvent::ExtensionAsked],
        channels: &[Channel::Digest],
    }));
    transition.change.writes.push(Write::UpdateExtension(extension));
}

/// The loan stays as it is, and its history tells what happened all the same.
fn finish_as_it_is(mut transition: Transition, loan: &Loan, cause: &Cause) -> Change {
    let status = loan.status.as_str();
    transition.record(Entity::Loan, loan.id.0, Some(status), status, cause);
    transition.finish(cause)
}

impl ExtensionRefused {
    /// Whether it is the wished date itself that cannot be used.
    pub fn is_about_the_date(&self) -> bool {
        match self {
            Self::NotLater | Self::InThePast | Self::BeyondAYear => true,
            Self::UnknownLoan
            | Self::NotLent(_)
            | Self::ReturnUnderWay
            | Self::PromisedToAnother(_)
            | Self::AskedAlready
            | Self::NothingAsked
            | Self::OwnWish
            | Self::DateOver
            | Self::ReasonMissing => false,
        }
    }
}

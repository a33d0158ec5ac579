//! In which condition a unit comes back, as whoever brings it says and technicians correct, though not of their own.

use super::{Dossier, LoanStatus};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Recipient},
    id::{LoanId, UserId},
    notification::{Message, NotificationEvent},
    text_enum::text_enum,
};

text_enum! {
    pub enum ReturnCondition {
        Fine = "fine",
        Damaged = "damaged",
        /// It works, but something that belongs to it is missing.
        Incomplete = "incomplete",
        /// It does not come back at all.
        Lost = "lost",
    }
}

/// A condition with the words for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnReport {
    condition: ReturnCondition,
    /// Free text, possibly about people: it stands with the loan, in letters and beside history, never in it.
    note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("say what is wrong or missing, so that the technicians know what to do")]
pub struct NoteMissing;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionRefused {
    #[error("the loan does not belong to this requisition")]
    UnknownLoan,
    #[error("the loan is {0}, and nobody has said in which condition it comes back; ask for its return first")]
    NotReturned(LoanStatus),
}

impl ReturnReport {
    pub const FINE: Self = Self { condition: ReturnCondition::Fine, note: None };

    /// # Errors
    /// [`NoteMissing`] if it is not fine and nobody says what is wrong.
    pub fn new(condition: ReturnCondition, note: Option<String>) -> Result<Self, NoteMissing> {
        let note = note.filter(|note| !note.trim().is_empty());
        match (condition, &note) {
            (ReturnCondition::Damaged | ReturnCondition::Incomplete | ReturnCondition::Lost, None) => Err(NoteMissing),
            (ReturnCondition::Fine, _) | (_, Some(_)) => Ok(Self { condition, note }),
        }
    }

    /// Takes a report that was checked when it was stored.
    pub fn from_stored(condition: ReturnCondition, note: Option<String>) -> Self {
        Self { condition, note }
    }

    pub fn condition(&self) -> ReturnCondition {
        self.condition
    }

    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Whether a technician has something to do about it.
    pub fn is_fine(&self) -> bool {
        match self.condition {
            ReturnCondition::Fine => true,
            ReturnCondition::Damaged | ReturnCondition::Incomplete | ReturnCondition::Lost => false,
        }
    }
}

impl Dossier {
    /// A technician has looked at the unit: the loan shows what they say, and its history what was said before as well. The
    /// same once more changes nothing.
    ///
    /// # Errors
    /// If there is no return to correct.
    pub fn correct_condition(self, id: LoanId, report: ReturnReport, by: UserId) -> Result<Change, CorrectionRefused> {
        let loan = self.find_loan(id).ok_or(CorrectionRefused::UnknownLoan)?;
        if loan.returned_as.is_none() && loan.status != LoanStatus::Returned {
            return Err(CorrectionRefused::NotReturned(loan.status));
        }
        let was = loan.returned_as.as_ref().map(ReturnReport::condition);
        let mut transition = self.begin();
        let condition = report.condition();
        // Whoever was asked to look at it need not any more.
        transition.mark_moot_of(id, &[NotificationEvent::ReturnRequested]);
        if was != Some(condition) {
            transition.mark_moot_of(id, &[NotificationEvent::ReturnedDamaged]);
        }
        if was != Some(condition) && !report.is_fine() {
            let message = report.note().map(Message::said);
            transition.notify(NotificationEvent::ReturnedDamaged, Recipient::Technicians, id.0, message);
        }
        transition.loan_mut(id).returned_as = Some(report);
        let cause = Cause::new(Actor::User(by), "condition_corrected").because(condition.as_str());
        Ok(transition.finish(&cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_fine_needs_words() {
        for &condition in ReturnCondition::ALL {
            let without = ReturnReport::new(condition, Some("  ".to_owned()));
            assert_eq!(without.is_err(), condition != ReturnCondition::Fine, "{condition}");
            let with = ReturnReport::new(condition, Some("The probe tip is missing".to_owned())).unwrap();
            assert_eq!(with.is_fine(), condition == ReturnCondition::Fine);
        }
    }
}

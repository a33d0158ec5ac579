//! Adopting: our record follows what people did in Snipe-IT itself. Nothing is sent.

use super::{Dossier, settle::returned};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::LoanId,
};
use chrono::{DateTime, NaiveDateTime, Utc};

/// A return that somebody made in Snipe-IT, by its own date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnByHand {
    /// Real time.
    pub at: DateTime<Utc>,
    /// As Snipe-IT shows it.
    pub last_checkin: NaiveDateTime,
    /// Real time, to tell how long ago that was: loans go by the lab's clock.
    pub now: DateTime<Utc>,
}

impl Dossier {
    /// The loan is over since then, and its borrower is told. Without a difference nothing is written.
    pub fn adopt_return_by_hand(self, loan: LoanId, back: ReturnByHand) -> Change {
        let returned_at = self.now - (back.now - back.at).max(chrono::TimeDelta::zero());
        let is_out = self.find_loan(loan).is_some_and(|loan| loan.status.is_out());
        if !is_out {
            return Change::default();
        }
        let mut transition = self.begin();
        returned(&mut transition, loan);
        let loan = transition.loan_mut(loan);
        loan.returned_at = Some(loan.checked_out_at.map_or(returned_at, |out_at| returned_at.max(out_at)));
        let why = format!("checked in by hand in Snipe-IT at {}", back.last_checkin);
        transition.finish(&Cause::new(Actor::Snipeit, "return_adopted").because(why))
    }
}

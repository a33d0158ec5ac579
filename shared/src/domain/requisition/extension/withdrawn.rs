//! A wish for more time is taken back: for another date in its place, or because nobody needs more time any more.

use super::{Dossier, Extension, ExtensionRefused, ExtensionStatus, Transition, answer_asked, decided};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Entity},
    field_change::FieldChange,
    id::{LoanId, UserId},
    requisition::Loan,
};
use chrono::{DateTime, Utc};

impl Dossier {
    /// Whoever may ask for more time takes the wish back that waits, also one for a unit that has come back since.
    /// `asked`: what waits, as it is under the requisition's lock.
    ///
    /// # Errors
    /// If there is no wish.
    pub fn withdraw_extension(
        self,
        id: LoanId,
        by: UserId,
        asked: Option<Extension>,
    ) -> Result<Change, ExtensionRefused> {
        let loan = self.find_loan(id).ok_or(ExtensionRefused::UnknownLoan)?.clone();
        let asked = asked.ok_or(ExtensionRefused::NothingAsked)?;
        let mut transition = self.begin();
        let cause = withdraw(&mut transition, &loan, asked, by, None);
        Ok(transition.finish(&cause))
    }
}

/// Another wish takes the place of the one that waits.
pub(super) fn give_way(transition: &mut Transition, loan: &Loan, former: Extension, next: &Extension) {
    withdraw(transition, loan, former, next.asked_by, Some(next.due_at));
}

/// The loan stays as it is, and its history tells what is asked for no more. `instead`: what is asked for now.
fn withdraw(
    transition: &mut Transition,
    loan: &Loan,
    asked: Extension,
    by: UserId,
    instead: Option<DateTime<Utc>>,
) -> Cause {
    let (status, cause) = (loan.status.as_str(), Cause::new(Actor::User(by), "extension_withdrawn"));
    transition.record(Entity::Loan, loan.id.0, Some(status), status, &cause);
    let changed = FieldChange::between("extension_asked.due_at", &Some(asked.due_at), &instead);
    transition.note_changes(changed.into_iter().collect());
    let now = transition.after.now;
    answer_asked(transition, decided(asked, ExtensionStatus::Withdrawn, Some(by), now));
    cause
}

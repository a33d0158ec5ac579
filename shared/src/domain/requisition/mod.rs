//! Requisitions: what people ask for, decided, lent and returned.
//!
//! A [`Dossier`] is one requisition with everything that belongs to it. Transitions change a copy of it; what differs
//! becomes the rows, the history and the follow-ups of one [`Change`](super::change::Change).

mod adopt;
mod answer;
mod assess;
mod cancel;
mod condition;
mod confirm;
mod decision;
mod dossier;
mod doubt;
mod edit;
mod edition;
mod endorse;
mod exchange;
mod extension;
mod give_back;
mod hand_over;
mod label_told;
mod lapse;
mod loan_changes;
mod moot;
mod overdue;
#[cfg(test)]
mod properties;
mod remind;
mod ruling;
mod settle;
#[cfg(test)]
mod shelf_properties;
mod state;
mod status;
mod submit;
mod too_late;
mod watch;

#[cfg(test)]
mod watch_properties;

pub use adopt::ByHand;
pub use answer::PersonsAnswer;
pub use assess::Assessment;
pub use cancel::CancelRefused;
pub use condition::{CorrectionRefused, NoteMissing, ReturnCondition, ReturnReport};
pub use decision::{Decide, DecisionRefused};
pub use dossier::{Dossier, Transition};
pub use edit::{Edit, EditRefused};
pub use endorse::Endorsed;
pub use exchange::OpenPromise;
pub use extension::{Extension, ExtensionGround, ExtensionRefused, ExtensionStatus, ExtensionWish, MustBeDecided};
pub use give_back::{GiveBack, ReturnRefused};
pub use hand_over::{
    AtDesk, BroughtBack, ForLoan, HandOverRefused, KeptFor, RetryRefused, Uncollected, UnitAtCounter, UnitRefused,
    UnitThere,
};
pub use overdue::{ExcuseRefused, OverdueLoans, OverdueStanding, excuse_overdue};
pub use remind::{Approvers, Reminded};
pub use ruling::{Decided, Granted, Ruling};
pub use settle::{FollowUp, Substitute};
pub use state::{
    LONGEST_LOAN, Line, LineStatus, Loan, LoanStatus, MAX_LINES, MAX_QUANTITY, Period, PeriodRefused, Purpose,
    PurposeRefused, Requisition, RequisitionNumber, RequisitionStatus,
};
pub use status::{status_of, waits_at_counter};
pub use submit::{NewLine, PromisedLine, Submission, SubmitRefused, check_standing, submit};
pub use watch::Watched;

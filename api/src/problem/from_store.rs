//! From what the database said to what the client hears. Constraints are known by name.

use super::{Problem, ProblemType};
use makerlab_shared::store::{StoreError, commit::CommitError};

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if !error.is_transient() {
            return Self::internal(error);
        }
        let detail = "the database does not answer at the moment; nothing was changed, please try again";
        Self::new(ProblemType::DatabaseUnavailable, detail).caused_by(error)
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(what) => Self::new(
                ProblemType::ChangedMeanwhile,
                format!("the {what} was changed by somebody else at the same moment; read it again and decide again"),
            ),
            CommitError::Constraint(name) => match constraint(&name) {
                Some(problem) => problem,
                None => Self::internal(CommitError::Constraint(name)),
            },
            CommitError::Store(error) => error.into(),
        }
    }
}

fn constraint(name: &str) -> Option<Problem> {
    let (kind, detail) = match name {
        "users_email_key" => (ProblemType::EmailInUse, "another user has this e-mail address"),
        "loans_no_double_promise" | "loans_one_out_per_asset" => {
            (ProblemType::UnitAlreadyPromised, "somebody else was promised the unit at the same moment; try again")
        }
        "waiting_list_once" => {
            (ProblemType::AlreadyWaiting, "you wait for this model in this period already; see the waiting list")
        }
        "holds_no_double" => {
            (ProblemType::UnitAlreadyPromised, "the unit was kept for somebody else at the same moment; try again")
        }
        "notifications_one_resend" => {
            (ProblemType::ResendUnderWay, "the letter is being sent again already; look at the list of letters")
        }
        "operations_one_live_per_loan" => (ProblemType::ReturnUnderWay, "a return of this loan is under way already"),
        _ => return None,
    };
    Some(Problem::new(kind, detail))
}

/// A rule of the domain that said no; its words are meant for people.
pub(crate) trait Refusal: std::fmt::Display {
    fn kind(&self) -> ProblemType;
}

impl<R: Refusal> From<R> for Problem {
    fn from(refusal: R) -> Self {
        Self::new(refusal.kind(), refusal.to_string())
    }
}

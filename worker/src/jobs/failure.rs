//! What can go wrong in a run that is no outcome of the job: ours to retry.

use crate::calls::CallFailure;
use makerlab_shared::store::{StoreError, commit::CommitError};

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("could not read or write the job's data")]
    Store(#[from] StoreError),
    #[error("could not commit the job's outcome")]
    Commit(#[from] CommitError),
    #[error("could not ask Snipe-IT")]
    Call(#[from] CallFailure),
    /// A job that makes no sense, for instance because its subject is not there.
    #[error("the job cannot be run: {0}")]
    Broken(String),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Failure {
    /// Whether the same run may succeed later by itself.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Commit(error) => error.is_transient(),
            Self::Call(_) => true,
            Self::Broken(_) => false,
        }
    }
}

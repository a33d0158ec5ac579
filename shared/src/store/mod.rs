//! PostgreSQL: plain functions taking a connection, one module per aggregate, every query checked at compile time.
//!
//! Domain state is written by [`commit`] alone; job bookkeeping, the call budget and the catalogue cache have their own
//! modules. No function here calls anything but PostgreSQL.

pub mod approval_rules;
pub mod approvers;
pub mod borrower_sights;
pub mod borrowers;
pub mod budget;
pub mod cases;
pub mod catalogue;
pub mod catalogue_reads;
pub mod clock;
pub mod commit;
pub mod counter;
pub mod deputies;
pub mod digests;
pub mod dossier;
pub mod drift;
mod drift_answer;
pub mod extensions;
pub mod finding_answer;
pub mod findings;
pub mod history;
pub mod idempotency;
pub mod jobs;
pub mod lab_settings;
pub mod labels;
pub mod lent_before;
pub mod letters;
pub mod lineage;
pub mod link;
pub mod loans;
pub mod notifications;
pub mod operations;
pub mod operator;
pub mod overdue;
pub mod page;
pub mod pool;
pub mod preferences;
pub mod projects;
pub mod quotas;
pub mod reports;
pub mod requisition_queue;
pub mod requisition_reads;
pub mod requisition_summaries;
pub mod reserved_labels;
pub mod sent_letters;
pub mod shelf;
pub mod status;
pub mod sweep;
pub mod sync;
pub mod sync_runs;
pub mod tokens;
pub mod unmet_demand;
pub mod users;
pub mod waiting_list;

use crate::domain::text_enum::UnknownWord;

/// What went wrong between us and PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database did not answer as expected")]
    Database(#[from] sqlx::Error),
    #[error("a stored word is not known to this version")]
    UnknownWord(#[from] UnknownWord),
    #[error("a stored JSON value is not as this version writes it")]
    Json(#[from] serde_json::Error),
}

impl StoreError {
    /// Whether trying again later can help: the database is away, restarting or overloaded.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(error) => is_transient(error),
            Self::UnknownWord(_) | Self::Json(_) => false,
        }
    }
}

/// PostgreSQL's classes 08 (connection), 40 (rollback), 53 (resources), 57 (operator intervention), and a lock that was
/// waited for in vain.
pub fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => {
            let transient = ["08", "40", "53", "57", "55P03"];
            database.code().is_some_and(|code| transient.iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

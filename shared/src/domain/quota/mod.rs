//! Quotas: how much a project or a person may have. Going over one is asked for as an exception, it is no wall.

mod change;
mod measure;

pub use measure::{Exceeded, Need, Standing, exceeded, exceeded_by_going_on, in_force};

use super::{
    id::{ProjectId, QuotaId},
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The highest limit; the schema holds the same number.
pub const HIGHEST_LIMIT: i64 = 1_000_000_000;

text_enum! {
    /// Whose use is counted together.
    pub enum QuotaScope {
        /// Everybody's in one project.
        Project = "project",
        /// One person's, in whatever project.
        Person = "person",
    }
}

text_enum! {
    /// What is counted.
    pub enum QuotaMeasure {
        /// Units that are promised or out, or wait for a decision.
        UnitsOut = "units_out",
        /// Days of loans that began within the last 365 days or lie ahead, with those of an extension that waits; a day that
        /// has begun counts as one. What is handed over before its loan begins counts from then on, what is late until it is back.
        LoanDays = "loan_days",
        /// What the units of [`Self::UnitsOut`] cost, in cents; one without a price counts nothing, a line as its model's dearest.
        ValueOut = "value_out",
    }
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    pub id: QuotaId,
    pub scope: QuotaScope,
    /// `None`: every project, but those that have one of their own for the same category and measure.
    pub project_id: Option<ProjectId>,
    /// `None`: whatever its category. Compared with the model's category in Snipe-IT, whatever its case.
    pub category: Option<String>,
    pub measure: QuotaMeasure,
    /// The most that needs no exception: 0 to [`HIGHEST_LIMIT`], in units, days or cents.
    pub most: i64,
    pub removed_at: Option<DateTime<Utc>>,
    pub version: i32,
}

/// What a quota is about, as people are told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaSubject {
    pub scope: QuotaScope,
    /// `None`: of every project.
    pub project: Option<ProjectId>,
    pub category: Option<String>,
    pub measure: QuotaMeasure,
}

impl Quota {
    fn is_of_category(&self, category: Option<&str>) -> bool {
        match (&self.category, category) {
            (None, _) => true,
            (Some(own), Some(other)) => own.to_lowercase() == other.to_lowercase(),
            (Some(_), None) => false,
        }
    }

    pub fn subject(&self) -> QuotaSubject {
        let Self { scope, project_id: project, measure, .. } = *self;
        QuotaSubject { scope, project, category: self.category.clone(), measure }
    }
}

//! What a report tells of a period: of one project, or of the whole lab. Numbers only; whom they concern is not in it.

mod period;
mod waiting;

pub use period::{PeriodRefused, ReportPeriod};
pub use waiting::Waiting;

use super::{
    id::{ModelId, ProjectId},
    money::Cents,
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

text_enum! {
    /// What became of a requisition, from the requester's side.
    pub enum Outcome {
        /// Somebody still has to decide.
        Waiting = "waiting",
        /// All that was asked for: every unit, and of the models that were asked for.
        Granted = "granted",
        /// As many units as were asked for, some of them of another model.
        Substituted = "substituted",
        /// Fewer units than were asked for, of whatever model.
        PartlyGranted = "partly_granted",
        Rejected = "rejected",
        /// Nobody decided before its period was over, and nothing of it was granted before.
        Lapsed = "lapsed",
        Cancelled = "cancelled",
        /// Granted, and certainly nothing could be lent.
        Failed = "failed",
    }
}

text_enum! {
    /// What was decided about a line, whatever became of its units. What an edit took out is no line.
    pub enum LineOutcome {
        Waiting = "waiting",
        /// As many units of the model as were asked for, by a decision or by itself.
        Granted = "granted",
        /// Units of another model, however many.
        Substituted = "substituted",
        /// Fewer units of the model than were asked for.
        Reduced = "reduced",
        Rejected = "rejected",
        /// Nobody decided before its period was over.
        Lapsed = "lapsed",
        /// Given up by whoever asked.
        Cancelled = "cancelled",
    }
}

/// Of one period, as it stood at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub period: ReportPeriod,
    /// `None`: the whole lab.
    pub project: Option<ProjectId>,
    /// The lab's time at which it was asked; what is out counts as out until then.
    pub as_of: DateTime<Utc>,
    /// Of the requisitions that were submitted in the period: how many have come to what.
    pub outcomes: BTreeMap<Outcome, i64>,
    /// The same of their lines.
    pub line_outcomes: BTreeMap<LineOutcome, i64>,
    /// Of these, the reasons for which lines were rejected, the most frequent first. A line without a reason of its own has
    /// that of its requisition; a requisition counts once for each of its reasons.
    pub rejections: Vec<Rejection>,
    /// From submitting to the decision about a line, of each line that was decided in the period: what is decided in
    /// several steps is told by each of them. What needs no decision, or was given up before, is not in it.
    pub until_decided: Waiting,
    /// From when the unit was promised, or the beginning of what was asked for if that is later, until it was out: handed
    /// over, or, without a counter, confirmed by Snipe-IT; of each unit that went out in the period. It is promised by the
    /// decision about its line; what needs no decision, when it was submitted.
    pub until_out: Waiting,
    /// At `as_of`, whatever the period.
    pub out_now: OutNow,
    /// How long units were out within the period, by model; the longest first.
    pub use_by_model: Vec<ModelUse>,
    pub returns: Returns,
    /// What was asked for in the period, by model; the most wanted first.
    pub demand: Vec<ModelDemand>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// `None`: none was given.
    pub reason: Option<String>,
    pub requisitions: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutNow {
    pub units: i64,
    /// Of these, past their due date.
    pub overdue: i64,
    /// What they cost, as far as Snipe-IT tells.
    pub value: Cents,
    /// Units of which it does not.
    pub without_cost: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelUse {
    pub model: ModelName,
    /// Loans that were out at some time of the period.
    pub loans: i64,
    /// Unit-seconds within the period, each loan cut at its edges; whole seconds of each loan.
    pub seconds: i64,
}

/// Of the loans that ended in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returns {
    pub on_time: i64,
    /// After the due date, be it by a second.
    pub late: i64,
    /// Not back at all, as whoever had them said; neither on time nor late.
    pub lost: i64,
    /// Of those that are back: damaged or incomplete.
    pub damaged: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelDemand {
    pub model: ModelName,
    /// Requisitions that asked for it.
    pub requisitions: i64,
    /// Units asked for.
    pub wanted: i64,
    /// Of these, rejected.
    pub rejected: i64,
    /// Of these, left out of a line that was granted: fewer units, or another model in their place.
    pub reduced: i64,
    /// Of these, not free when somebody wanted to grant them, and neither granted nor rejected since.
    pub not_free: i64,
    /// Units that were asked for beside these and refused at once, since they were not free. A person counts once a day.
    pub missing: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelName {
    pub id: ModelId,
    pub name: String,
    pub category: Option<String>,
}

/// Sums over several models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Use {
    pub loans: i64,
    pub seconds: i64,
}

impl Use {
    fn plus(self, of: &ModelUse) -> Self {
        Self { loans: self.loans + of.loans, seconds: self.seconds + of.seconds }
    }
}

impl Report {
    pub fn submitted(&self) -> i64 {
        self.outcomes.values().sum()
    }

    pub fn total_use(&self) -> Use {
        self.use_by_model.iter().fold(Use::default(), Use::plus)
    }

    /// Models without a category are together under `None`.
    pub fn use_by_category(&self) -> BTreeMap<Option<&str>, Use> {
        let mut categories = BTreeMap::<_, Use>::new();
        for of in &self.use_by_model {
            let category = categories.entry(of.model.category.as_deref()).or_default();
            *category = category.plus(of);
        }
        categories
    }
}

/// A day of a loan is 24 hours, also where the clocks change.
#[allow(clippy::cast_precision_loss, reason = "seconds of centuries are exact in a double")]
pub fn days(seconds: i64) -> f64 {
    seconds as f64 / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_adds_up_by_category_and_in_all() {
        let of = |category: Option<&str>, loans, seconds| ModelUse {
            model: ModelName { id: ModelId::generate(), name: "DS1054Z".into(), category: category.map(Into::into) },
            loans,
            seconds,
        };
        let uses = [of(Some("Scopes"), 2, 100), of(None, 1, 7), of(Some("Scopes"), 1, 20)];

        let report = Report { use_by_model: uses.into(), ..empty() };

        let scopes = Use { loans: 3, seconds: 120 };
        assert_eq!(report.use_by_category(), [(None, Use { loans: 1, seconds: 7 }), (Some("Scopes"), scopes)].into());
        assert_eq!(report.total_use(), Use { loans: 4, seconds: 127 });
    }

    fn empty() -> Report {
        let zone = chrono_tz::UTC;
        Report {
            period: ReportPeriod::parse("2026-01-01", "2026-02-01", zone).unwrap(),
            project: None,
            as_of: DateTime::UNIX_EPOCH,
            outcomes: BTreeMap::new(),
            line_outcomes: BTreeMap::new(),
            rejections: Vec::new(),
            until_decided: Waiting::NONE,
            until_out: Waiting::NONE,
            out_now: OutNow { units: 0, overdue: 0, value: Cents::from_stored(0), without_cost: 0 },
            use_by_model: Vec::new(),
            returns: Returns { on_time: 0, late: 0, lost: 0, damaged: 0 },
            demand: Vec::new(),
        }
    }
}

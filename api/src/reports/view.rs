//! A report as programs read it.

use crate::http::words;
use chrono::{DateTime, Utc};
use makerlab_shared::domain::report::{
    LineOutcome, ModelDemand, ModelUse, OutNow, Outcome, Report, Returns, Use, Waiting, days,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A period of a project or of the whole lab. Nobody is named in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportView {
    /// The first moment that belongs to it.
    from: DateTime<Utc>,
    /// The first moment that does not.
    to: DateTime<Utc>,
    /// Null: the whole lab.
    project_id: Option<Uuid>,
    /// What is still out counts until then.
    as_of: DateTime<Utc>,
    requisitions: RequisitionsView,
    waiting: WaitingView,
    out_now: OutNowView,
    loans: LoansView,
    returns: ReturnsView,
    /// What was asked for in the period, the most wanted first.
    demand: Vec<DemandView>,
}

/// Of the requisitions that were submitted in the period.
#[derive(Debug, Serialize, ToSchema)]
struct RequisitionsView {
    submitted: i64,
    by_outcome: Vec<OutcomeView>,
    lines_by_outcome: Vec<LineOutcomeView>,
    /// The reasons for which all or some of their lines were rejected, the most frequent first; 100 at most.
    rejections: Vec<RejectionView>,
}

/// `granted`: every unit that was asked for, of the models that were asked for. `substituted`: as many, some of another
/// model. `partly_granted`: fewer.
#[derive(Debug, Serialize, ToSchema)]
struct OutcomeView {
    #[schema(schema_with = words::outcome)]
    outcome: Outcome,
    requisitions: i64,
}

/// `granted`: as asked for. `substituted`: another model, however many of it. `reduced`: fewer of the model.
#[derive(Debug, Serialize, ToSchema)]
struct LineOutcomeView {
    #[schema(schema_with = words::line_outcome)]
    outcome: LineOutcome,
    lines: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct RejectionView {
    reason: Option<String>,
    requisitions: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct WaitingView {
    /// From submitting to the decision about a line, of each line that was decided in the period.
    submitted_to_decided: WaitView,
    /// From the decision about its line, or from submitting where none was needed, or from the beginning of what was asked
    /// for if that is later, to the hand-over; of each unit that went out in the period.
    decided_to_out: WaitView,
}

#[derive(Debug, Serialize, ToSchema)]
struct WaitView {
    count: i64,
    /// Half of them were no longer; null if there was none.
    median_seconds: Option<i64>,
    /// Nine of ten were no longer.
    p90_seconds: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct OutNowView {
    units: i64,
    /// Of these, past their due date.
    overdue: i64,
    /// What they cost in hundredths, as far as Snipe-IT tells.
    value_cents: i64,
    /// Units of which it does not.
    units_without_cost: i64,
}

/// How long units were out within the period, each loan cut at its edges.
#[derive(Debug, Serialize, ToSchema)]
struct LoansView {
    #[serde(flatten)]
    total: UseView,
    by_model: Vec<ModelUseView>,
    by_category: Vec<CategoryUseView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct UseView {
    /// Out at some time of the period.
    loans: i64,
    /// Whole seconds of each loan.
    loan_seconds: i64,
    /// The same, a day being 24 hours.
    loan_days: f64,
}

#[derive(Debug, Serialize, ToSchema)]
struct ModelUseView {
    model_id: Uuid,
    model_name: String,
    category: Option<String>,
    #[serde(flatten)]
    of: UseView,
}

#[derive(Debug, Serialize, ToSchema)]
struct CategoryUseView {
    category: Option<String>,
    #[serde(flatten)]
    of: UseView,
}

/// Of the loans that ended in the period.
#[derive(Debug, Serialize, ToSchema)]
struct ReturnsView {
    on_time: i64,
    late: i64,
    /// Not back at all; neither on time nor late.
    lost: i64,
    /// Of those that are back: damaged or incomplete.
    damaged: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct DemandView {
    model_id: Uuid,
    model_name: String,
    category: Option<String>,
    /// Requisitions that asked for it.
    requisitions: i64,
    units_wanted: i64,
    /// Of these, rejected.
    units_rejected: i64,
    /// Of these, left out of a line that was granted: fewer units, or another model in their place.
    units_reduced: i64,
    /// Of these, not free when somebody wanted to grant them, and neither granted nor rejected since.
    units_not_free: i64,
    /// Asked for beside these and refused at once, since too few were free. A person counts once a day.
    units_missing: i64,
}

impl From<&Report> for ReportView {
    fn from(report: &Report) -> Self {
        Self {
            from: report.period.from,
            to: report.period.to,
            project_id: report.project.map(|id| id.0),
            as_of: report.as_of,
            requisitions: report.into(),
            waiting: WaitingView {
                submitted_to_decided: report.until_decided.into(),
                decided_to_out: report.until_out.into(),
            },
            out_now: report.out_now.into(),
            loans: report.into(),
            returns: report.returns.into(),
            demand: report.demand.iter().map(Into::into).collect(),
        }
    }
}

impl From<OutNow> for OutNowView {
    fn from(out: OutNow) -> Self {
        Self {
            units: out.units,
            overdue: out.overdue,
            value_cents: out.value.get(),
            units_without_cost: out.without_cost,
        }
    }
}

impl From<Returns> for ReturnsView {
    fn from(returns: Returns) -> Self {
        Self { on_time: returns.on_time, late: returns.late, lost: returns.lost, damaged: returns.damaged }
    }
}

impl From<&Report> for RequisitionsView {
    fn from(report: &Report) -> Self {
        let outcome = |outcome: &Outcome| OutcomeView {
            outcome: *outcome,
            requisitions: report.outcomes.get(outcome).copied().unwrap_or(0),
        };
        let line_outcome = |outcome: &LineOutcome| LineOutcomeView {
            outcome: *outcome,
            lines: report.line_outcomes.get(outcome).copied().unwrap_or(0),
        };
        let rejections = report.rejections.iter();
        let rejections = rejections
            .map(|told| RejectionView { reason: told.reason.clone(), requisitions: told.requisitions })
            .collect();
        Self {
            submitted: report.submitted(),
            by_outcome: Outcome::ALL.iter().map(outcome).collect(),
            lines_by_outcome: LineOutcome::ALL.iter().map(line_outcome).collect(),
            rejections,
        }
    }
}

impl From<&Report> for LoansView {
    fn from(report: &Report) -> Self {
        let by_category = report.use_by_category().into_iter();
        let by_category =
            by_category.map(|(name, of)| CategoryUseView { category: name.map(str::to_owned), of: of.into() });
        Self {
            total: report.total_use().into(),
            by_model: report.use_by_model.iter().map(Into::into).collect(),
            by_category: by_category.collect(),
        }
    }
}

impl From<Waiting> for WaitView {
    fn from(waiting: Waiting) -> Self {
        Self { count: waiting.count, median_seconds: waiting.median_seconds, p90_seconds: waiting.p90_seconds }
    }
}

impl From<Use> for UseView {
    fn from(of: Use) -> Self {
        Self { loans: of.loans, loan_seconds: of.seconds, loan_days: days(of.seconds) }
    }
}

impl From<&ModelUse> for ModelUseView {
    fn from(used: &ModelUse) -> Self {
        Self {
            model_id: used.model.id.0,
            model_name: used.model.name.clone(),
            category: used.model.category.clone(),
            of: Use { loans: used.loans, seconds: used.seconds }.into(),
        }
    }
}

impl From<&ModelDemand> for DemandView {
    fn from(demand: &ModelDemand) -> Self {
        Self {
            model_id: demand.model.id.0,
            model_name: demand.model.name.clone(),
            category: demand.model.category.clone(),
            requisitions: demand.requisitions,
            units_wanted: demand.wanted,
            units_rejected: demand.rejected,
            units_reduced: demand.reduced,
            units_not_free: demand.not_free,
            units_missing: demand.missing,
        }
    }
}

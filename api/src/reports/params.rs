//! Which period is wanted, and how it is to be written.

use super::format::Format;
use crate::{http::paging::malformed, problem::Problem};
use chrono_tz::Tz;
use makerlab_shared::domain::report::ReportPeriod;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportParams {
    /// The first day of the lab, or the first moment, that belongs to it.
    #[param(example = "2026-09-01")]
    from: String,
    /// The first day of the lab, or the first moment, that does not belong to it any more.
    #[param(example = "2026-10-01")]
    to: String,
    /// Left out: CSV where `Accept` prefers `text/csv`, else JSON.
    #[param(inline)]
    pub(super) format: Option<Format>,
}

impl ReportParams {
    pub(super) fn period(&self, zone: Tz) -> Result<ReportPeriod, Problem> {
        let period = ReportPeriod::parse(&self.from, &self.to, zone);
        period.map_err(|refused| malformed(refused.field(), &refused.to_string()))
    }
}

//! `import`: who imports, and the screen of what became of each asset that is out.

use super::{staff, table};
use crate::{
    context::Context,
    import::{self, Import, ImportReport, ImportRow, Mode, Outcome},
};
use chrono::NaiveDate;
use clap::Args;
use makerlab_shared::domain::{operation::whom, person::Language};

#[derive(Debug, Clone, Args)]
pub struct ImportOptions {
    /// The e-mail address of the technician or admin who imports.
    #[arg(long, value_name = "EMAIL")]
    by: String,
    /// Do it. Left out: only tell what would be done.
    #[arg(long)]
    apply: bool,
    /// Add whoever has something and is not here yet, as a student who reads this language: en or pt.
    #[arg(long, value_name = "LANGUAGE", num_args = 0..=1, default_missing_value = "en")]
    create_users: Option<Language>,
    /// When units are due for which Snipe-IT expects no day, like 2026-12-31. Left out: in 30 days.
    #[arg(long, value_name = "DAY")]
    due: Option<NaiveDate>,
    /// For programs.
    #[arg(long)]
    json: bool,
}

const WIDTHS: [usize; 6] = [12, 34, 19, 16, 16, 50];

pub(super) async fn perform(options: &ImportOptions, context: &Context) -> anyhow::Result<String> {
    let by = staff::find(&mut *context.pool.acquire().await?, &options.by).await?;
    let mode = if options.apply { Mode::Apply } else { Mode::DryRun };
    let import = Import { by, mode, adds: options.create_users, due_without_day: options.due };
    let report = import::import(context, import).await?;
    if options.json {
        return Ok(serde_json::to_string_pretty(&report.rows)?);
    }
    Ok(show(&report))
}

fn show(report: &ImportReport) -> String {
    if report.rows.is_empty() {
        return "Nothing is out in Snipe-IT.".to_owned();
    }
    let rows: Vec<[String; 6]> = report.rows.iter().map(cells).collect();
    let header = ["TAG", "WHO HAS IT", "SINCE (SNIPE-IT)", "DUE", "OUTCOME", "WHY"];
    format!("{}\n\n{}", table::wrapped(header, &rows, WIDTHS), summary(report))
}

fn cells(row: &ImportRow) -> [String; 6] {
    let who = row.email.clone().or_else(|| row.holder.map(whom));
    [
        row.tag.clone(),
        who.unwrap_or_default(),
        row.out_since.map(|since| since.to_string()).unwrap_or_default(),
        row.due_at.map(|due| due.format("%Y-%m-%d %H:%MZ").to_string()).unwrap_or_default(),
        row.outcome.as_str().to_owned(),
        row.why.clone().unwrap_or_default(),
    ]
}

fn summary(report: &ImportReport) -> String {
    let count = |outcome: Outcome| format!("{} {}", report.count(outcome), outcome.as_str());
    let (done, next) = match report.mode {
        Mode::DryRun => (Outcome::WouldBeAdopted, " Nothing was changed: once more with --apply."),
        Mode::Apply => (Outcome::Adopted, ""),
    };
    format!("{}, {}, {}.{next}", count(done), count(Outcome::OursAlready), count(Outcome::NotAdopted))
}

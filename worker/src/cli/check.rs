//! `snipeit check`: one screen about Snipe-IT. Needs no database.

use super::table;
use crate::check::{Report, Row, State};
use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct CheckOptions {
    /// For programs.
    #[arg(long)]
    pub json: bool,
}

/// As wide as a technician's terminal.
const WIDTHS: [usize; 4] = [17, 17, 44, 50];

pub(super) fn show(report: &Report, options: &CheckOptions) -> anyhow::Result<String> {
    if options.json {
        let shown = serde_json::json!({ "is_fine": report.is_fine(), "rows": report.rows });
        return Ok(serde_json::to_string_pretty(&shown)?);
    }
    let rows: Vec<[String; 4]> = report.rows.iter().map(cells).collect();
    let table = table::wrapped(["CHECK", "STATE", "WHAT WAS SEEN", "WHAT TO DO"], &rows, WIDTHS);
    Ok(format!("{table}\n\n{}", verdict(report)))
}

fn cells(row: &Row) -> [String; 4] {
    let Row { check, state, seen, fix } = row;
    [check.as_str().to_owned(), state.as_str().to_owned(), seen.clone(), fix.clone().unwrap_or_default()]
}

fn verdict(report: &Report) -> String {
    let wrong: Vec<&str> =
        report.rows.iter().filter(|row| row.state == State::Wrong).map(|row| row.check.as_str()).collect();
    if wrong.is_empty() {
        return "Nothing is wrong.".to_owned();
    }
    format!("Wrong: {}.", wrong.join(", "))
}

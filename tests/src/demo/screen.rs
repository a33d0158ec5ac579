//! Where the demo speaks: lines, and one table that is redrawn in place where that can be seen.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Mutex, PoisonError},
};

use super::table::{self, Row};

/// On a narrow terminal a line is cut off: one that wrapped would be two lines to go back over.
const NO_WRAP: &str = "\x1b[?7l";
const WRAP: &str = "\x1b[?7h";

/// With `--json` standard output is for the one line at the end.
pub struct Screen {
    json: bool,
    is_live: bool,
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    rows: Vec<Row>,
    /// Lines of the table on the terminal, to go back over.
    lines: usize,
}

impl Screen {
    pub fn new(json: bool) -> Self {
        Self { json, is_live: !json && io::stdout().is_terminal(), shown: Mutex::default() }
    }

    /// A line of its own, below the table.
    pub fn say(&self, line: &str) {
        self.lock().lines = 0;
        self.print(&format!("{line}\n"));
    }

    /// Shows the table if it differs from what is shown; without a terminal only the rows that changed.
    pub fn show(&self, rows: &[Row]) {
        let mut shown = self.lock();
        if shown.rows == rows {
            return;
        }
        if self.is_live {
            let text = table::render(rows);
            self.print(&format!("{}{NO_WRAP}{text}{WRAP}", back_over(shown.lines)));
            shown.lines = text.lines().count();
        } else {
            for row in rows.iter().filter(|row| !shown.rows.contains(row)) {
                self.print(&format!("{}\n", table::line(row)));
            }
        }
        shown.rows = rows.to_vec();
    }

    /// For programs; nothing else is on standard output then.
    pub fn json(&self, line: &serde_json::Value) {
        if self.json {
            println!("{line}");
        }
    }

    /// A reader that has gone is no reason to stop: what was started must still be ended.
    fn print(&self, text: &str) {
        let _ = match self.json {
            true => io::stderr().write_all(text.as_bytes()),
            false => io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()),
        };
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Up over the old table, and everything from there on cleared.
fn back_over(lines: usize) -> String {
    if lines == 0 { String::new() } else { format!("\x1b[{lines}A\x1b[J") }
}

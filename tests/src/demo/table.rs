//! The table of the day: a row for each requisition.

use std::fmt::Write as _;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub number: String,
    pub who: String,
    pub what: String,
    pub status: String,
    pub check_outs: usize,
    pub check_ins: usize,
    pub mails: usize,
}

/// A head, and what stands under it.
type Column = (&'static str, fn(&Row) -> String);

/// All of it, with a head; ends with a line break.
pub fn render(rows: &[Row]) -> String {
    let columns: [Column; 6] = [
        ("number", |row| row.number.clone()),
        ("who", |row| row.who.clone()),
        ("what", |row| row.what.clone()),
        ("status", |row| row.status.clone()),
        ("Snipe-IT", effects),
        ("mails", |row| row.mails.to_string()),
    ];
    let widths = columns.map(|(head, cell)| rows.iter().map(|row| cell(row).chars().count()).chain([head.len()]).max());
    let mut text = String::new();
    let mut write = |cells: [String; 6]| {
        let padded: Vec<_> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}", width = width.unwrap_or(0)))
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {}", padded.join("  ").trim_end());
    };
    write(columns.map(|(head, _)| head.to_owned()));
    for row in rows {
        write(columns.map(|(_, cell)| cell(row)));
    }
    text
}

/// One row by itself, for logs.
pub fn line(row: &Row) -> String {
    let Row { number, who, what, status, mails, .. } = row;
    format!("{number}  {who}: {what}  [{status}; {}; {mails} mails]", effects(row))
}

fn effects(row: &Row) -> String {
    match (row.check_outs, row.check_ins) {
        (0, 0) => "-".to_owned(),
        (out, 0) => format!("{out} out"),
        (0, back) => format!("{back} back"),
        (out, back) => format!("{out} out, {back} back"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_whatever_its_letters() {
        let row = |who: &str, check_outs, check_ins| Row {
            number: "R-1".into(),
            who: who.into(),
            what: "x".into(),
            status: "returned".into(),
            check_outs,
            check_ins,
            mails: 3,
        };

        let text = render(&[row("João", 1, 1), row("Al", 0, 0)]);

        assert_eq!(
            text,
            "  number  who   what  status    Snipe-IT       mails\n  \
               R-1     João  x     returned  1 out, 1 back  3\n  \
               R-1     Al    x     returned  -              3\n"
        );
    }
}

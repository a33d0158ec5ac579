//! Plain tables for a terminal.

use chrono::{DateTime, Utc};

/// Columns as wide as their widest cell, two blanks between them. Cells are squeezed onto one line.
pub(super) fn render<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    if rows.is_empty() {
        return "none".to_owned();
    }
    let header = header.map(str::to_owned);
    let lines: Vec<[String; N]> =
        std::iter::once(&header).chain(rows).map(|row| row.each_ref().map(|cell| one_line(cell))).collect();
    let widths: Vec<usize> =
        (0..N).map(|column| lines.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    lines.iter().map(|row| line(row, &widths)).collect::<Vec<_>>().join("\n")
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
    cells.join("  ").trim_end().to_owned()
}

fn one_line(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Columns of given widths; cells go on below themselves, and only a word that is longer stands out.
pub(super) fn wrapped<const N: usize>(header: [&str; N], rows: &[[String; N]], widths: [usize; N]) -> String {
    let header = header.map(str::to_owned);
    let lines = std::iter::once(&header).chain(rows).flat_map(|row| {
        let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| broken(cell, width)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        (0..height).map(move |at| {
            let row: Vec<String> = cells.iter().map(|cell| cell.get(at).cloned().unwrap_or_default()).collect();
            line(&row, &widths)
        })
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn broken(cell: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in cell.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= width {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Names and values below each other; what is not known is left out.
pub(super) fn facts(facts: &[(&str, Option<String>)]) -> String {
    let known: Vec<(&str, &String)> = facts.iter().filter_map(|(name, value)| Some((*name, value.as_ref()?))).collect();
    let width = known.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    known.iter().map(|(name, value)| format!("{name:<width$}  {value}")).collect::<Vec<_>>().join("\n")
}

pub(super) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_whatever_is_in_them() {
        let rows = [["1".to_owned(), "long\nreason".to_owned()], ["200".to_owned(), "ã".to_owned()]];

        assert_eq!(render(["id", "reason"], &rows), "id   reason\n1    long reason\n200  ã");
        assert_eq!(render(["id", "reason"], &[]), "none");
    }

    #[test]
    fn a_cell_that_is_too_wide_goes_on_below_itself() {
        let rows = [["now".to_owned(), "a b cc dddddd".to_owned()], [String::new(), String::new()]];

        assert_eq!(wrapped(["when", "what"], &rows, [4, 4]), "when  what\nnow   a b\n      cc\n      dddddd\n");
    }

    #[test]
    fn unknown_facts_are_left_out() {
        assert_eq!(
            facts(&[("id", Some("1".to_owned())), ("note", None), ("state", Some("open".to_owned()))]),
            "id     1\nstate  open"
        );
    }
}

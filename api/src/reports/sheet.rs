//! CSV that a spreadsheet shows and does not run: quoted as RFC 4180 has it, and no cell begins a formula.

/// What may make a spreadsheet take a cell for a formula, or see one behind it.
const DANGEROUS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// Writes rows; the first one is the header.
///
/// # Errors
/// None in practice: everything is written to memory.
pub(super) fn write<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    writer.into_inner().map_err(|unfinished| unfinished.into_error().into())
}

/// An apostrophe in front says "text" to a spreadsheet.
fn harmless(cell: &str) -> String {
    if cell.starts_with(DANGEROUS) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[[&str; 2]]) -> String {
        let rows: Vec<_> = rows.iter().map(|row| row.map(str::to_owned)).collect();
        String::from_utf8(write(&rows).unwrap()).unwrap()
    }

    #[test]
    fn cells_with_commas_quotes_and_lines_stay_one_cell() {
        let rows = [["reason", "count"], ["Too late, \"again\"", "2"], ["two\nlines", "1"], ["", ""]];

        let text = written(&rows);

        assert_eq!(text, "reason,count\r\n\"Too late, \"\"again\"\"\",2\r\n\"two\nlines\",1\r\n,\r\n");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let read: Vec<_> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect();
        assert_eq!(read, rows);
    }

    #[test]
    fn no_cell_begins_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=HYPERLINK(\"http://x\",\"y\")"] {
            let text = written(&[[cell, "x"]]);
            assert!(text.trim_start_matches('"').starts_with('\''), "{text:?}");
        }
        assert_eq!(written(&[["1-1", "a=b"]]), "1-1,a=b\r\n");
    }
}

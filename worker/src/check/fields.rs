//! Whether every answer has the fields that are read. Fields that nobody reads are no matter.

use super::{
    evidence::{Evidence, Seen},
    report::{Check, Row},
};
use crate::snipeit::{Page, ReadFailureKind};

/// Shown of the rows that cannot be read.
const MOST_TOLD: usize = 3;

/// What one endpoint showed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    readable: usize,
    /// What is missing, with the endpoint.
    faults: Vec<String>,
}

pub(super) fn judge(evidence: &Evidence) -> Row {
    of(&[
        of_list("GET /hardware", &evidence.assets),
        of_list("GET /models", &evidence.models),
        of_list("GET /statuslabels", &evidence.labels),
        of_one(&evidence.users),
        of_one(&evidence.log),
    ])
}

fn of_list<T>(endpoint: &str, seen: &Seen<Page<T>>) -> Shape {
    match seen {
        Ok(read) => {
            let named = |row: &crate::snipeit::Unreadable| {
                let id = row.id.map(|id| format!(" (row {id})")).unwrap_or_default();
                format!("{endpoint}: {}{id}", row.what)
            };
            Shape { readable: read.value.rows.len(), faults: read.value.unreadable.iter().map(named).collect() }
        }
        Err(_) => of_one(seen),
    }
}

fn of_one<T>(seen: &Seen<T>) -> Shape {
    match seen.as_ref().map_err(|failure| &failure.kind) {
        Ok(_) => Shape { readable: 1, faults: Vec::new() },
        Err(ReadFailureKind::Malformed { what }) => Shape { readable: 0, faults: vec![what.clone()] },
        Err(
            ReadFailureKind::Unreachable { .. }
            | ReadFailureKind::Throttled
            | ReadFailureKind::Installation { .. }
            | ReadFailureKind::NotFound { .. }
            | ReadFailureKind::Trouble { .. },
        ) => Shape { readable: 0, faults: Vec::new() },
    }
}

fn of(shapes: &[Shape]) -> Row {
    let told: Vec<&str> = shapes.iter().flat_map(|shape| &shape.faults).map(String::as_str).take(MOST_TOLD).collect();
    if told.is_empty() {
        return Row::ok(Check::Fields, "every answer has the fields that are read");
    }
    let told = told.join("; ");
    let is_unknown = shapes.iter().any(|shape| shape.readable == 0 && !shape.faults.is_empty());
    if is_unknown {
        return Row::wrong(
            Check::Fields,
            told,
            "This version of Snipe-IT answers otherwise than 6.x to 8.x do: bring Snipe-IT, or this program, up to date.",
        );
    }
    Row::warning(Check::Fields, told, "Correct these rows in Snipe-IT; until then they are not lent.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    #[test]
    fn a_list_of_which_no_row_can_be_read_is_another_version_and_a_single_row_is_not() {
        let fault = || "GET /hardware: field `last_checkin` is missing (row 7)".to_owned();
        let shape = |readable, faults| of(&[Shape { readable, faults }, Shape { readable: 1, faults: Vec::new() }]);

        assert_eq!(shape(0, vec![fault()]).state, State::Wrong);
        assert_eq!(shape(29, vec![fault()]).state, State::Warning);
        assert_eq!(shape(0, Vec::new()).state, State::Ok);
        assert!(shape(0, vec![fault(); 9]).seen.contains("GET /hardware: field `last_checkin`"));
    }
}

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
    /// The endpoint, if it came to no answer. One that may not be asked is told elsewhere.
    unseen: Option<&'static str>,
}

pub(super) fn judge(evidence: &Evidence) -> Row {
    of(&[
        of_list("GET /hardware", &evidence.assets),
        of_list("GET /models", &evidence.models),
        of_list("GET /statuslabels", &evidence.labels),
        of_one("GET /users", &evidence.users),
        of_one("GET /reports/activity", &evidence.log),
    ])
}

fn of_list<T>(endpoint: &'static str, seen: &Seen<Page<T>>) -> Shape {
    match seen {
        Ok(read) => {
            let named = |row: &crate::snipeit::Unreadable| {
                let id = row.id.map(|id| format!(" (row {id})")).unwrap_or_default();
                format!("{endpoint}: {}{id}", row.what)
            };
            let faults = read.value.unreadable.iter().map(named).collect();
            Shape { readable: read.value.rows.len(), faults, unseen: None }
        }
        Err(_) => of_one(endpoint, seen),
    }
}

fn of_one<T>(endpoint: &'static str, seen: &Seen<T>) -> Shape {
    let failure = match seen {
        Ok(_) => return Shape { readable: 1, faults: Vec::new(), unseen: None },
        Err(failure) => failure,
    };
    match &failure.kind {
        ReadFailureKind::Malformed { what } => Shape { readable: 0, faults: vec![what.clone()], unseen: None },
        ReadFailureKind::Unreachable { .. }
        | ReadFailureKind::Throttled
        | ReadFailureKind::Installation { .. }
        | ReadFailureKind::NotFound { .. }
        | ReadFailureKind::Trouble { .. } => {
            Shape { readable: 0, faults: Vec::new(), unseen: (!failure.is_forbidden()).then_some(endpoint) }
        }
    }
}

fn of(shapes: &[Shape]) -> Row {
    let told: Vec<&str> = shapes.iter().flat_map(|shape| &shape.faults).map(String::as_str).take(MOST_TOLD).collect();
    let unseen: Vec<&str> = shapes.iter().filter_map(|shape| shape.unseen).collect();
    if told.is_empty() && !unseen.is_empty() {
        return Row::cannot_tell(
            Check::Fields,
            format!("no answer of {}", unseen.join(", ")),
            "See the rows below first.",
        );
    }
    if told.is_empty() {
        return Row::ok(Check::Fields, "every answer has the fields that are read");
    }
    let told = told.join("; ");
    let is_unknown = shapes.iter().any(|shape| shape.readable == 0 && !shape.faults.is_empty());
    if is_unknown {
        return Row::wrong(
            Check::Fields,
            told,
            "This version of Snipe-IT answers otherwise than those that are known: bring Snipe-IT, or this program, up to date.",
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
        let read = Shape { readable: 1, faults: Vec::new(), unseen: None };
        let shape = |readable, faults| of(&[Shape { readable, faults, unseen: None }, read.clone()]);

        assert_eq!(shape(0, vec![fault()]).state, State::Wrong);
        assert_eq!(shape(29, vec![fault()]).state, State::Warning);
        assert_eq!(shape(0, Vec::new()).state, State::Ok);
        assert!(shape(0, vec![fault(); 9]).seen.contains("GET /hardware: field `last_checkin`"));
        let unseen = of(&[Shape { readable: 0, faults: Vec::new(), unseen: Some("GET /hardware") }, read.clone()]);
        assert_eq!((unseen.state, unseen.seen.as_str()), (State::CannotTell, "no answer of GET /hardware"));
    }
}

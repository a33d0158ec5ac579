//! Which Snipe-IT it is.

use super::{
    evidence::Seen,
    report::{Check, Row},
};

/// Judged by what is known: 8.1.4 was recorded. 6.x has the fields that are read since `last_checkin` came (a migration of
/// August 2023); where it has not, the check of the fields names it.
pub(super) fn judge(version: &Seen<String>) -> Row {
    match version {
        Ok(read) => of(&read.value),
        Err(failure) => Row::cannot_tell(Check::Version, failure.to_string(), "Check again."),
    }
}

fn of(version: &str) -> Row {
    match major(version) {
        Some(8) => Row::ok(Check::Version, version),
        Some(6 | 7) => Row::warning(
            Check::Version,
            format!("{version}: its behaviour was not tried (8.1.4 was)"),
            "Lend a unit and take it back before students do; better, bring Snipe-IT up to date.",
        ),
        Some(..6) => Row::wrong(Check::Version, format!("{version} is too old"), "Bring Snipe-IT to 8.x."),
        Some(9..) => Row::warning(
            Check::Version,
            format!("{version} is newer than any that is known"),
            "Lend a unit and take it back before students do.",
        ),
        None => Row::cannot_tell(
            Check::Version,
            format!("{version:?} is no version"),
            "Look at the foot of Snipe-IT's pages: it should be 8.x.",
        ),
    }
}

/// `v8.1.4`, `8.1.4-pre`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches(['v', 'V']).split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    #[test]
    fn a_version_is_judged_by_its_first_number() {
        for (version, state) in [
            ("v8.1.4", State::Ok),
            ("v8.5.1-pre", State::Ok),
            ("v7.0.13", State::Warning),
            ("6.4.2", State::Warning),
            ("v5.4.4", State::Wrong),
            ("v10.0.0", State::Warning),
            ("master", State::CannotTell),
        ] {
            assert_eq!(of(version).state, state, "{version}");
        }
    }
}

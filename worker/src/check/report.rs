//! What is printed: one row for each thing, in the order in which one thing rests on another.

use serde::Serialize;

macro_rules! checks {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// One thing that is checked. Permissions have Snipe-IT's names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub enum Check { $(#[serde(rename = $name)] $variant),+ }

        impl Check {
            /// In the order of the screen.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

checks! {
    Settings = "settings",
    Name = "name",
    Connection = "connection",
    Tls = "tls",
    Server = "snipe-it",
    Token = "token",
    Version = "version",
    Fields = "fields",
    ViewAssets = "assets.view",
    CheckOut = "assets.checkout",
    CheckIn = "assets.checkin",
    EditAssets = "assets.edit",
    ViewModels = "models.view",
    ViewLabels = "statuslabels.view",
    ViewUsers = "users.view",
    CreateUsers = "users.create",
    ViewReports = "reports.view",
    Clock = "clock",
    TimeZone = "time zone",
    Throttle = "throttle",
    Labels = "labels",
    PageSize = "page size",
    ServerLimit = "server limit",
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Ok,
    /// It works, and something is not as it should be.
    Warning,
    Wrong,
    /// Reading does not show it.
    CannotTell,
    /// Something before it is broken.
    NotTried,
}

impl State {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
            Self::CannotTell => "could not be told",
            Self::NotTried => "not tried",
        }
    }
}

/// What was found out about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub check: Check,
    pub state: State,
    pub seen: String,
    /// What to do about it, in a sentence. `None`: nothing.
    pub fix: Option<String>,
}

impl Row {
    pub(super) fn ok(check: Check, seen: impl Into<String>) -> Self {
        Self { check, state: State::Ok, seen: seen.into(), fix: None }
    }

    pub(super) fn warning(check: Check, seen: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, state: State::Warning, seen: seen.into(), fix: Some(fix.into()) }
    }

    pub(super) fn wrong(check: Check, seen: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, state: State::Wrong, seen: seen.into(), fix: Some(fix.into()) }
    }

    pub(super) fn cannot_tell(check: Check, seen: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, state: State::CannotTell, seen: seen.into(), fix: Some(fix.into()) }
    }

    fn not_tried(check: Check) -> Self {
        Self { check, state: State::NotTried, seen: String::new(), fix: None }
    }
}

/// Every check in its order; what was not reached is `NotTried`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub rows: Vec<Row>,
}

impl Report {
    pub(super) fn of(found: Vec<Row>) -> Self {
        let rows = Check::ALL.iter().flat_map(|check| {
            let rows: Vec<Row> = found.iter().filter(|row| row.check == *check).cloned().collect();
            if rows.is_empty() { vec![Row::not_tried(*check)] } else { rows }
        });
        Self { rows: rows.collect() }
    }

    /// Nothing is wrong, and nothing was left untried.
    pub fn is_fine(&self) -> bool {
        self.rows.iter().all(|row| match row.state {
            State::Ok | State::Warning | State::CannotTell => true,
            State::Wrong | State::NotTried => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_reached_stands_in_its_place_and_spoils_the_report() {
        let report = Report::of(vec![Row::ok(Check::Settings, "read")]);

        assert_eq!(report.rows.len(), Check::ALL.len());
        assert_eq!(report.rows[1], Row::not_tried(Check::Name));
        assert!(!report.is_fine());
    }

    #[test]
    fn warnings_and_what_cannot_be_told_are_no_failure() {
        let all = |row: fn(Check) -> Row| Report::of(Check::ALL.iter().copied().map(row).collect());

        assert!(all(|check| Row::warning(check, "slow", "Make it fast.")).is_fine());
        assert!(all(|check| Row::cannot_tell(check, "dark", "Make light.")).is_fine());
        assert!(!all(|check| Row::wrong(check, "broken", "Mend it.")).is_fine());
    }
}

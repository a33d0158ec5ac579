//! A lab in which everything is right, to break one thing of it.

use makerlab_shared::settings::Environment;
use makerlab_tests::simulator::{Simulator, SimulatorOptions};
use makerlab_worker::check::{Check, Report, Row, State, check};

/// Tiago, who has the permissions of the README and no others.
pub(super) const SERVICE: i64 = 16;
const TOKEN: &str = "token-of-the-service";

pub(super) struct Lab {
    pub(super) simulator: Simulator,
    variables: Vec<(String, String)>,
}

impl Lab {
    /// In a sub-path, with the service's own user, and with a change that is fresh enough to show the zone.
    pub(super) fn right() -> Self {
        let options = SimulatorOptions { base_path: "/inventory".to_owned(), ..SimulatorOptions::default() };
        let simulator = Simulator::start(options).unwrap();
        simulator.state().set_token(TOKEN, SERVICE);
        simulator.state().hands().rename(1, "Arduino, renamed today");
        let url = simulator.url().to_owned();
        let lab = Self { simulator, variables: Vec::new() };
        lab.with("SNIPEIT_URL", &url)
            .with("SNIPEIT_API_TOKEN", TOKEN)
            .with("SNIPEIT_TIMEZONE", "Europe/Lisbon")
            .with("LAB_TIMEZONE", "Europe/Lisbon")
    }

    /// The last value of a variable counts.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) async fn report(&self) -> Report {
        check(&self.environment()).await
    }

    pub(super) fn environment(&self) -> Environment {
        Environment::from_pairs(self.variables.clone())
    }

    /// What the service's user may do from now on: the permissions of the README without these.
    pub(super) fn take_away(&self, lacking: &str) {
        let all = [
            "assets.view",
            "assets.checkout",
            "assets.checkin",
            "assets.edit",
            "models.view",
            "users.view",
            "statuslabels.view",
            "reports.view",
        ];
        let left: Vec<&str> = all.into_iter().filter(|permission| *permission != lacking).collect();
        self.simulator.state().hands().set_permissions(SERVICE, &left);
    }
}

pub(super) fn row(report: &Report, check: Check) -> Row {
    report.rows.iter().find(|row| row.check == check).unwrap().clone()
}

/// Everything that is neither right nor untellable from outside.
pub(super) fn amiss(report: &Report) -> Vec<(&'static str, State)> {
    let amiss = report.rows.iter().filter(|row| row.state != State::Ok && row.check != Check::ServerLimit);
    amiss.map(|row| (row.check.as_str(), row.state)).collect()
}

/// The one that is wrong, with everything after it untried.
pub(super) fn first_failure(report: &Report) -> Row {
    let at = report.rows.iter().position(|row| row.state == State::Wrong).expect("something is wrong");
    for row in &report.rows[at + 1..] {
        assert_eq!(row.state, State::NotTried, "{} behind {}", row.check.as_str(), report.rows[at].check.as_str());
    }
    assert!(report.rows[..at].iter().all(|row| row.state == State::Ok), "{report:?}");
    assert!(!report.is_fine());
    report.rows[at].clone()
}

//! A Snipe-IT to test against, and assets that go back whatever happens.

use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use futures_util::FutureExt;
use makerlab_shared::domain::inventory::{Holder, SnipeitAssetId};
use makerlab_tests::simulator::{Simulator, SimulatorOptions};
use makerlab_worker::snipeit::{
    AssetQuery, AssetSort, CheckIn, CheckOut, Marker, SnipeIt, SnipeItSettings, Timeouts, UserSeen, Visibility,
    note_text,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, MutexGuard};

/// One test at a time on a real Snipe-IT: its assets and its call budget are shared.
static REAL: Mutex<()> = Mutex::const_new(());

#[derive(Clone)]
pub(super) struct Lab {
    pub(super) snipeit: SnipeIt,
    /// The token's own user, who borrows in these tests.
    pub(super) me: UserSeen,
    url: String,
    token: SecretString,
    tag_prefix: String,
}

/// Keeps what a lab stands on: the simulator, or the turn at the real one.
pub(super) struct Ground {
    _simulator: Option<Simulator>,
    _turn: Option<MutexGuard<'static, ()>>,
}

/// The Snipe-IT that the environment names, else a fresh simulator.
pub(super) async fn lab() -> (Lab, Ground) {
    match setting("SNIPEIT_URL") {
        Some(url) => real(url).await,
        None => {
            let (lab, simulator) = simulated().await;
            (lab, Ground { _simulator: Some(simulator), _turn: None })
        }
    }
}

pub(super) async fn simulated() -> (Lab, Simulator) {
    // In a sub-path, where a base URL is easily mistreated.
    let options = SimulatorOptions { base_path: "/inventory".to_owned(), ..SimulatorOptions::default() };
    let simulator = Simulator::start(options).unwrap();
    let url = simulator.url().to_owned();
    let snipeit = client(&url, simulator.token());
    let me = snipeit.show_me().await.unwrap().value;
    let token = simulator.token().into();
    (Lab { snipeit, me, url, token, tag_prefix: String::new() }, simulator)
}

async fn real(url: String) -> (Lab, Ground) {
    let turn = REAL.lock().await;
    let snipeit = SnipeIt::new(SnipeItSettings::from_env(Timeouts::default()).unwrap()).unwrap();
    let host = snipeit.base_url().host_str().unwrap().to_owned();
    let may_write = setting("MAKERLAB_MAY_WRITE");
    assert!(
        may_write.as_deref() == Some(&host),
        "these tests lend and return assets: set MAKERLAB_MAY_WRITE={host} to allow it"
    );
    let tag_prefix = setting("MAKERLAB_TAG_PREFIX")
        .expect("set MAKERLAB_TAG_PREFIX to the tag prefix of the assets that tests may lend");
    wait_for_budget(&snipeit).await;
    let me = snipeit.show_me().await.unwrap().value;
    let token = setting("SNIPEIT_API_TOKEN").unwrap_or_else(|| {
        let file = setting("SNIPEIT_API_TOKEN_FILE").expect("a token was needed before");
        std::fs::read_to_string(file).unwrap()
    });
    let token = token.trim().to_owned().into();
    (Lab { snipeit, me, url, token, tag_prefix }, Ground { _simulator: None, _turn: Some(turn) })
}

/// A real Snipe-IT allows 120 calls a minute by default; a test needs up to 20.
async fn wait_for_budget(snipeit: &SnipeIt) {
    let has_budget = async {
        while snipeit.probe().await.ok().and_then(|read| read.seen.rate_limit).is_none_or(|rate| rate.remaining < 20) {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    };
    let window_and_more = Duration::from_secs(90);
    tokio::time::timeout(window_and_more, has_budget)
        .await
        .expect("Snipe-IT answers and leaves 20 calls within 90 s: check its address, the token and who else uses it");
}

impl Lab {
    /// Runs a test with a free asset and takes the asset back, also after a failed assertion.
    pub(super) async fn with_free_asset<F>(&self, test: impl FnOnce(Lab, SnipeitAssetId) -> F)
    where
        F: Future<Output = ()>,
    {
        let asset = self.free_asset().await;
        let outcome = AssertUnwindSafe(test(self.clone(), asset)).catch_unwind().await;
        let left = self.snipeit.show_asset(asset).await.unwrap().value;
        if left.holder == Some(Holder::user(self.me.id)) {
            self.snipeit.check_in(&check_in(asset)).await;
        }
        if let Err(failed) = outcome {
            resume_unwind(failed);
        }
    }

    pub(super) async fn free_asset(&self) -> SnipeitAssetId {
        let page = self.snipeit.list_assets(by_id(Visibility::Default, 500, 0)).await.unwrap().value;
        let free = |tag: &str| tag.starts_with(&self.tag_prefix);
        let found = page.rows.iter().find(|asset| asset.is_available() && free(&asset.tag));
        found.expect("an asset with the tag prefix of tests is free").id
    }

    /// Two minutes ago on the server's wall clock: what the protocol sends as `checkout_at`.
    pub(super) async fn fingerprint(&self) -> NaiveDateTime {
        let seen = self.snipeit.probe().await.unwrap().seen;
        let now = Utc::now() + seen.clock_difference().unwrap();
        let wall = now.with_timezone(&self.snipeit.server_timezone()).naive_local();
        (wall - TimeDelta::seconds(120)).with_nanosecond(0).unwrap()
    }

    pub(super) async fn check_out(&self, asset: SnipeitAssetId) -> CheckOut {
        let marker = new_marker();
        CheckOut {
            asset,
            to: self.me.id,
            checkout_at: self.fingerprint().await,
            expected_checkin: NaiveDate::from_ymd_opt(2099, 12, 24),
            note: note_text(&marker, "R-2026-000123"),
            marker,
        }
    }

    /// What a worker has to be told to use it.
    pub(super) fn settings(&self) -> [(&'static str, String); 3] {
        let zone = self.snipeit.server_timezone().name().to_owned();
        let token = self.token.expose_secret().to_owned();
        [("SNIPEIT_URL", self.url.clone()), ("SNIPEIT_API_TOKEN", token), ("SNIPEIT_TIMEZONE", zone)]
    }

    pub(super) fn with_another_token(&self) -> SnipeIt {
        client(&self.url, "no-such-token")
    }
}

pub(super) fn check_in(asset: SnipeitAssetId) -> CheckIn {
    let marker = new_marker();
    CheckIn { asset, label: None, note: note_text(&marker, "R-2026-000123"), marker }
}

pub(super) fn by_id(visibility: Visibility, limit: u32, offset: u64) -> AssetQuery {
    AssetQuery { visibility, sort: AssetSort::Id, limit, offset }
}

pub(super) fn client(url: &str, token: &str) -> SnipeIt {
    client_with(url, token, Timeouts::default())
}

pub(super) fn client_with(url: &str, token: &str, timeouts: Timeouts) -> SnipeIt {
    let vars = |name: &str| match name {
        "SNIPEIT_URL" => Some(url.to_owned()),
        "SNIPEIT_API_TOKEN" => Some(token.to_owned()),
        "SNIPEIT_TIMEZONE" => setting(name).or_else(|| Some("Europe/Lisbon".to_owned())),
        _ => None,
    };
    SnipeIt::new(SnipeItSettings::from_vars(vars, timeouts).unwrap()).unwrap()
}

pub(super) fn new_marker() -> Marker {
    Marker::parse(&ulid::Ulid::new().to_string()).unwrap()
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

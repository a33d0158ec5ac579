//! People change everything at Snipe-IT's screen while workers sync, sweep and die: in the end our picture is Snipe-IT's own.

use makerlab_tests::picture::{self, Options};

/// Small enough for every run; `--bin picture` plays with thousands of assets.
const SMALL: Options = Options { seed: 1, seeds: 3, assets: 200, rounds: 30, page: 25, jumps: false, json: false };

#[tokio::test]
async fn after_the_dust_settles_the_local_picture_equals_snipeits_with_every_seed() {
    let (mut acts, mut in_bulk, mut deaths, mut spoilt, mut loans) = (0, 0, 0, 0, 0);
    for seed in SMALL.seed..SMALL.seed + SMALL.seeds {
        let report = picture::run(&SMALL, seed).await.unwrap();

        println!("{report}");
        assert!(report.is_good(), "{report}");
        acts += report.acts;
        in_bulk += report.in_bulk;
        deaths += report.deaths;
        spoilt += report.spoilt;
        loans += report.loans;
    }
    let was_lively = acts > 600 && in_bulk > 0 && deaths > 6 && spoilt > 6 && loans > 9;
    assert!(
        was_lively,
        "too calm: {acts} acts, {in_bulk} in bulk, {deaths} deaths, {spoilt} answers spoilt, {loans} loans"
    );
}

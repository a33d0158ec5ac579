//! What stands before everything else: settings, name, connection, TLS, Snipe-IT itself, the token. The first failure is told, the
//! rest is not tried.

use super::given::{Lab, first_failure};
use makerlab_tests::simulator::{Fault, Page};
use makerlab_worker::check::{Check, Row};
use std::time::Duration;

/// The failure of a lab whose every call gets this page.
async fn behind(page: Page) -> Row {
    let lab = Lab::right();
    lab.simulator.state().faults().add(Fault::on_every_call().until_cleared().instead(page));
    first_failure(&lab.report().await)
}

fn says(row: &Row, check: Check, seen: &str, fix: &str) {
    assert_eq!(row.check, check, "{row:?}");
    assert!(row.seen.contains(seen), "{row:?}");
    assert!(row.fix.as_ref().is_some_and(|told| told.contains(fix)), "{row:?}");
}

#[tokio::test]
async fn a_variable_that_is_missing_or_wrong_is_named_and_nothing_is_called() {
    for (name, value) in
        [("SNIPEIT_URL", ""), ("SNIPEIT_API_TOKEN", ""), ("SNIPEIT_TIMEZONE", "Lisbon"), ("SNIPEIT_THROTTLED", "maybe")]
    {
        let lab = Lab::right().with(name, value);

        let failure = first_failure(&lab.report().await);

        says(&failure, Check::Settings, name, name);
        assert!(lab.simulator.state().ledger().snapshot().requests.is_empty());
    }
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told_before_a_connection_is_tried() {
    let lab = Lab::right().with("SNIPEIT_URL", "https://inventory.lab.invalid");

    says(&first_failure(&lab.report().await), Check::Name, "inventory.lab.invalid", "host in SNIPEIT_URL");
}

#[tokio::test]
async fn a_server_that_is_down_refuses_the_connection() {
    let mut lab = Lab::right();
    lab.simulator.go_down();

    says(&first_failure(&lab.report().await), Check::Connection, "refused", "web server");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_at_an_https_address_fails_at_tls() {
    let lab = Lab::right();
    let url = lab.simulator.url().replace("http://", "https://");
    let lab = lab.with("SNIPEIT_URL", &url);

    says(&first_failure(&lab.report().await), Check::Tls, "", "SNIPEIT_CA_FILE");
}

#[tokio::test]
async fn whatever_answers_in_snipeits_place_is_told_with_what_mends_it() {
    for (page, seen, fix) in [
        (Page::WebPage, "not JSON", "in a browser"),
        (Page::BrokenJson, "not JSON", "in a browser"),
        (Page::MovedTo("https://new.lab.example/inventory".to_owned()), "https://new.lab.example", "Set SNIPEIT_URL"),
        (Page::RedirectToSetup, "database is down", "Start Snipe-IT's database"),
        (Page::Maintenance, "maintenance", "php artisan up"),
        (Page::BadGateway, "HTTP 502", "PHP"),
        (Page::ServerError, "HTTP 500", "laravel.log"),
        (Page::NotFound, "no Snipe-IT at", "sub-path"),
    ] {
        says(&behind(page).await, Check::Server, seen, fix);
    }
}

#[tokio::test]
async fn an_address_without_its_sub_path_is_no_snipeit() {
    let lab = Lab::right();
    let without = lab.simulator.origin();
    let lab = lab.with("SNIPEIT_URL", &without);

    says(&first_failure(&lab.report().await), Check::Server, &without, "with its sub-path");
}

#[tokio::test]
async fn a_server_that_takes_connections_and_never_answers_is_told_after_the_timeout() {
    let lab = Lab::right().with("SNIPEIT_CONNECT_TIMEOUT", "100ms").with("SNIPEIT_TIMEOUT", "200ms");
    let silent = Fault::on_every_call().until_cleared().delay_before(Duration::from_secs(30));
    lab.simulator.state().faults().add(silent);

    says(&first_failure(&lab.report().await), Check::Server, "no answer", "nothing in time");
}

#[tokio::test]
async fn a_token_that_is_refused_or_has_no_calls_left_is_told_apart() {
    let wrong = Lab::right().with("SNIPEIT_API_TOKEN", "of-somewhere-else");

    says(&first_failure(&wrong.report().await), Check::Token, "refuses the token", "create a token");
    says(&behind(Page::RedirectToLogin).await, Check::Token, "refuses the token", "create a token");
    says(&behind(Page::TooManyRequests).await, Check::Token, "no calls left", "Wait a minute");
}

//! What can be told once Snipe-IT takes the token. One thing is broken, and it alone is told.

use super::given::{Lab, SERVICE, amiss, row};
use chrono::Duration;
use makerlab_tests::simulator::{CallKind, Fault, OUT_FOR_REPAIR, Page, READY, ThrottleRule, Trouble};
use makerlab_worker::check::{Check, Report, State};

fn says(report: &Report, check: Check, state: State, seen: &str, fix: &str) {
    let row = row(report, check);
    assert_eq!(amiss(report), [(check.as_str(), state)], "{row:?}");
    assert!(row.seen.contains(seen), "{row:?}");
    assert!(row.fix.as_ref().is_some_and(|told| told.contains(fix)), "{row:?}");
    assert_eq!(report.is_fine(), state != State::Wrong);
}

#[tokio::test]
async fn a_lab_in_which_everything_is_right_has_nothing_amiss_and_was_only_read() {
    let lab = Lab::right();
    let effects = lab.simulator.state().ledger().snapshot().effects.len();

    let report = lab.report().await;

    assert_eq!(amiss(&report), []);
    assert!(report.is_fine());
    assert_eq!(row(&report, Check::ServerLimit).state, State::CannotTell);
    let page = lab.simulator.state().ledger().snapshot();
    assert!(page.requests.iter().all(|request| request.method == "GET"), "{:?}", page.requests);
    assert_eq!((page.requests.len(), page.effects.len()), (9, effects));
}

#[tokio::test]
async fn each_permission_that_is_missing_is_named_and_weighs_what_it_does_to_the_lab() {
    for (permission, check, state) in [
        ("assets.checkout", Check::CheckOut, State::Wrong),
        ("assets.checkin", Check::CheckIn, State::Wrong),
        ("models.view", Check::ViewModels, State::Wrong),
        ("users.view", Check::ViewUsers, State::Wrong),
        ("assets.edit", Check::EditAssets, State::Warning),
        ("reports.view", Check::ViewReports, State::Warning),
    ] {
        let lab = Lab::right();
        lab.take_away(permission);

        says(&lab.report().await, check, state, "not allowed", permission);
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_wrong_with_what_mends_it_and_nothing_is_said_to_be_right_that_was_not_seen() {
    let silent = Fault::on(CallKind::List).delay_before(std::time::Duration::from_secs(30));
    for (fault, seen, fix) in [
        (silent, "no usable answer", "SNIPEIT_TIMEOUT"),
        (Fault::on(CallKind::List).instead(Page::ServerError), "500", "laravel.log"),
    ] {
        let lab = Lab::right().with("SNIPEIT_CONNECT_TIMEOUT", "500ms").with("SNIPEIT_TIMEOUT", "1s");
        lab.simulator.state().faults().add(fault.until_cleared());

        let report = lab.report().await;

        let assets = row(&report, Check::ViewAssets);
        assert!(assets.state == State::Wrong && assets.seen.contains(seen), "{assets:?}");
        assert!(assets.fix.unwrap().contains(fix));
        let fields = row(&report, Check::Fields);
        assert!(fields.state == State::CannotTell && fields.seen.contains("GET /hardware"), "{fields:?}");
        assert!(!report.is_fine());
    }
}

#[tokio::test]
async fn a_label_for_what_is_promised_cannot_be_set_without_the_permission_to_edit() {
    let lab = Lab::right().with("SNIPEIT_LABEL_RESERVED", "Reserved");
    lab.take_away("assets.edit");

    says(&lab.report().await, Check::EditAssets, State::Wrong, "no promised unit is labelled", "assets.edit");
}

#[tokio::test]
async fn what_rests_on_a_missing_permission_cannot_be_told() {
    for (permission, check, untold) in
        [("assets.view", Check::ViewAssets, 5), ("statuslabels.view", Check::ViewLabels, 1)]
    {
        let lab = Lab::right();
        lab.take_away(permission);

        let report = lab.report().await;

        assert_eq!(row(&report, check).state, State::Wrong);
        let states: Vec<State> = amiss(&report).into_iter().map(|(_, state)| state).collect();
        assert_eq!(states.iter().filter(|state| **state == State::CannotTell).count(), untold, "{:?}", amiss(&report));
        assert_eq!(states.len(), untold + 1, "{:?}", amiss(&report));
    }
}

#[tokio::test]
async fn creating_users_is_needed_only_where_it_is_wished_for() {
    let wished = Lab::right().with("SNIPEIT_CREATE_USERS", "true");

    says(&wished.report().await, Check::CreateUsers, State::Wrong, "not allowed", "users.create");
}

#[tokio::test]
async fn a_user_who_may_do_everything_or_is_deactivated_is_a_warning() {
    let (lab, idle) = (Lab::right(), Lab::right());
    lab.simulator.state().hands().set_permissions(SERVICE, &["superuser"]);
    idle.simulator.state().inventory().users.get_mut(&SERVICE).unwrap().activated = false;

    let report = lab.report().await;

    assert_eq!(amiss(&report), [("token", State::Warning), ("users.create", State::Warning)]);
    says(&idle.report().await, Check::Token, State::Warning, "deactivated", "Activate");
}

#[tokio::test]
async fn a_clock_that_is_a_little_off_is_corrected_and_one_that_is_far_off_is_wrong() {
    for (offset, state, seen) in
        [(Duration::seconds(40), State::Warning, "ahead of ours"), (-Duration::hours(2), State::Wrong, "behind ours")]
    {
        let lab = Lab::right();
        lab.simulator.state().clock().set_offset(offset);
        lab.simulator.state().hands().rename(2, "after the clock went wrong");

        let report = lab.report().await;

        let row = row(&report, Check::Clock);
        assert!(row.state == state && row.seen.contains(seen), "{row:?}");
        assert!(row.fix.unwrap().contains("NTP"));
    }
}

#[tokio::test]
async fn a_zone_in_which_the_newest_change_lies_in_the_future_is_wrong_and_an_old_change_tells_nothing() {
    let wrong = Lab::right().with("SNIPEIT_TIMEZONE", "America/New_York");
    let untold = Lab::right().with("SNIPEIT_TIMEZONE", "Asia/Tokyo");

    says(&wrong.report().await, Check::TimeZone, State::Wrong, "in the future", "APP_TIMEZONE");
    says(&untold.report().await, Check::TimeZone, State::CannotTell, "not fresh enough", "Save any asset");
}

#[tokio::test]
async fn a_throttle_that_is_low_ignored_or_used_by_others_is_told() {
    let slow = Lab::right();
    let rule = ThrottleRule { limit: 20, window: std::time::Duration::from_secs(60) };
    slow.simulator.state().throttle().set(Some(rule));
    let ignored = Lab::right().with("SNIPEIT_THROTTLED", "false");

    says(&slow.report().await, Check::Throttle, State::Warning, "20 calls a minute", "API_THROTTLE_PER_MINUTE");
    says(&ignored.report().await, Check::Throttle, State::Wrong, "120 calls a minute", "Unset SNIPEIT_THROTTLED");
}

#[tokio::test]
async fn labels_that_do_not_exist_or_would_let_a_damaged_unit_be_lent_are_wrong() {
    let right = Lab::right()
        .with("SNIPEIT_LABEL_DAMAGED", &OUT_FOR_REPAIR.to_string())
        .with("SNIPEIT_LABEL_LOST", "lost/stolen");
    let missing = Lab::right().with("SNIPEIT_LABEL_LOST", "99");
    let deployable = Lab::right().with("SNIPEIT_LABEL_DAMAGED", &READY.to_string());

    let undeployable = Lab::right().with("SNIPEIT_LABEL_RESERVED", "Out for repair");

    assert_eq!(amiss(&right.report().await), []);
    says(
        &undeployable.report().await,
        Check::Labels,
        State::Wrong,
        "would check no such unit out",
        "deployable for what",
    );
    says(&missing.report().await, Check::Labels, State::Wrong, "SNIPEIT_LABEL_LOST names 99", "not deployable");
    says(
        &deployable.report().await,
        Check::Labels,
        State::Wrong,
        "SNIPEIT_LABEL_DAMAGED names 2, which is deployable",
        "not deployable",
    );
}

#[tokio::test]
async fn a_small_page_costs_calls_and_hides_nothing() {
    let lab = Lab::right();
    let labels = lab.simulator.state().inventory().labels.len();
    lab.simulator.state().product().set_max_results(3);

    let report = lab.report().await;

    says(&report, Check::PageSize, State::Warning, "3 rows at once", "MAX_RESULTS=500");
    assert!(row(&report, Check::Labels).seen.contains(&format!("{labels} labels")));
}

#[tokio::test]
async fn a_version_is_told_by_its_number_and_by_the_fields_that_it_lacks() {
    let old = Lab::right();
    old.simulator.state().product().set_version("v5.4.4");
    let other = Lab::right();
    let without = Trouble::Without("last_checkin".to_owned());
    other.simulator.state().faults().add(Fault::on(CallKind::List).until_cleared().trouble(without));

    says(&old.report().await, Check::Version, State::Wrong, "v5.4.4 is too old", "8.x");
    let report = other.report().await;
    let fields = row(&report, Check::Fields);
    assert_eq!(fields.state, State::Wrong);
    assert!(fields.seen.contains("GET /hardware: field `last_checkin` is missing"), "{fields:?}");
}

#[tokio::test]
async fn a_version_whose_rows_tell_no_rights_leaves_them_to_a_person() {
    let lab = Lab::right();
    let silent = Trouble::Without("available_actions".to_owned());
    lab.simulator.state().faults().add(Fault::on_every_call().until_cleared().trouble(silent));

    let told = amiss(&lab.report().await);

    let untold = ["assets.checkout", "assets.checkin", "assets.edit"].map(|check| (check, State::CannotTell));
    assert_eq!(told, untold);
}

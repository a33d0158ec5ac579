//! Each fault, seen from the client, beside what really happened.

use std::time::{Duration, Instant};

use makerlab_tests::simulator::{By, CallKind, Cut, Fault, LedgerPage, Page, Sees, Step, Trouble};
use reqwest::Method;
use serde_json::json;

use super::given::{Lab, PATIENCE, answer, lab};

fn lab_where_checkout_meets(trouble: Trouble) -> Lab {
    let lab = lab();
    lab.simulator.state().faults().add(Fault::on(CallKind::Checkout).asset(1).trouble(trouble));
    lab
}

fn count_effects(lab: &Lab) -> usize {
    lab.simulator.state().ledger().effects().len()
}

fn one_effect(page: &LedgerPage) -> bool {
    page.effects.len() == 1
}

async fn log_rows(lab: &Lab) -> i64 {
    lab.total("reports/activity?item_type=asset&item_id=1&action_type=checkout").await
}

#[tokio::test]
async fn a_page_instead_of_the_answer_has_no_effect_and_strikes_once() {
    let pages = [
        (Page::ServerError, 500),
        (Page::BadGateway, 502),
        (Page::Maintenance, 503),
        (Page::RedirectToSetup, 302),
        (Page::RedirectToLogin, 302),
        (Page::Unauthorized, 401),
        (Page::Forbidden, 403),
        (Page::NotFound, 404),
        (Page::TooManyRequests, 429),
        (Page::BrokenJson, 200),
        (Page::Refusal("no".into()), 200),
    ];
    let lab = lab();
    for (page, expected) in pages {
        lab.simulator.state().faults().add(Fault::on(CallKind::Checkout).instead(page.clone()));

        let (status, body) = answer(lab.checkout(1)).await;

        assert_eq!(status, expected, "{page:?}");
        assert_ne!(body["status"], "success", "{page:?}");
    }
    assert_eq!(count_effects(&lab), 0);
    assert_eq!(answer(lab.checkout(1)).await.1["status"], "success");
}

#[tokio::test]
async fn a_redirect_to_setup_points_to_the_setup_page_of_the_application() {
    let lab = lab_where_checkout_meets(Trouble::Instead(Page::RedirectToSetup));

    let response = lab.checkout(1).send().await.unwrap();

    assert_eq!(response.headers()["location"].to_str().unwrap(), format!("{}/setup", lab.simulator.url()));
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn a_page_after_the_effect_hides_it() {
    let lab = lab_where_checkout_meets(Trouble::AnswerWith(Page::ServerError));

    assert_eq!(answer(lab.checkout(1)).await.0, 500);

    assert_eq!(count_effects(&lab), 1);
    assert_eq!(log_rows(&lab).await, 1);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_effect_and_no_status_in_the_ledger() {
    for cut in [Cut::Close, Cut::Reset] {
        let lab = lab_where_checkout_meets(Trouble::LoseAnswer(cut));

        let error = lab.checkout(1).send().await.unwrap_err();

        assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
        assert_eq!(count_effects(&lab), 1);
        assert_eq!(lab.simulator.state().ledger().requests()[0].status, None);
    }
}

#[tokio::test]
async fn half_an_answer_comes_with_its_head_and_breaks_off() {
    let lab = lab_where_checkout_meets(Trouble::HalfAnswer);

    let response = lab.checkout(1).send().await.unwrap();

    assert_eq!(response.status(), 200);
    assert!(response.text().await.is_err());
    assert_eq!(count_effects(&lab), 1);
}

#[tokio::test]
async fn a_late_effect_lands_after_its_client_was_cut_off() {
    let lab = lab_where_checkout_meets(Trouble::Late { after_ms: 1, client: Sees::Reset });
    let state = lab.simulator.state();
    let hold = state.faults().hold(CallKind::Checkout, None, Step::Checked);

    assert!(lab.checkout(1).send().await.is_err());
    assert!(lab.get("hardware/1").await.1["assigned_to"].is_null(), "a look right after it proves nothing");
    hold.release();

    state.wait_for(one_effect, PATIENCE).await.unwrap();
    assert_eq!(state.ledger().effects()[0].by, By::Late);
}

#[tokio::test]
async fn a_late_effect_can_leave_its_client_in_silence() {
    let lab = lab_where_checkout_meets(Trouble::Late { after_ms: 300, client: Sees::Silence });

    let error = lab.checkout(1).timeout(Duration::from_millis(100)).send().await.unwrap_err();

    assert!(error.is_timeout());
    lab.simulator.state().wait_for(one_effect, PATIENCE).await.unwrap();
    assert_eq!(lab.simulator.state().ledger().effects()[0].by, By::Late);
}

#[tokio::test]
async fn a_server_that_dies_leaves_exactly_the_steps_before() {
    for (step, effects, rows) in [(Step::Checked, 0, 0), (Step::Saved, 1, 0), (Step::Logged, 1, 1)] {
        let lab = lab_where_checkout_meets(Trouble::DieAfter(step));

        assert!(lab.checkout(1).send().await.is_err(), "{step:?}");

        assert_eq!((count_effects(&lab), log_rows(&lab).await), (effects, rows), "{step:?}");
        assert_eq!(lab.simulator.state().inventory().find_asset(1).unwrap().checkout_counter, 0, "{step:?}");
    }
}

#[tokio::test]
async fn a_hung_mail_delays_the_answer_and_not_the_effect() {
    let lab = lab_where_checkout_meets(Trouble::HungMail { for_ms: 60_000 });
    let hold = lab.simulator.state().faults().hold(CallKind::Checkout, None, Step::Logged);

    let call = tokio::spawn(lab.checkout(1).timeout(Duration::from_millis(300)).send());
    hold.reached(1, PATIENCE).await.unwrap();
    hold.release();

    assert!(call.await.unwrap().unwrap_err().is_timeout());
    assert_eq!((count_effects(&lab), log_rows(&lab).await), (1, 1));
}

#[tokio::test]
async fn latency_comes_before_and_after_the_effect() {
    let lab = lab();
    let delay = Duration::from_millis(80);
    lab.simulator.state().faults().add(Fault::on(CallKind::Checkout).delay_before(delay).delay_after(delay));
    let start = Instant::now();

    assert_eq!(answer(lab.checkout(1)).await.0, 200);

    assert!(start.elapsed() >= 2 * delay);
}

#[tokio::test]
async fn a_fault_can_strike_a_check_in_and_every_call_until_it_is_cleared() {
    let lab = lab();
    let faults = lab.simulator.state().faults();
    answer(lab.checkout(1)).await;
    faults.add(Fault::on(CallKind::Checkin).trouble(Trouble::LoseAnswer(Cut::Close)));
    assert!(lab.checkin(1).send().await.is_err());
    assert_eq!(count_effects(&lab), 2);

    faults.add(Fault::on_every_call().until_cleared().instead(Page::Maintenance));
    assert_eq!(lab.get("version").await.0, 503);
    assert_eq!(lab.get("hardware").await.0, 503);
    faults.clear();

    assert_eq!(lab.get("version").await.0, 200);
}

#[tokio::test]
async fn faults_hands_and_ledger_are_there_over_http() {
    let lab = lab();
    let at = |path: &str| format!("{}/_sim/{path}", lab.simulator.origin());
    let fault = json!({"on": "checkout", "trouble": {"instead": "server_error"}});
    let act = json!({"act": "check_out", "asset": 2, "user": 3});

    assert_eq!(answer(lab.http.post(at("faults")).json(&fault)).await.0, 200);
    assert_eq!(answer(lab.checkout(1)).await.0, 500);
    assert_eq!(answer(lab.http.post(at("hands")).json(&act)).await.1, json!({"done": true}));
    assert_eq!(answer(lab.http.post(at("hands")).json(&act)).await.0, 422);

    let (_, ledger) = answer(lab.http.get(at("ledger"))).await;
    assert_eq!(ledger["effects"][0]["by"], "human");
    assert_eq!(ledger["requests"][0]["status"], 500);
}

#[tokio::test]
async fn a_hold_that_is_dropped_lets_its_calls_go() {
    let lab = lab();
    let hold = lab.simulator.state().faults().hold(CallKind::Show, Some(1), Step::Answering);
    let call = tokio::spawn(answer(lab.request(Method::GET, "hardware/1")));
    hold.reached(1, PATIENCE).await.unwrap();

    drop(hold);

    assert_eq!(call.await.unwrap().0, 200);
}

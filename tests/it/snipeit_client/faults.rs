//! What only a simulated Snipe-IT can be told to do: fail, lose answers, die half-way, be handled by people.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use makerlab_shared::domain::inventory::{Answer, Holder, LabelKind, NotApplied, SnipeitAssetId};
use makerlab_tests::simulator::{CallKind, Cut, EffectKind, Fault, Page, Sees, Step, ThrottleRule, Trouble};
use makerlab_worker::snipeit::{RateLimit, ReadFailure, ReadFailureKind, Timeouts, Visibility};
use tracing::instrument::WithSubscriber;

use super::{assert_refused, given};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn an_answer_lost_after_the_effect_is_unknown_and_the_fingerprint_tells() {
    for trouble in [
        Trouble::LoseAnswer(Cut::Close),
        Trouble::LoseAnswer(Cut::Reset),
        Trouble::HalfAnswer,
        Trouble::AnswerWith(Page::ServerError),
        Trouble::AnswerWith(Page::BadGateway),
        Trouble::AnswerWith(Page::RedirectToSetup),
        Trouble::DieAfter(Step::Saved),
    ] {
        let (lab, simulator) = given::simulated().await;
        let asset = lab.free_asset().await;
        let order = lab.check_out(asset).await;
        simulator.state().faults().add(Fault::on(CallKind::Checkout).trouble(trouble.clone()));

        let answer = lab.snipeit.check_out(&order).await.answer;

        assert!(matches!(answer, Answer::Unknown { .. }), "{trouble:?}: {answer:?}");
        let seen = lab.snipeit.show_asset(asset).await.unwrap().value;
        assert_eq!(seen.last_checkout, Some(order.checkout_at), "{trouble:?}");
        assert_eq!(simulator.state().ledger().count_calls(CallKind::Checkout), 1, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_page_in_place_of_the_answer_has_its_class_and_no_effect() {
    for (page, write, read) in [
        (Page::ServerError, "unknown", "trouble"),
        (Page::BadGateway, "unknown", "trouble"),
        (Page::Maintenance, "unknown", "trouble"),
        (Page::RedirectToSetup, "unknown", "trouble"),
        (Page::RedirectToLogin, "installation", "installation"),
        (Page::Unauthorized, "installation", "installation"),
        (Page::Forbidden, "installation", "installation"),
        (Page::NotFound, "installation", "installation"),
        (Page::TooManyRequests, "throttled", "throttled"),
        (Page::BrokenJson, "unknown", "trouble"),
        (Page::Refusal("Esse recurso não está disponível".to_owned()), "refused", "not found"),
    ] {
        let (lab, simulator) = given::simulated().await;
        let asset = lab.free_asset().await;
        let order = lab.check_out(asset).await;
        let faults = simulator.state().faults();
        faults.add(Fault::on(CallKind::Checkout).instead(page.clone()));
        faults.add(Fault::on(CallKind::Show).instead(page.clone()));

        let answer = lab.snipeit.check_out(&order).await.answer;
        let failure = lab.snipeit.show_asset(asset).await.unwrap_err();

        assert_eq!(class_of_write(&answer), write, "{page:?}: {answer:?}");
        assert_eq!(class_of_read(&failure), read, "{page:?}: {failure:?}");
        assert!(simulator.state().ledger().effects_on(asset.0).is_empty(), "{page:?}");
    }
}

#[tokio::test]
async fn an_effect_that_lands_late_is_unknown_even_if_a_look_shows_nothing_yet() {
    let (lab, simulator) = given::simulated().await;
    let asset = lab.free_asset().await;
    let order = lab.check_out(asset).await;
    let hold = simulator.state().faults().hold(CallKind::Checkout, Some(asset.0), Step::Checked);
    let timeouts = Timeouts { connect: Duration::from_millis(200), total: Duration::from_millis(500) };
    let impatient = given::client_with(simulator.url(), simulator.token(), timeouts);

    let answer = impatient.check_out(&order).await.answer;
    assert!(matches!(answer, Answer::Unknown { .. }), "{answer:?}");
    assert!(lab.snipeit.show_asset(asset).await.unwrap().value.is_available());

    hold.release();
    simulator.state().wait_for(|page| page.effects.iter().any(|effect| effect.asset == asset.0), SOON).await.unwrap();
    let seen = lab.snipeit.show_asset(asset).await.unwrap().value;
    assert_eq!(seen.last_checkout, Some(order.checkout_at));
}

#[tokio::test]
async fn the_budget_is_told_until_it_is_used_up_and_then_nothing_is_told() {
    let (lab, simulator) = given::simulated().await;
    let asset = lab.free_asset().await;
    let order = lab.check_out(asset).await;
    simulator.state().throttle().set(Some(ThrottleRule { limit: 2, window: Duration::from_secs(60) }));

    let told = [lab.snipeit.probe().await, lab.snipeit.probe().await].map(|read| read.unwrap().seen.rate_limit);
    let failure = lab.snipeit.probe().await.unwrap_err();
    let written = lab.snipeit.check_out(&order).await;

    assert_eq!(told, [1, 0].map(|remaining| Some(RateLimit { limit: 2, remaining })));
    assert_eq!(failure.kind, ReadFailureKind::Throttled);
    assert!(failure.is_transient());
    assert_eq!(written.answer, Answer::NotApplied { why: NotApplied::Throttled });
    assert_eq!(written.seen.rate_limit, None);
    assert!(simulator.state().ledger().effects_on(asset.0).is_empty());
}

#[tokio::test]
async fn a_server_that_is_down_was_never_reached_and_is_found_again_when_it_is_back() {
    let (lab, mut simulator) = given::simulated().await;
    let asset = lab.free_asset().await;
    let order = lab.check_out(asset).await;

    simulator.go_down();
    let answer = retried_until_the_old_connections_are_gone(&lab, asset).await;
    assert_eq!(answer, "unreachable");
    let written = lab.snipeit.check_out(&order).await;
    assert!(matches!(written.answer, Answer::NotApplied { why: NotApplied::Unreachable { .. } }), "{written:?}");

    simulator.come_back().unwrap();
    assert_eq!(lab.snipeit.check_out(&order).await.answer, Answer::Applied);
}

/// A pooled connection that dies with the server may still take one read with it.
async fn retried_until_the_old_connections_are_gone(lab: &given::Lab, asset: SnipeitAssetId) -> &'static str {
    let first = class_of_read(&lab.snipeit.show_asset(asset).await.unwrap_err());
    if first == "unreachable" {
        return first;
    }
    class_of_read(&lab.snipeit.show_asset(asset).await.unwrap_err())
}

#[tokio::test]
async fn a_permission_taken_away_is_a_fault_of_the_installation() {
    let (lab, simulator) = given::simulated().await;
    let asset = lab.free_asset().await;
    let order = lab.check_out(asset).await;
    simulator.state().hands().set_permissions(lab.me.id.0, &["assets.view"]);

    let written = lab.snipeit.check_out(&order).await;
    let failure = lab.snipeit.show_activity(asset, &order.marker).await.unwrap_err();

    assert_eq!(class_of_write(&written.answer), "installation");
    assert_eq!(class_of_read(&failure), "installation");
    assert!(lab.snipeit.show_asset(asset).await.is_ok());
}

#[tokio::test]
async fn archived_and_deleted_assets_are_shown_by_id_and_by_their_own_lists_only() {
    let (lab, simulator) = given::simulated().await;
    let archived = lab.free_asset().await;
    simulator.state().hands().archive(archived.0);
    let deleted = lab.free_asset().await;
    simulator.state().hands().delete(deleted.0);

    assert_eq!(lab.snipeit.show_asset(archived).await.unwrap().value.label.kind, LabelKind::Archived);
    assert!(lab.snipeit.show_asset(deleted).await.unwrap().value.deleted);
    for asset in [archived, deleted] {
        assert_refused(&lab.snipeit.check_out(&lab.check_out(asset).await).await.answer);
    }
    assert_eq!(lists_with(&lab, archived).await, [Visibility::Archived]);
    assert_eq!(lists_with(&lab, deleted).await, [Visibility::Deleted]);
}

async fn lists_with(lab: &given::Lab, asset: SnipeitAssetId) -> Vec<Visibility> {
    let mut found = Vec::new();
    for visibility in [Visibility::Default, Visibility::Archived, Visibility::Deleted] {
        let page = lab.snipeit.list_assets(given::by_id(visibility, 500, 0)).await.unwrap().value;
        if page.rows.iter().any(|row| row.id == asset) {
            found.push(visibility);
        }
    }
    found
}

#[tokio::test]
async fn names_arrive_as_people_typed_them() {
    let (lab, simulator) = given::simulated().await;
    let asset = lab.free_asset().await;
    let typed = r#"<b>Ana's</b> "5 V" & 3 V &lt; — ação"#;
    simulator.state().hands().rename(asset.0, typed);

    let seen = lab.snipeit.show_asset(asset).await.unwrap().value;

    assert_eq!(seen.name.as_deref(), Some(typed));
}

#[tokio::test]
async fn a_late_answer_within_the_timeout_is_an_answer() {
    let (lab, simulator) = given::simulated().await;
    let asset = lab.free_asset().await;
    let order = lab.check_out(asset).await;
    let slow = Fault::on(CallKind::Checkout).delay_after(Duration::from_millis(300));
    simulator.state().faults().add(slow);

    let written = lab.snipeit.check_out(&order).await;

    assert_eq!(written.answer, Answer::Applied);
    assert!(written.seen.elapsed >= Duration::from_millis(300));
    let effects = simulator.state().ledger().effects_on(asset.0);
    assert_eq!(effects.len(), 1);
    assert_eq!(effects[0].kind, EffectKind::Checkout);
    assert_eq!(effects[0].holder, Some(Holder::user(lab.me.id)));
    assert_eq!(effects[0].marker.as_deref(), Some(order.marker.as_str()));
}

#[tokio::test]
async fn an_effect_whose_client_gave_up_is_still_one_effect() {
    let (lab, simulator) = given::simulated().await;
    let asset = lab.free_asset().await;
    let order = lab.check_out(asset).await;
    let late = Trouble::Late { after_ms: 200, client: Sees::Reset };
    simulator.state().faults().add(Fault::on(CallKind::Checkout).trouble(late));

    let answer = lab.snipeit.check_out(&order).await.answer;

    assert!(matches!(answer, Answer::Unknown { .. }), "{answer:?}");
    simulator.state().wait_for(|page| !page.effects.is_empty(), SOON).await.unwrap();
    assert_eq!(simulator.state().ledger().effects_on(asset.0).len(), 1);
}

#[tokio::test]
async fn neither_token_nor_address_is_in_any_trace() {
    let (lab, simulator) = given::simulated().await;
    let asset = lab.free_asset().await;
    let order = lab.check_out(asset).await;
    let written = Written::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(written.clone())
        .finish();

    async {
        lab.snipeit.find_users_by_email("ana.silva@lab.example").await.unwrap();
        lab.snipeit.check_out(&order).await;
    }
    .with_subscriber(subscriber)
    .await;

    let trace = written.text();
    let span =
        trace.lines().find(|line| line.contains("snipeit.check_out") && line.contains("close")).expect("a span closed");
    for field in [
        format!("asset.id={asset}"),
        format!("operation.marker={}", order.marker),
        "http.response.status_code=200".to_owned(),
        "snipeit.outcome=\"applied\"".to_owned(),
        "duration_ms=".to_owned(),
    ] {
        assert!(span.contains(&field), "{field} is not in {span}");
    }
    assert!(!trace.contains(simulator.token()), "the token is in the trace");
    assert!(!trace.contains("ana.silva"), "an address is in the trace");
}

/// Where a subscriber writes to.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn class_of_write(answer: &Answer) -> &'static str {
    match answer {
        Answer::Applied => "applied",
        Answer::Refused { .. } => "refused",
        Answer::Unknown { .. } => "unknown",
        Answer::NotApplied { why: NotApplied::Unreachable { .. } } => "unreachable",
        Answer::NotApplied { why: NotApplied::Throttled } => "throttled",
        Answer::NotApplied { why: NotApplied::Installation { .. } } => "installation",
    }
}

fn class_of_read(failure: &ReadFailure) -> &'static str {
    match failure.kind {
        ReadFailureKind::Unreachable { .. } => "unreachable",
        ReadFailureKind::Throttled => "throttled",
        ReadFailureKind::Installation { .. } => "installation",
        ReadFailureKind::NotFound { .. } => "not found",
        ReadFailureKind::Trouble { .. } => "trouble",
        ReadFailureKind::Malformed { .. } => "malformed",
    }
}

//! What the simulator does to its rows: the unlocked steps, clients that hang up, and what the ledger says of it.

use chrono::NaiveDate;
use makerlab_shared::domain::inventory::{Holder, HolderKind};
use makerlab_tests::simulator::{By, CallKind, EffectKind, Handover, HandsRefused, Seed, SimulatorOptions, Step};
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::given::{Lab, PATIENCE, answer, lab, lab_with};

const ANA: i64 = 2;
const BRUNO: i64 = 3;

fn user(id: i64) -> Option<Holder> {
    Some(Holder { kind: HolderKind::User, id })
}

fn checkout_to(lab: &Lab, asset: i64, user: i64) -> reqwest::RequestBuilder {
    let body = json!({"checkout_to_type": "user", "assigned_user": user});
    lab.request(Method::POST, &format!("hardware/{asset}/checkout")).json(&body)
}

#[tokio::test]
async fn two_check_outs_that_both_saw_a_free_asset_both_succeed() {
    let lab = lab();
    let state = lab.simulator.state();
    let hold = state.faults().hold(CallKind::Checkout, Some(1), Step::Checked);

    let (ana, bruno) = (checkout_to(&lab, 1, ANA), checkout_to(&lab, 1, BRUNO));
    let both = tokio::spawn(async move { tokio::join!(answer(ana), answer(bruno)) });
    hold.reached(2, PATIENCE).await.unwrap();
    hold.release();
    let (first, second) = both.await.unwrap();

    assert_eq!((&first.1["status"], &second.1["status"]), (&json!("success"), &json!("success")));
    let effects = state.ledger().effects_on(1);
    assert_eq!(effects.len(), 2);
    assert_eq!(state.inventory().find_asset(1).unwrap().holder, effects[1].holder, "the last writer keeps it");
    assert_eq!(state.inventory().find_asset(1).unwrap().checkout_counter, 2);
    assert_eq!(lab.total("reports/activity?item_type=asset&item_id=1&action_type=checkout").await, 2);
}

#[tokio::test]
async fn a_person_and_a_held_check_out_can_both_get_the_asset() {
    let lab = lab();
    let state = lab.simulator.state();
    let hold = state.faults().hold(CallKind::Checkout, None, Step::Checked);

    let call = tokio::spawn(answer(checkout_to(&lab, 1, ANA)));
    hold.reached(1, PATIENCE).await.unwrap();
    state.hands().check_out(1, BRUNO, Handover::Now).unwrap();
    hold.release();

    assert_eq!(call.await.unwrap().1["status"], "success");
    let by: Vec<By> = state.ledger().effects_on(1).iter().map(|effect| effect.by).collect();
    assert_eq!(by, [By::Human, By::Api]);
}

#[tokio::test]
async fn a_client_that_hangs_up_after_sending_still_has_its_effect() {
    let lab = lab();
    let state = lab.simulator.state();
    let hold = state.faults().hold(CallKind::Checkout, None, Step::Checked);

    let call = tokio::spawn(answer(lab.checkout(1)));
    hold.reached(1, PATIENCE).await.unwrap();
    call.abort();
    let _ = call.await;
    hold.release();

    state.wait_for(|page| page.effects.len() == 1, PATIENCE).await.unwrap();
    assert_eq!(state.ledger().requests()[0].status, None, "nobody was there to be answered");
}

#[tokio::test]
async fn a_request_whose_body_never_ends_has_no_effect() {
    let lab = lab();
    let address = lab.simulator.origin().replace("http://", "");
    let head = format!(
        "POST /api/v1/hardware/1/checkout HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer {}\r\nContent-Length: 900\r\n\r\n{{",
        lab.simulator.token(),
    );

    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    drop(stream);

    assert_eq!(answer(lab.checkout(2)).await.0, 200);
    assert!(lab.simulator.state().ledger().effects_on(1).is_empty());
}

#[tokio::test]
async fn the_ledger_records_what_was_saved_and_what_was_answered() {
    let lab = lab();
    let body = json!({
        "checkout_to_type": "user",
        "assigned_user": ANA,
        "note": "R-2026-000001 [op:01JOP]",
        "checkout_at": "2026-11-23 10:15:00",
        "expected_checkin": "2026-12-24",
    });
    let call = lab.request(Method::POST, "hardware/7/checkout").header("user-agent", "lab/1 (01JOP)").json(&body);

    assert_eq!(answer(call).await.0, 200);

    let ledger = lab.simulator.state().ledger();
    let (effects, requests) = (ledger.effects(), ledger.requests());
    let effect = &effects[0];
    assert_eq!((effect.asset, effect.kind, effect.holder, effect.by), (7, EffectKind::Checkout, user(ANA), By::Api));
    assert_eq!(effect.last_checkout.unwrap().to_string(), "2026-11-23 10:15:00");
    assert_eq!((effect.marker.as_deref(), effect.user_agent.as_deref()), (Some("01JOP"), Some("lab/1 (01JOP)")));
    assert_eq!(effect.request, Some(requests[0].number));
    assert_eq!((requests[0].call, requests[0].status), (Some(CallKind::Checkout), Some(200)));
}

#[tokio::test]
async fn a_check_in_with_broken_json_is_performed_and_keeps_the_fingerprint() {
    let lab = lab();
    let state = lab.simulator.state();
    let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    state.hands().check_out(1, BRUNO, Handover::On(date)).unwrap();
    assert_eq!(lab.get("hardware/1").await.1["last_checkout"]["datetime"], "2026-11-20 00:00:00");

    let call = lab.request(Method::POST, "hardware/1/checkin").header("content-type", "application/json");
    let (_, body) = answer(call.body("{\"note\": ")).await;

    assert_eq!(body["status"], "success");
    let (_, asset) = lab.get("hardware/1").await;
    assert!(asset["assigned_to"].is_null());
    assert_eq!(asset["last_checkout"]["datetime"], "2026-11-20 00:00:00");
    assert_eq!(asset["location"], asset["rtd_location"]);
    assert_eq!(state.ledger().effects_on(1)[1].holder, user(BRUNO), "the ledger says whose it was");
}

#[tokio::test]
async fn a_check_in_dated_another_day_is_a_500_with_the_effect_and_without_a_log_row() {
    let lab = lab();
    lab.simulator.state().hands().check_out(1, ANA, Handover::Now).unwrap();

    let call = lab.request(Method::POST, "hardware/1/checkin").json(&json!({"checkin_at": "2020-01-01"}));

    assert_eq!(answer(call).await.0, 500);
    assert!(lab.get("hardware/1").await.1["assigned_to"].is_null());
    assert_eq!(lab.total("reports/activity?item_type=asset&item_id=1&action_type=checkin%20from").await, 0);
}

#[tokio::test]
async fn hands_archive_delete_restore_and_rename_and_the_lists_show_it() {
    let lab = lab();
    let hands = lab.simulator.state().hands();
    let all = lab.total("hardware").await;

    hands.archive(1);
    hands.delete(2);
    hands.rename(3, "Sam's <board>");

    assert_eq!(lab.total("hardware").await, all - 2);
    assert_eq!(lab.total("hardware?status=Deleted").await, 1);
    assert_eq!(lab.total("hardware?status=Archived&search=ML-00001").await, 1);
    assert_eq!(lab.get("hardware/3").await.1["name"], "Sam&#039;s &lt;board&gt;");
    assert_eq!(lab.get("hardware?sort=updated_at&order=desc&limit=1").await.1["rows"][0]["id"], 3);
    assert_eq!(hands.check_out(2, ANA, Handover::Now), Err(HandsRefused::NoSuchAsset(2)));
    hands.restore(2);
    assert_eq!(lab.total("hardware").await, all - 1);
    let kinds: Vec<EffectKind> = lab.simulator.state().ledger().effects().iter().map(|effect| effect.kind).collect();
    assert_eq!(kinds, [EffectKind::Patch, EffectKind::Delete, EffectKind::Patch, EffectKind::Restore]);
}

#[tokio::test]
async fn the_clock_moves_the_date_header_and_the_wall_time_together() {
    let lab = lab_with(SimulatorOptions { timezone: chrono_tz::Asia::Tokyo, ..SimulatorOptions::default() });
    lab.simulator.state().clock().set_offset(chrono::Duration::days(400));

    answer(lab.checkout(1)).await;
    let response = lab.request(Method::GET, "hardware/1").send().await.unwrap();

    let date = response.headers()["date"].to_str().unwrap().to_owned();
    let date = chrono::DateTime::parse_from_rfc2822(&date).unwrap().to_utc();
    let body: serde_json::Value = response.json().await.unwrap();
    let wall = body["last_checkout"]["datetime"].as_str().unwrap();
    let wall = chrono::NaiveDateTime::parse_from_str(wall, "%Y-%m-%d %H:%M:%S").unwrap();
    let ahead = wall - date.naive_utc();
    assert!((ahead - chrono::Duration::hours(9)).num_seconds().abs() <= 2, "wall time is {ahead} ahead of Date");
    assert!((date - chrono::Utc::now()).num_days() >= 399);
}

#[tokio::test]
async fn a_sub_path_a_large_seed_and_a_restart_keep_their_rows() {
    let options = SimulatorOptions { base_path: "/inventory".into(), seed: Seed::sized(700, 10), ..Default::default() };
    let mut lab = lab_with(options);
    assert!(lab.simulator.url().ends_with("/inventory"));
    assert_eq!(lab.get("hardware?limit=500").await.1["rows"].as_array().unwrap().len(), 500);
    assert_eq!(lab.total("hardware?model_id=3&status=RTD").await, 70);
    answer(lab.checkout(5)).await;

    lab.simulator.go_down();
    assert!(lab.checkout(6).send().await.is_err());
    lab.simulator.come_back().unwrap();

    assert_eq!(lab.get("hardware/5").await.1["assigned_to"]["id"], ANA);
}

#[tokio::test]
async fn a_revoked_token_and_a_withdrawn_permission_are_refused_before_any_effect() {
    let lab = lab();
    let state = lab.simulator.state();

    state.hands().set_permissions(1, &["assets.view"]);
    assert_eq!(answer(lab.checkout(1)).await.0, 403);
    state.revoke_token(lab.simulator.token());
    assert_eq!(answer(lab.checkout(1)).await.0, 401);

    assert!(state.ledger().effects().is_empty());
}

#[tokio::test]
async fn people_are_found_by_email_whatever_its_case_and_accents_and_can_share_one() {
    let lab = lab();

    assert_eq!(lab.total("users?email=JOAO.conceicao@lab.example").await, 1);
    assert_eq!(lab.total("users?email=jo%C3%A3o.concei%C3%A7%C3%A3o@lab.example").await, 1);
    assert_eq!(lab.total("users?email=twin@lab.example").await, 2);
    assert_eq!(lab.total("users?email=nobody@lab.example").await, 0);
}

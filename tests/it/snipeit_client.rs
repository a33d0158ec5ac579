//! The contract between the client and Snipe-IT, held against the simulator or, when one is given, a real one.
//!
//! With `SNIPEIT_URL` set, `MAKERLAB_MAY_WRITE` must repeat its host, and only assets whose tag starts with
//! `MAKERLAB_TAG_PREFIX` are lent, to the token's own user, and given back. What only a simulator can be told
//! to do stands in `faults`.

mod faults;
mod given;
mod in_step;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use makerlab_shared::domain::inventory::{Answer, Holder, NotApplied, SnipeitAssetId, SnipeitUserId};
use makerlab_worker::snipeit::{AssetQuery, AssetSort, CheckOut, ReadFailureKind, Visibility};

const NO_SUCH_ASSET: SnipeitAssetId = SnipeitAssetId(999_999_999);
const NO_SUCH_USER: SnipeitUserId = SnipeitUserId(999_999_999);

#[tokio::test]
async fn a_check_out_leaves_its_fingerprint_and_its_marker() {
    let (lab, _ground) = given::lab().await;
    lab.with_free_asset(|lab, asset| async move {
        let order = lab.check_out(asset).await;

        assert_eq!(lab.snipeit.check_out(&order).await.answer, Answer::Applied);

        let seen = lab.snipeit.show_asset(asset).await.unwrap().value;
        assert_eq!(seen.holder, Some(Holder::user(lab.me.id)));
        assert_eq!(seen.last_checkout, Some(order.checkout_at));
        assert_eq!(seen.expected_checkin, order.expected_checkin);
        let log = lab.snipeit.show_activity(asset, &order.marker).await.unwrap().value;
        assert_eq!(log.len(), 1);
        assert_eq!(log[0].action_type, "checkout");
        assert_eq!(log[0].note.as_deref(), Some(order.note.as_str()));
        assert_eq!(log[0].target, Some(Holder::user(lab.me.id)));
        assert_eq!(log[0].action_date, Some(order.checkout_at));
        assert!(log[0].user_agent.as_deref().is_some_and(|agent| order.marker.is_in(agent)));
    })
    .await;
}

#[tokio::test]
async fn a_check_in_frees_the_asset_and_keeps_the_fingerprint() {
    let (lab, _ground) = given::lab().await;
    lab.with_free_asset(|lab, asset| async move {
        let order = lab.check_out(asset).await;
        lab.snipeit.check_out(&order).await;
        let back = given::check_in(asset);

        assert_eq!(lab.snipeit.check_in(&back).await.answer, Answer::Applied);

        let seen = lab.snipeit.show_asset(asset).await.unwrap().value;
        assert!(seen.is_available());
        assert_eq!(seen.last_checkout, Some(order.checkout_at));
        assert!(seen.last_checkin.is_some_and(|at| at > order.checkout_at));
        let log = lab.snipeit.show_activity(asset, &back.marker).await.unwrap().value;
        assert_eq!(log[0].action_type, "checkin from");
    })
    .await;
}

#[tokio::test]
async fn a_second_check_out_is_refused_and_changes_nothing() {
    let (lab, _ground) = given::lab().await;
    lab.with_free_asset(|lab, asset| async move {
        let first = lab.check_out(asset).await;
        lab.snipeit.check_out(&first).await;
        let second = CheckOut { checkout_at: first.checkout_at + TimeDelta::seconds(1), ..lab.check_out(asset).await };

        assert_refused(&lab.snipeit.check_out(&second).await.answer);

        let seen = lab.snipeit.show_asset(asset).await.unwrap().value;
        assert_eq!(seen.last_checkout, Some(first.checkout_at));
        assert_eq!(lab.snipeit.show_activity(asset, &second.marker).await.unwrap().value, []);
    })
    .await;
}

#[tokio::test]
async fn a_second_check_in_is_refused() {
    let (lab, _ground) = given::lab().await;
    lab.with_free_asset(|lab, asset| async move {
        assert_refused(&lab.snipeit.check_in(&given::check_in(asset)).await.answer);
    })
    .await;
}

#[tokio::test]
async fn a_borrower_who_does_not_exist_is_refused_and_the_asset_stays_free() {
    let (lab, _ground) = given::lab().await;
    lab.with_free_asset(|lab, asset| async move {
        let order = CheckOut { to: NO_SUCH_USER, ..lab.check_out(asset).await };

        assert_refused(&lab.snipeit.check_out(&order).await.answer);

        assert!(lab.snipeit.show_asset(asset).await.unwrap().value.is_available());
    })
    .await;
}

#[tokio::test]
async fn an_asset_that_does_not_exist_is_not_found_and_nothing_can_be_done_to_it() {
    let (lab, _ground) = given::lab().await;

    let failure = lab.snipeit.show_asset(NO_SUCH_ASSET).await.unwrap_err();

    assert!(matches!(failure.kind, ReadFailureKind::NotFound { .. }), "{failure:?}");
    assert!(!failure.is_transient());
    assert_refused(&lab.snipeit.check_out(&lab.check_out(NO_SUCH_ASSET).await).await.answer);
    assert_refused(&lab.snipeit.check_in(&given::check_in(NO_SUCH_ASSET)).await.answer);
}

#[tokio::test]
async fn the_change_list_shows_a_check_out_at_once_and_tells_the_servers_zone() {
    let (lab, _ground) = given::lab().await;
    lab.with_free_asset(|lab, asset| async move {
        let written = lab.snipeit.check_out(&lab.check_out(asset).await).await;

        let query = AssetQuery { visibility: Visibility::Default, sort: AssetSort::UpdatedAt, limit: 500, offset: 0 };
        let page = lab.snipeit.list_assets(query).await.unwrap().value;

        let seen = page.rows.iter().find(|row| row.id == asset).unwrap();
        // Rows of the same second come in no particular order.
        assert_eq!(seen.updated_at, page.rows[0].updated_at, "what changed last comes first");
        assert_eq!(seen.holder, Some(Holder::user(lab.me.id)));
        let server_wall = written.seen.server_date.unwrap().with_timezone(&lab.snipeit.server_timezone()).naive_local();
        let apart = (seen.updated_at.unwrap() - server_wall).abs();
        assert!(apart < TimeDelta::minutes(1), "{apart}: SNIPEIT_TIMEZONE is not the server's");
    })
    .await;
}

#[tokio::test]
async fn small_pages_add_up_to_the_whole_list() {
    let (lab, _ground) = given::lab().await;
    let whole = lab.snipeit.list_assets(given::by_id(Visibility::Default, 500, 0)).await.unwrap().value;
    assert_eq!(whole.unreadable, []);
    let few = u32::try_from(whole.rows.len() / 3 + 1).unwrap();

    let mut ids = Vec::new();
    let mut offset = Some(0);
    while let Some(at) = offset.filter(|at| *at < whole.rows.len() as u64) {
        let page = lab.snipeit.list_assets(given::by_id(Visibility::Default, few, at)).await.unwrap().value;
        assert_eq!(page.total, whole.total);
        ids.extend(page.rows.iter().map(|asset| asset.id));
        offset = page.next_offset(at);
    }

    ids.truncate(whole.rows.len());
    assert_eq!(ids, whole.rows.iter().map(|asset| asset.id).collect::<Vec<_>>());
    assert!(ids.is_sorted());
}

#[tokio::test]
async fn the_three_lists_share_no_asset() {
    let (lab, _ground) = given::lab().await;
    let mut seen = BTreeSet::new();

    for visibility in [Visibility::Default, Visibility::Archived, Visibility::Deleted] {
        let page = lab.snipeit.list_assets(given::by_id(visibility, 500, 0)).await.unwrap().value;

        assert_eq!(page.unreadable, []);
        for asset in page.rows {
            assert_eq!(asset.deleted, visibility == Visibility::Deleted, "asset {}", asset.id);
            assert!(seen.insert(asset.id), "asset {} stands in two lists", asset.id);
        }
    }
}

#[tokio::test]
async fn models_and_labels_can_be_read() {
    let (lab, _ground) = given::lab().await;

    let models = lab.snipeit.list_models(0).await.unwrap().value;
    let labels = lab.snipeit.list_labels(0).await.unwrap().value;

    assert!(!models.rows.is_empty() && models.unreadable.is_empty(), "{models:?}");
    assert!(!labels.rows.is_empty() && labels.unreadable.is_empty(), "{labels:?}");
    assert!(models.rows.is_sorted_by_key(|model| model.id), "pages need an order that stays");
}

#[tokio::test]
async fn people_are_found_by_their_exact_address_in_any_case() {
    let (lab, _ground) = given::lab().await;
    let email = lab.me.email.clone().expect("the token's user has an e-mail address");
    let first_three = &email[..3];

    let found = lab.snipeit.find_users_by_email(&format!(" {} ", email.to_uppercase())).await.unwrap().value;

    assert!(found.iter().any(|user| user.id == lab.me.id));
    for other in [format!("{first_three}%"), format!("x{email}"), "nobody@lab.invalid".to_owned()] {
        assert_eq!(lab.snipeit.find_users_by_email(&other).await.unwrap().value, [], "{other}");
    }
}

#[tokio::test]
async fn a_token_that_nobody_knows_is_a_fault_of_the_installation() {
    let (lab, _ground) = given::lab().await;
    let asset = lab.free_asset().await;
    let stranger = lab.with_another_token();

    let failure = stranger.show_asset(asset).await.unwrap_err();
    let written = stranger.check_out(&lab.check_out(asset).await).await;

    assert!(matches!(failure.kind, ReadFailureKind::Installation { .. }), "{failure:?}");
    assert!(matches!(written.answer, Answer::NotApplied { why: NotApplied::Installation { .. } }), "{written:?}");
    assert!(lab.snipeit.show_asset(asset).await.unwrap().value.is_available());
}

#[tokio::test]
async fn every_answer_tells_clock_and_budget() {
    let (lab, _ground) = given::lab().await;

    let probe = lab.snipeit.probe().await.unwrap();
    let health = lab.snipeit.health().await.unwrap();

    assert!(probe.value.starts_with('v'), "{}", probe.value);
    assert!(probe.seen.rate_limit.is_some_and(|rate| rate.remaining < rate.limit));
    assert!(probe.seen.clock_difference().is_some());
    assert!(health.value.is_healthy);
    assert_eq!(health.seen.rate_limit, None, "health is outside of the budget");
}

fn assert_refused(answer: &Answer) {
    assert!(matches!(answer, Answer::Refused { message } if !message.is_empty()), "{answer:?}");
}

//! Who our people are among Snipe-IT's users is read with the catalogue, and nothing of anybody else is kept.

use super::*;
use makerlab_shared::domain::{
    id::{JobId, UserId},
    job::NewJob,
};
use makerlab_tests::simulator::{Fault, NewUser, Page};
use serde_json::json;

/// By our person: the users of Snipe-IT with the same address.
async fn seen(floor: &Floor, user: UserId) -> Option<Vec<i64>> {
    let ids = sqlx::query_scalar("select snipeit_user_ids from borrower_sights where user_id = $1").bind(user.0);
    ids.fetch_optional(&floor.pool).await.unwrap()
}

async fn matched(floor: &Floor, user: UserId) -> Option<i64> {
    let id = sqlx::query_scalar("select snipeit_user_id from users where id = $1").bind(user.0);
    id.fetch_one(&floor.pool).await.unwrap()
}

async fn match_job(floor: &Floor, user: UserId) -> JobId {
    floor.given_job_of(NewJob::match_borrower(user)).await
}

fn number(floor: &Floor, email: &str) -> i64 {
    let inventory = floor.simulator.state().inventory();
    inventory.users.values().find(|user| user.email.as_deref() == Some(email)).unwrap().id
}

#[tokio::test]
async fn everybody_is_known_to_be_one_user_of_snipeit_several_or_none_before_anything_is_lent() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    let standing = async || {
        let counts = counts(&floor).await;
        ["people_matched", "people_ambiguous", "people_unknown"].map(|name| counts[name].as_i64().unwrap())
    };
    let before = standing().await;
    let rui = floor.given_student("Rui.Nunes@lab.example").await;
    let twin = floor.given_student("twin@lab.example").await;
    let nobody = floor.given_student("nina.nova@lab.example").await;

    floor.ring_now(job).await;

    assert_eq!(seen(&floor, rui).await, Some(vec![number(&floor, "rui.nunes@lab.example")]));
    assert_eq!(seen(&floor, twin).await.unwrap().len(), 2);
    assert_eq!(seen(&floor, nobody).await, Some(Vec::new()));
    assert_eq!(standing().await, before.map(|people| people + 1));
    let users = floor.simulator.state().inventory().users.len();
    assert_eq!(counts(&floor).await["users"], json!(users));
}

#[tokio::test]
async fn nothing_is_kept_of_those_who_are_not_known_here() {
    let floor = Floor::new().await;

    floor.given_synced().await;

    let strangers = "select count(*) from borrower_sights s where not exists (select from users where id = s.user_id)";
    let ours: i64 = sqlx::query_scalar("select count(*) from users").fetch_one(&floor.pool).await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from borrower_sights").fetch_one(&floor.pool).await.unwrap();
    let of_strangers: i64 = sqlx::query_scalar(strangers).fetch_one(&floor.pool).await.unwrap();
    assert_eq!((rows, of_strangers), (ours, 0));
    let kept: String = sqlx::query_scalar("select progress::text || counts::text from sync_runs")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert!(!kept.contains('@') && !kept.contains("Silva"), "{kept}");
}

#[tokio::test]
async fn users_come_by_pages_and_a_sync_that_is_stopped_among_them_goes_on_behind_the_last_one() {
    let floor = Floor::beside(unthrottled(Seed::small_lab()), &[]).await;
    let last = floor.given_student("tiago.tecnico@lab.example").await;
    floor.simulator.state().product().set_max_results(5);
    let second = Fault::on(CallKind::Users).delay_before(std::time::Duration::ZERO);
    floor.simulator.state().faults().add(second);
    floor.simulator.state().faults().add(Fault::on(CallKind::Users).instead(Page::BadGateway));

    let job = floor.given_synced().await;
    assert_eq!((calls(&floor, CallKind::Users), seen(&floor, last).await), (2, None));
    floor.ring_now(job).await;

    assert_eq!(calls(&floor, CallKind::Users), 1 + 1 + 3, "sixteen users by five, one page of them twice");
    assert_eq!(seen(&floor, last).await, Some(vec![number(&floor, "tiago.tecnico@lab.example")]));
}

#[tokio::test]
async fn whoever_was_just_seen_as_the_only_one_is_not_asked_for_again_and_the_others_are() {
    let floor = Floor::new().await;
    let rui = floor.given_student("rui.nunes@lab.example").await;
    let nina = floor.given_student("nina.nova@lab.example").await;
    floor.given_synced().await;
    let added = floor.simulator.state().hands().create_user(NewUser::named("Nina", "Nova", "nina.nova@lab.example"));
    let before = calls(&floor, CallKind::Users);

    floor.ring(match_job(&floor, rui).await).await;
    assert_eq!(calls(&floor, CallKind::Users), before);
    floor.ring(match_job(&floor, nina).await).await;

    assert_eq!(matched(&floor, rui).await, Some(number(&floor, "rui.nunes@lab.example")));
    assert_eq!(matched(&floor, nina).await, Some(added), "what was nobody is somebody by now");
    assert_eq!(calls(&floor, CallKind::Users), before + 1);
}

#[tokio::test]
async fn what_was_seen_too_long_ago_is_asked_anew() {
    let floor = Floor::new().await;
    let rui = floor.given_student("rui.nunes@lab.example").await;
    floor.given_synced().await;
    sqlx::query("update borrower_sights set asked_at = asked_at - interval '61 minutes'")
        .execute(&floor.pool)
        .await
        .unwrap();
    floor.simulator.state().hands().create_user(NewUser {
        username: Some("rui.too".to_owned()),
        ..NewUser::named("Rui", "Too", "rui.nunes@lab.example")
    });

    floor.ring(match_job(&floor, rui).await).await;

    assert_eq!(matched(&floor, rui).await, None);
    assert_eq!(floor.all_open_findings().await, ["borrower_not_matched"]);
}

#[tokio::test]
async fn a_user_who_was_seen_and_is_deleted_and_added_anew_gets_the_unit_under_the_new_number() {
    let floor = Floor::new().await;
    let rui = floor.given_student("rui.nunes@lab.example").await;
    floor.given_synced().await;
    let hands = floor.simulator.state().hands();
    hands.delete_user(number(&floor, "rui.nunes@lab.example"));
    let again =
        NewUser { username: Some("rui.again".to_owned()), ..NewUser::named("Rui", "Nunes", "rui.nunes@lab.example") };
    let new = hands.create_user(again);

    let asked = floor.given_requested_by(rui).await;
    floor.work_until("out", async |f: &Floor| f.loan_status(asked.loan).await == "checked_out").await;

    assert_eq!(floor.holder(asked.asset), Some(new));
    assert_eq!(matched(&floor, rui).await, Some(new));
}

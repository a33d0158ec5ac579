//! What every request carries, and what every answer shows beside its class.

use std::time::Duration;

use chrono::{TimeZone, Utc};
use makerlab_shared::{
    domain::inventory::{Answer, SnipeitAssetId, SnipeitLabelId, SnipeitUserId},
    store::link::ClockSeen,
};

use super::server::{Manner, TOKEN, TestServer, answer, client, client_with};
use super::*;

#[tokio::test]
async fn a_check_out_carries_fingerprint_marker_and_the_headers_that_snipe_it_needs() {
    let server = TestServer::answering(200, SUCCESS).await;
    let snipeit = client(&server.url("http", "/inventory/"));

    snipeit.check_out(&check_out_order()).await;

    let request = &server.requests()[0];
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /inventory/api/v1/hardware/64/checkout HTTP/1.1\r\n"), "{head}");
    for line in [
        "accept: application/json",
        "content-type: application/json",
        "authorization: Bearer s3cr3t-token",
        &format!("user-agent: MakerLab-Requisitions/{} op:{ULID}", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(head.lines().any(|have| have == line), "{line} is not in {head}");
    }
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(body).unwrap(),
        serde_json::json!({
            "checkout_to_type": "user",
            "assigned_user": 2,
            "checkout_at": "2026-11-23 10:15:00",
            "expected_checkin": "2026-12-24",
            "note": format!("[op:{ULID}] R-2026-000123"),
        })
    );
}

#[tokio::test]
async fn a_check_in_sends_a_note_and_nothing_that_could_break_it() {
    let server = TestServer::answering(200, SUCCESS).await;

    server.client().check_in(&check_in_order()).await;

    let request = &server.requests()[0];
    assert!(request.starts_with("POST /api/v1/hardware/64/checkin HTTP/1.1\r\n"));
    assert!(request.ends_with(&format!("\r\n\r\n{{\"note\":\"[op:{ULID}] R-2026-000123\"}}")), "{request}");
}

#[tokio::test]
async fn a_check_in_carries_the_label_of_what_came_back_damaged() {
    let server = TestServer::answering(200, SUCCESS).await;

    server.client().check_in(&CheckIn { label: Some(SnipeitLabelId(5)), ..check_in_order() }).await;

    let request = &server.requests()[0];
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, serde_json::json!({"note": format!("[op:{ULID}] R-2026-000123"), "status_id": 5}));
}

#[tokio::test]
async fn every_answer_shows_the_servers_clock_and_the_budget() {
    let headers =
        [("Date", "Mon, 23 Nov 2026 16:44:55 GMT"), ("X-RateLimit-Limit", "120"), ("X-RateLimit-Remaining", "114")];
    let server = TestServer::start(answer(403, &headers, "{}")).await;

    let seen = server.client().probe().await.unwrap_err().seen;

    assert_eq!(seen.server_date, Some(Utc.with_ymd_and_hms(2026, 11, 23, 16, 44, 55).unwrap()));
    assert_eq!(seen.rate_limit, Some(RateLimit { limit: 120, remaining: 114 }));
    assert_eq!(seen.http_status, Some(403));
    assert_eq!(seen.clock_difference(), Some(seen.server_date.unwrap() - seen.midpoint));
    let heard = ClockSeen { date: seen.server_date.unwrap(), ago: chrono::Duration::seconds(10) };
    assert_eq!(seen.clock_seen(seen.midpoint + chrono::Duration::seconds(10)), Some(heard));
    assert!(seen.elapsed > Duration::ZERO);
}

#[tokio::test]
async fn an_answer_without_the_usual_headers_is_no_reason_to_stumble() {
    let server = TestServer::start(answer(429, &[("Date", "yesterday"), ("X-RateLimit-Limit", "many")], "")).await;

    let seen = server.client().probe().await.unwrap_err().seen;

    assert_eq!((seen.server_date, seen.rate_limit, seen.clock_difference()), (None, None, None));
}

#[tokio::test]
async fn people_are_compared_again_on_our_side() {
    let body = r#"{"total":4,"rows":[
        {"id":1,"username":"a","name":"A","email":"Ines.O&#039;Neill@lab.example","activated":true},
        {"id":2,"username":"b","name":"B","email":"inês.o&#039;neill@lab.example","activated":true},
        {"id":3,"username":"c","name":"C","email":null,"activated":true},
        {"id":4,"username":"d","name":"D","email":"ines.o&#039;neill@lab.example.org","activated":true}]}"#;
    let server = TestServer::answering(200, body).await;

    let found = server.client().find_users_by_email(" ines.o'neill@LAB.example ").await.unwrap().value;

    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [SnipeitUserId(1)]);
    assert!(server.requests()[0].starts_with("GET /api/v1/users?email=ines.o%27neill%40lab.example&limit=500 "));
}

#[tokio::test]
async fn the_log_is_filtered_by_the_marker_on_our_side_too() {
    let row = |id: i64, note: &str, agent: &str| serde_json::json!({ "id": id, "action_type": "checkout", "note": note, "user_agent": agent });
    let rows = [
        row(9, &format!("[op:{ULID}] R-2026-000123"), "x"),
        row(8, "by hand", "Mozilla"),
        row(7, "", &format!("MakerLab op:{ULID}")),
    ];
    let server = TestServer::answering(200, &serde_json::json!({ "total": 3, "rows": rows }).to_string()).await;

    let rows = server.client().show_activity(SnipeitAssetId(64), &marker()).await.unwrap().value;

    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [9, 7]);
    assert!(server.requests()[0].starts_with(&format!(
        "GET /api/v1/reports/activity?item_type=asset&item_id=64&search={ULID}&sort=id&order=desc&limit=50 "
    )));
}

#[tokio::test]
async fn each_kind_of_asset_list_asks_for_what_it_means() {
    let server = TestServer::answering(200, r#"{"total":0,"rows":[]}"#).await;
    let snipeit = server.client();
    let query = |visibility, sort| AssetQuery { visibility, sort, limit: 9_999, offset: 500 };

    snipeit.list_assets(query(Visibility::Default, AssetSort::UpdatedAt)).await.unwrap();
    snipeit.list_assets(query(Visibility::Archived, AssetSort::Id)).await.unwrap();
    snipeit.list_assets(query(Visibility::Deleted, AssetSort::Id)).await.unwrap();

    let asked: Vec<_> = server.requests().iter().map(|request| request.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(
        asked,
        [
            "/api/v1/hardware?limit=500&offset=500&sort=updated_at&order=desc",
            "/api/v1/hardware?limit=500&offset=500&sort=id&order=asc&status=Archived",
            "/api/v1/hardware?limit=500&offset=500&sort=id&order=asc&status=Deleted",
        ]
    );
}

#[tokio::test]
async fn health_is_asked_without_the_token_and_a_sick_answer_is_an_answer() {
    let server = TestServer::answering(500, r#"{"status":"database connection failed"}"#).await;

    let health = server.client().health().await.unwrap().value;

    assert_eq!(health, HealthSeen { is_healthy: false, status: "database connection failed".to_owned() });
    assert!(!server.requests()[0].contains("authorization"));
}

#[tokio::test]
async fn a_created_user_cannot_log_in_and_comes_back_with_an_id() {
    let body = serde_json::json!({ "status": "success", "messages": "ok", "payload": serde_json::from_str::<serde_json::Value>(include_str!("fixtures/user_create_ok.json")).unwrap()["payload"] });
    let server = TestServer::answering(200, &body.to_string()).await;
    let new = NewUser {
        first_name: "New".into(),
        last_name: "Student".into(),
        username: "new.student".into(),
        email: "new.student@lab.example".into(),
    };

    let created = server.client().create_user(&new).await;

    assert_eq!(created.written.answer, Answer::Applied);
    assert_eq!(created.user.unwrap().id, SnipeitUserId(18));
    assert!(server.requests()[0].contains(r#""activated":false"#));
}

#[tokio::test]
async fn a_new_token_in_the_file_is_used_without_a_restart() {
    let server = TestServer::answering(200, r#"{"version":"v8.1.4"}"#).await;
    let file = std::env::temp_dir().join(format!("makerlab-token-{}", uuid::Uuid::now_v7()));
    std::fs::write(&file, "first\n").unwrap();
    let snipeit = client_with(&server.url("http", ""), TokenSource::File(file.clone()));
    snipeit.probe().await.unwrap();

    std::fs::write(&file, "second\n").unwrap();
    assert_eq!(snipeit.reload_token(), Ok(true));
    assert_eq!(snipeit.reload_token(), Ok(false));
    snipeit.probe().await.unwrap();
    std::fs::remove_file(&file).unwrap();

    let requests = server.requests();
    assert!(requests[0].contains("Bearer first\r\n") && requests[1].contains("Bearer second\r\n"));
    assert_eq!(snipeit.reload_token().unwrap_err().variable, "SNIPEIT_API_TOKEN_FILE");
}

#[tokio::test]
async fn nothing_a_caller_gets_shows_token_or_address() {
    let server = TestServer::start(Manner::Closes).await;
    let snipeit = server.client();

    let failure = snipeit.find_users_by_email("ines@lab.example").await.unwrap_err();
    let written = snipeit.check_out(&check_out_order()).await;

    let shown =
        format!("{snipeit:?} {failure:?} {failure} {written:?} {}", serde_json::to_string(&written.seen).unwrap());
    assert!(!shown.contains(TOKEN) && !shown.contains("ines"), "{shown}");
}

//! The table of the protocol, played over a real socket, and what every request carries.

use std::time::Duration;

use chrono::{NaiveDate, TimeZone, Utc};
use makerlab_shared::domain::inventory::{Answer, NotApplied, SnipeitAssetId, SnipeitUserId};

use super::test_server::{Manner, TOKEN, TestServer, answer, client, client_with};
use super::*;

const SUCCESS: &str = r#"{"status":"success","messages":"Asset checked out successfully.","payload":{"asset":"ML-00064"}}"#;
const ULID: &str = "01JD8Z6T5Q3M9W7X2K4N6P8R0S";

fn marker() -> Marker {
    Marker::parse(ULID).unwrap()
}

fn check_out_order() -> CheckOut {
    let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    CheckOut {
        asset: SnipeitAssetId(64),
        to: SnipeitUserId(2),
        checkout_at: day.and_hms_opt(10, 15, 0).unwrap(),
        expected_checkin: NaiveDate::from_ymd_opt(2026, 12, 24),
        note: note_text(&marker(), "R-2026-000123"),
        marker: marker(),
    }
}

/// The class of an answer to a write, and of the failure of a read, in one word.
fn class_of_write(answer: &Answer) -> &'static str {
    outcome::of_write(answer)
}

fn class_of_read<T>(read: Result<Read<T>, ReadFailure>) -> &'static str {
    outcome::of_read(&read.map_err(|failure| failure.kind))
}

#[tokio::test]
async fn every_thing_a_client_can_see_has_its_class() {
    let says = |status, body: &str| answer(status, &[], body);
    let redirects = |location| answer(302, &[("Location", location)], "<html>Redirecting</html>");
    let bytes = |text: &str| Manner::Says(text.as_bytes().to_vec());
    let table: Vec<(&str, Manner, &str, &str)> = vec![
        ("200 success", says(200, SUCCESS), "applied", "malformed"),
        (
            "200 error with text",
            says(
                200,
                r#"{"status":"error","messages":"not available","payload":null}"#,
            ),
            "refused",
            "not_found",
        ),
        (
            "200 error with fields",
            says(
                200,
                r#"{"status":"error","messages":{"note":["needed"]},"payload":null}"#,
            ),
            "refused",
            "not_found",
        ),
        (
            "200 error with null",
            says(200, r#"{"status":"error","messages":null,"payload":"no"}"#),
            "refused",
            "not_found",
        ),
        (
            "200 error with number",
            says(200, r#"{"status":"error","messages":503,"payload":null}"#),
            "refused",
            "not_found",
        ),
        (
            "422",
            says(
                422,
                r#"{"status":"error","messages":"Invalid JSON","payload":null}"#,
            ),
            "refused",
            "trouble",
        ),
        ("422 with HTML", says(422, "<html>"), "refused", "trouble"),
        (
            "200 without status",
            says(200, r#"{"messages":"fine"}"#),
            "unknown",
            "malformed",
        ),
        (
            "200 with another status",
            says(200, r#"{"status":"ok"}"#),
            "unknown",
            "malformed",
        ),
        (
            "200 HTML, the setup page",
            says(200, "<!DOCTYPE html><title>Snipe-IT Setup</title>"),
            "unknown",
            "trouble",
        ),
        ("200 empty", says(200, ""), "unknown", "trouble"),
        (
            "200 with broken UTF-8",
            Manner::Says(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\"\xff\"".to_vec()),
            "unknown",
            "trouble",
        ),
        (
            "200 cut off",
            bytes("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{\"status\":\"success\""),
            "unknown",
            "trouble",
        ),
        (
            "200 success in a body cut off",
            bytes(&format!(
                "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{SUCCESS}"
            )),
            "unknown",
            "trouble",
        ),
        ("201 success", says(201, SUCCESS), "unknown", "trouble"),
        (
            "204",
            bytes("HTTP/1.1 204 No Content\r\n\r\n"),
            "unknown",
            "trouble",
        ),
        (
            "301",
            answer(
                301,
                &[(
                    "Location",
                    "https://lab.example/api/v1/hardware/64/checkout",
                )],
                "",
            ),
            "unknown",
            "trouble",
        ),
        (
            "302 to setup, the database is down",
            redirects("http://127.0.0.1:8100/setup"),
            "unknown",
            "trouble",
        ),
        (
            "302 to the front page",
            redirects("http://127.0.0.1:8100"),
            "unknown",
            "trouble",
        ),
        ("302 without location", says(302, ""), "unknown", "trouble"),
        (
            "302 to a login",
            redirects("http://127.0.0.1:8100/login"),
            "installation",
            "installation",
        ),
        (
            "302 to a login below a sub-path",
            redirects("/inventory/login/?next=1"),
            "installation",
            "installation",
        ),
        (
            "401",
            says(401, r#"{"error":"Unauthorized or unauthenticated."}"#),
            "installation",
            "installation",
        ),
        (
            "403",
            says(403, r#"{"message":"This action is unauthorized."}"#),
            "installation",
            "installation",
        ),
        (
            "404 endpoint",
            says(
                404,
                r#"{"status":"error","message":"404 endpoint not found.","payload":null}"#,
            ),
            "installation",
            "installation",
        ),
        (
            "405",
            says(
                405,
                r#"{"status":"error","messages":"Method not allowed","payload":null}"#,
            ),
            "installation",
            "installation",
        ),
        (
            "429",
            says(
                429,
                r#"{"status":"error","messages":"Too many requests","payload":null}"#,
            ),
            "throttled",
            "throttled",
        ),
        (
            "429 cut off",
            bytes("HTTP/1.1 429 Any\r\nContent-Length: 99\r\n\r\n"),
            "throttled",
            "throttled",
        ),
        ("400", says(400, "<html>"), "unknown", "trouble"),
        (
            "500 Server Error",
            says(500, r#"{"message":"Server Error"}"#),
            "unknown",
            "trouble",
        ),
        (
            "500 that claims success",
            says(500, SUCCESS),
            "unknown",
            "trouble",
        ),
        (
            "502 HTML",
            says(502, "<html><h1>502 Bad Gateway</h1>"),
            "unknown",
            "trouble",
        ),
        (
            "503 maintenance",
            says(503, r#"{"status":"error","messages":503,"payload":null}"#),
            "unknown",
            "trouble",
        ),
        ("504", says(504, ""), "unknown", "trouble"),
        (
            "not HTTP",
            bytes("SSH-2.0-OpenSSH_9.2\r\n"),
            "unknown",
            "trouble",
        ),
        ("reset", Manner::Resets, "unknown", "trouble"),
        (
            "closed without a word",
            Manner::Closes,
            "unknown",
            "trouble",
        ),
        ("no answer in time", Manner::Hangs, "unknown", "trouble"),
    ];

    for (case, manner, write, read) in table {
        let server = TestServer::start(manner).await;
        let snipeit = server.client();

        assert_eq!(
            class_of_write(&snipeit.check_out(&check_out_order()).await.answer),
            write,
            "check-out: {case}"
        );
        assert_eq!(
            class_of_write(&snipeit.check_in(&check_in_order()).await.answer),
            write,
            "check-in: {case}"
        );
        assert_eq!(
            class_of_read(snipeit.show_asset(SnipeitAssetId(64)).await),
            read,
            "read: {case}"
        );
        assert_eq!(
            server.requests().len(),
            3,
            "each call is sent exactly once: {case}"
        );
    }
}

fn check_in_order() -> CheckIn {
    CheckIn {
        asset: SnipeitAssetId(64),
        note: note_text(&marker(), "R-2026-000123"),
        marker: marker(),
    }
}

#[tokio::test]
async fn a_connection_that_was_never_made_had_no_effect() {
    // A port that was just free; a name that cannot exist; TLS with a server that speaks none, or says nothing.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let plain = TestServer::answering(200, SUCCESS).await;
    let silent = TestServer::start(Manner::Hangs).await;

    for url in [
        format!("http://{closed}"),
        "https://lab.invalid".to_owned(),
        plain.url("https", "/"),
        silent.url("https", "/"),
    ] {
        let snipeit = client(&url);
        let written = snipeit.check_out(&check_out_order()).await;

        assert!(
            matches!(
                written.answer,
                Answer::NotApplied {
                    why: NotApplied::Unreachable { .. }
                }
            ),
            "{url}: {:?}",
            written.answer
        );
        assert_eq!(written.seen.http_status, None);
        assert_eq!(class_of_read(snipeit.probe().await), "unreachable", "{url}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off_and_counts_as_unknown() {
    let server = TestServer::answering(
        200,
        &format!(
            r#"{{"status":"success","messages":"{}"}}"#,
            "x".repeat(70_000)
        ),
    )
    .await;

    let answer = server.client().check_out(&check_out_order()).await.answer;

    assert_eq!(
        answer,
        Answer::Unknown {
            what: "HTTP 200, but the answer is larger than 65536 bytes".to_owned()
        }
    );
}

#[tokio::test]
async fn a_write_that_meets_a_closing_connection_is_not_sent_again() {
    let version = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"version\":\"v8.1.4\"}";
    let server = TestServer::start(Manner::KeepsAliveOnce(version.to_vec())).await;
    let snipeit = server.client();
    snipeit.probe().await.unwrap();

    let answer = snipeit.check_out(&check_out_order()).await.answer;

    assert_eq!(class_of_write(&answer), "unknown");
    assert_eq!(server.requests().len(), 2);
    assert!(server.requests()[1].starts_with("POST "));
}

#[tokio::test]
async fn an_error_in_place_of_a_list_is_trouble_and_not_an_empty_list() {
    let error = r#"{"status":"error","messages":"no","payload":null}"#;
    let snipeit = TestServer::answering(200, error).await.client();

    assert_eq!(class_of_read(snipeit.list_models(0).await), "trouble");
    assert_eq!(class_of_read(snipeit.list_labels().await), "trouble");
    assert_eq!(
        class_of_read(snipeit.find_users_by_email("a@lab.example").await),
        "trouble"
    );
    assert_eq!(
        class_of_read(snipeit.show_activity(SnipeitAssetId(1), &marker()).await),
        "trouble"
    );
}

#[tokio::test]
async fn a_person_who_cannot_be_read_could_be_the_second_one() {
    let body = r#"{"total":2,"rows":[{"id":1,"username":"a","email":"a@lab.example"},{"id":2,"email":"a@lab.example"}]}"#;
    let snipeit = TestServer::answering(200, body).await.client();

    assert_eq!(
        class_of_read(snipeit.find_users_by_email("a@lab.example").await),
        "malformed"
    );
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let elsewhere = TestServer::answering(200, SUCCESS).await;
    for status in [301, 302, 303, 307, 308] {
        let server = TestServer::start(answer(
            status,
            &[("Location", &elsewhere.url("http", "/api/v1/x"))],
            "",
        ))
        .await;

        let answer = server.client().check_out(&check_out_order()).await.answer;

        assert_eq!(class_of_write(&answer), "unknown", "{status}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_refusal_quotes_snipe_it_wherever_it_put_its_words() {
    for (body, expected) in [
        (
            r#"{"status":"error","messages":"O item não está disponível","payload":null}"#,
            "O item não está disponível",
        ),
        (
            r#"{"status":"error","messages":{"a":["One."],"b":["Two.","Three."]},"payload":null}"#,
            "One. Two. Three.",
        ),
        (
            r#"{"status":"error","messages":null,"payload":"Asset is not requestable"}"#,
            "Asset is not requestable",
        ),
        (
            r#"{"status":"error","messages":503,"payload":null}"#,
            "Snipe-IT gave no reason",
        ),
    ] {
        let server = TestServer::answering(200, body).await;

        let answer = server.client().check_in(&check_in_order()).await.answer;

        assert_eq!(
            answer,
            Answer::Refused {
                message: expected.to_owned()
            }
        );
    }
}

#[tokio::test]
async fn a_check_out_carries_fingerprint_marker_and_the_headers_that_snipe_it_needs() {
    let server = TestServer::answering(200, SUCCESS).await;
    let snipeit = client(&server.url("http", "/inventory/"));

    snipeit.check_out(&check_out_order()).await;

    let request = &server.requests()[0];
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /inventory/api/v1/hardware/64/checkout HTTP/1.1\r\n"),
        "{head}"
    );
    for line in [
        "accept: application/json",
        "content-type: application/json",
        "authorization: Bearer s3cr3t-token",
        &format!(
            "user-agent: MakerLab-Requisitions/{} op:{ULID}",
            env!("CARGO_PKG_VERSION")
        ),
    ] {
        assert!(
            head.lines().any(|have| have == line),
            "{line} is not in {head}"
        );
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
    assert!(
        request.ends_with(&format!(
            "\r\n\r\n{{\"note\":\"[op:{ULID}] R-2026-000123\"}}"
        )),
        "{request}"
    );
}

#[tokio::test]
async fn every_answer_shows_the_servers_clock_and_the_budget() {
    let headers = [
        ("Date", "Mon, 23 Nov 2026 16:44:55 GMT"),
        ("X-RateLimit-Limit", "120"),
        ("X-RateLimit-Remaining", "114"),
    ];
    let server = TestServer::start(answer(403, &headers, "{}")).await;

    let seen = server.client().probe().await.unwrap_err().seen;

    assert_eq!(
        seen.server_date,
        Some(Utc.with_ymd_and_hms(2026, 11, 23, 16, 44, 55).unwrap())
    );
    assert_eq!(
        seen.rate_limit,
        Some(RateLimit {
            limit: 120,
            remaining: 114
        })
    );
    assert_eq!(seen.http_status, Some(403));
    assert_eq!(
        seen.clock_difference(),
        Some(seen.server_date.unwrap() - seen.midpoint)
    );
    assert!(seen.elapsed < Duration::from_millis(400));
}

#[tokio::test]
async fn an_answer_without_the_usual_headers_is_no_reason_to_stumble() {
    let server = TestServer::start(answer(
        429,
        &[("Date", "yesterday"), ("X-RateLimit-Limit", "many")],
        "",
    ))
    .await;

    let seen = server.client().probe().await.unwrap_err().seen;

    assert_eq!(
        (seen.server_date, seen.rate_limit, seen.clock_difference()),
        (None, None, None)
    );
}

#[tokio::test]
async fn people_are_compared_again_on_our_side() {
    let body = r#"{"total":4,"rows":[
        {"id":1,"username":"a","name":"A","email":"Ines.O&#039;Neill@lab.example","activated":true},
        {"id":2,"username":"b","name":"B","email":"inês.o&#039;neill@lab.example","activated":true},
        {"id":3,"username":"c","name":"C","email":null,"activated":true},
        {"id":4,"username":"d","name":"D","email":"ines.o&#039;neill@lab.example.org","activated":true}]}"#;
    let server = TestServer::answering(200, body).await;

    let found = server
        .client()
        .find_users_by_email(" ines.o'neill@LAB.example ")
        .await
        .unwrap()
        .value;

    assert_eq!(
        found.iter().map(|user| user.id).collect::<Vec<_>>(),
        [SnipeitUserId(1)]
    );
    assert!(
        server.requests()[0]
            .starts_with("GET /api/v1/users?email=ines.o%27neill%40lab.example&limit=500 ")
    );
}

#[tokio::test]
async fn the_log_is_filtered_by_the_marker_on_our_side_too() {
    let row = |id: i64, note: &str, agent: &str| serde_json::json!({ "id": id, "action_type": "checkout", "note": note, "user_agent": agent });
    let rows = [
        row(9, &format!("[op:{ULID}] R-2026-000123"), "x"),
        row(8, "by hand", "Mozilla"),
        row(7, "", &format!("MakerLab op:{ULID}")),
    ];
    let server = TestServer::answering(
        200,
        &serde_json::json!({ "total": 3, "rows": rows }).to_string(),
    )
    .await;

    let rows = server
        .client()
        .show_activity(SnipeitAssetId(64), &marker())
        .await
        .unwrap()
        .value;

    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [9, 7]);
    assert!(server.requests()[0].starts_with(&format!(
        "GET /api/v1/reports/activity?item_type=asset&item_id=64&search={ULID}&sort=id&order=desc&limit=50 "
    )));
}

#[tokio::test]
async fn each_kind_of_asset_list_asks_for_what_it_means() {
    let server = TestServer::answering(200, r#"{"total":0,"rows":[]}"#).await;
    let snipeit = server.client();
    let query = |visibility, sort| AssetQuery {
        visibility,
        sort,
        limit: 9_999,
        offset: 500,
    };

    snipeit
        .list_assets(query(Visibility::Default, AssetSort::UpdatedAt))
        .await
        .unwrap();
    snipeit
        .list_assets(query(Visibility::Archived, AssetSort::Id))
        .await
        .unwrap();
    snipeit
        .list_assets(query(Visibility::Deleted, AssetSort::Id))
        .await
        .unwrap();

    let asked: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.split(' ').nth(1).unwrap().to_owned())
        .collect();
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
async fn another_asset_than_the_one_asked_for_is_malformed() {
    let server =
        TestServer::answering(200, include_str!("fixtures/hardware_show_checked_out.json")).await;

    assert!(server.client().show_asset(SnipeitAssetId(1)).await.is_ok());
    assert_eq!(
        class_of_read(server.client().show_asset(SnipeitAssetId(2)).await),
        "malformed"
    );
}

#[tokio::test]
async fn health_is_asked_without_the_token_and_a_sick_answer_is_an_answer() {
    let server = TestServer::answering(500, r#"{"status":"database connection failed"}"#).await;

    let health = server.client().health().await.unwrap().value;

    assert_eq!(
        health,
        HealthSeen {
            is_healthy: false,
            status: "database connection failed".to_owned()
        }
    );
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
    assert_eq!(
        snipeit.reload_token().unwrap_err().variable,
        "SNIPEIT_API_TOKEN_FILE"
    );
}

#[tokio::test]
async fn nothing_a_caller_gets_shows_token_or_address() {
    let server = TestServer::start(Manner::Closes).await;
    let snipeit = server.client();

    let failure = snipeit
        .find_users_by_email("ines@lab.example")
        .await
        .unwrap_err();
    let written = snipeit.check_out(&check_out_order()).await;

    let shown = format!(
        "{snipeit:?} {failure:?} {failure} {written:?} {}",
        serde_json::to_string(&written.seen).unwrap()
    );
    assert!(!shown.contains(TOKEN) && !shown.contains("ines"), "{shown}");
}

//! The table of the protocol, played over a real socket: what the client saw, and its class.

use makerlab_shared::domain::inventory::{Answer, NotApplied, SnipeitAssetId};

use super::server::{Manner, TestServer, answer, impatient_client};
use super::{SUCCESS, check_in_order, check_out_order, class_of_read, class_of_write, marker};

#[tokio::test]
async fn every_thing_a_client_can_see_has_its_class() {
    let says = |status, body: &str| answer(status, &[], body);
    let redirects = |location| answer(302, &[("Location", location)], "<html>Redirecting</html>");
    let bytes = |text: &str| Manner::Says(text.as_bytes().to_vec());
    let table: Vec<(&str, Manner, &str, &str)> = vec![
        ("200 success", says(200, SUCCESS), "applied", "malformed"),
        (
            "200 error with text",
            says(200, r#"{"status":"error","messages":"not available","payload":null}"#),
            "refused",
            "not_found",
        ),
        (
            "200 error with fields",
            says(200, r#"{"status":"error","messages":{"note":["needed"]},"payload":null}"#),
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
        ("422", says(422, r#"{"status":"error","messages":"Invalid JSON","payload":null}"#), "refused", "trouble"),
        ("422 with HTML", says(422, "<html>"), "refused", "trouble"),
        ("200 without status", says(200, r#"{"messages":"fine"}"#), "unknown", "malformed"),
        ("200 with another status", says(200, r#"{"status":"ok"}"#), "unknown", "malformed"),
        ("200 HTML, the setup page", says(200, "<!DOCTYPE html><title>Snipe-IT Setup</title>"), "unknown", "trouble"),
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
            bytes(&format!("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{SUCCESS}")),
            "unknown",
            "trouble",
        ),
        ("201 success", says(201, SUCCESS), "unknown", "trouble"),
        ("204", bytes("HTTP/1.1 204 No Content\r\n\r\n"), "unknown", "trouble"),
        (
            "301",
            answer(301, &[("Location", "https://lab.example/api/v1/hardware/64/checkout")], ""),
            "unknown",
            "trouble",
        ),
        ("302 to setup, the database is down", redirects("http://127.0.0.1:8100/setup"), "unknown", "trouble"),
        ("302 to the front page", redirects("http://127.0.0.1:8100"), "unknown", "trouble"),
        ("302 without location", says(302, ""), "unknown", "trouble"),
        ("302 to a login", redirects("http://127.0.0.1:8100/login"), "installation", "installation"),
        ("302 to a login below a sub-path", redirects("/inventory/login/?next=1"), "installation", "installation"),
        ("401", says(401, r#"{"error":"Unauthorized or unauthenticated."}"#), "installation", "installation"),
        ("403", says(403, r#"{"message":"This action is unauthorized."}"#), "installation", "installation"),
        (
            "404 endpoint",
            says(404, r#"{"status":"error","message":"404 endpoint not found.","payload":null}"#),
            "installation",
            "installation",
        ),
        (
            "405",
            says(405, r#"{"status":"error","messages":"Method not allowed","payload":null}"#),
            "installation",
            "installation",
        ),
        (
            "429",
            says(429, r#"{"status":"error","messages":"Too many requests","payload":null}"#),
            "throttled",
            "throttled",
        ),
        ("429 cut off", bytes("HTTP/1.1 429 Any\r\nContent-Length: 99\r\n\r\n"), "throttled", "throttled"),
        ("400", says(400, "<html>"), "unknown", "trouble"),
        ("500 Server Error", says(500, r#"{"message":"Server Error"}"#), "unknown", "trouble"),
        ("500 that claims success", says(500, SUCCESS), "unknown", "trouble"),
        ("502 HTML", says(502, "<html><h1>502 Bad Gateway</h1>"), "unknown", "trouble"),
        ("503 maintenance", says(503, r#"{"status":"error","messages":503,"payload":null}"#), "unknown", "trouble"),
        ("504", says(504, ""), "unknown", "trouble"),
        ("not HTTP", bytes("SSH-2.0-OpenSSH_9.2\r\n"), "unknown", "trouble"),
        ("reset", Manner::Resets, "unknown", "trouble"),
        ("closed without a word", Manner::Closes, "unknown", "trouble"),
        (
            "an answer that never ends",
            Manner::Stalls(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"status\":\"success\"".to_vec()),
            "unknown",
            "trouble",
        ),
        ("no answer in time", Manner::Hangs, "unknown", "trouble"),
    ];

    for (case, manner, write, read) in table {
        let hangs = matches!(manner, Manner::Hangs | Manner::Stalls(_));
        let server = TestServer::start(manner).await;
        let snipeit = if hangs { impatient_client(&server.url("http", "")) } else { server.client() };

        assert_eq!(class_of_write(&snipeit.check_out(&check_out_order()).await.answer), write, "check-out: {case}");
        assert_eq!(class_of_write(&snipeit.check_in(&check_in_order()).await.answer), write, "check-in: {case}");
        assert_eq!(class_of_read(snipeit.show_asset(SnipeitAssetId(64)).await), read, "read: {case}");
        assert_eq!(server.requests().len(), 3, "each call is sent exactly once: {case}");
    }
}

#[tokio::test]
async fn a_connection_that_was_never_made_had_no_effect() {
    // A port that was just free; a name that cannot exist; TLS with a server that speaks none, or says nothing.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = TestServer::answering(200, SUCCESS).await;
    let silent = TestServer::start(Manner::Hangs).await;

    for url in [
        format!("http://{closed}"),
        "https://lab.invalid".to_owned(),
        plain.url("https", "/"),
        silent.url("https", "/"),
    ] {
        let snipeit = impatient_client(&url);
        let written = snipeit.check_out(&check_out_order()).await;

        assert!(
            matches!(written.answer, Answer::NotApplied { why: NotApplied::Unreachable { .. } }),
            "{url}: {:?}",
            written.answer
        );
        assert_eq!(written.seen.http_status, None);
        assert_eq!(class_of_read(snipeit.probe().await), "unreachable", "{url}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off_and_counts_as_unknown() {
    let server =
        TestServer::answering(200, &format!(r#"{{"status":"success","messages":"{}"}}"#, "x".repeat(70_000))).await;

    let answer = server.client().check_out(&check_out_order()).await.answer;

    assert_eq!(answer, Answer::Unknown { what: "HTTP 200, but the answer is larger than 65536 bytes".to_owned() });
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
    assert_eq!(class_of_read(snipeit.list_labels(0).await), "trouble");
    assert_eq!(class_of_read(snipeit.find_users_by_email("a@lab.example").await), "trouble");
    assert_eq!(class_of_read(snipeit.show_activity(SnipeitAssetId(1), &marker()).await), "trouble");
}

#[tokio::test]
async fn a_person_who_cannot_be_read_could_be_the_second_one() {
    let body =
        r#"{"total":2,"rows":[{"id":1,"username":"a","email":"a@lab.example"},{"id":2,"email":"a@lab.example"}]}"#;
    let snipeit = TestServer::answering(200, body).await.client();

    assert_eq!(class_of_read(snipeit.find_users_by_email("a@lab.example").await), "malformed");
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let elsewhere = TestServer::answering(200, SUCCESS).await;
    for status in [301, 302, 303, 307, 308] {
        let server = TestServer::start(answer(status, &[("Location", &elsewhere.url("http", "/api/v1/x"))], "")).await;

        let answer = server.client().check_out(&check_out_order()).await.answer;

        assert_eq!(class_of_write(&answer), "unknown", "{status}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_refusal_quotes_snipe_it_wherever_it_put_its_words() {
    for (body, expected) in [
        (r#"{"status":"error","messages":"O item não está disponível","payload":null}"#, "O item não está disponível"),
        (r#"{"status":"error","messages":{"a":["One."],"b":["Two.","Three."]},"payload":null}"#, "One. Two. Three."),
        (r#"{"status":"error","messages":null,"payload":"Asset is not requestable"}"#, "Asset is not requestable"),
        (r#"{"status":"error","messages":503,"payload":null}"#, "Snipe-IT gave no reason"),
    ] {
        let server = TestServer::answering(200, body).await;

        let answer = server.client().check_in(&check_in_order()).await.answer;

        assert_eq!(answer, Answer::Refused { message: expected.to_owned() });
    }
}

#[tokio::test]
async fn another_asset_than_the_one_asked_for_is_malformed() {
    let server = TestServer::answering(200, include_str!("fixtures/hardware_show_checked_out.json")).await;

    assert!(server.client().show_asset(SnipeitAssetId(1)).await.is_ok());
    assert_eq!(class_of_read(server.client().show_asset(SnipeitAssetId(2)).await), "malformed");
}

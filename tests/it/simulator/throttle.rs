//! The throttle over HTTP: what counts, what the headers say, what the 429 keeps to itself.

use std::time::Duration;

use makerlab_tests::simulator::{SimulatorOptions, ThrottleRule};
use reqwest::Method;

use super::given::{Lab, lab_with};

fn throttled(limit: u32) -> Lab {
    let throttle = Some(ThrottleRule { limit, window: Duration::from_secs(600) });
    lab_with(SimulatorOptions { throttle, ..SimulatorOptions::default() })
}

async fn status_and_remaining(lab: &Lab, method: Method, path: &str) -> (u16, Option<String>) {
    let response = lab.request(method, path).send().await.unwrap();
    let remaining = response.headers().get("x-ratelimit-remaining").map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), remaining)
}

#[tokio::test]
async fn the_hundred_and_twenty_first_call_is_a_429_that_says_nothing_about_when() {
    let lab = throttled(120);
    for left in (0..120).rev() {
        assert_eq!(status_and_remaining(&lab, Method::GET, "version").await, (200, Some(left.to_string())));
    }

    let response = lab.checkout(1).send().await.unwrap();

    assert_eq!(response.status(), 429);
    assert!(response.headers().get("retry-after").is_none());
    assert!(response.headers().get("x-ratelimit-limit").is_none());
    let state = lab.simulator.state();
    assert!(state.ledger().effects().is_empty());
    assert_eq!(state.ledger().count_answers(429), 1);
}

#[tokio::test]
async fn a_404_counts_and_a_401_and_a_405_do_not() {
    let lab = throttled(10);

    assert_eq!(status_and_remaining(&lab, Method::GET, "nonsense").await, (404, Some("9".into())));
    assert_eq!(status_and_remaining(&lab, Method::DELETE, "hardware").await, (405, None));
    lab.simulator.state().revoke_token(lab.simulator.token());
    assert_eq!(status_and_remaining(&lab, Method::GET, "version").await, (401, None));
    lab.simulator.state().set_token(lab.simulator.token(), 1);
    assert_eq!(status_and_remaining(&lab, Method::GET, "version").await, (200, Some("8".into())));
}

#[tokio::test]
async fn the_window_is_the_users_and_not_the_tokens() {
    let lab = throttled(1);
    lab.simulator.state().set_token("second-token-of-the-same-user", 1);
    lab.simulator.state().set_token("another-users-token", 16);
    let with = async |token: &str| {
        let url = format!("{}/api/v1/version", lab.simulator.url());
        let call = lab.http.get(url).header("accept", "application/json").bearer_auth(token);
        call.send().await.unwrap().status().as_u16()
    };

    assert_eq!(with(lab.simulator.token()).await, 200);
    assert_eq!(with("second-token-of-the-same-user").await, 429);
    assert_eq!(with("another-users-token").await, 200);
}

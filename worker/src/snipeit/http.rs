//! One HTTP exchange, faithfully told: never sent, sent without an answer, or answered.
//!
//! No opinion about what an answer means; that is `classify`.

use std::error::Error;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use reqwest::{Client, Method, Request, RequestBuilder, Response};
use serde_json::Value;
use url::Url;

use super::marker::Marker;
use super::seen::{CallSeen, RateLimit};
use super::settings::{SettingsError, SnipeItSettings, client_error};
use super::{SnipeIt, classify, tls};

const PRODUCT: &str = concat!("MakerLab-Requisitions/", env!("CARGO_PKG_VERSION"));
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A page of 500 assets with many custom fields has about 2 MiB.
const READ_CAP: usize = 8 * 1024 * 1024;
const WRITE_CAP: usize = 64 * 1024;

/// Shorter than the keep-alive of common servers (nginx: 75 s), so that a write hardly ever meets a connection
/// that is just being closed, which would leave its effect unknown.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

pub(super) fn client(settings: &SnipeItSettings) -> Result<Client, SettingsError> {
    Client::builder()
        .tls_backend_preconfigured(tls::client_config(settings.ca_file.as_deref())?)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        // A proxy would answer in Snipe-IT's place, and blur "never sent".
        .no_proxy()
        .connect_timeout(settings.timeouts.connect)
        .timeout(settings.timeouts.total)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()
        .map_err(|cause| client_error(format!("the HTTP client cannot be built ({})", chain(&cause))))
}

/// A request to be made.
pub(super) struct Call {
    method: Method,
    url: Url,
    body: Option<Value>,
    user_agent: String,
    cap: usize,
    with_token: bool,
}

impl Call {
    pub(super) fn get(url: Url) -> Self {
        Self { method: Method::GET, url, body: None, user_agent: PRODUCT.to_owned(), cap: READ_CAP, with_token: true }
    }

    pub(super) fn post(url: Url, body: Value) -> Self {
        Self { method: Method::POST, body: Some(body), cap: WRITE_CAP, ..Self::get(url) }
    }

    pub(super) fn patch(url: Url, body: Value) -> Self {
        Self { method: Method::PATCH, ..Self::post(url, body) }
    }

    /// Names the operation in the `User-Agent`, which Snipe-IT's log keeps to 191 characters.
    pub(super) fn marked(mut self, marker: &Marker) -> Self {
        self.user_agent = format!("{PRODUCT} op:{marker}");
        self
    }

    /// What is asked for, as Snipe-IT's documentation calls it: `GET /hardware/5`.
    pub(super) fn endpoint(&self) -> String {
        let path = self.url.path();
        let path = path.find("/api/v1/").map_or(path, |at| &path[at + "/api/v1".len()..]);
        format!("{} {path}", self.method)
    }

    pub(super) fn without_token(mut self) -> Self {
        self.with_token = false;
        self
    }
}

/// What became of a call.
pub(super) struct Exchange {
    pub(super) heard: Heard,
    pub(super) seen: CallSeen,
}

pub(super) enum Heard {
    /// No byte of the request left this machine.
    NeverSent {
        what: String,
    },
    /// The request may have arrived; no status line came back.
    Silence {
        what: String,
    },
    Reply(Reply),
}

pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: Body,
}

pub(super) enum Body {
    Whole(Vec<u8>),
    /// Cut off, too slow or too large.
    Broken {
        what: String,
    },
}

impl SnipeIt {
    /// An endpoint of the API; the segments are escaped, a sub-path of the base URL is kept.
    pub(super) fn endpoint(&self, segments: &[&str]) -> Url {
        self.page(&[&["api", "v1"], segments].concat())
    }

    pub(super) fn page(&self, segments: &[&str]) -> Url {
        let mut url = self.inner.base_url.clone();
        url.path_segments_mut().expect("settings accept http and https only").pop_if_empty().extend(segments);
        url
    }

    pub(super) async fn exchange(&self, call: Call) -> Exchange {
        let cap = call.cap;
        let started_at = Utc::now();
        let started = Instant::now();
        let (heard, headers) = match self.request(call) {
            Ok(request) => send(&self.inner.http, request, cap).await,
            Err(cause) => (Heard::NeverSent { what: chain(&cause.without_url()) }, HeaderMap::new()),
        };
        let seen = call_seen(started_at, started.elapsed(), &heard, &headers);
        Exchange { heard, seen }
    }

    fn request(&self, call: Call) -> reqwest::Result<Request> {
        let mut builder: RequestBuilder = self
            .inner
            .http
            .request(call.method, call.url)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON)
            .header(USER_AGENT, call.user_agent);
        if call.with_token {
            builder = builder.header(AUTHORIZATION, self.authorization());
        }
        if let Some(body) = call.body {
            builder = builder.body(body.to_string());
        }
        builder.build()
    }
}

async fn send(http: &Client, request: Request, cap: usize) -> (Heard, HeaderMap) {
    match http.execute(request).await {
        Ok(response) => {
            let headers = response.headers().clone();
            (Heard::Reply(reply(response, cap).await), headers)
        }
        Err(cause) => (no_reply(cause), HeaderMap::new()),
    }
}

fn no_reply(cause: reqwest::Error) -> Heard {
    // The URL may carry an e-mail address in its query.
    let cause = cause.without_url();
    let what = chain(&cause);
    if cause.is_connect() || cause.is_builder() { Heard::NeverSent { what } } else { Heard::Silence { what } }
}

async fn reply(response: Response, cap: usize) -> Reply {
    let status = response.status().as_u16();
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Reply { status, location, body: read_body(response, cap).await }
}

async fn read_body(mut response: Response, cap: usize) -> Body {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > cap => {
                return Body::Broken { what: format!("the answer is larger than {cap} bytes") };
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Body::Whole(bytes),
            Err(cause) => {
                return Body::Broken { what: format!("the answer broke off: {}", chain(&cause.without_url())) };
            }
        }
    }
}

fn call_seen(started_at: DateTime<Utc>, elapsed: Duration, heard: &Heard, headers: &HeaderMap) -> CallSeen {
    CallSeen {
        server_date: text(headers, DATE.as_str())
            .and_then(|date| DateTime::parse_from_rfc2822(date).ok())
            .map(|date| date.to_utc()),
        midpoint: started_at + elapsed / 2,
        rate_limit: rate_limit(headers),
        http_status: match heard {
            Heard::Reply(reply) => Some(reply.status),
            Heard::NeverSent { .. } | Heard::Silence { .. } => None,
        },
        redirect: match heard {
            Heard::Reply(Reply { status: 300..400, location: Some(location), .. }) => {
                Some(classify::without_query(location))
            }
            Heard::Reply(_) | Heard::NeverSent { .. } | Heard::Silence { .. } => None,
        },
        elapsed,
    }
}

fn rate_limit(headers: &HeaderMap) -> Option<RateLimit> {
    let number = |name| text(headers, name)?.trim().parse().ok();
    Some(RateLimit { limit: number("x-ratelimit-limit")?, remaining: number("x-ratelimit-remaining")? })
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The whole chain of causes on one line: reqwest alone says little more than "error sending request".
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |cause| (*cause).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

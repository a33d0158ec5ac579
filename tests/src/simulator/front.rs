//! The web server in front: reads a request, lets it run to its end whether or not the client stays, and answers (or does not).

use axum::body::{Body, Bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use futures_util::{StreamExt, stream};

use super::answer::Answer;
use super::call::{Call, Unrouted};
use super::faults::{Cut, Fault, Sees};
use super::input::Input;
use super::line::Scissors;
use super::state::State;
use super::visit::{Client, Ending, seen_while_late};
use super::{app, control};

const BODY_LIMIT: usize = 8 << 20;

/// A request that was read to its end.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) number: u64,
    pub(super) call: Result<Call, Unrouted>,
    pub(super) headers: HeaderMap,
    pub(super) query: Input,
    pub(super) bytes: Bytes,
    pub(super) fault: Option<Fault>,
    pub(super) client: Client,
}

impl Incoming {
    pub(super) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Only this exact wish makes Snipe-IT answer errors in JSON; `*/*` does not.
    pub(super) fn wants_json(&self) -> bool {
        self.header(header::ACCEPT).is_some_and(|accept| accept.contains("application/json"))
    }
}

pub(super) async fn receive(
    Shared(state): Shared<State>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = decoded(parts.uri.path());
    // A body that never comes to its end reaches no application: no effect.
    let Ok(bytes) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return Answer::html(StatusCode::BAD_REQUEST, "Bad Request").into_response(state.clock().now());
    };
    if let Some(rest) = path.strip_prefix("/_sim/") {
        return control::answer(&state, &parts.method, rest, &bytes).into_response(state.clock().now());
    }
    let Some(path) = path.strip_prefix(state.base_path()) else {
        return Answer::html(StatusCode::NOT_FOUND, "Not Found").into_response(state.clock().now());
    };
    let incoming = read(&state, &parts.method, &parts.uri, path, parts.headers, bytes);
    run(state, incoming, scissors).await
}

fn read(state: &State, method: &Method, uri: &Uri, path: &str, headers: HeaderMap, bytes: Bytes) -> Incoming {
    let query = Input::query(uri.query().unwrap_or_default());
    let overridden = query.text("_method").filter(|_| method == Method::POST);
    let method = overridden.and_then(|name| name.parse().ok()).unwrap_or_else(|| method.clone());
    let call = match path.strip_prefix("/api/v1") {
        Some(rest) => Call::parse(&method, rest),
        None => Err(Unrouted::Outside(path.to_owned())),
    };
    let (kind, asset) = call.as_ref().map_or((None, None), |call| (Some(call.kind), call.asset()));
    let number = state.ledger().received(method.as_str(), &uri.to_string(), kind, state.clock().now());
    let fault = state.faults().take(kind, asset);
    Incoming { number, call, headers, query, bytes, fault, client: Client::default() }
}

async fn run(state: State, incoming: Incoming, scissors: Scissors) -> Response<Body> {
    let (number, client) = (incoming.number, incoming.client.clone());
    let late = seen_while_late(incoming.fault.as_ref());
    let _leaving = client.leaving_on_drop();
    // A task of its own: PHP goes on when its client hangs up.
    let work = tokio::spawn(app::handle(state.clone(), incoming));
    match late {
        Some(Sees::Reset) => {
            client.leave();
            return cut(&scissors, Cut::Reset);
        }
        Some(Sees::Silence) => {
            client.leave();
            return std::future::pending().await;
        }
        None => {}
    }
    match work.await {
        Ok(Ending::Answer(answer)) => {
            state.ledger().answered(number, answer.status.as_u16());
            answer.into_response(state.clock().now())
        }
        Ok(Ending::HalfAnswer(answer)) => half(answer, &state),
        Ok(Ending::Cut(how)) => cut(&scissors, how),
        Err(_) => cut(&scissors, Cut::Reset),
    }
}

/// The response is never written: the cut connection refuses its bytes.
fn cut(scissors: &Scissors, how: Cut) -> Response<Body> {
    scissors.cut(how);
    Response::new(Body::empty())
}

/// Promises the whole length, sends half, and breaks off.
fn half(answer: Answer, state: &State) -> Response<Body> {
    let (response, bytes) = answer.into_parts(state.clock().now());
    let first = bytes.slice(..bytes.len() / 2);
    let breaking_off = stream::once(async {
        // Lets the first half out before the error ends the connection.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let body = Body::from_stream(stream::iter([Ok(first)]).chain(breaking_off));
    let mut response = response.map(|()| body);
    response.headers_mut().insert(header::CONTENT_LENGTH, bytes.len().into());
    response
}

/// Percent-decodes a path; `+` stays what it is.
fn decoded(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let encoded = format!("path={}", path.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(encoded.as_bytes()).map(|(_, value)| value.into_owned()).next().unwrap_or_default()
}

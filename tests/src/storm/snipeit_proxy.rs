//! The way to Snipe-IT, on which calls get lost, are late, or come back as something else.
//!
//! Own code: Toxiproxy is a program of its own that no Debian package brings (its Rust crate is only a client), `noxious`
//! has been left alone since 2021, and both work on bytes: neither can let the effect happen and answer 502 instead.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State, connect_info::Connected},
    http::{HeaderMap, Method, Response, StatusCode, header, request::Parts},
    serve::{IncomingStream, Listener},
};
use futures_util::stream;
use tokio::{task::JoinHandle, time::Instant};

use super::{
    door::{Door, DoorKeeper},
    times::SERVER_LIMIT,
    weather::{self, CallFate, Mood},
};
use crate::{
    simulator::{Answer, Cut, CuttableStream, Page, Scissors},
    stack::http_client,
};

const BODY_LIMIT: usize = 8 << 20;
/// What is left of the server's limit for Snipe-IT itself.
const FOR_SNIPEIT: Duration = Duration::from_millis(300);

/// Dropping it ends it.
pub struct SnipeitProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    upstream: String,
    http: reqwest::Client,
    seed: u64,
    calls: AtomicU64,
    mood: Mutex<Mood>,
    tally: Mutex<BTreeMap<String, u64>>,
    keeper: DoorKeeper,
}

impl SnipeitProxy {
    /// Calm at first.
    pub async fn start(upstream: &str, seed: u64) -> anyhow::Result<Self> {
        let (door, keeper) = Door::on_a_free_port().await?;
        let address = door.address();
        let http = http_client().redirect(reqwest::redirect::Policy::none()).build()?;
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            http,
            seed,
            calls: AtomicU64::new(0),
            mood: Mutex::default(),
            tally: Mutex::default(),
            keeper,
        });
        let router = Router::new().fallback(relay).with_state(Arc::clone(&shared));
        let service = router.into_make_service_with_connect_info::<Scissors>();
        let task = tokio::spawn(async move {
            // Serves until it is dropped.
            let _ = axum::serve(door, service).await;
        });
        Ok(Self { address, shared, task })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set_mood(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// Refuses connections and hangs up on everybody, as a server that is down.
    pub fn go_away(&self) {
        self.shared.keeper.shut();
    }

    pub fn come_back(&self) {
        self.shared.keeper.open();
    }

    /// What calls have met, by name.
    pub fn tally(&self) -> BTreeMap<String, u64> {
        self.shared.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for SnipeitProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn fate(&self, method: &Method) -> CallFate {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        if self.keeper.is_shut() {
            return CallFate::ResetBefore;
        }
        let mood = *self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        let fate = match mood {
            Mood::Calm => CallFate::Calm,
            Mood::Stormy => weather::of_call(self.seed, number, *method != Method::GET),
            Mood::Slow(by) => CallFate::Delay(by),
            Mood::Hung => CallFate::Swallow,
        };
        if fate != CallFate::Calm {
            *self.tally.lock().unwrap_or_else(PoisonError::into_inner).entry(name_of(&fate)).or_default() += 1;
        }
        fate
    }

    async fn deliver(&self, call: Call) -> Option<Delivered> {
        let request = self.http.request(call.parts.method, format!("{}{}", self.upstream, call.parts.uri));
        let answer = request.headers(forwarded(&call.parts.headers)).body(call.bytes).send().await.ok()?;
        let (status, headers) = (answer.status(), forwarded(answer.headers()));
        Some(Delivered { status, headers, bytes: answer.bytes().await.ok()? })
    }
}

struct Call {
    parts: Parts,
    bytes: Bytes,
}

struct Delivered {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Bytes,
}

async fn relay(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return cut(&scissors);
    };
    let fate = shared.fate(&parts.method);
    carry(shared, scissors, Call { parts, bytes }, fate).await
}

async fn carry(shared: Arc<Shared>, scissors: Scissors, call: Call, fate: CallFate) -> Response<Body> {
    let arrived = Instant::now();
    match fate {
        CallFate::ResetBefore => return cut(&scissors),
        CallFate::Instead(page) => return answer_with(&page, &shared.upstream),
        _ => {}
    }
    let delay = if let CallFate::Delay(delay) = fate { delay } else { Duration::ZERO };
    let on_its_way = Arc::clone(&shared);
    // A task of its own: what is on its way arrives although the client hangs up.
    let delivery = tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        // The promise of the server's limit is kept here, however slow this machine is: too late is never.
        if arrived.elapsed() + FOR_SNIPEIT > SERVER_LIMIT { None } else { on_its_way.deliver(call).await }
    });
    let Ok(Some(delivered)) = delivery.await else { return cut(&scissors) };
    match fate {
        CallFate::ResetAfter => cut(&scissors),
        CallFate::Swallow => std::future::pending().await,
        CallFate::HalfAnswer => half(delivered),
        CallFate::After(page) => answer_with(&page, &shared.upstream),
        CallFate::Calm | CallFate::Delay(_) | CallFate::ResetBefore | CallFate::Instead(_) => whole(delivered),
    }
}

/// The response is never written: the cut connection refuses its bytes.
fn cut(scissors: &Scissors) -> Response<Body> {
    scissors.cut(Cut::Reset);
    Response::new(Body::empty())
}

fn answer_with(page: &Page, root: &str) -> Response<Body> {
    Answer::page(page, root).into_response(chrono::Utc::now())
}

fn whole(delivered: Delivered) -> Response<Body> {
    let Delivered { status, headers, bytes } = delivered;
    let mut response = Response::new(Body::from(bytes));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    response
}

/// Promises the whole length, sends half, and breaks off.
fn half(delivered: Delivered) -> Response<Body> {
    let length = delivered.bytes.len();
    let first = delivered.bytes.slice(..length / 2);
    let breaking_off = stream::once(async {
        // Lets the first half out before the error ends the connection.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let body = Body::from_stream(futures_util::StreamExt::chain(stream::iter([Ok(first)]), breaking_off));
    let mut response = whole(delivered).map(|_| body);
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// Without what belongs to one connection.
fn forwarded(headers: &HeaderMap) -> HeaderMap {
    let mut forwarded = headers.clone();
    for own in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        forwarded.remove(own);
    }
    forwarded
}

fn name_of(fate: &CallFate) -> String {
    match fate {
        CallFate::Delay(_) => "delay".to_owned(),
        CallFate::Instead(page) => format!("{page:?} before"),
        CallFate::After(page) => format!("{page:?} after"),
        other => format!("{other:?}"),
    }
}

impl Listener for Door {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let address = self.address();
        (CuttableStream::new(Self::accept(self).await), address)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(self.address())
    }
}

impl Connected<IncomingStream<'_, Door>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().scissors()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;
    use crate::simulator::{CallKind, Simulator, SimulatorOptions};

    async fn calls(proxy: &SnipeitProxy, fate: CallFate) -> (StatusCode, usize) {
        let request = Request::get("/api/v1/hardware").header("authorization", "Bearer simulator-token");
        let (parts, ()) = request.header("accept", "application/json").body(()).unwrap().into_parts();
        let call = Call { parts, bytes: Bytes::new() };
        let answer = carry(Arc::clone(&proxy.shared), Scissors::default(), call, fate).await;
        let status = answer.status();
        (status, axum::body::to_bytes(answer.into_body(), BODY_LIMIT).await.map_or(0, |bytes| bytes.len()))
    }

    #[tokio::test]
    async fn a_call_arrives_or_not_as_its_fate_says_and_never_after_the_servers_limit() {
        let simulator = Simulator::start(SimulatorOptions::default()).unwrap();
        let proxy = SnipeitProxy::start(&simulator.origin(), 1).await.unwrap();
        let arrived = || simulator.state().ledger().count_calls(CallKind::List);

        let (status, whole) = calls(&proxy, CallFate::Calm).await;
        assert_eq!((status, arrived()), (StatusCode::OK, 1));
        assert!(whole > 1000, "{whole}");
        assert_eq!(calls(&proxy, CallFate::Instead(Page::BadGateway)).await.0, StatusCode::BAD_GATEWAY);
        calls(&proxy, CallFate::ResetBefore).await;
        calls(&proxy, CallFate::Delay(SERVER_LIMIT)).await;
        assert_eq!(arrived(), 1, "none of these arrived");

        assert_eq!(calls(&proxy, CallFate::After(Page::ServerError)).await.0, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(calls(&proxy, CallFate::HalfAnswer).await, (StatusCode::OK, 0));
        calls(&proxy, CallFate::ResetAfter).await;
        assert_eq!(arrived(), 4, "all of these arrived");
    }

    #[tokio::test]
    async fn a_shut_door_refuses_and_an_opened_one_leads_on_at_the_same_address() {
        let simulator = Simulator::start(SimulatorOptions::default()).unwrap();
        let proxy = SnipeitProxy::start(&simulator.origin(), 1).await.unwrap();
        let health = format!("{}/health", proxy.url());
        let asked = async || http_client().build().unwrap().get(&health).send().await;
        let deadline = Duration::from_secs(10);

        proxy.go_away();
        let refused = async || asked().await.is_err_and(|error| error.is_connect()).then_some(());
        crate::stack::until("nobody is let in", deadline, refused).await.unwrap();
        proxy.come_back();
        let answered = async || asked().await.is_ok_and(|answer| answer.status().is_success()).then_some(());
        crate::stack::until("it leads on again", deadline, answered).await.unwrap();
    }
}

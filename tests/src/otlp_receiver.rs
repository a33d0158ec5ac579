//! A receiver of traces (OTLP over HTTP with protobuf) that keeps them for a test to look at.
//!
//! It lives on a thread with a runtime of its own, so that it receives while a test blocks.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

/// One span as it arrived; ids in lower-case hex, as in a `traceparent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedSpan {
    pub service: String,
    pub name: String,
    pub trace_id: String,
    pub span_id: String,
    /// `None` for the root of a trace.
    pub parent_span_id: Option<String>,
    pub attributes: BTreeMap<String, String>,
    /// Trace id and span id of each linked span.
    pub links: Vec<(String, String)>,
}

/// Stops when it is dropped.
pub struct OtlpReceiver {
    address: SocketAddr,
    received: watch::Receiver<Vec<ReceivedSpan>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl OtlpReceiver {
    /// Listens on a free port of the loopback interface.
    pub fn start() -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").context("no free port for the receiver of traces")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (spans, received) = watch::channel(Vec::new());
        let (stop, stopped) = oneshot::channel();
        let serve = move || runtime.block_on(serve(listener, spans, stopped));
        let thread = std::thread::Builder::new().name("otlp-receiver".to_owned()).spawn(serve)?;
        Ok(Self { address, received, stop: Some(stop), thread: Some(thread) })
    }

    /// The value for `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.received.borrow().clone()
    }

    /// All spans as soon as the predicate holds for them; an error that lists them when it does not within `deadline`.
    pub async fn wait_for(
        &self,
        predicate: impl FnMut(&[ReceivedSpan]) -> bool,
        deadline: Duration,
    ) -> anyhow::Result<Vec<ReceivedSpan>> {
        let mut received = self.received.clone();
        let mut predicate = predicate;
        let waited = tokio::time::timeout(deadline, received.wait_for(|spans| predicate(spans))).await;
        match waited {
            Ok(spans) => Ok(spans.context("the receiver of traces has ended")?.clone()),
            Err(_) => bail!("the expected spans did not arrive within {deadline:?}; received: {:#?}", self.spans()),
        }
    }
}

impl Drop for OtlpReceiver {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the receiver shows as spans that never arrive.
            let _ = thread.join();
        }
    }
}

async fn serve(
    listener: std::net::TcpListener,
    spans: watch::Sender<Vec<ReceivedSpan>>,
    stopped: oneshot::Receiver<()>,
) {
    let listener = TcpListener::from_std(listener).expect("the listener is non-blocking and the runtime is running");
    let routes = Router::new().route("/v1/traces", post(receive)).with_state(spans);
    // Not a graceful end: exporters keep their connections open.
    tokio::select! {
        _ = axum::serve(listener, routes) => {}
        _ = stopped => {}
    }
}

async fn receive(State(spans): State<watch::Sender<Vec<ReceivedSpan>>>, body: Bytes) -> impl IntoResponse {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return (StatusCode::BAD_REQUEST, "this is no ExportTraceServiceRequest in protobuf").into_response();
    };
    spans.send_modify(|spans| spans.extend(request.resource_spans.into_iter().flat_map(spans_of_resource)));
    let answer = ExportTraceServiceResponse::default().encode_to_vec();
    ([(header::CONTENT_TYPE, "application/x-protobuf")], answer).into_response()
}

fn spans_of_resource(group: ResourceSpans) -> Vec<ReceivedSpan> {
    let resource = attributes(group.resource.map(|resource| resource.attributes).unwrap_or_default());
    let service = resource.get("service.name").cloned().unwrap_or_default();
    let spans = group.scope_spans.into_iter().flat_map(|scope| scope.spans);
    spans.map(|span| received(&service, span)).collect()
}

fn received(service: &str, span: Span) -> ReceivedSpan {
    let parent = Some(hex(&span.parent_span_id)).filter(|id| !id.is_empty());
    ReceivedSpan {
        service: service.to_owned(),
        name: span.name,
        trace_id: hex(&span.trace_id),
        span_id: hex(&span.span_id),
        parent_span_id: parent,
        attributes: attributes(span.attributes),
        links: span.links.iter().map(|link| (hex(&link.trace_id), hex(&link.span_id))).collect(),
    }
}

fn attributes(pairs: Vec<KeyValue>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|pair| (pair.key, text(pair.value))).collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::BoolValue(value)) => value.to_string(),
        Some(any_value::Value::IntValue(value)) => value.to_string(),
        Some(any_value::Value::DoubleValue(value)) => value.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Traces as a collector sees them. The subscriber is scoped, since a process has only one global one.

use std::time::{Duration, Instant};

use makerlab_shared::settings::Environment;
use makerlab_shared::telemetry::{TelemetryGuard, TelemetrySettings, subscriber, traceparent};
use makerlab_tests::otlp_receiver::OtlpReceiver;
use tracing::info_span;

const REMOTE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const REMOTE_TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const REMOTE_SPAN: &str = "b7ad6b7169203331";
const DEADLINE: Duration = Duration::from_secs(20);

fn traced(endpoint: &str, work: impl FnOnce()) -> TelemetryGuard {
    let settings = Environment::from_pairs([("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("LOG_LEVEL", "off")])
        .read(|env| TelemetrySettings::read(env, "makerlab-worker"))
        .unwrap();
    let (subscriber, guard) = subscriber(&settings).unwrap();
    tracing::subscriber::with_default(subscriber, work);
    guard
}

#[tokio::test]
async fn a_span_arrives_as_a_child_of_the_traceparent_that_it_continues() {
    let receiver = OtlpReceiver::start().unwrap();

    let guard = traced(&receiver.endpoint(), || {
        let run = info_span!("job.run", job.kind = "check_out");
        traceparent::continue_from(&run, REMOTE);
        run.in_scope(|| info_span!("snipeit.checkout").in_scope(|| ()));
    });
    guard.close().await;

    let spans = receiver.wait_for(|spans| spans.len() == 2, DEADLINE).await.unwrap();
    let run = spans.iter().find(|span| span.name == "job.run").unwrap();
    let call = spans.iter().find(|span| span.name == "snipeit.checkout").unwrap();
    assert_eq!((run.trace_id.as_str(), run.parent_span_id.as_deref()), (REMOTE_TRACE, Some(REMOTE_SPAN)));
    assert_eq!((&call.trace_id, call.parent_span_id.as_ref()), (&run.trace_id, Some(&run.span_id)));
    assert_eq!((run.service.as_str(), run.attributes["job.kind"].as_str()), ("makerlab-worker", "check_out"));
}

#[tokio::test]
async fn a_linked_span_keeps_a_trace_of_its_own() {
    let receiver = OtlpReceiver::start().unwrap();

    let guard = traced(&receiver.endpoint(), || {
        let look = info_span!("job.run");
        traceparent::link(&look, REMOTE);
        look.in_scope(|| ());
    });
    guard.close().await;

    let spans = receiver.wait_for(|spans| !spans.is_empty(), DEADLINE).await.unwrap();
    assert_eq!(spans[0].links, [(REMOTE_TRACE.to_owned(), REMOTE_SPAN.to_owned())]);
    assert_eq!(spans[0].parent_span_id, None);
    assert_ne!(spans[0].trace_id, REMOTE_TRACE);
}

#[tokio::test]
async fn a_collector_that_is_gone_does_not_hold_up_the_end_of_the_process() {
    let endpoint = OtlpReceiver::start().unwrap().endpoint();
    let started = Instant::now();

    let guard = traced(&endpoint, || info_span!("job.run").in_scope(|| ()));
    guard.close().await;

    assert!(started.elapsed() < Duration::from_secs(10), "closing took {:?}", started.elapsed());
}

#[tokio::test]
async fn a_collector_that_hangs_does_not_hold_up_the_end_of_the_process() {
    let hanging = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", hanging.local_addr().unwrap());
    let started = Instant::now();

    let guard = traced(&endpoint, || info_span!("job.run").in_scope(|| ()));
    guard.close().await;

    assert!(started.elapsed() < Duration::from_secs(10), "closing took {:?}", started.elapsed());
}

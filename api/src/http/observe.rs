//! One span, one log line and two metrics for each request. Nothing of who asked or what for.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use makerlab_shared::telemetry::{metrics as names, traceparent};
use std::time::Instant;
use tracing::{Instrument, field};

pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get().map_or("unknown".to_owned(), |path: &MatchedPath| path.as_str().to_owned());
    let span = tracing::info_span!(
        "http.request",
        otel.kind = "server",
        otel.name = %format_args!("{method} {route}"),
        http.request.method = %method,
        http.route = %route,
        http.response.status_code = field::Empty,
    );
    if let Some(parent) = request.headers().get(traceparent::HEADER).and_then(|value| value.to_str().ok()) {
        traceparent::continue_from(&span, parent);
    }
    async {
        let response = next.run(request).await;
        record(method.as_str(), &route, response.status().as_u16(), started);
        response
    }
    .instrument(span)
    .await
}

fn record(method: &str, route: &str, status: u16, started: Instant) {
    let elapsed = started.elapsed();
    let duration_ms = elapsed.as_secs_f64() * 1000.0;
    tracing::Span::current().record("http.response.status_code", status);
    tracing::info!(
        http.method = method,
        http.route = route,
        http.status = status,
        duration_ms,
        "{method} {route} answered {status} in {duration_ms:.1} ms"
    );
    let labels = [("method", known_method(method).to_owned()), ("route", route.to_owned())];
    metrics::histogram!(names::HTTP_REQUEST_DURATION_SECONDS, &labels).record(elapsed.as_secs_f64());
    let [method, route] = labels;
    metrics::counter!(names::HTTP_REQUESTS_TOTAL, &[method, route, ("status", status.to_string())]).increment(1);
}

/// Clients may invent methods; labels must not grow with them.
fn known_method(method: &str) -> &str {
    match method {
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method,
        _ => "other",
    }
}

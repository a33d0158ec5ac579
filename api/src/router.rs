//! Every address of the API, and the layers around them.

use crate::{
    AppState, approval_rules, deputies, findings, health, history,
    http::{
        caller::{Door, enter},
        endpoints::Endpoints,
        fallback,
        observe::observe,
    },
    lab_settings, loans, models, notifications, openapi, problem, projects, quotas, reports, requisitions, status,
    sync_runs, tokens, users, waiting_list,
};
use axum::{Router, middleware, routing::get};
use makerlab_shared::telemetry::metrics::{CONTENT_TYPE, MetricsHandle};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

/// The whole API.
pub fn router(state: AppState) -> Router {
    let v1 = v1();
    let door = Door { app: state.clone(), endpoints: Endpoints::of(v1.get_openapi()) };
    let v1 = v1.route_layer(middleware::from_fn_with_state(door, enter));
    let (router, document) = OpenApiRouter::with_openapi(openapi::document()).merge(open()).merge(v1).split_for_parts();
    let docs = SwaggerUi::new("/docs").url("/openapi.json", openapi::complete(document));
    router
        .merge(docs)
        .fallback(fallback::unknown_route)
        .method_not_allowed_fallback(fallback::wrong_method)
        .layer(middleware::from_fn(fallback::limit_time))
        // Around the time limit, so that a panic anywhere inside is still an answer.
        .layer(CatchPanicLayer::custom(fallback::panicked))
        // Outermost: every answer is logged and counted, whoever gave it.
        .layer(middleware::from_fn(observe))
        .with_state(state)
}

/// What Prometheus reads; for a listener of its own.
pub fn metrics_router(metrics: MetricsHandle) -> Router {
    let render = move || {
        let page = metrics.render();
        async move { ([(axum::http::header::CONTENT_TYPE, CONTENT_TYPE)], page) }
    };
    Router::new().route("/metrics", get(render)).fallback(fallback::unknown_route)
}

/// Without a token.
fn open() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health::livez::livez))
        .routes(routes!(health::readyz::readyz))
        .routes(routes!(problem::list_problems))
        .routes(routes!(problem::find_problem))
}

fn v1() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(users::routes())
        .merge(deputies::routes())
        .merge(tokens::routes())
        .merge(projects::routes())
        .merge(models::routes())
        .merge(requisitions::routes())
        .merge(loans::routes())
        .merge(waiting_list::routes())
        .merge(lab_settings::routes())
        .merge(history::routes())
        .merge(quotas::routes())
        .merge(reports::routes())
        .merge(approval_rules::routes())
        .merge(findings::routes())
        .merge(notifications::routes())
        .merge(sync_runs::routes())
        .merge(status::routes())
}

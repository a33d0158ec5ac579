//! The head of the OpenAPI document; the paths come from the handlers themselves.

use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "MakerLab Requisitions",
        description = "Requisitions of lab equipment: asked for here, carried out in Snipe-IT.\n\n\
            Every POST honours the header `Idempotency-Key` for 48 hours. Errors are `application/problem+json` \
            (RFC 9457); `/problems` lists their types. Lists are paged by `cursor`.",
        license(name = "MIT", identifier = "MIT")
    ),
    modifiers(&Bearer),
    components(schemas(crate::problem::ProblemBody)),
    security(("token" = []))
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description = Some("A token of the form `mlr_…`, as `makerlab-api token issue` prints it".to_owned());
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

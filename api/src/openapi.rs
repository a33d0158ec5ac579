//! The head of the OpenAPI document; the paths come from the handlers themselves.

use crate::http::endpoints::permission_of;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Ref, RefOr, Required, Response, Responses,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::{ObjectBuilder, Type},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "MakerLab Requisitions",
        description = "Requisitions of lab equipment: asked for here, carried out in Snipe-IT.\n\n\
            Every POST honours the header `Idempotency-Key` for 48 hours; edits of what has an `ETag` need it as `If-Match`. Errors are `application/problem+json` \
            (RFC 9457); `/problems` lists their types. Lists are paged by `cursor`.",
        license(name = "MIT", identifier = "MIT")
    ),
    modifiers(&Bearer),
    components(schemas(crate::problem::ProblemBody)),
    security(("token" = []))
)]
struct Document;

const VERSION_READ: &str =
    "The ETag of what was read: it is refused if that was changed since; left out, whatever is there counts";
const VERSION_TO_GRANT: &str = "The ETag of what was read: it is refused if that was changed since. \
    May be left out while nobody has edited it; `*` does not say what was read";

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

/// Adds what is true of every operation, so that no handler has to repeat it.
pub(crate) fn complete(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for item in document.paths.paths.values_mut() {
        let PathItem { get, post, put, patch, delete, .. } = item;
        if let Some(post) = post {
            honour_keys(post);
        }
        if let Some(post) = post.as_mut().filter(|post| post.responses.responses.contains_key("412")) {
            let grants = post.responses.responses.contains_key("428");
            ask_for_version(post, Required::False, if grants { VERSION_TO_GRANT } else { VERSION_READ });
        }
        if let Some(patch) = patch.as_mut().filter(|patch| patch.responses.responses.contains_key("428")) {
            let told = "The ETag of what is changed, as it came when it was read; `*` changes whatever is there";
            ask_for_version(patch, Required::True, told);
        }
        for operation in [get, post, put, patch, delete].into_iter().filter_map(Option::as_mut) {
            answer_with_problems(&mut operation.responses);
            tell_rule(operation);
        }
    }
    document
}

/// Who may and when, from the one table.
fn tell_rule(operation: &mut Operation) {
    let rule = permission_of(operation).map(|permission| permission.rule());
    let who = rule.map_or_else(|| "anybody".to_owned(), |rule| rule.who());
    let states = rule.map(|rule| rule.states()).filter(|states| !states.is_empty());
    let states = states.map(|states| format!(" While: {states}.")).unwrap_or_default();
    let description = operation.description.take().map(|text| format!("{text}\n\n")).unwrap_or_default();
    operation.description = Some(format!("{description}Rule: {who}.{states}"));
}

fn answer_with_problems(responses: &mut Responses) {
    for (status, response) in &mut responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            response.content = problem().content;
        }
    }
    responses.responses.insert("default".to_owned(), RefOr::T(problem()));
}

fn problem() -> Response {
    let mut problem = Response::new("Refused or failed; `type` says why");
    let schema = Ref::from_schema_name("ProblemBody");
    problem.content.insert("application/problem+json".to_owned(), RefOr::T(Content::new(Some(schema))));
    problem
}

/// An edit says 428 without it, and so does a yes to what was edited; a no takes what is there.
fn ask_for_version(operation: &mut Operation, required: Required, told: &str) {
    let version: Parameter = ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(told))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(version));
}

fn honour_keys(operation: &mut Operation) {
    let key: Parameter = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The same key and body get the same answer for 48 hours"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255))))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(key));
}

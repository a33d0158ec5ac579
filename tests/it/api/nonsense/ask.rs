//! Requests near what an operation of the OpenAPI document asks for: address, query, headers and body, each of which
//! may be right, nearly right or nonsense.

use super::near::{ODD_TEXTS, World, fitting, json, near, text};
use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, header},
};
use proptest::{option, prelude::*, sample::select};
use serde_json::Value;
use std::fmt;

pub(super) struct Operation {
    pub(super) method: Method,
    /// As the document has it, like `/v1/loans/{id}/return`.
    pub(super) path: String,
    pub(super) needs_token: bool,
    query: Vec<(String, Value)>,
    body: Option<Value>,
}

impl Operation {
    fn read(method: &str, path: &str, described: &Value) -> Self {
        let open = described["security"].as_array().is_some_and(|any| any.contains(&serde_json::json!({})));
        let parameters = described["parameters"].as_array().into_iter().flatten();
        let query = parameters
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| (parameter["name"].as_str().unwrap().to_owned(), parameter["schema"].clone()))
            .collect();
        let body = described.pointer("/requestBody/content/application~1json/schema").cloned();
        let method = method.to_uppercase().parse().unwrap();
        Self { method, path: path.to_owned(), needs_token: !open, query, body }
    }

    pub(super) fn method_word(&self) -> &'static str {
        match self.method {
            Method::GET => "get",
            Method::POST => "post",
            Method::PUT => "put",
            Method::PATCH => "patch",
            Method::DELETE => "delete",
            ref other => panic!("a method that this test does not know: {other}"),
        }
    }
}

pub(super) fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, described)| Operation::read(method, path, described))
        })
        .collect()
}

/// One request, but for who sends it.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    address: String,
    headers: Vec<(&'static str, Bytes)>,
    /// What nobody puts in the place of a token.
    made_up: Option<Bytes>,
    body: Bytes,
}

#[derive(Clone)]
struct Bytes(Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.0[..self.0.len().min(1000)];
        write!(f, "{} bytes: {}", self.0.len(), String::from_utf8_lossy(shown))
    }
}

impl Ask {
    pub(super) fn request(&self, method: &Method, token: Option<&str>) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(&self.address);
        let authorization = token.map(|token| Bytes(format!("Bearer {token}").into_bytes())).or(self.made_up.clone());
        let authorization = authorization.map(|value| (header::AUTHORIZATION.as_str(), value));
        for (name, value) in self.headers.iter().cloned().chain(authorization) {
            request = request.header(name, HeaderValue::from_bytes(&value.0).unwrap());
        }
        request.body(Body::from(self.body.0.clone())).unwrap()
    }
}

pub(super) fn asks(world: &World, operation: &Operation) -> BoxedStrategy<Ask> {
    let address = (path(world, &operation.path), query(world, &operation.query));
    (address, headers(), made_up(), body(world, operation.body.as_ref()))
        .prop_map(|((path, query), headers, made_up, body)| {
            let address = if query.is_empty() { path } else { format!("{path}?{query}") };
            Ask { address, headers, made_up, body: Bytes(body) }
        })
        .boxed()
}

fn path(world: &World, template: &str) -> BoxedStrategy<String> {
    let mut before = "";
    let mut segments = Vec::new();
    for segment in template.split('/') {
        segments.push(if segment.starts_with('{') {
            prop_oneof![5 => world.id_of(before).prop_map(|id| encode(&id)), 1 => text().prop_map(|text| encode(&text)),
                1 => broken()]
            .prop_filter("an empty segment is another address", |segment| !segment.is_empty())
            .boxed()
        } else {
            Just(segment.to_owned()).boxed()
        });
        before = segment;
    }
    segments.prop_map(|segments| segments.join("/")).boxed()
}

fn query(world: &World, declared: &[(String, Value)]) -> BoxedStrategy<String> {
    let mut pairs: Vec<BoxedStrategy<Option<String>>> = Vec::new();
    for (name, schema) in declared {
        let right = fitting(world, name, schema).prop_map(|value| encode(&plain(&value)));
        let value = prop_oneof![4 => right, 1 => text().prop_map(|text| encode(&text)), 1 => broken()];
        let name = name.clone();
        pairs.push(option::weighted(0.3, value.prop_map(move |value| format!("{name}={value}"))).boxed());
    }
    let stray = select(vec!["color=red", "limit=1&limit=2", "&&==", "limit", "=", "%ff=%00"]).prop_map(str::to_owned);
    pairs.push(option::weighted(0.1, stray).boxed());
    pairs.prop_map(|pairs| pairs.into_iter().flatten().collect::<Vec<_>>().join("&")).boxed()
}

/// What is no percent-encoding, or encodes what is no text.
const BROKEN: [&str; 7] = ["%", "%zz", "%ff%fe", "%c0%80", "..", "%2e%2e%2f", "a%2fb"];

fn broken() -> BoxedStrategy<String> {
    select(&BROKEN[..]).prop_map(str::to_owned).boxed()
}

/// Each parameter of an address with each oddity, and nothing else wrong: beside another that is refused it would not
/// even be looked at.
pub(super) fn oddities(world: &World, operation: &Operation) -> Vec<Ask> {
    let odd = || ODD_TEXTS.into_iter().map(encode).chain(BROKEN.map(str::to_owned));
    let mut before = "";
    let mut right = Vec::new();
    for segment in operation.path.split('/') {
        right.push(if segment.starts_with('{') { world.known(before)[0].clone() } else { segment.to_owned() });
        before = segment;
    }
    let right = right.join("/");
    let right = &right;
    let queries = operation.query.iter().flat_map(|(name, _)| odd().map(move |odd| format!("{right}?{name}={odd}")));
    let paths = operation.path.split_once('{').into_iter().flat_map(|(head, rest)| {
        let tail = rest.split_once('}').map_or("", |(_, tail)| tail);
        odd().filter(|odd| !odd.is_empty()).map(move |odd| format!("{head}{odd}{tail}"))
    });
    let ask = |address| Ask { address, headers: Vec::new(), made_up: None, body: Bytes(Vec::new()) };
    queries.chain(paths).map(ask).collect()
}

fn headers() -> BoxedStrategy<Vec<(&'static str, Bytes)>> {
    let bytes = |values: &[&'static [u8]]| select(values.to_vec()).prop_map(<[u8]>::to_vec).boxed();
    let json = Just(b"application/json".to_vec());
    let other = bytes(&[b"", b"text/plain", b"application/json; charset=utf-16", b"multipart/form-data", b"\xff\xfe"]);
    let content_type = option::weighted(0.95, prop_oneof![9 => json, 1 => other]);
    let fresh = any::<u128>().prop_map(|number| format!("{number:032x}").into_bytes());
    let key = prop_oneof![4 => fresh, 1 => bytes(&[b"again", b"", b"a b", b"\xff", &[b'k'; 300]])];
    let version = bytes(&[b"*", b"\"1\"", b"W/\"-1\"", b"", b"\xfe"]);
    let trace = bytes(&[b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", b"00-zz-zz-00", b"\xff"]);
    (content_type, option::weighted(0.5, key), option::weighted(0.2, version), option::weighted(0.2, trace))
        .prop_map(|(content_type, key, version, trace)| {
            let all = [
                ("content-type", content_type),
                ("idempotency-key", key),
                ("if-match", version),
                ("traceparent", trace),
            ];
            all.into_iter().filter_map(|(name, value)| Some((name, Bytes(value?)))).collect()
        })
        .boxed()
}

fn made_up() -> BoxedStrategy<Option<Bytes>> {
    let well_formed = format!("Bearer mlr_0123456789_{}", "x".repeat(43)).into_bytes();
    let values =
        [&b""[..], b"Bearer", b"Bearer ", b"Bearer null", b"Basic YWRtaW46YWRtaW4=", b"Bearer \xff\xfe", &well_formed];
    option::of(select(values.map(|value| Bytes(value.to_vec())).to_vec())).boxed()
}

fn body(world: &World, schema: Option<&Value>) -> BoxedStrategy<Vec<u8>> {
    let bytes = |value: Value| value.to_string().into_bytes();
    let Some(schema) = schema else {
        return prop_oneof![4 => Just(Vec::new()), 1 => json().prop_map(bytes), 1 => raw()].boxed();
    };
    let nearly = near(world, "", schema).prop_map(bytes).boxed();
    let cut = (nearly.clone(), any::<prop::sample::Index>()).prop_map(|(mut body, at)| {
        body.truncate(at.index(body.len() + 1));
        body
    });
    prop_oneof![9 => nearly, 1 => cut, 1 => json().prop_map(bytes), 1 => raw()].boxed()
}

fn raw() -> BoxedStrategy<Vec<u8>> {
    let deep = |opening: &str| opening.repeat(5000).into_bytes();
    let mut bodies: Vec<Vec<u8>> = [
        &b""[..],
        b"{",
        b"null",
        b"\0\0",
        b"{\"name\":\"\xff\xfe\"}",
        b"{\"label\":\"\\ud800\",\"days\":1}",
        b"{\"label\":\"x\",\"days\":1e999}",
        b"{\"label\":\"x\",\"label\":\"y\",\"days\":1}",
        b"{}{}",
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    bodies.extend([deep("["), deep("{\"lines\":["), vec![b' '; 1024 * 1024 + 1]]);
    select(bodies).boxed()
}

/// A scalar as an address carries it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

//! One trace holds the request that caused an effect and everything that came of it, across processes and the broker.

use std::{collections::BTreeMap, time::Duration};

use makerlab_shared::domain::{equipment::Approval, id::ModelId, person::Language, user::Role};
use makerlab_tests::{
    lab::shared,
    otlp_receiver::{OtlpReceiver, ReceivedSpan},
    stack::{NewPerson, Person, http_client},
};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::resilience::given::{Lab, lab_with};

const PATIENCE: Duration = Duration::from_secs(60);
const OF_THE_SUBMIT: Caller = Caller { trace: "0af7651916cd43dd8448eb211c80319c", span: "b7ad6b7169203331" };
const OF_THE_APPROVAL: Caller = Caller { trace: "4bf92f3577b34da6a3ce929d0e0e4736", span: "00f067aa0ba902b7" };
const TECHNICIAN: NewPerson<'static> = NewPerson {
    name: "Tiago Técnico",
    email: "tiago.tecnico@lab.example",
    role: Role::Technician,
    language: Language::Pt,
};

/// A frontend that traces its own requests.
#[derive(Clone, Copy)]
struct Caller {
    trace: &'static str,
    span: &'static str,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_goes_from_the_request_to_the_letter_about_its_effect() {
    let (receiver, lab) = traced_lab().await;

    post(&lab, &lab.student, "/v1/requisitions", &lab.wish(), OF_THE_SUBMIT).await;

    assert_leads_to_the_letter(&receiver, OF_THE_SUBMIT, "/v1/requisitions", &[&lab.student, &lab.stack.admin]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_approval_sets_going_is_in_the_trace_of_the_approval() {
    let (receiver, lab) = traced_lab().await;
    let technician = lab.stack.add_person(&lab.stack.admin, TECHNICIAN).await.unwrap();
    lab.stack.admin.set_approval(ModelId(lab.model), Approval::Technician).await.unwrap();
    let pending = post(&lab, &lab.student, "/v1/requisitions", &lab.wish(), OF_THE_SUBMIT).await;

    let approve = format!("/v1/requisitions/{}/approve", pending["id"].as_str().unwrap());
    post(&lab, &technician, &approve, &json!({}), OF_THE_APPROVAL).await;

    let people = [&lab.student, &technician, &lab.stack.admin];
    let spans = assert_leads_to_the_letter(&receiver, OF_THE_APPROVAL, "/v1/requisitions/{id}/approve", &people).await;
    let of_the_submit = spans.iter().filter(|span| span.trace_id == OF_THE_SUBMIT.trace);
    assert!(of_the_submit.into_iter().all(|span| span.name != "snipeit.check_out"), "the approval is the cause");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_the_second_bell_ran_is_in_the_trace_of_its_request_too() {
    // A broker at which nobody listens.
    let receiver = OtlpReceiver::start().unwrap();
    let lab = lab_with(shared().await, |options| {
        options.with("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint()).with("AMQP_URL", "amqp://127.0.0.1:1/%2f")
    })
    .await;

    post(&lab, &lab.student, "/v1/requisitions", &lab.wish(), OF_THE_SUBMIT).await;

    // A span is sent when it has ended, so the call may arrive before the run around it.
    let arrived = |spans: &[ReceivedSpan]| {
        let calls = find(spans, OF_THE_SUBMIT, "snipeit.check_out");
        calls.first().is_some_and(|call| !ancestors(spans, call).is_empty())
    };
    let spans = receiver.wait_for(arrived, PATIENCE).await.unwrap();
    let check_out = find(&spans, OF_THE_SUBMIT, "snipeit.check_out")[0];
    let run = ancestors(&spans, check_out)[0];
    assert_eq!((run.name.as_str(), run.attributes["job.bell"].as_str()), ("job.run", "second"));
}

async fn traced_lab() -> (OtlpReceiver, Lab) {
    let receiver = OtlpReceiver::start().unwrap();
    let endpoint = receiver.endpoint();
    let lab = lab_with(shared().await, |options| options.with("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)).await;
    (receiver, lab)
}

async fn post(lab: &Lab, person: &Person, path: &str, body: &Value, caller: Caller) -> Value {
    let request = http_client()
        .timeout(PATIENCE)
        .build()
        .unwrap()
        .post(format!("{}{path}", lab.stack.api_url()))
        .bearer_auth(person.token().expose_secret())
        .header("traceparent", format!("00-{}-{}-01", caller.trace, caller.span))
        .json(body);
    let response = request.send().await.unwrap();
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert!([StatusCode::OK, StatusCode::ACCEPTED].contains(&status), "{status}: {body}");
    body
}

/// The whole way from the caller's span to the letter that tells of the check-out. Returns all spans.
async fn assert_leads_to_the_letter(
    receiver: &OtlpReceiver,
    caller: Caller,
    route: &str,
    people: &[&Person],
) -> Vec<ReceivedSpan> {
    let arrived = |spans: &[ReceivedSpan]| {
        let has_both = |letter: &&ReceivedSpan| {
            let way = ancestors(spans, letter);
            way.iter().filter(|span| span.name == "job.run").count() == 2 && reaches(&way, caller)
        };
        find(spans, caller, "snipeit.check_out").len() == 1
            && find(spans, caller, "mail.send").iter().any(has_both)
            && find(spans, caller, "snipeit.check_out").iter().all(|call| reaches(&ancestors(spans, call), caller))
    };
    let spans = receiver.wait_for(arrived, PATIENCE).await.unwrap();

    let check_out = find(&spans, caller, "snipeit.check_out")[0];
    let way = ancestors(&spans, check_out);
    let [run, publish, request] = way[..] else { panic!("not job.run, job.publish, request: {way:#?}") };
    assert_eq!((run.service.as_str(), run.name.as_str()), ("makerlab-worker", "job.run"));
    assert_eq!(publish.name, "job.publish");
    assert_eq!((request.service.as_str(), request.attributes["http.route"].as_str()), ("makerlab-api", route));
    assert!(request.attributes["http.response.status_code"].starts_with('2'), "{request:#?}");
    assert_speaks_of_messaging(publish, "send");
    assert_speaks_of_messaging(run, "process");
    assert_eq!(publish.attributes["messaging.message.id"], run.attributes["messaging.message.id"]);
    for span in &spans {
        assert_names_nobody(span, people);
    }
    spans
}

/// The conventions of OpenTelemetry for messaging.
fn assert_speaks_of_messaging(span: &ReceivedSpan, operation: &str) {
    let attribute = |name: &str| span.attributes.get(name).map(String::as_str);
    assert_eq!(attribute("messaging.system"), Some("rabbitmq"), "{span:#?}");
    assert_eq!(attribute("messaging.operation.type"), Some(operation), "{span:#?}");
    assert_eq!(attribute("messaging.operation.name"), Some(if operation == "send" { "publish" } else { "deliver" }));
    assert_eq!(attribute("messaging.destination.name"), Some("inventory"), "{span:#?}");
    assert_eq!(attribute("messaging.rabbitmq.destination.routing_key"), Some("inventory"), "{span:#?}");
}

fn assert_names_nobody(span: &ReceivedSpan, people: &[&Person]) {
    for (attribute, value) in &span.attributes {
        for person in people {
            let personal = person.name.split(' ').chain([person.email.as_str()]);
            let told = personal.into_iter().find(|word| value.contains(word));
            assert_eq!(told, None, "{attribute} of {} is {value:?}", span.name);
        }
    }
}

fn find<'a>(spans: &'a [ReceivedSpan], caller: Caller, name: &str) -> Vec<&'a ReceivedSpan> {
    spans.iter().filter(|span| span.trace_id == caller.trace && span.name == name).collect()
}

/// From the parent up, as far as spans have arrived.
fn ancestors<'a>(spans: &'a [ReceivedSpan], of: &ReceivedSpan) -> Vec<&'a ReceivedSpan> {
    let by_id: BTreeMap<&str, &ReceivedSpan> = spans.iter().map(|span| (span.span_id.as_str(), span)).collect();
    let parent = |span: &ReceivedSpan| span.parent_span_id.as_deref().and_then(|id| by_id.get(id).copied());
    std::iter::successors(parent(of), |span| parent(span)).collect()
}

fn reaches(way: &[&ReceivedSpan], caller: Caller) -> bool {
    way.last().is_some_and(|first| first.parent_span_id.as_deref() == Some(caller.span))
}

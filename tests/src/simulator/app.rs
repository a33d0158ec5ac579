//! The application behind the web server, in Snipe-IT's order: maintenance, route, token, throttle, then the endpoint.

use std::time::Instant;

use axum::http::{StatusCode, header};
use serde_json::json;

use super::answer::Answer;
use super::call::{CallKind, Unrouted};
use super::faults::{Cut, Fault, Page, Step, Trouble};
use super::front::Incoming;
use super::input::Input;
use super::inventory::User;
use super::state::State;
use super::throttle::Admission;
use super::visit::{Died, Ending, Visit, pause};
use super::{activity, assets, catalogue, check_in, check_out, edit, people, stock};

pub(super) async fn handle(state: State, incoming: Incoming) -> Ending {
    let fault = incoming.fault.clone();
    let wants_json = incoming.wants_json();
    pause(fault.as_ref().map_or(0, |fault| fault.delay_before_ms)).await;
    let Ok(answer) = answer(&state, incoming).await else {
        return Ending::Cut(Cut::Reset);
    };
    pause(fault.as_ref().map_or(0, |fault| fault.delay_after_ms)).await;
    let answer = if wants_json { answer } else { answer.without_accept(state.root()) };
    spoil(answer, fault, state.root())
}

fn spoil(answer: Answer, fault: Option<Fault>, root: &str) -> Ending {
    match fault.and_then(|fault| fault.trouble) {
        Some(Trouble::Without(field)) => Ending::Answer(answer.without_field(&field)),
        Some(Trouble::AnswerWith(page)) => Ending::Answer(Answer::page(&page, root)),
        Some(Trouble::LoseAnswer(how)) => Ending::Cut(how),
        Some(Trouble::HalfAnswer) => Ending::HalfAnswer(answer),
        _ => Ending::Answer(answer),
    }
}

async fn answer(state: &State, incoming: Incoming) -> Result<Answer, Died> {
    let instead = instead_of(incoming.fault.as_ref());
    if let Some(page) = &instead
        && !is_counted(page)
    {
        return Ok(before_the_application(page, &incoming, state.root()));
    }
    let call = match &incoming.call {
        Err(Unrouted::Outside(path)) => return Ok(outside(path)),
        Err(Unrouted::MethodNotAllowed) => return Ok(Answer::method_not_allowed()),
        call => call.clone(),
    };
    let Some(caller) = caller(state, &incoming) else {
        return Ok(Answer::unauthorized());
    };
    let (limit, remaining) = match state.throttle().admit(caller.id, Instant::now()) {
        Admission::Admitted { limit, remaining } => (limit, remaining),
        Admission::Rejected { limit, wait } => {
            return Ok(throttled(limit, wait.as_secs(), incoming.wants_json()));
        }
    };
    let answer = match (instead, call) {
        (Some(page), _) => Answer::page(&page, state.root()),
        (None, Ok(call)) => perform(visit(state, incoming, call, caller)).await?,
        (None, Err(Unrouted::Root)) => {
            Answer::unknown_endpoint("This is the base URL for the API and does not return anything itself. ")
        }
        (None, Err(_)) => Answer::unknown_endpoint(""),
    };
    Ok(answer
        .with_header("x-ratelimit-limit", &limit.to_string())
        .with_header("x-ratelimit-remaining", &remaining.to_string()))
}

/// Without its database Snipe-IT sends everybody to its set-up, and its health page says why.
fn before_the_application(page: &Page, incoming: &Incoming, root: &str) -> Answer {
    match (page, &incoming.call) {
        (Page::RedirectToSetup, Err(Unrouted::Outside(path))) if path == "/health" => {
            Answer::data(json!({"status": "database connection failed"})).with_status(StatusCode::INTERNAL_SERVER_ERROR)
        }
        // An application that refuses a token or counts calls still says how it is.
        (Page::Unauthorized | Page::RedirectToLogin | Page::TooManyRequests, Err(Unrouted::Outside(path))) => {
            outside(path)
        }
        _ => Answer::page(page, root),
    }
}

fn instead_of(fault: Option<&Fault>) -> Option<Page> {
    match fault?.trouble.as_ref()? {
        Trouble::Instead(page) => Some(page.clone()),
        _ => None,
    }
}

/// Whether this page comes from behind the throttle, and so counts and carries its headers.
fn is_counted(page: &Page) -> bool {
    match page {
        Page::ServerError | Page::Forbidden | Page::NotFound | Page::BrokenJson | Page::Refusal(_) => true,
        Page::BadGateway
        | Page::WebPage
        | Page::MovedTo(_)
        | Page::Maintenance
        | Page::RedirectToSetup
        | Page::RedirectToLogin
        | Page::Unauthorized
        | Page::TooManyRequests => false,
    }
}

fn outside(path: &str) -> Answer {
    match path {
        "/health" => Answer::data(json!({"status": "ok"})),
        "/login" | "/setup" => Answer::html(StatusCode::OK, "Snipe-IT"),
        _ => Answer::html(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// A deactivated user's token keeps working; a deleted user's does not.
fn caller(state: &State, incoming: &Incoming) -> Option<User> {
    let token = incoming.header(header::AUTHORIZATION)?.strip_prefix("Bearer ")?;
    let user = state.user_of(token)?;
    state.inventory().find_live_user(user).cloned()
}

/// The JSON 429 says nothing about when to come back; only the HTML one does.
fn throttled(limit: u32, wait_seconds: u64, wants_json: bool) -> Answer {
    let answer = Answer::too_many_requests();
    if wants_json {
        return answer;
    }
    answer
        .with_header("x-ratelimit-limit", &limit.to_string())
        .with_header("x-ratelimit-remaining", "0")
        .with_header("retry-after", &wait_seconds.to_string())
}

fn visit(state: &State, incoming: Incoming, call: super::call::Call, caller: User) -> Visit {
    let user_agent = incoming.header(header::USER_AGENT).map(|agent| agent.chars().take(191).collect());
    Visit {
        state: state.clone(),
        number: incoming.number,
        body: Input::body(&incoming.headers, &incoming.bytes),
        query: incoming.query,
        fault: incoming.fault,
        client: incoming.client,
        call,
        caller,
        user_agent,
    }
}

async fn perform(visit: Visit) -> Result<Answer, Died> {
    visit.after(Step::Arrived).await?;
    let answer = match visit.call.kind {
        CallKind::Checkout => check_out::check_out(&visit).await?,
        CallKind::Checkin => check_in::check_in(&visit).await?,
        CallKind::Patch => edit::patch(&visit).await?,
        CallKind::CreateAsset => stock::create(&visit),
        CallKind::DeleteAsset => stock::delete(&visit),
        CallKind::RestoreAsset => stock::restore(&visit),
        CallKind::List => assets::list(&visit),
        CallKind::Show => assets::show(&visit),
        CallKind::ShowByTag => assets::show_by_tag(&visit),
        CallKind::Models => catalogue::list_models(&visit),
        CallKind::ShowModel => catalogue::show_model(&visit),
        CallKind::Labels => catalogue::list_labels(&visit),
        CallKind::ShowLabel => catalogue::show_label(&visit),
        CallKind::Users => people::list(&visit),
        CallKind::ShowUser => people::show(&visit),
        CallKind::Me => people::me(&visit),
        CallKind::CreateUser => people::create(&visit),
        CallKind::Activity => activity::list(&visit),
        CallKind::Version => Answer::data(json!({"version": visit.state.product().version()})),
    };
    visit.after(Step::Answering).await?;
    Ok(answer)
}

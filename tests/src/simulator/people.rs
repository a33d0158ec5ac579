//! Users: found by e-mail or user name (exactly, letter case aside), searched, shown, created.

use serde_json::{Map, Value, json};

use super::additions::NewUser;
use super::answer::Answer;
use super::call::Key;
use super::inventory::{Inventory, User};
use super::paging::{Search, is_ascending};
use super::render;
use super::visit::Visit;

pub(super) fn list(visit: &Visit) -> Answer {
    if !visit.may("users.view") {
        return Answer::forbidden();
    }
    let inventory = visit.state.inventory();
    let search = Search::of(&visit.query);
    let keeps = |user: &&User| {
        let is = |name, column: Option<&str>| is_wanted(visit, name, column);
        user.deleted_at.is_none()
            && is("email", user.email.as_deref())
            && is("username", Some(&user.username))
            && is("employee_num", user.employee_number.as_deref())
            && is("activated", Some(if user.activated { "1" } else { "0" }))
            && search.as_ref().is_none_or(|search| is_found(search, user))
    };
    let mut users: Vec<&User> = inventory.users.values().filter(keeps).collect();
    if !is_ascending(&visit.query) {
        users.reverse();
    }
    let total = users.len();
    let rows = visit.page().cut(users).map(|user| render::user(&inventory, user, &visit.caller, visit.state.root()));
    Answer::data(render::page(total, rows.collect()))
}

fn is_wanted(visit: &Visit, parameter: &str, column: Option<&str>) -> bool {
    let Some(wanted) = visit.query.text(parameter) else {
        return true;
    };
    column.is_some_and(|column| plain(column) == plain(&wanted))
}

fn is_found(search: &Search, user: &User) -> bool {
    let columns =
        [Some(user.full_name()), Some(user.username.clone()), user.email.clone(), user.employee_number.clone()];
    columns.into_iter().flatten().any(|text| search.finds(&text) || search.finds(&plain(&text)))
}

/// Neither accents nor letter case count: the database's collation ignores them.
fn plain(text: &str) -> String {
    let base = |letter: char| match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        other => other,
    };
    text.to_lowercase().chars().map(base).collect()
}

pub(super) fn show(visit: &Visit) -> Answer {
    let inventory = visit.state.inventory();
    let user = match visit.call.key {
        Key::Id(id) => inventory.find_live_user(id),
        Key::Tag(_) | Key::None => None,
    };
    match user {
        None => Answer::refusal("User does not exist or you do not have permission view them.", Value::Null)
            .otherwise_to("/users"),
        Some(_) if !visit.may("users.view") => Answer::forbidden(),
        Some(user) => Answer::data(render::user(&inventory, user, &visit.caller, visit.state.root())),
    }
}

/// Needs no permission at all.
pub(super) fn me(visit: &Visit) -> Answer {
    Answer::data(render::user(&visit.state.inventory(), &visit.caller, &visit.caller, visit.state.root()))
}

pub(super) fn create(visit: &Visit) -> Answer {
    let body = &visit.body;
    let errors = field_errors(visit, &visit.state.inventory());
    if !errors.is_empty() {
        return Answer::invalid(errors.into());
    }
    if !visit.may("users.create") {
        return Answer::forbidden();
    }
    let user = NewUser {
        first_name: body.text("first_name").unwrap_or_default(),
        last_name: body.text("last_name"),
        username: body.text("username"),
        email: body.text("email"),
        employee_number: body.text("employee_num"),
        locale: None,
        permissions: Vec::new(),
    };
    let id = visit.state.hands().create_user(user);
    let mut inventory = visit.state.inventory();
    let user = inventory.users.get_mut(&id).expect("created above");
    user.activated = body.text("activated").as_deref() == Some("1");
    let payload = render::user(&inventory, &inventory.users[&id], &visit.caller, visit.state.root());
    Answer::success("User was successfully created.", payload)
}

/// User names are unique; e-mail addresses are not.
fn field_errors(visit: &Visit, inventory: &Inventory) -> Map<String, Value> {
    let body = &visit.body;
    let mut errors = Map::new();
    let mut add = |field: &str, text: &str| {
        errors.insert(field.to_owned(), json!([text]));
    };
    if body.text("first_name").is_none() {
        add("first_name", "The first name field is required.");
    }
    match body.text("username") {
        None => add("username", "The username field is required unless ldap import is in 1."),
        Some(name) if is_taken(inventory, &name) => add("username", "The username must be unique."),
        Some(_) => {}
    }
    if body.text("email").is_some_and(|email| !is_address(&email)) {
        add("email", "The email field must be a valid email address.");
    }
    match body.text("password") {
        None => add("password", "The password field is required."),
        Some(password) if password.chars().count() < 10 => {
            add("password", "The password field must be at least 10 characters.");
        }
        password if password != body.text("password_confirmation") => {
            add("password", "The password field confirmation does not match.");
        }
        Some(_) => {}
    }
    errors
}

fn is_taken(inventory: &Inventory, username: &str) -> bool {
    inventory.users.values().any(|user| user.deleted_at.is_none() && user.username.eq_ignore_ascii_case(username))
}

fn is_address(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace))
}

//! Where to look around, once the day is played.

use secrecy::ExposeSecret;

use super::{
    cast::Cast,
    ground::{Ground, Inventory},
};
use crate::stack::{Running, Stack};

pub fn words(stack: &Stack, ground: &Ground, cast: &Cast) -> Vec<String> {
    let mut lines = vec![String::new(), "Have a look around:".to_owned()];
    let mut tell = |what: &str, value: String| lines.push(format!("  {what:<22}{value}"));
    tell("API, as a page", format!("{}/docs", stack.api_url()));
    tell("API, as OpenAPI", format!("{}/openapi.json", stack.api_url()));
    if let Some(mailbox) = &ground.mailbox {
        tell("mail", mailbox.web_url());
    }
    if let Some(rabbitmq) = &ground.rabbitmq {
        let credentials = format!("user {}, password {}", rabbitmq.user(), rabbitmq.password());
        tell("RabbitMQ", format!("{} ({credentials})", rabbitmq.management_url()));
    }
    match &ground.inventory {
        Inventory::Real(real) => tell("Snipe-IT", real.url.clone()),
        Inventory::Simulated(simulator) => {
            tell("Snipe-IT simulator", format!("{} (token {})", simulator.url(), simulator.token()));
            tell("what it really did", format!("{}/_sim/ledger", simulator.origin()));
        }
    }
    if let Some(url) = &ground.own_database {
        tell("database", url.expose_secret().to_owned());
    }
    for (name, running) in named("api", &stack.apis).chain(named("worker", &stack.workers)) {
        tell(&format!("{name}, metrics"), format!("{}/metrics", running.metrics_url));
        tell(&format!("{name}, log"), running.server.log().display().to_string());
    }
    lines.extend([String::new(), "A token per role (Authorization: Bearer …):".to_owned()]);
    for person in [&cast.admin, &cast.technician, &cast.professor, cast.student(0)] {
        let token = person.token().expose_secret();
        lines.push(format!("  {:<12}{token}  {}", person.role.as_str(), person.name));
    }
    lines.extend([String::new(), "Ctrl-C ends everything and leaves nothing behind.".to_owned()]);
    lines
}

fn named<'a>(name: &'static str, all: &'a [Running]) -> impl Iterator<Item = (&'static str, &'a Running)> {
    all.iter().map(move |running| (name, running))
}

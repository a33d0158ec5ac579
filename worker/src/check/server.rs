//! Whether it is Snipe-IT that answers at that address, and in working order.

use super::{
    evidence::Front,
    report::{Check, Row},
};
use crate::snipeit::{ReadFailure, ReadFailureKind};
use std::time::Duration;
use url::Url;

pub(super) fn judge(url: &Url, front: &Front) -> Row {
    let Err(failure) = &front.version else {
        return Row::ok(Check::Server, format!("answers at {url}"));
    };
    let (seen, fix) = match (failure.http_status(), failure.seen.redirect.as_deref()) {
        // It took notice of the token: the next row says how.
        (Some(401 | 403 | 429), _) => return Row::ok(Check::Server, format!("answers at {url}")),
        (Some(302), Some(to)) if ends_in(to, "login") => {
            return Row::ok(Check::Server, format!("answers at {url}"));
        }
        (Some(_), Some(to)) if ends_in(to, "setup") => (
            format!("its database is down: it sends everybody to {to}"),
            "Start Snipe-IT's database, and look into storage/logs/laravel.log.".to_owned(),
        ),
        (Some(_), Some(to)) => (
            format!("the server sends us on to {to}"),
            "Set SNIPEIT_URL to the address that the browser shows in the end; calls never follow.".to_owned(),
        ),
        (Some(404 | 405), _) => (
            format!("there is no Snipe-IT at {url}"),
            "Set SNIPEIT_URL to the address of Snipe-IT's dashboard, with its sub-path if it has one.".to_owned(),
        ),
        (Some(503), _) => (
            format!("maintenance: {}", healthy(front)),
            "Wait until it is over, or end it on the server: php artisan up.".to_owned(),
        ),
        (Some(code @ 500..600), _) => (
            format!("HTTP {code}: {}", healthy(front)),
            "See that PHP and the database run on the server, and what storage/logs/laravel.log says.".to_owned(),
        ),
        (_, _) => other(failure),
    };
    Row::wrong(Check::Server, seen, fix)
}

fn other(failure: &ReadFailure) -> (String, String) {
    match &failure.kind {
        ReadFailureKind::Malformed { what } => (
            format!("something that is not Snipe-IT, or no version that is known: {what}"),
            "Set SNIPEIT_URL to Snipe-IT; if it is, bring it up to date: it is older than any that is known."
                .to_owned(),
        ),
        ReadFailureKind::Unreachable { what } | ReadFailureKind::Trouble { what } => (
            what.clone(),
            "Open SNIPEIT_URL/api/v1/version in a browser: something else may answer there, or nothing in time."
                .to_owned(),
        ),
        ReadFailureKind::Throttled | ReadFailureKind::Installation { .. } | ReadFailureKind::NotFound { .. } => {
            (failure.to_string(), "Set SNIPEIT_URL to the address of Snipe-IT's dashboard.".to_owned())
        }
    }
}

/// In the words of its own page about its health, which are not translated.
fn healthy(front: &Front) -> String {
    match &front.health {
        Ok(health) => format!("its health page says “{}”", health.value.status),
        Err(_) => "its health page says nothing".to_owned(),
    }
}

fn ends_in(location: &str, page: &str) -> bool {
    location.trim_end_matches('/').rsplit('/').next() == Some(page)
}

/// How long a request may run cannot be seen from outside.
pub(super) fn limit(limit: Duration) -> Row {
    let seconds = limit.as_secs();
    Row::cannot_tell(
        Check::ServerLimit,
        format!("whether every request ends within {seconds} s (SNIPEIT_SERVER_LIMIT)"),
        format!("Set request_terminate_timeout in php-fpm's pool to at most {seconds}s."),
    )
}

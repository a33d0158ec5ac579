//! Whether Snipe-IT takes the token, and for whom.

use super::{
    evidence::{Front, Seen},
    report::{Check, Row},
};
use crate::snipeit::{ReadFailure, ReadFailureKind, SelfSeen};

const NEW_TOKEN: &str = "As the user of this service, create a token in Snipe-IT (account menu, Manage API Keys) and put it \
                         into SNIPEIT_API_TOKEN_FILE or SNIPEIT_API_TOKEN.";

pub(super) fn judge(front: &Front) -> Row {
    match (&front.version, &front.me) {
        (Err(failure), _) => refused(failure),
        (Ok(_), me) => owner(me),
    }
}

fn owner(me: &Seen<SelfSeen>) -> Row {
    let me = match me {
        Ok(read) => &read.value,
        Err(failure) => return refused(failure),
    };
    let whose = format!("{} (Snipe-IT user {})", me.user.username, me.user.id);
    if me.user.activated == Some(false) {
        return Row::warning(
            Check::Token,
            format!("of {whose}, who is deactivated"),
            "Activate that user in Snipe-IT: today its token works all the same, one day it may not.",
        );
    }
    if me.is_superuser {
        return Row::warning(
            Check::Token,
            format!("of {whose}, who may do everything"),
            "Give this service a user of its own with the permissions of the README and no others.",
        );
    }
    Row::ok(Check::Token, format!("of {whose}"))
}

fn refused(failure: &ReadFailure) -> Row {
    match &failure.kind {
        ReadFailureKind::Throttled => Row::wrong(
            Check::Token,
            "this user has no calls left for now",
            "Wait a minute and check again; if it stays so, another program uses the same Snipe-IT user.",
        ),
        ReadFailureKind::Installation { .. } if failure.http_status() == Some(403) => Row::wrong(
            Check::Token,
            "Snipe-IT takes the token and forbids everything to its user",
            "Give that user the permissions of the README.",
        ),
        ReadFailureKind::Installation { .. } => Row::wrong(Check::Token, "Snipe-IT refuses the token", NEW_TOKEN),
        ReadFailureKind::Unreachable { .. }
        | ReadFailureKind::NotFound { .. }
        | ReadFailureKind::Trouble { .. }
        | ReadFailureKind::Malformed { .. } => {
            Row::wrong(Check::Token, failure.to_string(), "Check again; if it stays so, see Snipe-IT's own log.")
        }
    }
}

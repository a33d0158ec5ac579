//! Making a borrower known to Snipe-IT, where the lab wants that (`create_snipeit_users`).
//!
//! Never twice: the user name comes from the e-mail address, and Snipe-IT refuses one that exists. So whatever became of
//! the call, the look-up afterwards tells, and a repeat does no harm.

use crate::{
    calls::{CallFailure, Health},
    context::Context,
    jobs::Failure,
    snipeit::{NewUser, ReadFailure, ReadFailureKind},
};
use makerlab_shared::domain::{
    inventory::{Answer, NotApplied},
    job::Lane,
    person::{EmailAddress, PersonName},
    user::User,
};

/// Creates the user. After `Ok` a look-up says who has the address now, which may still be nobody: Snipe-IT refused.
///
/// # Errors
/// When nobody knows whether the user exists now; look again later.
pub(super) async fn create(context: &Context, lane: Lane, user: &User) -> Result<(), Failure> {
    let taken = context.take_calls(lane, 1).await?;
    let written = context.snipeit.create_user(&new_user(&user.name, &user.email)).await.written;
    context.note_call(taken, 0, &written.seen, &Health::of_answer(&written.answer)).await?;
    let kind = match written.answer {
        Answer::Applied => {
            tracing::info!(user.id = %user.id, "Created a user in Snipe-IT for the borrower {}", user.id);
            return Ok(());
        }
        Answer::Refused { message } => {
            tracing::warn!(user.id = %user.id, "Snipe-IT refused to create a user for the borrower {}: {message}", user.id);
            return Ok(());
        }
        Answer::Unknown { what } => ReadFailureKind::Trouble { what },
        Answer::NotApplied { why: NotApplied::Unreachable { what } } => ReadFailureKind::Unreachable { what },
        Answer::NotApplied { why: NotApplied::Throttled } => ReadFailureKind::Throttled,
        Answer::NotApplied { why: NotApplied::Installation { what } } => ReadFailureKind::Installation { what },
    };
    Err(CallFailure::Read(ReadFailure { kind, seen: written.seen }).into())
}

fn new_user(name: &PersonName, email: &EmailAddress) -> NewUser {
    let (first, last) = name.expose().split_once(' ').unwrap_or((name.expose(), ""));
    let email = email.expose();
    let (username, _) = email.rsplit_once('@').unwrap_or((email, ""));
    NewUser {
        first_name: first.to_owned(),
        last_name: last.trim().to_owned(),
        username: username.to_owned(),
        email: email.to_owned(),
    }
}

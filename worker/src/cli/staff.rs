//! Who answers on the command line, and with which words.

use anyhow::{Context as _, bail, ensure};
use makerlab_shared::{
    domain::{id::UserId, person::EmailAddress},
    store::users,
};
use sqlx::PgConnection;

/// The technician or admin with this address.
pub(super) async fn find(conn: &mut PgConnection, email: &str) -> anyhow::Result<UserId> {
    let email = EmailAddress::parse(email).context("--by is no e-mail address")?;
    let Some(found) = users::find_by_email(conn, &email).await? else {
        bail!("--by: nobody here has that address");
    };
    ensure!(found.user.role.is_staff(), "--by: only technicians and admins settle findings");
    Ok(found.user.id)
}

/// An empty note is none.
pub(super) fn note(note: Option<String>) -> anyhow::Result<Option<String>> {
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    ensure!(note.as_ref().is_none_or(|note| note.chars().count() <= 2000), "--note: at most 2000 characters");
    Ok(note)
}

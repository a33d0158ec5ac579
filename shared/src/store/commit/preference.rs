//! Rows of what people have chosen.

use super::{CommitError, guard};
use crate::domain::{id::UserId, preference::Preferences};
use sqlx::PgConnection;

/// The digest that waits for its hour asks again which hour that is.
pub(super) async fn set_preferences(
    conn: &mut PgConnection,
    user: UserId,
    preferences: &Preferences,
) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update users set language = $2, digest_hour = $3, version = version + 1 where id = $1 and erased_at is null",
        user.0,
        preferences.language.as_str(),
        i16::from(preferences.digest_hour.number()),
    )
    .execute(&mut *conn)
    .await?;
    guard("user", updated.rows_affected())?;
    let (events, channels): (Vec<&str>, Vec<&str>) =
        preferences.channels.chosen().map(|(event, channel)| (event.as_str(), channel.as_str())).unzip();
    sqlx::query!("delete from channel_choices where user_id = $1", user.0).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into channel_choices (user_id, event, channel)
         select $1, event, channel from unnest($2::text[], $3::text[]) as chosen (event, channel)",
        user.0,
        &events as &[&str],
        &channels as &[&str],
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update jobs set due_at = now(), ringing_until = null, waiting_reason = null
         where kind = 'send_digest' and subject_id = $1 and state = 'open' and lease_until is null and due_at > now()",
        user.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

//! What people have chosen. Writing goes through `commit`.

use super::StoreError;
use crate::domain::{
    digest::DigestHour,
    id::UserId,
    notification::NotificationEvent,
    preference::{Channel, Channels, Preferences},
};
use sqlx::PgConnection;

/// Of a person who has not been erased.
pub async fn find(conn: &mut PgConnection, user: UserId) -> Result<Option<Preferences>, StoreError> {
    let row = sqlx::query!(
        r#"select language, digest_hour,
                array(select event from channel_choices where user_id = users.id order by event) as "events!",
                array(select channel from channel_choices where user_id = users.id order by event) as "channels!"
         from users
         where id = $1 and erased_at is null"#,
        user.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut choices = Vec::new();
    for (event, channel) in row.events.iter().zip(&row.channels) {
        // Only a newer version knows what it is.
        if let Ok(event) = event.parse::<NotificationEvent>() {
            choices.push((event, channel.parse::<Channel>()?));
        }
    }
    Ok(Some(Preferences {
        language: row.language.parse()?,
        digest_hour: DigestHour::from_stored(row.digest_hour),
        channels: Channels::from_stored(choices),
    }))
}

/// As [`find`]; nobody else changes them until the transaction ends.
pub async fn find_for_update(conn: &mut PgConnection, user: UserId) -> Result<Option<Preferences>, StoreError> {
    sqlx::query!("select id from users where id = $1 for no key update", user.0).fetch_optional(&mut *conn).await?;
    find(conn, user).await
}

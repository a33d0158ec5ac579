//! Who our people are among Snipe-IT's users, as the latest full read of those showed it: known before anybody lends them
//! anything, and never an authority.

use super::StoreError;
use crate::domain::{id::UserId, inventory::SnipeitUserId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// One of our people, and one of Snipe-IT's users with the same e-mail address.
pub type Match = (UserId, SnipeitUserId);

/// Our people among those with these addresses (in lower case), each with the number that stands beside the address.
pub async fn list_matches(
    conn: &mut PgConnection,
    addresses: &[(String, SnipeitUserId)],
) -> Result<Vec<Match>, StoreError> {
    let (emails, ids): (Vec<String>, Vec<i64>) = addresses.iter().map(|(email, id)| (email.clone(), id.0)).unzip();
    let rows = sqlx::query!(
        r#"select u.id, seen.snipeit_id as "snipeit_id!"
           from unnest($1::text[], $2::bigint[]) as seen (email, snipeit_id)
           join users u on lower(u.email) = seen.email
           where u.erased_at is null"#,
        &emails,
        &ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (UserId(row.id), SnipeitUserId(row.snipeit_id))).collect())
}

/// How our people stand with Snipe-IT's users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub matched: i64,
    /// Several users have the address.
    pub ambiguous: i64,
    /// Nobody has it.
    pub unknown: i64,
}

/// What a whole read of Snipe-IT's users came to.
#[derive(Debug, Clone, Copy)]
pub struct PeopleRead<'a> {
    pub matches: &'a [Match],
    pub asked_at: DateTime<Utc>,
    /// Nobody came or went meanwhile; else who was not found may have been missed, and what was known of them stays.
    pub is_steady: bool,
}

/// Keeps it, of everybody who was known here before it began.
pub async fn keep(conn: &mut PgConnection, read: PeopleRead<'_>) -> Result<Standing, StoreError> {
    let PeopleRead { matches, asked_at, is_steady } = read;
    let (users, ids): (Vec<Uuid>, Vec<i64>) = matches.iter().map(|(user, id)| (user.0, id.0)).unzip();
    sqlx::query!(
        "insert into borrower_sights (user_id, snipeit_user_ids, asked_at)
         select u.id, array_remove(array_agg(distinct seen.snipeit_id), null), $3
         from users u
         left join unnest($1::uuid[], $2::bigint[]) as seen (user_id, snipeit_id) on seen.user_id = u.id
         where u.erased_at is null and u.created_at < $3 and (seen.user_id is not null or $4)
         group by u.id
         on conflict (user_id) do update
         set snipeit_user_ids = excluded.snipeit_user_ids, asked_at = excluded.asked_at, is_doubted = false
         where borrower_sights.asked_at <= excluded.asked_at",
        &users,
        &ids,
        asked_at,
        is_steady,
    )
    .execute(&mut *conn)
    .await?;
    let standing = sqlx::query_as!(
        Standing,
        r#"select count(*) filter (where cardinality(snipeit_user_ids) = 1) as "matched!",
                  count(*) filter (where cardinality(snipeit_user_ids) > 1) as "ambiguous!",
                  count(*) filter (where cardinality(snipeit_user_ids) = 0) as "unknown!"
           from borrower_sights"#
    );
    Ok(standing.fetch_one(conn).await?)
}

/// The only user with a person's address, if that was read so lately. `None`: ask Snipe-IT.
pub async fn find_only(
    conn: &mut PgConnection,
    user: UserId,
    fresh_for: chrono::TimeDelta,
) -> Result<Option<SnipeitUserId>, StoreError> {
    let only = sqlx::query_scalar!(
        r#"select snipeit_user_ids[1] as "id!" from borrower_sights
           where user_id = $1 and cardinality(snipeit_user_ids) = 1 and not is_doubted
               and asked_at > clock_timestamp() - make_interval(secs => $2)"#,
        user.0,
        fresh_for.as_seconds_f64(),
    );
    Ok(only.fetch_optional(conn).await?.map(SnipeitUserId))
}

/// What was seen of a person has proved wrong, or somebody doubts it: the next look-up asks Snipe-IT.
pub async fn doubt(conn: &mut PgConnection, user: UserId) -> Result<(), StoreError> {
    sqlx::query!("update borrower_sights set is_doubted = true where user_id = $1", user.0).execute(conn).await?;
    Ok(())
}

/// Another database forgets whom Snipe-IT has got since: every next look-up asks Snipe-IT.
pub async fn doubt_all(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("update borrower_sights set is_doubted = true").execute(conn).await?;
    Ok(())
}

//! The link to Snipe-IT as all workers see it: paused or not, its clock, whose inventory it is.

use super::StoreError;
use crate::domain::{inventory::Landmark, sync_call::Calls};
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use sqlx::PgConnection;
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Link {
    pub pause: Option<Pause>,
    /// Snipe-IT's clock minus PostgreSQL's.
    pub clock_offset: chrono::Duration,
    /// The least that this was since the last sweep: what has changed since then is dated no earlier.
    pub least_offset: chrono::Duration,
    pub base_url: Option<String>,
    pub landmarks: Vec<Landmark>,
    pub swept_to: Option<NaiveDateTime>,
    /// When the last sweep or sync that saw everything asked Snipe-IT first, by PostgreSQL's clock.
    pub swept_at: Option<DateTime<Utc>>,
    pub outage_streak: i32,
    /// How often sweeps have called for a full sync because of the default list's total.
    pub calls: Calls,
    /// When a sweep last asked for a page behind the first one.
    pub paged_at: Option<DateTime<Utc>>,
    /// When the lists of archived and deleted assets were last asked for.
    pub hidden_read_at: Option<DateTime<Utc>>,
    /// When the lists of labels and models were last asked for.
    pub lists_read_at: Option<DateTime<Utc>>,
    /// Whether Snipe-IT's default list shows archived assets too, which is a setting of its own.
    pub lists_archived: bool,
}

/// Why nothing is sent to Snipe-IT at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub cause: String,
    pub since: DateTime<Utc>,
}

impl Pause {
    /// What is wrong and what it means, for whoever operates it.
    pub fn trouble(&self) -> String {
        let since = self.since.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("Snipe-IT is paused since {since} ({}): requisitions wait", self.cause)
    }
}

pub async fn load(conn: &mut PgConnection) -> Result<Link, StoreError> {
    let row = sqlx::query!(
        "select pause_cause, paused_at, clock_offset_ms, least_offset_ms, base_url, landmarks, swept_to, swept_at,
                outage_streak, sync_calls, sync_called_at, paged_at, hidden_read_at, lists_read_at, lists_archived
         from snipeit_link"
    )
    .fetch_one(conn)
    .await?;
    Ok(Link {
        pause: row.pause_cause.zip(row.paused_at).map(|(cause, since)| Pause { cause, since }),
        clock_offset: chrono::Duration::milliseconds(row.clock_offset_ms),
        least_offset: chrono::Duration::milliseconds(row.least_offset_ms.unwrap_or(row.clock_offset_ms)),
        base_url: row.base_url,
        landmarks: row.landmarks.map(serde_json::from_value).transpose()?.unwrap_or_default(),
        swept_to: row.swept_to,
        swept_at: row.swept_at,
        outage_streak: row.outage_streak,
        calls: Calls { in_a_row: row.sync_calls, latest_at: row.sync_called_at },
        paged_at: row.paged_at,
        hidden_read_at: row.hidden_read_at,
        lists_read_at: row.lists_read_at,
        lists_archived: row.lists_archived,
    })
}

/// Pauses everything that calls Snipe-IT; the first cause stands until a probe says otherwise.
pub async fn pause(conn: &mut PgConnection, cause: &str, first_probe: Duration) -> Result<bool, StoreError> {
    let paused = sqlx::query!(
        "update snipeit_link
         set pause_cause = $1, paused_at = now(), probe_at = now() + $2::float8 * interval '1 second'
         where pause_cause is null",
        cause,
        first_probe.as_secs_f64(),
    )
    .execute(conn)
    .await?;
    Ok(paused.rows_affected() == 1)
}

/// One worker gets to probe, then nobody for `next`.
pub async fn claim_probe(conn: &mut PgConnection, next: Duration) -> Result<bool, StoreError> {
    let claimed = sqlx::query!(
        "update snipeit_link set probe_at = now() + $1::float8 * interval '1 second'
         where pause_cause is not null and probe_at <= now()",
        next.as_secs_f64(),
    )
    .execute(conn)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// After an unclear answer one worker gets to ask whether it is an outage, then nobody for `next`.
pub async fn claim_doubt(conn: &mut PgConnection, next: Duration) -> Result<bool, StoreError> {
    let claimed = sqlx::query!(
        "update snipeit_link set probe_at = now() + $1::float8 * interval '1 second'
         where pause_cause is null and outage_streak > 0 and (probe_at is null or probe_at <= now())",
        next.as_secs_f64(),
    )
    .execute(conn)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

pub async fn name_pause(conn: &mut PgConnection, cause: &str) -> Result<(), StoreError> {
    sqlx::query!("update snipeit_link set pause_cause = $1 where pause_cause is not null", cause).execute(conn).await?;
    Ok(())
}

/// Ends a pause that a probe found to be over; one that waits for a person stands.
pub async fn resume(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let resumed = sqlx::query!(
        "update snipeit_link set pause_cause = null, paused_at = null, probe_at = null, outage_streak = 0
         where pause_cause is not null and probe_at is not null"
    )
    .execute(conn)
    .await?;
    Ok(resumed.rows_affected() == 1)
}

/// Ends any pause, because a person says so.
pub async fn resume_for_person(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("update snipeit_link set pause_cause = null, paused_at = null, probe_at = null, outage_streak = 0")
        .execute(conn)
        .await?;
    Ok(())
}

/// Counts answers that look like an outage, one after another.
pub async fn note_outage(conn: &mut PgConnection) -> Result<i32, StoreError> {
    let streak =
        sqlx::query_scalar!("update snipeit_link set outage_streak = outage_streak + 1 returning outage_streak")
            .fetch_one(conn)
            .await?;
    Ok(streak)
}

/// What an answer showed of Snipe-IT's clock. The clock of the worker that heard it is in nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSeen {
    pub date: DateTime<Utc>,
    /// How long ago that was.
    pub ago: chrono::Duration,
}

/// A sane answer: the streak is over, and its clock is learnt.
pub async fn note_answer(conn: &mut PgConnection, clock: Option<ClockSeen>) -> Result<(), StoreError> {
    // Date has whole seconds and travels a while: only a difference worth speaking of is stored.
    sqlx::query!(
        "update snipeit_link
         set outage_streak = 0, clock_offset_ms = coalesce(offset_ms, clock_offset_ms), clock_seen_at = now(),
             least_offset_ms = least(coalesce(least_offset_ms, clock_offset_ms), offset_ms)
         from (
             select round(1000 * extract(epoch from
                 $1::timestamptz - (clock_timestamp() - make_interval(secs => $2))))::bigint as offset_ms
         ) seen
         where outage_streak > 0 or clock_seen_at is null
             or abs(clock_offset_ms - coalesce(offset_ms, clock_offset_ms)) > 2000",
        clock.map(|clock| clock.date),
        clock.map_or(0.0, |clock| clock.ago.as_seconds_f64()),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Pauses everything that calls Snipe-IT until a person settles the cause: no probe ends it.
pub async fn pause_for_person(conn: &mut PgConnection, cause: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "update snipeit_link set pause_cause = $1, paused_at = coalesce(paused_at, now()), probe_at = null",
        cause
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers whose inventory this is and by which assets it is known again, unless another address is remembered.
pub async fn remember_inventory(
    conn: &mut PgConnection,
    base_url: &str,
    landmarks: &[Landmark],
) -> Result<(), StoreError> {
    sqlx::query!(
        "update snipeit_link set base_url = $1, landmarks = $2 where base_url is null or base_url = $1",
        base_url,
        serde_json::to_value(landmarks)?,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The next sync takes whatever inventory it finds for the right one.
pub async fn forget_inventory(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("update snipeit_link set base_url = null, landmarks = null, swept_to = null").execute(conn).await?;
    Ok(())
}

/// How often sweeps have called for a full sync by now.
pub async fn note_calls(conn: &mut PgConnection, calls: Calls) -> Result<(), StoreError> {
    sqlx::query!("update snipeit_link set sync_calls = $1, sync_called_at = $2", calls.in_a_row, calls.latest_at,)
        .execute(conn)
        .await?;
    Ok(())
}

/// A sweep has read more than one page; `asked_at`: when it asked for the last of them.
pub async fn note_paged(conn: &mut PgConnection, asked_at: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!("update snipeit_link set paged_at = greatest(paged_at, $1)", asked_at).execute(conn).await?;
    Ok(())
}

/// The lists of archived and deleted assets were read; `asked_at`: when they were asked for first.
pub async fn note_hidden_read(conn: &mut PgConnection, asked_at: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!("update snipeit_link set hidden_read_at = greatest(hidden_read_at, $1)", asked_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether the default list was seen to show archived assets.
pub async fn note_lists_archived(conn: &mut PgConnection, lists_archived: bool) -> Result<(), StoreError> {
    sqlx::query!("update snipeit_link set lists_archived = $1 where lists_archived <> $1", lists_archived)
        .execute(conn)
        .await?;
    Ok(())
}

/// Labels and models were read, both whole; `asked_at`: when they were asked for first.
pub async fn note_lists_read(conn: &mut PgConnection, asked_at: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!("update snipeit_link set lists_read_at = greatest(lists_read_at, $1)", asked_at).execute(conn).await?;
    Ok(())
}

/// A sweep has read everything up to `newest`, if there is anything at all; `asked_at`: when it asked first. Both belong
/// together, so an earlier date follows a later one when Snipe-IT's clock was set back; who asked later has the say.
pub async fn note_swept(
    conn: &mut PgConnection,
    newest: Option<NaiveDateTime>,
    asked_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update snipeit_link set swept_to = coalesce($1, swept_to), swept_at = $2, least_offset_ms = clock_offset_ms
         where swept_at is null or swept_at <= $2",
        newest,
        asked_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A full sync has read everything; `began_at`: when it asked first, and `wall` that moment by Snipe-IT's clock. Snipe-IT's
/// clock may have been set since.
pub async fn note_synced(
    conn: &mut PgConnection,
    wall: NaiveDateTime,
    began_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update snipeit_link set swept_to = $1, swept_at = $2 where swept_at is null or swept_at <= $2",
        wall,
        began_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

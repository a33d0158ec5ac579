//! Job bookkeeping: take, settle, postpone, ring. No domain state is written here.
//!
//! A take moves `due_at` past the lease, so one condition (`open` and due) says everything: a second delivery finds
//! nothing to take, and a dead taker's job becomes due again by itself.

use super::StoreError;
use crate::domain::{
    id::JobId,
    job::{JobKind, Lane},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// A job in our hands until the lease ends; every later write names the epoch.
#[derive(Debug, Clone)]
pub struct TakenJob {
    pub id: JobId,
    pub kind: JobKind,
    pub lane: Lane,
    pub subject_id: Uuid,
    /// Takes so far, this one included.
    pub runs: i32,
    pub epoch: i32,
    pub traceparent: Option<String>,
    /// When the transaction of the take began, by PostgreSQL's clock: the one that leases go by.
    pub taken_at: DateTime<Utc>,
}

/// Takes a job if it is open and due. `None`: done, taken or not due; the message is to be forgotten.
pub async fn take(conn: &mut PgConnection, id: JobId, lease: Duration) -> Result<Option<TakenJob>, StoreError> {
    let row = sqlx::query!(
        r#"update jobs
           set runs = runs + 1, epoch = epoch + 1, lease_until = now() + $2::float8 * interval '1 second',
               due_at = now() + $2::float8 * interval '1 second', ringing_until = null, waiting_reason = null,
               on_lab_time = false
           where id = $1 and state = 'open' and due_at <= now()
           returning id, kind, lane, subject_id, runs, epoch, traceparent, now() as "taken_at!""#,
        id.0,
        lease.as_secs_f64(),
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(TakenJob {
        id: row.id.into(),
        kind: row.kind.parse()?,
        lane: row.lane.parse()?,
        subject_id: row.subject_id,
        runs: row.runs,
        epoch: row.epoch,
        traceparent: row.traceparent,
        taken_at: row.taken_at,
    }))
}

/// Sets aside a job that this version cannot read, so that its lane keeps moving. `false`: it is not open any more.
pub async fn bury_unreadable(conn: &mut PgConnection, id: JobId, outcome: &str) -> Result<bool, StoreError> {
    let buried = sqlx::query!(
        "update jobs set state = 'dead', outcome = $2, lease_until = null, finished_at = now()
         where id = $1 and state = 'open'",
        id.0,
        outcome,
    )
    .execute(conn)
    .await?;
    Ok(buried.rows_affected() == 1)
}

/// Moves the job's next ring, in case we die: an intent may not be looked at before this instant.
pub async fn defer_next_ring(conn: &mut PgConnection, job: &TakenJob, due_at: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!("update jobs set due_at = $3 where id = $1 and epoch = $2", job.id.0, job.epoch, due_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps the job for this long from now. Only for work that may be done twice without harm: the lease of a write to
/// Snipe-IT is never prolonged. `false`: somebody took the job meanwhile; stop.
pub async fn prolong(conn: &mut PgConnection, job: &TakenJob, by: Duration) -> Result<bool, StoreError> {
    let prolonged = sqlx::query!(
        "update jobs
         set lease_until = now() + $3::float8 * interval '1 second', due_at = now() + $3::float8 * interval '1 second'
         where id = $1 and epoch = $2 and state = 'open'",
        job.id.0,
        job.epoch,
        by.as_secs_f64(),
    )
    .execute(conn)
    .await?;
    Ok(prolonged.rows_affected() == 1)
}

/// Locks the job if it is still ours. `false`: somebody took it after our lease, or we have let go of it already (a commit
/// whose answer was lost); only evidence may be written.
pub async fn is_still_ours(conn: &mut PgConnection, job: &TakenJob) -> Result<bool, StoreError> {
    let ours = sqlx::query_scalar!(
        "select id from jobs where id = $1 and epoch = $2 and state = 'open' and lease_until is not null for update",
        job.id.0,
        job.epoch
    )
    .fetch_optional(conn)
    .await?;
    Ok(ours.is_some())
}

/// Whether another job of this kind about the same comes within the hour: of several that come round the one with the last
/// id goes on.
pub async fn is_another_coming(conn: &mut PgConnection, job: &TakenJob) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select exists (
               select from jobs
               where subject_id = $1 and kind = $2 and state = 'open' and id > $3
                   and due_at <= now() + interval '1 hour') as "found!""#,
        job.subject_id,
        job.kind.as_str(),
        job.id.0,
    );
    Ok(found.fetch_one(conn).await?)
}

pub async fn finish(conn: &mut PgConnection, job: &TakenJob, outcome: &str) -> Result<bool, StoreError> {
    close(conn, job, "done", outcome).await
}

/// Sets a job aside for a person.
pub async fn bury(conn: &mut PgConnection, job: &TakenJob, outcome: &str) -> Result<bool, StoreError> {
    close(conn, job, "dead", outcome).await
}

async fn close(conn: &mut PgConnection, job: &TakenJob, state: &str, outcome: &str) -> Result<bool, StoreError> {
    let closed = sqlx::query!(
        "update jobs set state = $3, outcome = $4, lease_until = null, waiting_reason = null, finished_at = now()
         where id = $1 and epoch = $2 and state = 'open'",
        job.id.0,
        job.epoch,
        state,
        outcome,
    )
    .execute(conn)
    .await?;
    Ok(closed.rows_affected() == 1)
}

/// When a job comes again, and why it waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Postponement {
    pub due: Due,
    pub reason: String,
    pub run: RunCounts,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Due {
    /// From now, by PostgreSQL's clock.
    In(Duration),
    At(DateTime<Utc>),
    /// By the lab's clock: moving that clock brings it nearer.
    Lab(DateTime<Utc>),
}

/// Whether this run counts against the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunCounts {
    Yes,
    /// The run was stopped by something that is not the job's fault.
    GivenBack,
    /// The job did what it is for and comes again for its next round: it starts anew.
    NewRound,
}

pub async fn postpone(
    conn: &mut PgConnection,
    job: &TakenJob,
    postponement: &Postponement,
) -> Result<bool, StoreError> {
    let (wait, at, on_lab_time) = match postponement.due {
        Due::In(wait) => (wait.as_secs_f64(), None, false),
        Due::At(at) => (0.0, Some(at), false),
        Due::Lab(at) => (0.0, Some(at), true),
    };
    let (given_back, new_round) = match postponement.run {
        RunCounts::Yes => (0, false),
        RunCounts::GivenBack => (1, false),
        RunCounts::NewRound => (0, true),
    };
    let postponed = sqlx::query!(
        "update jobs
         set due_at = coalesce($3::timestamptz - case when $8 then moved_by else '0' end,
                               clock_timestamp() + $4::float8 * interval '1 second'),
             on_lab_time = $8, lease_until = null,
             ringing_until = null, waiting_reason = $5,
             runs = case when $7 then 0 else runs - $6 end
         from lab_clock
         where id = $1 and epoch = $2 and state = 'open'",
        job.id.0,
        job.epoch,
        at,
        wait,
        postponement.reason,
        given_back,
        new_round,
        on_lab_time,
    )
    .execute(conn)
    .await?;
    Ok(postponed.rows_affected() == 1)
}

/// Makes the waiting jobs about a subject due now; what is being run keeps its lease.
pub async fn hurry(conn: &mut PgConnection, subject_id: Uuid) -> Result<u64, StoreError> {
    let hurried = sqlx::query!(
        "update jobs set due_at = now(), ringing_until = null, waiting_reason = null
         where subject_id = $1 and state = 'open' and lease_until is null and due_at > now()",
        subject_id
    )
    .execute(conn)
    .await?;
    Ok(hurried.rows_affected())
}

/// Makes the one job of a kind that comes round by itself due now. `false`: it is due or being run already, or not
/// there at all.
pub async fn hurry_kind(conn: &mut PgConnection, kind: JobKind) -> Result<bool, StoreError> {
    let hurried = sqlx::query!(
        "update jobs set due_at = now(), ringing_until = null, waiting_reason = null
         where kind = $1 and state = 'open' and lease_until is null and due_at > now()",
        kind.as_str()
    )
    .execute(conn)
    .await?;
    Ok(hurried.rows_affected() > 0)
}

/// How the one job of a kind that comes round by itself stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundIs {
    Running,
    Waiting,
}

/// `None`: there is no such job, or it was set aside.
pub async fn find_round(conn: &mut PgConnection, kind: JobKind) -> Result<Option<RoundIs>, StoreError> {
    let leased = sqlx::query_scalar!(
        r#"select coalesce(lease_until > now(), false) as "leased!" from jobs where kind = $1 and state = 'open'"#,
        kind.as_str()
    );
    let leased = leased.fetch_optional(conn).await?;
    Ok(leased.map(|leased| if leased { RoundIs::Running } else { RoundIs::Waiting }))
}

/// Gives a dead job its runs back and makes it due. `false`: there is no such dead job, or its kind allows one open job
/// and has one.
pub async fn revive(conn: &mut PgConnection, id: JobId) -> Result<bool, StoreError> {
    let revived = sqlx::query!(
        "update jobs set state = 'open', runs = 0, due_at = now(), outcome = null, finished_at = null,
                         ringing_until = null, rung_for = null
         where id = $1 and state = 'dead'
           and not (kind in ('sync_catalogue', 'sweep', 'send_digest')
                    and exists (select from jobs other
                                where other.kind = jobs.kind and other.state = 'open'
                                  and (jobs.kind <> 'send_digest' or other.subject_id = jobs.subject_id)))",
        id.0
    )
    .execute(conn)
    .await?;
    Ok(revived.rows_affected() == 1)
}

/// A job whose bell is to be rung.
#[derive(Debug, Clone)]
pub struct DueJob {
    pub id: JobId,
    pub kind: JobKind,
    pub lane: Lane,
    pub due_at: DateTime<Utc>,
    pub traceparent: Option<String>,
}

/// Claims jobs whose bell was not rung for their present due time. The claim lapses after ten seconds, so that a
/// relay that dies between claim and note costs time and nothing else.
pub async fn claim_to_ring(conn: &mut PgConnection, most: i64) -> Result<Vec<DueJob>, StoreError> {
    let rows = sqlx::query!(
        "with due as (
             select id from jobs
             where state = 'open' and due_at <= now() and rung_for is distinct from due_at
               and (ringing_until is null or ringing_until < now())
             order by due_at
             limit $1
             for update skip locked
         )
         update jobs set ringing_until = now() + interval '10 seconds'
         from due where jobs.id = due.id
         returning jobs.id, jobs.kind, jobs.lane, jobs.due_at, jobs.traceparent",
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DueJob {
                id: row.id.into(),
                kind: row.kind.parse()?,
                lane: row.lane.parse()?,
                due_at: row.due_at,
                traceparent: row.traceparent,
            })
        })
        .collect()
}

/// Notes that the bell was rung for exactly the due time it was claimed with.
pub async fn note_rung(conn: &mut PgConnection, rung: &[(JobId, DateTime<Utc>)]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = rung.iter().map(|(id, _)| id.0).collect();
    let due: Vec<DateTime<Utc>> = rung.iter().map(|(_, due_at)| *due_at).collect();
    sqlx::query!(
        "update jobs set rung_for = rung.due_at,
                         ringing_until = case when jobs.due_at = rung.due_at then null else jobs.ringing_until end
         from unnest($1::uuid[], $2::timestamptz[]) as rung (id, due_at)
         where jobs.id = rung.id",
        &ids,
        &due,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives claims back that could not be rung.
pub async fn release_claims(conn: &mut PgConnection, ids: &[JobId]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!("update jobs set ringing_until = null where id = any($1)", &ids).execute(conn).await?;
    Ok(())
}

/// A job that no bell has brought to a worker.
#[derive(Debug, Clone)]
pub struct OverdueJob {
    pub id: JobId,
    /// `None`: a kind that only a newer version knows.
    pub kind: Option<JobKind>,
    pub traceparent: Option<String>,
}

/// The second bell: jobs of a lane that have been due for a while, the longest first.
pub async fn list_overdue(
    conn: &mut PgConnection,
    lane: Lane,
    overdue_for: Duration,
    most: i64,
) -> Result<Vec<OverdueJob>, StoreError> {
    let rows = sqlx::query!(
        "select id, kind, traceparent from jobs
         where state = 'open' and lane = $1 and due_at < now() - $2::float8 * interval '1 second'
         order by due_at limit $3",
        lane.as_str(),
        overdue_for.as_secs_f64(),
        most,
    )
    .fetch_all(conn)
    .await?;
    let jobs = rows.into_iter().map(|row| {
        // What this version does not understand is run all the same, and set aside there.
        let kind = row.kind.parse().ok();
        OverdueJob { id: row.id.into(), kind, traceparent: row.traceparent }
    });
    Ok(jobs.collect())
}

/// Rows due per lane and the age of the oldest, for operators.
#[derive(Debug, Clone)]
pub struct LaneBacklog {
    pub lane: Lane,
    pub due: i64,
    pub waiting: i64,
    pub dead: i64,
    pub oldest_due_seconds: f64,
}

pub async fn list_backlog(conn: &mut PgConnection) -> Result<Vec<LaneBacklog>, StoreError> {
    let rows = sqlx::query!(
        r#"select lane,
                  count(*) filter (where state = 'open' and due_at <= now()) as "due!",
                  count(*) filter (where state = 'open' and due_at > now()) as "waiting!",
                  count(*) filter (where state = 'dead') as "dead!",
                  coalesce(extract(epoch from now() - min(due_at) filter (where state = 'open' and due_at <= now())), 0)::float8
                      as "oldest_due_seconds!"
           from jobs where state in ('open', 'dead') group by lane"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(LaneBacklog {
                lane: row.lane.parse()?,
                due: row.due,
                waiting: row.waiting,
                dead: row.dead,
                oldest_due_seconds: row.oldest_due_seconds,
            })
        })
        .collect()
}

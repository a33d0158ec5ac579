//! What waits is due now: because something happened that it waits for, or because a person says so.

use super::StoreError;
use crate::domain::{id::JobId, job::JobKind};
use sqlx::PgConnection;
use uuid::Uuid;

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

//! Which database is this? One that was restored from a backup, or a standby that took over, has forgotten the latest
//! commits: what they say was sent to Snipe-IT.
//!
//! A lineage is the cluster's system identifier, its timeline and the oids of database and table: a dump read back has
//! other oids, another cluster another identifier, a promotion or a recovery to a point in time another timeline.

use super::{
    StoreError, borrower_sights,
    commit::{CommitError, commit},
    dossier,
    operations::{self, Evidence},
};
use crate::domain::{
    change::Change,
    finding::{FindingKind, NewFinding, THE_ONE_LINK},
    id::{FindingId, RequisitionId},
};
use serde_json::json;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// How far epochs jump, so that whoever took a job in the former database never writes in this one.
const EPOCHS: i32 = 1_000_000;
/// Requisitions of one transaction: short enough that nobody who waits for its locks gives up.
const BATCH: i64 = 25;

struct Lineage {
    /// Of the database that was written to last.
    remembered: Option<String>,
    present: String,
}

async fn load(conn: &mut PgConnection) -> Result<Lineage, StoreError> {
    let lineage = sqlx::query_as!(
        Lineage,
        r#"select lineage as remembered,
                  concat_ws('/', (select system_identifier from pg_control_system()),
                                 left(pg_walfile_name(pg_current_wal_lsn()), 8),
                                 (select oid from pg_database where datname = current_database()),
                                 'snipeit_link'::regclass::oid) as "present!"
           from snipeit_link"#
    );
    Ok(lineage.fetch_one(conn).await?)
}

/// Whether this is the database that was written to last; not before [`accept`] was called in it once.
pub async fn is_accepted(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let lineage = load(conn).await?;
    Ok(lineage.remembered.is_some_and(|remembered| remembered == lineage.present))
}

/// Whether another database was written to last, and nobody has drawn the conclusion yet.
pub async fn is_other(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let lineage = load(conn).await?;
    Ok(lineage.remembered.is_some_and(|remembered| remembered != lineage.present))
}

/// How far the acceptance of this database has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It is the one that was written to last, or the first.
    Standing,
    /// Another one was written to last, and a part of what is open is in doubt now: commit and ask again.
    UnderWay,
    /// Everything that is open is in doubt now: so many requisitions.
    Doubted(i64),
}

/// Remembers this database as the one that is written to. If it was another, everything that is open is in doubt from
/// now on, jobs that were taken there are lost to their takers, and a finding tells people. Call it inside a transaction
/// of its own until it is not under way any more: it takes a few requisitions at a time, goes on where whoever died
/// has left off, and may be called by many at once. Before the last batch is committed, [`is_accepted`] says no.
///
/// `settled_after`: how long a call that was sent before may take to have its effect.
///
/// # Errors
/// When PostgreSQL cannot tell or a change cannot be written; nothing is to be committed then.
pub async fn accept(conn: &mut PgConnection, settled_after: Duration) -> Result<Acceptance, CommitError> {
    let begun = sqlx::query!("select doubting, doubted_to from snipeit_link for update").fetch_one(&mut *conn).await?;
    let Lineage { remembered, present } = load(conn).await?;
    match remembered {
        Some(was) if was == present => Ok(Acceptance::Standing),
        Some(was) if begun.doubting.as_ref() == Some(&present) => {
            if doubt_next(conn, begun.doubted_to, settled_after).await? {
                return Ok(Acceptance::UnderWay);
            }
            let doubted = tell(conn, &was, &present).await?;
            remember(conn, &present).await?;
            Ok(Acceptance::Doubted(doubted))
        }
        Some(_) => {
            begin(conn, &present).await?;
            Ok(Acceptance::UnderWay)
        }
        None => {
            remember(conn, &present).await?;
            Ok(Acceptance::Standing)
        }
    }
}

async fn remember(conn: &mut PgConnection, present: &str) -> Result<(), StoreError> {
    sqlx::query!("update snipeit_link set lineage = $1, doubting = null, doubted_to = null", present)
        .execute(conn)
        .await?;
    Ok(())
}

async fn begin(conn: &mut PgConnection, present: &str) -> Result<(), StoreError> {
    sqlx::query!("update jobs set epoch = epoch + $1 where state = 'open'", EPOCHS).execute(&mut *conn).await?;
    borrower_sights::doubt_all(&mut *conn).await?;
    sqlx::query!("update snipeit_link set doubting = $1, doubted_to = null", present).execute(conn).await?;
    Ok(())
}

/// Whether there may be more.
async fn doubt_next(
    conn: &mut PgConnection,
    doubted_to: Option<Uuid>,
    settled_after: Duration,
) -> Result<bool, CommitError> {
    // What is asked for meanwhile is not in doubt, so it does not matter on which side of the mark it comes to lie.
    let batch = sqlx::query_scalar!(
        "select distinct requisition_id from operations
         where state in ('waiting', 'sent', 'unknown') and ($1::uuid is null or requisition_id > $1)
         order by requisition_id limit $2",
        doubted_to,
        BATCH,
    )
    .fetch_all(&mut *conn)
    .await?;
    let Some(last) = batch.last() else { return Ok(false) };
    sqlx::query!("update snipeit_link set doubted_to = $1", last).execute(&mut *conn).await?;
    for requisition in batch {
        doubt(conn, RequisitionId(requisition), settled_after).await?;
    }
    Ok(true)
}

async fn tell(conn: &mut PgConnection, was: &str, is: &str) -> Result<i64, CommitError> {
    let doubted = sqlx::query_scalar!(
        r#"select count(distinct requisition_id) as "count!" from operations
           where in_doubt and state in ('waiting', 'sent', 'unknown')"#
    )
    .fetch_one(&mut *conn)
    .await?;
    let evidence = json!({ "lineage_was": was, "lineage_is": is, "requisitions_in_doubt": doubted });
    commit(conn, &Change { findings: vec![finding(evidence)], ..Change::default() }).await?;
    Ok(doubted)
}

async fn doubt(conn: &mut PgConnection, id: RequisitionId, settled_after: Duration) -> Result<(), CommitError> {
    let Some(dossier) = dossier::load_for_update(conn, id).await? else { return Ok(()) };
    let now = operations::now(conn).await?;
    let look_after = now + settled_after;
    let (doubted, change) = dossier.doubt(now, look_after);
    commit(conn, &change).await?;
    for (operation, attempt) in &doubted {
        let evidence = Evidence { event: "doubted", detail: json!({ "look_after": look_after }) };
        operations::append_evidence(conn, *operation, (*attempt).max(1), EPOCHS, &evidence).await?;
    }
    Ok(())
}

fn finding(evidence: serde_json::Value) -> NewFinding {
    NewFinding {
        id: FindingId::generate(),
        kind: FindingKind::DatabaseChanged,
        subject_id: THE_ONE_LINK,
        requisition_id: None,
        summary: "The database was restored or failed over: what was committed last may be lost. Open operations are \
                  looked at in Snipe-IT before anything is sent."
            .to_owned(),
        evidence,
    }
}

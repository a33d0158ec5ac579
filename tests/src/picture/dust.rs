//! The dust settles: whatever is open comes to its end, and so many undisturbed rounds follow, and no more.

use anyhow::ensure;
use chrono::Duration;
use makerlab_shared::domain::{id::JobId, job::JobKind};
use sqlx::PgPool;
use uuid::Uuid;

use super::Campaign;
use crate::stack::until;

/// An asset that a person has just handed out waits some seconds for the next fingerprint.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
/// What a lab's hour would bring of them; each brings forward what waits.
const MOST_ROUNDS: usize = 60;
/// Undisturbed, one is enough unless it is stopped by what went before.
const MOST_SYNCS: usize = 3;

/// Jobs that touch Snipe-IT or our loans, beside the rounds.
const OURS: &str = "kind in ('run_operation', 'set_expected_checkin', 'match_borrower') and state = 'open' \
     and (kind <> 'run_operation' or exists (select from operations o join loans l on l.id = o.loan_id \
          where o.id = subject_id and o.state <> 'with_person' and (l.starts_at <= now() or o.state <> 'waiting')))";

impl Campaign {
    /// Runs what our loans wait for, once.
    pub(super) async fn run_ours(&mut self) -> anyhow::Result<usize> {
        self.floor.let_the_limit_pass().await;
        let hasten = format!("update jobs set due_at = now() - interval '1 millisecond' where {OURS} returning id");
        let due: Vec<Uuid> = sqlx::query_scalar(sqlx::AssertSqlSafe(hasten)).fetch_all(&self.floor.pool).await?;
        for job in &due {
            self.weather.work(&self.worker, &[JobId(*job)]).await;
        }
        Ok(due.len())
    }

    pub(super) async fn finish_ours(&mut self) -> anyhow::Result<()> {
        let ended = until("our own jobs are done", PATIENCE, async || match self.run_ours().await {
            Ok(0) => Some(Ok(())),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
        .await;
        match ended {
            Ok(ended) => ended,
            Err(late) => Err(late.context(self.floor.describe().await)),
        }
    }

    /// Sweeps, with an hour between them after which it looks everywhere and calls anew for what never fitted, and the full
    /// sync if a sweep calls for one.
    pub(super) async fn settle(&mut self) -> anyhow::Result<()> {
        self.sweep().await?;
        self.let_time_pass(Duration::minutes(61)).await?;
        for _ in 0..MOST_ROUNDS {
            self.sweep().await?;
            if count(&self.floor.pool, UNCONFIRMED).await? == 0 {
                return self.sweep().await;
            }
        }
        Ok(())
    }

    async fn sweep(&mut self) -> anyhow::Result<()> {
        let sweep = self.round(JobKind::Sweep).await?;
        self.weather.work(&self.worker, &[sweep]).await;
        if count(&self.floor.pool, SYNC_IS_CALLED).await? > 0 {
            self.called_syncs += 1;
            self.sync().await?;
        }
        self.finish_ours().await
    }

    /// One whole sync.
    pub(super) async fn sync(&mut self) -> anyhow::Result<()> {
        let whole = "select count(*) from sync_runs where finished_at is not null and error is null";
        let before = count(&self.floor.pool, whole).await?;
        for _ in 0..MOST_SYNCS {
            let sync = self.round(JobKind::SyncCatalogue).await?;
            self.weather.work(&self.worker, &[sync]).await;
            if count(&self.floor.pool, whole).await? > before {
                return Ok(());
            }
        }
        ensure!(false, "no sync comes to its end:\n{}", self.floor.describe().await);
        Ok(())
    }

    /// The clocks go on by this, here and there.
    pub(super) async fn let_time_pass(&mut self, by: Duration) -> anyhow::Result<()> {
        let seconds = by.num_seconds() as f64;
        self.floor.simulator.state().let_time_pass(by);
        let link = "update snipeit_link set swept_to = swept_to - make_interval(secs => $1),
                        swept_at = swept_at - make_interval(secs => $1),
                        hidden_read_at = hidden_read_at - make_interval(secs => $1),
                        lists_read_at = lists_read_at - make_interval(secs => $1),
                        sync_called_at = sync_called_at - make_interval(secs => $1),
                        paged_at = paged_at - make_interval(secs => $1)";
        sqlx::query(link).bind(seconds).execute(&self.floor.pool).await?;
        let runs = "update sync_runs set started_at = started_at - make_interval(secs => $1),
                        finished_at = finished_at - make_interval(secs => $1)";
        sqlx::query(runs).bind(seconds).execute(&self.floor.pool).await?;
        // With the leases of those who have died.
        let rounds = "update jobs set due_at = due_at - make_interval(secs => $1)
                      where kind in ('sweep', 'sync_catalogue') and state = 'open'";
        sqlx::query(rounds).bind(seconds).execute(&self.floor.pool).await?;
        let cache = "update equipment set changed_at = changed_at - make_interval(secs => $1)";
        // The owner's right: no program of ours changes this.
        sqlx::query(cache).bind(seconds).execute(&self.floor.pool).await?;
        Ok(())
    }
}

const UNCONFIRMED: &str = "select count(*) from operations o where state = 'applied' and confirmed_at is null \
     and not exists (select from findings f where f.subject_id = o.id and f.kind = 'effect_not_seen') \
     and not exists (select from operations n where n.loan_id = o.loan_id and n.state = 'with_person')";
const SYNC_IS_CALLED: &str =
    "select count(*) from jobs where kind = 'sync_catalogue' and state = 'open' and due_at <= now()";

async fn count(pool: &PgPool, sql: &'static str) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(sql).fetch_one(pool).await?)
}

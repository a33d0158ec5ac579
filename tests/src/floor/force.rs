//! Moments that tests bring about instead of waiting for them.

use super::Floor;
use makerlab_shared::domain::id::{JobId, LoanId, OperationId};
use makerlab_worker::lanes;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

impl Floor {
    pub async fn make_due(&self, job: JobId) {
        self.execute("update jobs set due_at = now() - interval '1 millisecond' where id = $1", job.0).await;
    }

    /// As when another worker took the job after our lease.
    pub async fn take_over(&self, job: JobId) {
        self.execute("update jobs set epoch = epoch + 1 where id = $1", job.0).await;
    }

    /// Lets the server's limit be over.
    pub async fn end_waiting_for_look(&self, operation: OperationId) {
        self.execute("update operations set look_after = now() where id = $1", operation.0).await;
    }

    /// Snipe-IT's request limit is over for every operation that waits for a look.
    pub async fn let_the_limit_pass(&self) {
        let sql = "with ripe as (
                       update operations set look_after = now() where state in ('sent', 'unknown') and look_after > now()
                       returning id)
                   update jobs set due_at = now() - interval '1 millisecond' where subject_id in (select id from ripe)
                       and kind = 'run_operation' and state = 'open'";
        sqlx::query(sql).execute(&self.pool).await.unwrap();
    }

    /// As after a restore: this is not the database that was written to last. Nobody has drawn the conclusion yet.
    pub async fn be_another_database(&self) {
        sqlx::query("update snipeit_link set lineage = 'of another database'").execute(&self.pool).await.unwrap();
    }

    pub async fn use_up_runs(&self, job: JobId) {
        self.execute("update jobs set runs = 1000 where id = $1", job.0).await;
    }

    /// The loan is late from now on: its planned period is over.
    pub async fn end_period(&self, loan: LoanId) {
        let sql = "update loans set starts_at = now() - interval '2 days', due_at = now() - interval '1 minute' where id = $1";
        self.execute(sql, loan.0).await;
        self.execute(
            "update equipment set holder_kind = null, holder_id = null
             where id = (select equipment_id from loans where id = $1)",
            loan.0,
        )
        .await;
    }

    /// A worker's probe, until the guard is dropped.
    pub fn probing(&self) -> DropGuard {
        let stop = CancellationToken::new();
        tokio::spawn(lanes::probe(self.worker.clone(), stop.clone()));
        stop.drop_guard()
    }

    pub async fn pause_cause(&self) -> Option<String> {
        sqlx::query_scalar("select pause_cause from snipeit_link").fetch_one(&self.pool).await.unwrap()
    }

    async fn execute(&self, sql: &'static str, id: Uuid) {
        let done = sqlx::query(sql).bind(id).execute(&self.pool).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{sql}");
    }
}

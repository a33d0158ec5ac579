//! What a test may want to see of a floor.

use super::Floor;
use crate::simulator::{Effect, EffectKind};
use makerlab_shared::{
    domain::{
        id::{JobId, LoanId, OperationId, RequisitionId},
        inventory::SnipeitAssetId,
        requisition::Dossier,
    },
    store::dossier,
};
use uuid::Uuid;

impl Floor {
    pub async fn due_jobs(&self) -> Vec<JobId> {
        let ids: Vec<Uuid> =
            sqlx::query_scalar("select id from jobs where state = 'open' and due_at <= now() order by due_at, id")
                .fetch_all(&self.pool)
                .await
                .unwrap();
        ids.into_iter().map(JobId).collect()
    }

    pub async fn count_open(&self, kind: &str) -> i64 {
        sqlx::query_scalar("select count(*) from jobs where kind = $1 and state = 'open'")
            .bind(kind)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// The job that runs an operation, or sends a letter.
    pub async fn job_about(&self, subject: Uuid) -> JobId {
        JobId(self.one("select id from jobs where subject_id = $1 and kind <> 'notice_verifying'", subject).await)
    }

    /// The open job of a kind about a subject.
    pub async fn open_job(&self, kind: &str, subject: Uuid) -> JobId {
        let open = sqlx::query_scalar("select id from jobs where kind = $1 and subject_id = $2 and state = 'open'");
        JobId(open.bind(kind).bind(subject).fetch_one(&self.pool).await.unwrap())
    }

    pub async fn loan_status(&self, loan: LoanId) -> String {
        self.one("select status from loans where id = $1", loan.0).await
    }

    pub async fn requisition_status(&self, requisition: RequisitionId) -> String {
        self.one("select status from requisitions where id = $1", requisition.0).await
    }

    pub async fn operation_state(&self, operation: OperationId) -> String {
        self.one("select state from operations where id = $1", operation.0).await
    }

    pub async fn operation_attempts(&self, operation: OperationId) -> i32 {
        self.one("select attempts from operations where id = $1", operation.0).await
    }

    /// Whether the catalogue knows of a later check-out of the asset than this one.
    pub async fn knows_of_later_checkout(&self, operation: OperationId) -> bool {
        let sql = "select equipment.last_checkout > operations.fingerprint
                   from operations join equipment on equipment.id = operations.equipment_id where operations.id = $1";
        self.one(sql, operation.0).await
    }

    pub async fn loan_failure(&self, loan: LoanId) -> Option<String> {
        self.one("select failure from loans where id = $1", loan.0).await
    }

    pub async fn asset_of(&self, loan: LoanId) -> SnipeitAssetId {
        let sql = "select equipment.snipeit_asset_id from loans join equipment on equipment.id = loans.equipment_id
                   where loans.id = $1";
        SnipeitAssetId(self.one(sql, loan.0).await)
    }

    pub async fn live_operation(&self, loan: LoanId) -> OperationId {
        let sql = "select id from operations
                   where loan_id = $1 and state in ('waiting', 'sent', 'unknown', 'with_person')";
        OperationId(self.one(sql, loan.0).await)
    }

    pub async fn dossier(&self, requisition: RequisitionId) -> Dossier {
        let mut conn = self.pool.acquire().await.unwrap();
        dossier::load(&mut conn, requisition).await.unwrap().expect("a requisition that exists")
    }

    /// The kinds of all open findings.
    pub async fn all_open_findings(&self) -> Vec<String> {
        let kinds = sqlx::query_scalar("select kind from findings where state = 'open' order by kind");
        kinds.fetch_all(&self.pool).await.unwrap()
    }

    /// The kinds of open findings about a subject.
    pub async fn open_findings(&self, subject: Uuid) -> Vec<String> {
        sqlx::query_scalar("select kind from findings where subject_id = $1 and state = 'open' order by kind")
            .bind(subject)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    /// The events of the evidence, oldest first.
    pub async fn evidence(&self, operation: OperationId) -> Vec<String> {
        sqlx::query_scalar("select event from attempts where operation_id = $1 order by id")
            .bind(operation.0)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    /// What really happened to an asset in Snipe-IT through its API.
    pub fn effects(&self, asset: SnipeitAssetId, kind: EffectKind) -> Vec<Effect> {
        let effects = self.simulator.state().ledger().effects_on(asset.0);
        effects.into_iter().filter(|effect| effect.kind == kind).collect()
    }

    pub fn holder(&self, asset: SnipeitAssetId) -> Option<i64> {
        let inventory = self.simulator.state().inventory();
        inventory.find_asset(asset.0).and_then(|asset| asset.holder.as_ref().map(|holder| holder.id))
    }

    /// Everything that explains why something did not happen.
    pub async fn describe(&self) -> String {
        let sql = "select string_agg(line, E'\\n') from (
                       select concat_ws(' ', 'job', kind, state, 'runs', runs, waiting_reason, outcome) as line from jobs
                       union all
                       select concat_ws(' ', 'operation', kind, state, 'attempts', attempts, refusal) from operations
                       union all
                       select concat_ws(' ', 'paused:', pause_cause) from snipeit_link where pause_cause is not null) as lines";
        let lines: Option<String> = sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap();
        lines.unwrap_or_default()
    }

    async fn one<T>(&self, sql: &'static str, id: Uuid) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sql).bind(id).fetch_one(&self.pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

//! What people do by hand in Snipe-IT to units that we have promised or lent: followed where that is safe, told otherwise.

mod again;
mod answers;
mod out;
mod promises;
mod returns;

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        finding::Resolution,
        id::{FindingId, JobId},
        job::{JobKind, NewJob},
        operation::OperationState,
        requisition::{Loan, LoanStatus},
    },
    store::{
        finding_answer::{self, AnswerRefused, FindingAnswer},
        findings::{self, Finding},
    },
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{Handover, Hands, OUT_FOR_REPAIR, READY, RESERVED},
};
use makerlab_worker::catalogue::check_labels;
use uuid::Uuid;

/// Somebody in the simulator who is not our borrower.
const SOMEBODY_ELSE: i64 = 3;

struct Lent {
    floor: Floor,
    asked: Asked,
    sweep: JobId,
    sync: JobId,
}

/// A student has one unit; our check-out was seen again by a sweep.
async fn confirmed() -> Lent {
    let lent = given(async |floor: &Floor| floor.given_checked_out().await).await;
    assert!(lent.floor.dossier(lent.asked.requisition).await.operations[0].confirmed_at.is_some());
    lent
}

/// A unit is promised for a week that begins so far ahead, and was swept since.
async fn promised(starts_in: TimeDelta) -> Lent {
    given(async |floor: &Floor| floor.given_promised(starts_in).await).await
}

async fn given(ask: impl AsyncFnOnce(&Floor) -> Asked) -> Lent {
    given_on(Floor::new().await, ask).await
}

async fn given_on(floor: Floor, ask: impl AsyncFnOnce(&Floor) -> Asked) -> Lent {
    let sync = floor.given_synced().await;
    let asked = ask(&floor).await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    let lent = Lent { floor, asked, sweep, sync };
    lent.sweep().await;
    lent
}

impl Lent {
    /// The sweep comes only when a test says so, not whenever it works.
    async fn sweep(&self) {
        self.floor.ring_now(self.sweep).await;
        sqlx::query("update jobs set due_at = now() + interval '1 hour' where id = $1")
            .bind(self.sweep.0)
            .execute(&self.floor.pool)
            .await
            .unwrap();
    }

    async fn loan(&self) -> Loan {
        self.floor.dossier(self.asked.requisition).await.loans[0].clone()
    }

    fn hands(&self) -> Hands {
        self.floor.simulator.state().hands()
    }

    /// Our borrower in the simulator.
    fn borrower(&self) -> i64 {
        self.floor.people.student.snipeit_id.0
    }

    async fn open(&self) -> Vec<String> {
        self.floor.open_findings(self.asked.loan.0).await
    }

    async fn answer(&self, resolution: Resolution) -> Result<(), AnswerRefused> {
        let mut transaction = self.floor.pool.begin().await.unwrap();
        let id: Uuid = sqlx::query_scalar("select id from findings where subject_id = $1 and state = 'open'")
            .bind(self.asked.loan.0)
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        let finding: Finding = findings::find(&mut transaction, FindingId(id)).await.unwrap().unwrap();
        let by = self.floor.people.technician;
        let answer = FindingAnswer { resolution, note: None, by, snipeit_user: None };
        finding_answer::settle(&mut transaction, &finding, &answer).await?;
        transaction.commit().await.unwrap();
        Ok(())
    }

    /// How the findings about the loan ended, the oldest first.
    async fn resolutions(&self) -> Vec<(String, Option<String>)> {
        let rows =
            sqlx::query_as("select kind, resolution from findings where subject_id = $1 order by created_at, id");
        rows.bind(self.asked.loan.0).fetch_all(&self.floor.pool).await.unwrap()
    }

    fn take_back_by_hand(&self) {
        self.floor.simulator.state().hands().check_in(self.asked.asset.0).unwrap();
    }

    /// Who moved the loan how and why, the oldest first.
    async fn history(&self) -> Vec<(String, String, Option<String>)> {
        let rows = sqlx::query_as(
            "select event, actor_kind, reason from status_history where entity = 'loan' and entity_id = $1 order by id",
        );
        rows.bind(self.asked.loan.0).fetch_all(&self.floor.pool).await.unwrap()
    }

    async fn count_letters(&self, event: &str) -> i64 {
        let count = sqlx::query_scalar("select count(*) from notifications where event = $1 and subject_id = $2");
        count.bind(event).bind(self.asked.loan.0).fetch_one(&self.floor.pool).await.unwrap()
    }
}

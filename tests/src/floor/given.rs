//! What a test may want to have happened already, brought about through the same domain functions as in production.

use super::{Floor, furnish};
use chrono::{TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        actor::Actor,
        change::{Cause, Change},
        equipment::{Approval, Collection, Unit},
        id::{JobId, LoanId, OperationId, RequisitionId, UserId},
        inventory::{SnipeitAssetId, SnipeitModelId},
        job::{DueTime, JobKind, Lane, NewJob},
        project::{Member, MemberRole, ProjectStatus},
        requisition::{GiveBack, NewLine, Period, PromisedLine, Purpose, ReturnReport, Submission, submit},
        user::Role,
    },
    store::{catalogue, clock, commit::commit, dossier},
};
use makerlab_worker::jobs::Ran;

/// A loan that was asked for, and its operation.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub requisition: RequisitionId,
    pub loan: LoanId,
    pub operation: OperationId,
    pub asset: SnipeitAssetId,
}

/// Units of the model, as a line asks for them.
struct Wanted {
    quantity: i32,
    unit: Option<Unit>,
    approval: Approval,
    /// From now.
    starts_in: TimeDelta,
}

impl Wanted {
    fn any(quantity: i32) -> Self {
        Self { quantity, unit: None, approval: Approval::None, starts_in: TimeDelta::zero() }
    }
}

impl Floor {
    /// Writes a change, as the api does.
    pub async fn write(&self, change: &Change) {
        furnish::write(&self.pool, change).await;
    }

    /// A straight-through requisition of any one unit of the model.
    pub async fn given_requested(&self) -> Asked {
        self.given_requested_by(self.people.student.id).await
    }

    pub async fn given_requested_by(&self, requester: UserId) -> Asked {
        self.asked(self.request(Wanted::any(1), requester).await).await
    }

    /// A straight-through requisition of one named unit.
    pub async fn given_requested_unit(&self, unit: Unit) -> Asked {
        let named = Wanted { unit: Some(unit), ..Wanted::any(1) };
        self.asked(self.request(named, self.people.student.id).await).await
    }

    /// A straight-through requisition of so many units of the model.
    pub async fn given_requested_units(&self, quantity: i32) -> RequisitionId {
        self.request(Wanted::any(quantity), self.people.student.id).await
    }

    /// Any one unit of the model, promised for a week that begins so far ahead.
    pub async fn given_promised(&self, starts_in: TimeDelta) -> Asked {
        let wanted = Wanted { starts_in, ..Wanted::any(1) };
        self.asked(self.request(wanted, self.people.student.id).await).await
    }

    /// Any one unit of the model, promised for a week that begins so far ahead and waiting at the counter.
    pub async fn given_promised_at_counter(&self, starts_in: TimeDelta) -> (RequisitionId, LoanId) {
        self.given_collected_at_counter().await;
        let wanted = Wanted { starts_in, ..Wanted::any(1) };
        let requisition = self.request(wanted, self.people.student.id).await;
        (requisition, self.dossier(requisition).await.loans[0].id)
    }

    /// One named unit of the model, promised for a week from now on and waiting at the counter.
    pub async fn given_kept_at_counter(&self, unit: Unit) -> (RequisitionId, LoanId) {
        self.given_collected_at_counter().await;
        let unit = Unit { collection: Collection::Counter, ..unit };
        let named = Wanted { unit: Some(unit), ..Wanted::any(1) };
        let requisition = self.request(named, self.people.student.id).await;
        (requisition, self.dossier(requisition).await.loans[0].id)
    }

    /// A requisition of so many units of the model that waits for a technician.
    pub async fn given_pending(&self, quantity: i32) -> RequisitionId {
        let wanted = Wanted { approval: Approval::Technician, ..Wanted::any(quantity) };
        self.request(wanted, self.people.student.id).await
    }

    /// From now on units of the model wait at the counter.
    pub async fn given_collected_at_counter(&self) {
        let update = sqlx::query("update equipment_models set collection = 'counter' where id = $1");
        update.bind(self.people.model.0).execute(&self.pool).await.unwrap();
    }

    /// A loan that Snipe-IT has confirmed.
    pub async fn given_checked_out(&self) -> Asked {
        let asked = self.given_requested().await;
        self.work_until("the unit is checked out", async |floor: &Floor| {
            floor.loan_status(asked.loan).await == "checked_out"
        })
        .await;
        asked
    }

    /// The return of a loan, asked for; the new operation.
    pub async fn given_return_requested(&self, asked: Asked) -> Asked {
        self.given_return_as(asked, ReturnReport::FINE).await
    }

    /// As [`Self::given_return_requested`], with what the borrower says of the unit.
    pub async fn given_return_as(&self, asked: Asked, report: ReturnReport) -> Asked {
        let mut transaction = self.pool.begin().await.unwrap();
        let dossier = dossier::load_for_update(&mut transaction, asked.requisition).await.unwrap().unwrap();
        let asset = self.asset_of(asked.loan).await;
        let give_back = GiveBack { by: self.people.student.id, now: Utc::now(), is_forgetful: false };
        let change = dossier.request_return(asked.loan, asset, report, give_back).unwrap();
        commit(&mut transaction, &change).await.unwrap();
        transaction.commit().await.unwrap();
        Asked { operation: self.live_operation(asked.loan).await, asset, ..asked }
    }

    /// A borrower without a remembered Snipe-IT user and with any address.
    pub async fn given_student(&self, email: &str) -> UserId {
        let student = furnish::person(&self.pool, "Nuno Novo", email, Role::Student).await;
        let member = Member { project_id: self.people.project, user_id: student, role: MemberRole::Member };
        self.write(&Change::add_member(member, &Cause::new(Actor::System, "added"))).await;
        student
    }

    /// An asset of Snipe-IT's first model, in the catalogue whether Snipe-IT has it or not.
    pub async fn given_in_catalogue(&self, asset: i64, tag: &str) {
        furnish::remember_asset(&self.pool, asset, tag, SnipeitModelId(1)).await;
    }

    /// A job about nothing but itself, due at once.
    pub async fn given_job(&self, kind: JobKind) -> JobId {
        self.given_job_of(NewJob::on_its_own(kind, Lane::Bulk, DueTime::AtOnce)).await
    }

    pub async fn given_job_of(&self, job: NewJob) -> JobId {
        let id = job.id;
        self.write(&Change { jobs: vec![job], ..Change::default() }).await;
        id
    }

    /// The whole catalogue, read once; the job that did it.
    pub async fn given_synced(&self) -> JobId {
        let job = self.given_job(JobKind::SyncCatalogue).await;
        assert_eq!(self.ring(job).await, Ran::Settled);
        job
    }

    async fn request(&self, wanted: Wanted, requester: UserId) -> RequisitionId {
        let mut transaction = self.pool.begin().await.unwrap();
        let now = clock::now(&mut transaction).await.unwrap();
        let starts_at = now + wanted.starts_in;
        let period = Period::parse(Some(starts_at), starts_at + TimeDelta::days(7), now).unwrap();
        let (model_id, quantity) = (self.people.model, wanted.quantity);
        let units = match (wanted.approval, wanted.unit) {
            (Approval::Technician, _) => Vec::new(),
            (Approval::None, Some(unit)) => vec![unit],
            (Approval::None, None) => {
                let quantity = quantity.try_into().unwrap();
                catalogue::choose_units(&mut transaction, model_id, period, quantity, &[]).await.unwrap()
            }
        };
        let equipment_id = wanted.unit.map(|unit| unit.id);
        let line =
            NewLine { model_id, approval: wanted.approval, category: None, unit_cost: None, equipment_id, quantity };
        let submission = Submission {
            now,
            project_id: self.people.project,
            project_status: ProjectStatus::Active,
            requester_id: requester,
            requester_is_matched: true,
            requester_role: Role::Student,
            editors: Vec::new(),
            member_role: Some(MemberRole::Leader),
            purpose: Purpose::parse("through the hall").unwrap(),
            period,
            lines: vec![PromisedLine { line, units }],
            quotas: Vec::new(),
            rules: Vec::new(),
            supervisors: Vec::new(),
            deputies: Vec::new(),
        };
        let (requisition, change) = submit(submission).unwrap();
        commit(&mut transaction, &change).await.unwrap();
        transaction.commit().await.unwrap();
        requisition
    }

    /// The only loan of a requisition.
    async fn asked(&self, requisition: RequisitionId) -> Asked {
        let (loan, operation, asset): (uuid::Uuid, uuid::Uuid, i64) =
            sqlx::query_as("select loan_id, id, snipeit_asset_id from operations where requisition_id = $1")
                .bind(requisition.0)
                .fetch_one(&self.pool)
                .await
                .unwrap();
        Asked { requisition, loan: LoanId(loan), operation: OperationId(operation), asset: SnipeitAssetId(asset) }
    }
}

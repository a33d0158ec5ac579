//! A worker to test with: the real context on a database of its own, against a simulated Snipe-IT and a mail catcher,
//! and a small lab in it. Jobs are run by the worker's own `run`, one after another; no broker is needed.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        actor::Actor,
        budget::BudgetPolicy,
        change::{Cause, Change},
        equipment::Approval,
        id::{JobId, ModelId, ProjectId, RequisitionId, UserId},
        inventory::SnipeitModelId,
        job::{JobKind, Lane, NewJob},
        notification::MailRules,
        person::{EmailAddress, Language, PersonName},
        project::{Member, MemberRole, Project, ProjectStatus},
        requisition::{Dossier, NewLine, Period, PromisedLine, Purpose, Submission, submit},
        user::{Role, User},
    },
    relay::Waker,
    settings::{LabSettings, ProtocolTimes},
    store::{
        catalogue::{self, ModelRow},
        commit::commit,
        dossier, jobs,
    },
};
use makerlab_worker::{
    context::{Context, Post, SnipeItClock, WorkerRules},
    jobs::{Ran, run},
    mail::{Composer, MailSettings, MailTransport},
    snipeit::{SnipeIt, SnipeItSettings, Timeouts},
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use crate::{
    lab::database::TestDatabase,
    mailbox::Mailbox,
    simulator::{Simulator, SimulatorOptions},
};

/// How often a drain may go round before something is plainly wrong.
const MOST_ROUNDS: usize = 200;

/// A worker's context and everything that it stands on.
pub struct GivenWorker {
    pub context: Context,
    pub simulator: Simulator,
    pub mailbox: Mailbox,
    pub database: TestDatabase,
}

/// People and a project, as most tests need them. Ana is known to the simulator by her address.
#[derive(Debug, Clone)]
pub struct SmallLab {
    pub ana: UserId,
    pub technician: UserId,
    pub project: ProjectId,
}

/// A worker with an empty database, a small lab in Snipe-IT without a throttle, and a mail catcher.
pub async fn given_worker() -> GivenWorker {
    given_worker_for(SimulatorOptions { throttle: None, ..SimulatorOptions::default() }).await
}

pub async fn given_worker_for(options: SimulatorOptions) -> GivenWorker {
    let is_limited = options.throttle.is_some();
    let database = TestDatabase::migrated().await;
    let simulator = Simulator::start(options).expect("a simulator on a free port");
    let mailbox = Mailbox::start().expect("a mailbox on free ports");
    let mut context = context_for(&database, &simulator, &mailbox).await;
    context.budget = Arc::new(BudgetPolicy { is_limited, ..(*context.budget).clone() });
    GivenWorker { context, simulator, mailbox, database }
}

/// Times in their proper order, but short: an unknown outcome is ripe within five seconds. A call may take long enough
/// for a machine that is busy with other tests.
pub fn short_times() -> ProtocolTimes {
    ProtocolTimes {
        connect: Duration::from_secs(1),
        call_timeout: Duration::from_secs(3),
        lease: Duration::from_secs(4),
        server_limit: Duration::from_millis(300),
        slack: Duration::from_millis(100),
        budget_window: Duration::from_secs(1),
        probe_interval: Duration::from_millis(200),
        ..ProtocolTimes::default()
    }
}

/// A worker's context as a process of its own would have it; several may share what they stand on. Calls are not limited.
pub async fn context_for(database: &TestDatabase, simulator: &Simulator, mailbox: &Mailbox) -> Context {
    let pool = PgPoolOptions::new().max_connections(5).connect(&database.app_url()).await.expect("the test's database");
    let zone = simulator.state().clock().zone();
    let times = short_times();
    Context {
        pool,
        snipeit: snipeit_for(simulator, &times),
        budget: Arc::new(BudgetPolicy {
            window: TimeDelta::seconds(1),
            reserve: 2,
            longest_call: TimeDelta::seconds(3),
            is_limited: false,
        }),
        times,
        rules: Arc::new(short_rules()),
        zones: LabSettings { lab_timezone: chrono_tz::Europe::Lisbon, snipeit_timezone: zone },
        mail: Arc::new(post_for(mailbox)),
        waker: Waker::default(),
        clock: SnipeItClock::default(),
    }
}

fn short_rules() -> WorkerRules {
    WorkerRules {
        create_snipeit_users: false,
        verifying_mail_after: Duration::from_millis(100),
        sweep_interval: Duration::from_secs(60),
        sync_interval: Duration::from_secs(3600),
        second_bell_after: Duration::from_secs(60),
        outage_threshold: 5,
    }
}

fn snipeit_for(simulator: &Simulator, times: &ProtocolTimes) -> SnipeIt {
    let zone = simulator.state().clock().zone().to_string();
    let vars = |name: &str| match name {
        "SNIPEIT_URL" => Some(simulator.url().to_owned()),
        "SNIPEIT_API_TOKEN" => Some(simulator.token().to_owned()),
        "SNIPEIT_TIMEZONE" => Some(zone.clone()),
        "SNIPEIT_ALLOW_PLAIN_HTTP" => Some("true".to_owned()),
        _ => None,
    };
    let timeouts = Timeouts { connect: times.connect, total: times.call_timeout };
    let settings = SnipeItSettings::from_vars(vars, timeouts).expect("settings for the simulator");
    SnipeIt::new(settings).expect("a client for the simulator")
}

fn post_for(mailbox: &Mailbox) -> Post {
    let url = format!("{}?tls=none", mailbox.smtp_url()).into();
    let from = "MakerLab <makerlab@lab.example>".to_owned();
    let settings = MailSettings { url, from, timeout: Duration::from_secs(5) };
    Post {
        transport: MailTransport::from_settings(&settings).expect("settings for the mailbox"),
        composer: Composer::new(chrono_tz::Europe::Lisbon),
        rules: MailRules { first_pause: Duration::from_millis(1), ..MailRules::default() },
        public_url: Some("https://maker.lab.example/v1".parse().expect("a URL")),
    }
}

impl GivenWorker {
    pub fn pool(&self) -> &PgPool {
        &self.context.pool
    }

    /// The same worker by other rules.
    pub fn with_rules(mut self, change: impl FnOnce(&mut WorkerRules)) -> Self {
        let mut rules = (*self.context.rules).clone();
        change(&mut rules);
        self.context.rules = Arc::new(rules);
        self
    }

    /// Writes a change, as the api does.
    pub async fn commit(&self, change: &Change) {
        let mut transaction = self.pool().begin().await.expect("a transaction");
        commit(&mut transaction, change).await.expect("a change that the schema allows");
        transaction.commit().await.expect("a commit");
    }

    /// Adds a job about nothing but itself and returns it.
    pub async fn add_job(&self, kind: JobKind) -> JobId {
        let job = NewJob::on_its_own(kind, Lane::Bulk, None);
        let id = job.id;
        self.commit(&Change { jobs: vec![job], ..Change::default() }).await;
        id
    }

    /// Runs one job as its bell would.
    pub async fn run(&self, job: JobId) -> Ran {
        run(&self.context, job).await.expect("a run that could be settled")
    }

    /// Makes one job due, whatever it waits for, and runs it.
    pub async fn run_now(&self, job: JobId) -> Ran {
        self.exec("update jobs set due_at = now() where id = $1 and state = 'open'", job.0).await;
        self.run(job).await
    }

    /// The jobs about a subject, oldest first.
    pub async fn jobs_about(&self, subject: Uuid) -> Vec<JobId> {
        let jobs =
            sqlx::query_scalar("select id from jobs where subject_id = $1 order by created_at, id").bind(subject);
        jobs.fetch_all(self.pool()).await.expect("jobs").into_iter().map(JobId).collect()
    }

    /// Runs what is due until nothing is, whatever new jobs come of it.
    ///
    /// # Panics
    /// When there is no end to it: the message names the jobs that stay due.
    pub async fn drain(&self) {
        for _ in 0..MOST_ROUNDS {
            let due = self.due_jobs().await;
            if due.is_empty() {
                return;
            }
            for job in due {
                self.run(job).await;
            }
        }
        panic!("these jobs stay due for ever: {:?}", self.due_jobs().await);
    }

    async fn due_jobs(&self) -> Vec<JobId> {
        let due =
            sqlx::query_scalar("select id from jobs where state = 'open' and due_at <= now() order by due_at, id");
        due.fetch_all(self.pool()).await.expect("due jobs").into_iter().map(JobId).collect()
    }

    /// Reads the whole catalogue once.
    pub async fn sync(&self) -> JobId {
        let job = self.add_job(JobKind::SyncCatalogue).await;
        assert_eq!(self.run(job).await, Ran::Settled);
        job
    }

    /// People, a project, and the simulator's catalogue read in.
    pub async fn small_lab(&self) -> SmallLab {
        self.sync().await;
        self.people().await
    }

    /// People and a project alone, for tests without Snipe-IT.
    pub async fn people(&self) -> SmallLab {
        let ana = self.add_user("Ana Silva", "ana.silva@lab.example", Role::Student).await;
        let technician = self.add_user("Tiago Técnico", "tiago.tecnico@lab.example", Role::Technician).await;
        let project = self.add_project(ana).await;
        SmallLab { ana, technician, project }
    }

    pub async fn add_user(&self, name: &str, email: &str, role: Role) -> UserId {
        let id = UserId::generate();
        let user = User {
            id,
            name: PersonName::parse(name).expect("a name"),
            email: EmailAddress::parse(email).expect("an address"),
            language: Language::En,
            role,
            snipeit_user_id: None,
            version: 1,
        };
        self.commit(&Change::create_user(user, &Cause::new(Actor::System, "created"))).await;
        id
    }

    pub async fn add_project(&self, leader: UserId) -> ProjectId {
        let id = ProjectId::generate();
        let project = Project {
            id,
            name: "Weather station".to_owned(),
            description: String::new(),
            status: ProjectStatus::Active,
            created_by: leader,
            version: 1,
        };
        let member = Member { project_id: id, user_id: leader, role: MemberRole::Leader };
        self.commit(&Change::create_project(project, member, &Cause::new(Actor::User(leader), "created"))).await;
        id
    }

    /// Our model of a model in the simulator.
    pub async fn model(&self, snipeit_id: i64) -> ModelId {
        let model = sqlx::query_scalar("select id from equipment_models where snipeit_model_id = $1").bind(snipeit_id);
        ModelId(model.fetch_one(self.pool()).await.expect("a model that was read in"))
    }

    /// A model that only we know of, for tests without Snipe-IT.
    pub async fn add_model(&self, name: &str) -> ModelId {
        let mut conn = self.pool().acquire().await.expect("a connection");
        let id = SnipeitModelId(9000);
        let row = ModelRow { id, name, model_number: None, category: None, manufacturer: None };
        catalogue::upsert_model(&mut conn, &row, Utc::now()).await.expect("a model");
        drop(conn);
        self.model(id.0).await
    }

    /// Ana asks for units that need no approval; their check-outs are due at once.
    pub async fn submit(&self, lab: &SmallLab, model: ModelId, quantity: i32) -> RequisitionId {
        self.submit_with(lab, model, quantity, Approval::None).await
    }

    /// Ana asks for units that a technician must approve.
    pub async fn submit_for_approval(&self, lab: &SmallLab, model: ModelId, quantity: i32) -> RequisitionId {
        self.submit_with(lab, model, quantity, Approval::Technician).await
    }

    async fn submit_with(&self, lab: &SmallLab, model: ModelId, quantity: i32, approval: Approval) -> RequisitionId {
        let now = self.database_now().await;
        let period = Period { starts_at: now, due_at: now + TimeDelta::days(7) };
        let mut transaction = self.pool().begin().await.expect("a transaction");
        let units = match approval {
            Approval::None => catalogue::choose_units(&mut transaction, model, period, i64::from(quantity), &[]).await,
            Approval::Technician => Ok(Vec::new()),
        };
        let line = NewLine { model_id: model, approval, equipment_id: None, quantity };
        let submission = Submission {
            project_id: lab.project,
            project_status: ProjectStatus::Active,
            requester_id: lab.ana,
            requester_is_matched: false,
            member_role: Some(MemberRole::Leader),
            purpose: Purpose::parse("measure the wind").expect("a purpose"),
            period,
            lines: vec![PromisedLine { line, units: units.expect("units") }],
        };
        let (id, change) = submit(submission).expect("a submission that the rules allow");
        commit(&mut transaction, &change).await.expect("a commit");
        transaction.commit().await.expect("a commit");
        id
    }

    pub async fn dossier(&self, id: RequisitionId) -> Dossier {
        let mut conn = self.pool().acquire().await.expect("a connection");
        dossier::load(&mut conn, id).await.expect("a dossier").expect("a requisition that exists")
    }

    /// Makes everything due that waits for this subject.
    pub async fn hurry(&self, subject: Uuid) {
        let mut conn = self.pool().acquire().await.expect("a connection");
        jobs::hurry(&mut conn, subject).await.expect("jobs");
    }

    pub async fn database_now(&self) -> DateTime<Utc> {
        sqlx::query_scalar("select clock_timestamp()").fetch_one(self.pool()).await.expect("the time")
    }

    /// Kinds of the open findings, sorted.
    pub async fn open_findings(&self) -> Vec<String> {
        let kinds = sqlx::query_scalar("select kind from findings where state = 'open' order by kind");
        kinds.fetch_all(self.pool()).await.expect("findings")
    }

    async fn exec(&self, statement: &'static str, id: Uuid) {
        sqlx::query(statement).bind(id).execute(self.pool()).await.expect("a statement");
    }
}

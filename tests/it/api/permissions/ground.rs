//! A lab with somebody for every role in every place of one project, and the things that are done something to.

use crate::api::{app::App, given};
use makerlab_shared::{
    domain::{
        change::Change,
        job::{DueTime, JobKind, Lane, NewJob},
        permission::{Permission, Place, While},
        project::MemberRole,
        user::Role,
    },
    store::commit::commit,
};
use uuid::Uuid;

pub(super) struct Ground {
    pub(super) app: App,
    /// Active; everybody with a place is a member.
    pub(super) project: Uuid,
    /// A model that goes straight through, with many free units.
    pub(super) model: Uuid,
    pub(super) people: Vec<Somebody>,
    /// Neither a member nor anybody whose requests are looked at.
    pub(super) stranger: Uuid,
    /// Whom everybody else may name as their deputy.
    pub(super) admin: Uuid,
}

pub(super) struct Somebody {
    pub(super) id: Uuid,
    pub(super) token: String,
    pub(super) role: Role,
    pub(super) member: Option<MemberRole>,
    /// For whom they stand in, in the common project.
    pub(super) in_place_of: Option<MemberRole>,
}

impl Somebody {
    pub(super) fn place(&self, owns: bool) -> Place {
        Place { role: self.role, member: self.member, in_place_of: self.in_place_of, owns, has_part: false }
    }
}

impl Ground {
    pub(super) async fn prepare() -> Self {
        let app = App::start().await;
        let stranger = given::person(&app, Role::Student).await.id;
        let admin = given::person(&app, Role::Admin).await;
        let model = given::free_model(&app, 60, &admin).await.id;
        let mut ground = Self { app, project: Uuid::nil(), model, people: Vec::new(), stranger, admin: admin.id };
        ground.project = ground.project_in("active").await;
        ground.schedule_sync().await;
        for &role in Role::ALL {
            for member in [None].into_iter().chain(MemberRole::ALL.iter().copied().map(Some)) {
                ground.add(role, member, None).await;
            }
        }
        for member in [None].into_iter().chain(MemberRole::ALL.iter().copied().map(Some)) {
            ground.add(Role::Professor, member, Some(MemberRole::Supervisor)).await;
        }
        ground.add(Role::Technician, None, Some(MemberRole::Supervisor)).await;
        ground
    }

    async fn add(&mut self, role: Role, member: Option<MemberRole>, in_place_of: Option<MemberRole>) {
        let person = given::person(&self.app, role).await;
        if let Some(member) = member {
            self.join(self.project, person.id, member).await;
        }
        if let Some(absent) = in_place_of {
            self.stand_in(absent, person.id).await;
        }
        self.people.push(Somebody { id: person.id, token: person.token, role, member, in_place_of });
    }

    /// For a member of the common project who has nothing else to do.
    async fn stand_in(&self, absent: MemberRole, deputy: Uuid) {
        let away = given::person(&self.app, Role::Professor).await.id;
        self.join(self.project, away, absent).await;
        let named = sqlx::query(
            "insert into deputies (id, user_id, deputy_id, starts_at, until)
             values (gen_random_uuid(), $1, $2, now(), now() + interval '7 days')",
        );
        self.run(named.bind(away).bind(deputy)).await;
    }

    /// A row of its own, of somebody's who is away.
    pub(super) async fn deputy_of(&self, away: Uuid) -> Uuid {
        let id = Uuid::now_v7();
        let named = sqlx::query(
            "insert into deputies (id, user_id, deputy_id, starts_at, until, ended_at)
             values ($1, $2, $3, now(), now() + interval '7 days', now())",
        );
        self.run(named.bind(id).bind(away).bind(self.admin)).await;
        id
    }

    /// Somebody whom the table allows it, with what is not their own.
    pub(super) fn somebody_who_may(&self, permission: Permission) -> &Somebody {
        self.people.iter().find(|one| permission.check(one.place(false)).is_ok()).expect("somebody may")
    }

    pub(super) async fn project_in(&self, status: &str) -> Uuid {
        self.project_of(self.stranger, status).await
    }

    async fn project_of(&self, creator: Uuid, status: &str) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query("insert into projects (id, name, status, created_by) values ($1, 'Rover', $2, $3)")
                .bind(id)
                .bind(status)
                .bind(creator),
        )
        .await;
        id
    }

    /// Pending; one caller is in it what they are in the common one.
    pub(super) async fn project_asked_for_by(&self, creator: Uuid, somebody: &Somebody) -> Uuid {
        self.with_place_for(somebody, self.project_of(creator, "pending").await).await
    }

    pub(super) async fn join(&self, project: Uuid, user: Uuid, role: MemberRole) {
        let insert = sqlx::query("insert into project_members (project_id, user_id, role) values ($1, $2, $3)");
        self.run(insert.bind(project).bind(user).bind(role.as_str())).await;
    }

    /// A project for one caller alone, in which they are what they are in the common one.
    pub(super) async fn project_for(&self, somebody: &Somebody, status: &str) -> Uuid {
        self.with_place_for(somebody, self.project_in(status).await).await
    }

    async fn with_place_for(&self, somebody: &Somebody, project: Uuid) -> Uuid {
        if let Some(role) = somebody.member {
            self.join(project, somebody.id, role).await;
        }
        project
    }

    /// As [`Self::project_for`], active, with the stranger in it.
    pub(super) async fn project_with_stranger(&self, somebody: &Somebody, role: MemberRole) -> Uuid {
        let project = self.project_for(somebody, "active").await;
        self.join(project, self.stranger, role).await;
        project
    }

    /// A requisition of the common project with one line for one unit, which waits for a decision.
    pub(super) async fn pending_requisition(&self, requester: Uuid) -> Uuid {
        let (id, line) = (Uuid::now_v7(), Uuid::now_v7());
        self.run(
            sqlx::query(
                "insert into requisitions (id, project_id, requester_id, purpose, starts_at, due_at, status)
                 values ($1, $2, $3, 'Measuring', now(), now() + interval '7 days', 'pending')",
            )
            .bind(id)
            .bind(self.project)
            .bind(requester),
        )
        .await;
        let model = given::model(&self.app, 1).await.id;
        self.run(
            sqlx::query(
                "insert into requisition_lines (id, requisition_id, position, model_id, quantity, status)
                 values ($1, $2, 1, $3, 1, 'pending')",
            )
            .bind(line)
            .bind(id)
            .bind(model),
        )
        .await;
        id
    }

    /// As [`Self::pending_requisition`], and a supervisor is asked first.
    pub(super) async fn with_supervisor(&self, requester: Uuid) -> Uuid {
        let id = self.pending_requisition(requester).await;
        self.run(
            sqlx::query("update requisitions set waiting_for = 'supervisor', waiting_since = now() where id = $1")
                .bind(id),
        )
        .await;
        id
    }

    /// One that fits nothing, since it is switched off.
    pub(super) async fn approval_rule(&self) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query(
                "insert into approval_rules (id, position, outcome, enabled) values ($1, 7, 'technician', false)",
            )
            .bind(id),
        )
        .await;
        id
    }

    /// The only line of a requisition.
    pub(super) async fn line_of(&self, requisition: Uuid) -> Uuid {
        let line = sqlx::query_scalar("select id from requisition_lines where requisition_id = $1").bind(requisition);
        line.fetch_one(&self.app.owner).await.unwrap()
    }

    /// A loan of the common project that is checked out.
    pub(super) async fn loan_out(&self, borrower: Uuid) -> Uuid {
        let id = Uuid::now_v7();
        let requisition = self.pending_requisition(borrower).await;
        self.run(
            sqlx::query(
                "insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at,
                                    handed_over_at, handed_over_by, checked_out_at, snipeit_user_id, fingerprint)
                 select $1, l.requisition_id, l.id, e.id, $2, 'checked_out', now(), now() + interval '7 days',
                        now(), $2, now(), 7, '2026-01-10 10:00:00'
                 from requisition_lines l
                 join equipment e on e.model_id = l.model_id
                 where l.requisition_id = $3",
            )
            .bind(id)
            .bind(borrower)
            .bind(requisition),
        )
        .await;
        for statement in [
            "update requisition_lines set status = 'approved' where requisition_id = $1",
            "update requisitions set status = 'checked_out' where id = $1",
        ] {
            self.run(sqlx::query(statement).bind(requisition)).await;
        }
        id
    }

    /// A requisition of the common project whose one unit waits at the counter, and the unit.
    pub(super) async fn collectable(&self, borrower: Uuid) -> (Uuid, Uuid) {
        let loan = self.loan_out(borrower).await;
        self.run(sqlx::query("update loans set status = 'promised' where id = $1").bind(loan)).await;
        let (requisition, unit) = sqlx::query_as("select requisition_id, equipment_id from loans where id = $1")
            .bind(loan)
            .fetch_one(&self.app.owner)
            .await
            .unwrap();
        self.run(sqlx::query("update requisitions set status = 'approved' where id = $1").bind(requisition)).await;
        (requisition, unit)
    }

    pub(super) async fn unit(&self) -> Uuid {
        given::model(&self.app, 1).await.units[0]
    }

    /// Its borrower asks for a day more.
    pub(super) async fn extension_asked_for(&self, loan: Uuid) {
        let asked = sqlx::query(
            "insert into loan_extensions (id, loan_id, asked_by, due_before, due_at, status)
             select gen_random_uuid(), id, borrower_id, due_at, due_at + interval '1 day', 'asked'
             from loans where id = $1",
        );
        self.run(asked.bind(loan)).await;
    }

    /// Its return has been asked for.
    pub(super) async fn return_of(&self, loan: Uuid) {
        let asked = sqlx::query("update loans set return_condition = 'fine' where id = $1");
        self.run(asked.bind(loan)).await;
    }

    pub(super) async fn finding(&self) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query(
                "insert into findings (id, kind, subject_id, summary, evidence, state)
                 values ($1, 'database_changed', $1, 'The database is another one.', '{}', 'open')",
            )
            .bind(id),
        )
        .await;
        id
    }

    /// A model of which there is something, but nothing free.
    pub(super) async fn model_without_free_units(&self) -> Uuid {
        let model = given::model(&self.app, 1).await.id;
        let spoil = sqlx::query("update equipment set label_kind = 'undeployable' where model_id = $1");
        self.run(spoil.bind(model)).await;
        model
    }

    /// Somebody's place in a line.
    pub(super) async fn waiting_entry(&self, of: Uuid) -> Uuid {
        // What it can have been taken for.
        self.pending_requisition(of).await;
        let id = Uuid::now_v7();
        let query = sqlx::query(
            "insert into waiting_list (id, project_id, model_id, user_id, quantity, starts_at, due_at, status)
             values ($1, $2, $3, $4, 1, clock_timestamp(), clock_timestamp() + interval '7 days', 'waiting')",
        );
        self.run(query.bind(id).bind(self.project).bind(self.model).bind(of)).await;
        id
    }

    /// As a worker does when it starts.
    async fn schedule_sync(&self) {
        let job = NewJob::on_its_own(JobKind::SyncCatalogue, Lane::Bulk, DueTime::AtOnce);
        let change = Change { jobs: vec![job], ..Change::default() };
        commit(&mut self.app.owner.acquire().await.unwrap(), &change).await.unwrap();
    }

    pub(super) async fn sync_run(&self) -> Uuid {
        let id = Uuid::now_v7();
        let query = sqlx::query("insert into sync_runs (id, kind, started_at) values ($1, 'catalogue', now())");
        self.run(query.bind(id)).await;
        id
    }

    pub(super) async fn quota(&self) -> Uuid {
        let id = Uuid::now_v7();
        let query = sqlx::query(
            "insert into quotas (id, scope, category, measure, most) values ($1, 'person', $1::text, 'units_out', 9)",
        );
        self.run(query.bind(id)).await;
        id
    }

    pub(super) async fn token_of(&self, user: Uuid) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query(
                "insert into api_tokens (id, user_id, prefix, hash, label, expires_at)
                 values ($1, $2, $3, decode(repeat('00', 32), 'hex'), 'door', now() + interval '1 day')",
            )
            .bind(id)
            .bind(user)
            .bind(id.simple().to_string()),
        )
        .await;
        id
    }

    pub(super) async fn notification_of(&self, user: Uuid) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query(
                "insert into notifications (id, event, recipient_id, subject_id, status)
                 values ($1, 'submitted', $2, $1, 'sent')",
            )
            .bind(id)
            .bind(user),
        )
        .await;
        id
    }

    /// Moves the subject of a request to a state behind everybody's back.
    pub(super) async fn set_state(&self, of: While, subject: Uuid, state: &str) {
        let statement = match of {
            While::Always => return,
            While::Project(_) => "update projects set status = $2 where id = $1",
            While::Requisition(_) => "update requisitions set status = $2 where id = $1",
            While::Line(_) => "update requisition_lines set status = $2 where requisition_id = $1",
            While::Loan(_) => "update loans set status = $2 where id = $1",
            While::Letter(_) => "update notifications set status = $2 where id = $1",
            While::WaitingEntry(_) => {
                "update waiting_list
                 set status = $2, held_until = case when $2 = 'held' then now() + interval '1 day' end,
                     requisition_id = case when $2 = 'taken' then (select id from requisitions limit 1) end
                 where id = $1"
            }
            While::Finding(_) => {
                "update findings
                 set state = $2, resolution = case when $2 = 'settled' then 'acknowledged' end,
                     settled_at = case when $2 = 'settled' then now() end
                 where id = $1"
            }
        };
        self.run(sqlx::query(statement).bind(subject).bind(state)).await;
    }

    async fn run(&self, query: sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments>) {
        assert_eq!(query.execute(&self.app.owner).await.unwrap().rows_affected(), 1);
    }
}

//! A lab with somebody for every role in every place of one project, and the things that are done something to.

mod lending;
mod of_the_lab;
mod projects;

use crate::api::{app::App, given};
use makerlab_shared::domain::{
    permission::{Permission, Place, While},
    project::MemberRole,
    user::Role,
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

    /// Somebody whom the table allows it, with what is not their own.
    pub(super) fn somebody_who_may(&self, permission: Permission) -> &Somebody {
        self.people.iter().find(|one| permission.check(one.place(false)).is_ok()).expect("somebody may")
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

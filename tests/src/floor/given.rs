//! What stands on a floor before a test begins, made through the same domain functions as in production.

use super::{Floor, People};
use crate::simulator::Simulator;
use chrono::{TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        actor::Actor,
        change::{Cause, Change},
        equipment::{Approval, Presence, Unit},
        id::{EquipmentId, LoanId, ModelId, OperationId, ProjectId, RequisitionId, UserId},
        inventory::{AssetSeen, LabelKind, LabelSeen, SnipeitAssetId, SnipeitLabelId, SnipeitModelId, SnipeitUserId},
        person::{EmailAddress, Language, PersonName},
        project::{Member, MemberRole, Project, ProjectStatus},
        requisition::{NewLine, Period, PromisedLine, Purpose, Submission, submit},
        user::{Role, User},
    },
    store::{catalogue, commit::commit, dossier},
};
use sqlx::PgPool;

/// A student who has a user in Snipe-IT.
#[derive(Debug, Clone)]
pub struct Borrower {
    pub id: UserId,
    pub snipeit_id: SnipeitUserId,
}

/// Units of one model, free in Snipe-IT, lowest tag first.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub units: Vec<Unit>,
}

pub(super) async fn everything(pool: &PgPool, simulator: &Simulator) -> (People, Catalogue) {
    let snipeit_user = simulator.state().hands().create_user(new_snipeit_user());
    let student = person(pool, "Rita Sousa", "rita.sousa@lab.example", Role::Student).await;
    let technician = person(pool, "Tomás Técnico", "tomas@lab.example", Role::Technician).await;
    let project = project(pool, student).await;
    let (model, catalogue) = units(pool, simulator).await;
    let student = Borrower { id: student, snipeit_id: SnipeitUserId(snipeit_user) };
    (People { student, technician, project, model }, catalogue)
}

fn new_snipeit_user() -> crate::simulator::NewUser {
    crate::simulator::NewUser::named("Rita", "Sousa", "rita.sousa@lab.example")
}

pub(crate) async fn person(pool: &PgPool, name: &str, email: &str, role: Role) -> UserId {
    let user = User {
        id: UserId::generate(),
        name: PersonName::parse(name).unwrap(),
        email: EmailAddress::parse(email).unwrap(),
        language: Language::En,
        role,
        snipeit_user_id: None,
        version: 1,
    };
    let id = user.id;
    write(pool, &Change::create_user(user, &Cause::new(Actor::System, "created"))).await;
    id
}

pub(crate) async fn project(pool: &PgPool, leader: UserId) -> ProjectId {
    let project = Project {
        id: ProjectId::generate(),
        name: "Line follower".into(),
        description: String::new(),
        status: ProjectStatus::Active,
        created_by: leader,
        version: 1,
    };
    let member = Member { project_id: project.id, user_id: leader, role: MemberRole::Leader };
    let id = project.id;
    write(pool, &Change::create_project(project, member, &Cause::new(Actor::User(leader), "created"))).await;
    id
}

/// The units of the simulator's first model that are free.
pub(crate) async fn units(pool: &PgPool, simulator: &Simulator) -> (ModelId, Catalogue) {
    let (model, assets) = {
        let inventory = simulator.state().inventory();
        let first = inventory.assets().next().expect("a seeded asset").model_id;
        let free: Vec<_> = inventory
            .assets()
            .filter(|asset| asset.model_id == first && inventory.is_available(asset))
            .map(|asset| (asset.id, asset.tag.clone()))
            .collect();
        (first, free)
    };
    let mut conn = pool.acquire().await.unwrap();
    let row = catalogue::ModelRow {
        id: SnipeitModelId(model),
        name: "Arduino Uno",
        model_number: None,
        category: None,
        manufacturer: None,
    };
    let asked_at = Utc::now();
    catalogue::upsert_model(&mut conn, &row, asked_at).await.unwrap();
    for (id, tag) in &assets {
        let seen = asset_seen(*id, tag, model);
        assert!(catalogue::upsert_asset(&mut conn, &seen, Presence::Listed, asked_at).await.unwrap());
    }
    let rows: Vec<(uuid::Uuid, i64, uuid::Uuid)> =
        sqlx::query_as("select id, snipeit_asset_id, model_id from equipment order by tag")
            .fetch_all(pool)
            .await
            .unwrap();
    let units = rows
        .iter()
        .map(|(id, asset, _)| Unit { id: EquipmentId(*id), snipeit_asset_id: SnipeitAssetId(*asset) })
        .collect();
    (ModelId(rows[0].2), Catalogue { units })
}

fn asset_seen(id: i64, tag: &str, model: i64) -> AssetSeen {
    AssetSeen {
        id: SnipeitAssetId(id),
        tag: tag.to_owned(),
        name: None,
        serial: None,
        model_id: SnipeitModelId(model),
        label: LabelSeen { id: SnipeitLabelId(2), name: "Ready to Deploy".into(), kind: LabelKind::Deployable },
        holder: None,
        last_checkout: None,
        last_checkin: None,
        expected_checkin: None,
        updated_at: None,
        deleted: false,
    }
}

pub(crate) async fn write(pool: &PgPool, change: &Change) {
    let mut transaction = pool.begin().await.unwrap();
    commit(&mut transaction, change).await.unwrap();
    transaction.commit().await.unwrap();
}

/// A loan that was asked for, and its operation.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub requisition: RequisitionId,
    pub loan: LoanId,
    pub operation: OperationId,
    pub asset: SnipeitAssetId,
}

impl Floor {
    /// A straight-through requisition of any one unit of the model.
    pub async fn given_requested(&self) -> Asked {
        self.request(None, self.people.student.id).await
    }

    /// A straight-through requisition of one named unit.
    pub async fn given_requested_unit(&self, unit: Unit) -> Asked {
        self.request(Some(unit), self.people.student.id).await
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
        let mut transaction = self.pool.begin().await.unwrap();
        let dossier = dossier::load_for_update(&mut transaction, asked.requisition).await.unwrap().unwrap();
        let asset = self.asset_of(asked.loan).await;
        let change = dossier.request_return(asked.loan, asset, self.people.student.id).unwrap();
        commit(&mut transaction, &change).await.unwrap();
        transaction.commit().await.unwrap();
        Asked { operation: self.live_operation(asked.loan).await, asset, ..asked }
    }

    /// A borrower without a remembered Snipe-IT user and with any address.
    pub async fn given_student(&self, email: &str) -> UserId {
        let student = person(&self.pool, "Nuno Novo", email, Role::Student).await;
        let member = Member { project_id: self.people.project, user_id: student, role: MemberRole::Member };
        write(&self.pool, &Change::add_member(member, &Cause::new(Actor::System, "added"))).await;
        student
    }

    pub async fn given_requested_by(&self, student: UserId) -> Asked {
        self.request(None, student).await
    }

    async fn request(&self, named: Option<Unit>, requester: UserId) -> Asked {
        let now = Utc::now();
        let period = Period::parse(None, now + TimeDelta::days(7), now).unwrap();
        let mut transaction = self.pool.begin().await.unwrap();
        let chosen = match named {
            Some(unit) => vec![unit],
            None => catalogue::choose_units(&mut transaction, self.people.model, period, 1, &[]).await.unwrap(),
        };
        let line = NewLine {
            model_id: self.people.model,
            approval: Approval::None,
            equipment_id: named.map(|unit| unit.id),
            quantity: 1,
        };
        let submission = Submission {
            project_id: self.people.project,
            project_status: ProjectStatus::Active,
            requester_id: requester,
            requester_is_matched: true,
            member_role: Some(MemberRole::Leader),
            purpose: Purpose::parse("a test").unwrap(),
            period,
            lines: vec![PromisedLine { line, units: chosen.clone() }],
        };
        let (requisition, change) = submit(submission).unwrap();
        commit(&mut transaction, &change).await.unwrap();
        transaction.commit().await.unwrap();
        let (loan, operation): (uuid::Uuid, uuid::Uuid) =
            sqlx::query_as("select loan_id, id from operations where requisition_id = $1")
                .bind(requisition.0)
                .fetch_one(&self.pool)
                .await
                .unwrap();
        Asked { requisition, loan: LoanId(loan), operation: OperationId(operation), asset: chosen[0].snipeit_asset_id }
    }
}

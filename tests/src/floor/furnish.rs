//! What stands on a floor before a test begins, made through the same domain functions as in production.

use super::People;
use crate::simulator::{NewUser, Simulator};
use chrono::Utc;
use makerlab_shared::{
    domain::{
        actor::Actor,
        change::{Cause, Change},
        equipment::{Collection, Unit},
        id::{EquipmentId, ModelId, ProjectId, UserId},
        inventory::{
            AssetSeen, LabelKind, LabelSeen, Particulars, SnipeitAssetId, SnipeitLabelId, SnipeitModelId, SnipeitUserId,
        },
        person::{EmailAddress, Language, PersonName},
        project::{Member, MemberRole, Project, ProjectDetails, ProjectStatus},
        user::{Role, User},
    },
    store::{catalogue, commit::commit},
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
    let rita = NewUser::named("Rita", "Sousa", "rita.sousa@lab.example");
    let snipeit_user = simulator.state().hands().create_user(rita);
    let student = person(pool, "Rita Sousa", "rita.sousa@lab.example", Role::Student).await;
    let technician = person(pool, "Tomás Técnico", "tomas@lab.example", Role::Technician).await;
    let project = project(pool, student).await;
    let (model, catalogue) = units(pool, simulator).await;
    let student = Borrower { id: student, snipeit_id: SnipeitUserId(snipeit_user) };
    (People { student, technician, project, model }, catalogue)
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
        details: ProjectDetails::named("Line follower"),
        status: ProjectStatus::Active,
        created_by: leader,
        version: 1,
    };
    let member = Member { project_id: project.id, user_id: leader, role: MemberRole::Leader };
    let id = project.id;
    write(pool, &Change::create_project(project, [member], &Cause::new(Actor::User(leader), "created"))).await;
    id
}

/// The units of the simulator's first model that are free.
pub(crate) async fn units(pool: &PgPool, simulator: &Simulator) -> (ModelId, Catalogue) {
    let (model, name, assets) = {
        let inventory = simulator.state().inventory();
        let first = inventory.assets().next().expect("a seeded asset").model_id;
        let free: Vec<_> = inventory
            .assets()
            .filter(|asset| asset.model_id == first && inventory.is_available(asset))
            .map(|asset| (asset.id, asset.tag.clone()))
            .collect();
        (SnipeitModelId(first), inventory.models[&first].name.clone(), free)
    };
    let row = catalogue::ModelRow {
        id: model,
        name: &name,
        model_number: None,
        category: None,
        manufacturer: None,
        image_url: None,
    };
    catalogue::upsert_model(&mut pool.acquire().await.unwrap(), &row, Utc::now()).await.unwrap();
    for (id, tag) in &assets {
        remember_asset(pool, *id, tag, model).await;
    }
    let rows: Vec<(uuid::Uuid, i64, uuid::Uuid)> =
        sqlx::query_as("select id, snipeit_asset_id, model_id from equipment order by tag")
            .fetch_all(pool)
            .await
            .unwrap();
    let units = rows
        .iter()
        .map(|(id, asset, _)| Unit {
            id: EquipmentId(*id),
            snipeit_asset_id: SnipeitAssetId(*asset),
            collection: Collection::StraightThrough,
        })
        .collect();
    (ModelId(rows[0].2), Catalogue { units })
}

/// Puts a free asset into the catalogue.
pub(super) async fn remember_asset(pool: &PgPool, id: i64, tag: &str, model: SnipeitModelId) {
    let seen = AssetSeen {
        id: SnipeitAssetId(id),
        tag: tag.to_owned(),
        name: None,
        serial: None,
        model_id: model,
        label: LabelSeen { id: SnipeitLabelId(2), name: "Ready to Deploy".into(), kind: LabelKind::Deployable },
        holder: None,
        last_checkout: None,
        last_checkin: None,
        expected_checkin: None,
        updated_at: None,
        deleted: false,
        particulars: Particulars::default(),
    };
    let mut conn = pool.acquire().await.unwrap();
    assert!(catalogue::upsert_asset(&mut conn, &seen, Utc::now()).await.unwrap());
}

pub(crate) async fn write(pool: &PgPool, change: &Change) {
    let mut transaction = pool.begin().await.unwrap();
    commit(&mut transaction, change).await.unwrap();
    transaction.commit().await.unwrap();
}

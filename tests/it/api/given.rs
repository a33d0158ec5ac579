//! What stands before a test begins. Hides what does not matter, shows what does.

use super::app::App;
use chrono::{DateTime, Duration, Utc};
use makerlab_api::FreshToken;
use makerlab_shared::{
    domain::{
        actor::Actor,
        change::{Cause, Change},
        id::{TokenId, UserId},
        inventory::{AssetSeen, LabelKind, LabelSeen, Particulars, SnipeitAssetId, SnipeitLabelId, SnipeitModelId},
        person::{EmailAddress, Language, PersonName},
        project::MemberRole,
        token::NewToken,
        user::{Role, User},
    },
    store::{
        catalogue::{self, ModelRow},
        commit::commit,
    },
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) struct Person {
    pub(super) id: Uuid,
    pub(super) token: String,
}

pub(super) struct Model {
    pub(super) id: Uuid,
    pub(super) units: Vec<Uuid>,
}

/// A lab with one active project, a leader, a member, a technician and an admin.
pub(super) struct Lab {
    pub(super) app: App,
    pub(super) admin: Person,
    pub(super) technician: Person,
    pub(super) leader: Person,
    pub(super) member: Person,
    pub(super) project: Uuid,
}

pub(super) async fn a_lab() -> Lab {
    a_lab_of(App::start().await).await
}

pub(super) async fn a_lab_of(app: App) -> Lab {
    let admin = person(&app, Role::Admin).await;
    let technician = person(&app, Role::Technician).await;
    let leader = person(&app, Role::Student).await;
    let member = person(&app, Role::Student).await;
    let project = active_project(&app, &leader, &technician).await;
    add_member(&app, project, &leader, &member, MemberRole::Member).await;
    Lab { app, admin, technician, leader, member, project }
}

pub(super) async fn person(app: &App, role: Role) -> Person {
    let id = UserId::generate();
    let user = User {
        id,
        name: PersonName::parse("Ana Silva").unwrap(),
        email: EmailAddress::parse(&format!("{}@lab.example", id.0.simple())).unwrap(),
        language: Language::En,
        role,
        snipeit_user_id: None,
        version: 1,
    };
    let mut transaction = app.owner.begin().await.unwrap();
    commit(&mut transaction, &Change::create_user(user, &Cause::new(Actor::System, "created"))).await.unwrap();
    transaction.commit().await.unwrap();
    let token = token(app, id, Utc::now() + Duration::days(1)).await;
    Person { id: id.0, token }
}

pub(super) async fn token(app: &App, user_id: UserId, expires_at: DateTime<Utc>) -> String {
    let fresh = FreshToken::generate();
    let (prefix, hash) = (fresh.prefix, fresh.hash);
    let token = NewToken { id: TokenId::generate(), user_id, prefix, hash, label: "test".to_owned(), expires_at };
    let mut transaction = app.owner.begin().await.unwrap();
    commit(&mut transaction, &token.issue(Actor::System)).await.unwrap();
    transaction.commit().await.unwrap();
    fresh.secret.expose_secret().to_owned()
}

pub(super) async fn pending_project(app: &App, leader: &Person) -> Uuid {
    let created = app.post(&leader.token, "/v1/projects", &json!({"name": "Line follower"})).await.expect(201);
    id_of(&created)
}

pub(super) async fn active_project(app: &App, leader: &Person, staff: &Person) -> Uuid {
    let id = pending_project(app, leader).await;
    app.post(&staff.token, &format!("/v1/projects/{id}/activate"), &json!({})).await.expect(200);
    id
}

pub(super) async fn add_member(app: &App, project: Uuid, by: &Person, who: &Person, role: MemberRole) {
    let body = json!({"user_id": who.id, "role": role});
    app.post(&by.token, &format!("/v1/projects/{project}/members"), &body).await.expect(201);
}

/// A model that needs an approval, with so many free units.
pub(super) async fn model(app: &App, units: i64) -> Model {
    let mut conn = app.owner.acquire().await.unwrap();
    let number = app.count("equipment_models").await + 1;
    let snipeit_model_id = SnipeitModelId(number);
    let name = format!("Oscilloscope {number}");
    let row = ModelRow {
        id: snipeit_model_id,
        name: &name,
        model_number: None,
        category: None,
        manufacturer: None,
        image_url: None,
    };
    catalogue::upsert_model(&mut conn, &row, Utc::now()).await.unwrap();
    for unit in 1..=units {
        let seen = asset(number * 1000 + unit, snipeit_model_id);
        assert!(catalogue::upsert_asset(&mut conn, &seen, Utc::now()).await.unwrap());
    }
    let id = sqlx::query_scalar("select id from equipment_models where snipeit_model_id = $1")
        .bind(number)
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    let units = sqlx::query_scalar("select id from equipment where model_id = $1 order by tag")
        .bind(id)
        .fetch_all(&mut *conn)
        .await
        .unwrap();
    Model { id, units }
}

/// A model whose units go straight through.
pub(super) async fn free_model(app: &App, units: i64, admin: &Person) -> Model {
    let model = model(app, units).await;
    let path = format!("/v1/equipment-models/{}", model.id);
    app.call(&admin.token, axum::http::Method::PATCH, &path, &json!({"approval": "none"})).await.expect(200);
    model
}

fn asset(id: i64, model_id: SnipeitModelId) -> AssetSeen {
    AssetSeen {
        id: SnipeitAssetId(id),
        tag: format!("ML-{id:06}"),
        name: None,
        serial: None,
        model_id,
        label: LabelSeen { id: SnipeitLabelId(1), name: "Ready".to_owned(), kind: LabelKind::Deployable },
        holder: None,
        last_checkout: None,
        last_checkin: None,
        expected_checkin: None,
        updated_at: None,
        deleted: false,
        particulars: Particulars::default(),
    }
}

/// A body for `POST /v1/requisitions`: one line, due in a week.
pub(super) fn requisition(project: Uuid, model: &Model, quantity: i64) -> Value {
    json!({
        "project_id": project,
        "purpose": "Measure the motor driver",
        "due_at": Utc::now() + Duration::days(7),
        "lines": [{"model_id": model.id, "quantity": quantity}],
    })
}

pub(super) async fn submitted(lab: &Lab, model: &Model) -> Value {
    let body = requisition(lab.project, model, 1);
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202)
}

/// As a worker leaves it: the loan is out, its operation applied.
pub(super) async fn checked_out(lab: &Lab, requisition: &Value) {
    let id = id_of(requisition);
    for statement in [
        "update operations set state = 'applied', fingerprint = '2026-01-10 10:00:00', settled_at = now()
         where requisition_id = $1",
        "update loans set status = 'checked_out', snipeit_user_id = 7, fingerprint = '2026-01-10 10:00:00',
             checked_out_at = now()
         where requisition_id = $1",
        "update requisitions set status = 'checked_out' where id = $1",
    ] {
        sqlx::query(statement).bind(id).execute(&lab.app.owner).await.unwrap();
    }
}

pub(super) fn id_of(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

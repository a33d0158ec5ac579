//! Who requests what: one student of one project, one model that a technician must approve, others that go straight on.

use anyhow::{Context, ensure};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{person::Language, user::Role};
use serde_json::{Value, json};

use crate::stack::{NewPerson, Person, Stack};

const ADMIN: NewPerson = person("Ada Admin", "ada.admin@lab.example", Role::Admin);
const TECHNICIAN: NewPerson = person("Tiago Técnico", "tiago.tecnico@lab.example", Role::Technician);
const STUDENT: NewPerson = person("Ana Silva", "ana.silva@lab.example", Role::Student);

pub struct Cast {
    pub student: Person,
    project: Value,
    guarded_model: Value,
    free_models: Vec<Value>,
}

impl Cast {
    /// On a stack whose catalogue has at least one model.
    pub async fn assemble(stack: &Stack) -> anyhow::Result<Self> {
        let admin = stack.first_admin(ADMIN).await?;
        stack.add_person(&admin, TECHNICIAN).await?;
        let student = stack.add_person(&admin, STUDENT).await?;
        // What staff creates is active at once.
        let project = admin.api.post("/v1/projects", &json!({ "name": "Bench" })).await?["id"].take();
        let path = format!("/v1/projects/{}/members", project.as_str().context("a project has an id")?);
        admin.api.post(&path, &json!({ "user_id": student.id, "role": "member" })).await?;
        let models = list_models(&admin).await?;
        let (guarded, free) = models.split_first().context("the catalogue has no model")?;
        let path = format!("/v1/equipment-models/{}", guarded.as_str().context("a model has an id")?);
        admin.api.patch(&path, &json!({ "approval": "technician" })).await?;
        Ok(Self { student, project, guarded_model: guarded.clone(), free_models: free.to_vec() })
    }

    /// One unit that a technician must approve.
    pub fn guarded(&self) -> Value {
        self.one_unit_of(&self.guarded_model)
    }

    /// One unit that goes straight on; the models go round.
    pub fn straight(&self, turn: usize) -> Value {
        self.one_unit_of(&self.free_models[turn % self.free_models.len()])
    }

    fn one_unit_of(&self, model: &Value) -> Value {
        json!({
            "project_id": self.project,
            "purpose": "Measuring how fast the lab is",
            "due_at": Utc::now() + Duration::days(7),
            "lines": [{ "model_id": model, "quantity": 1 }],
        })
    }
}

async fn list_models(admin: &Person) -> anyhow::Result<Vec<Value>> {
    let mut page = admin.api.get("/v1/equipment-models?limit=100").await?;
    let models = page["items"].as_array_mut().context("a list of models")?;
    ensure!(!models.is_empty(), "the catalogue is empty");
    Ok(models.iter_mut().map(|model| model["id"].take()).collect())
}

const fn person(name: &'static str, email: &'static str, role: Role) -> NewPerson<'static> {
    NewPerson { name, email, role, language: Language::En }
}

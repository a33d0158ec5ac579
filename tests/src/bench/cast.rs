//! Who requests what: one student of one project, one model that a technician must approve, others that go straight on.

use anyhow::{Context, Result};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{
    equipment::Approval,
    id::{ModelId, ProjectId},
    person::Language,
    user::Role,
};
use serde_json::{Value, json};

use crate::stack::{NewPerson, Person, RequisitionSeen, Stack, Wanted};

const ADMIN: NewPerson = person("Ada Admin", "ada.admin@lab.example", Role::Admin);
const TECHNICIAN: NewPerson = person("Tiago Técnico", "tiago.tecnico@lab.example", Role::Technician);
const STUDENT: NewPerson = person("Ana Silva", "ana.silva@lab.example", Role::Student);

const PURPOSE: &str = "Measuring how fast the lab is";

#[derive(Clone)]
pub struct Cast {
    pub student: Person,
    project: ProjectId,
    guarded_model: ModelId,
    free_models: Vec<ModelId>,
}

impl Cast {
    /// On a stack whose catalogue has at least one model.
    pub async fn assemble(stack: &Stack) -> Result<Self> {
        let admin = stack.first_admin(ADMIN).await?;
        stack.add_person(&admin, TECHNICIAN).await?;
        let student = stack.add_person(&admin, STUDENT).await?;
        let project = admin.create_project_for("Bench", &student).await?;
        let mut models: Vec<_> = admin.models().await?.into_iter().map(|model| model.id).collect();
        let guarded_model = models.pop().context("the catalogue has no model")?;
        admin.set_approval(guarded_model, Approval::Technician).await?;
        for model in &models {
            admin.set_approval(*model, Approval::None).await?;
        }
        Ok(Self { student, project, guarded_model, free_models: models })
    }

    /// One unit that a technician must approve, as the body of a submit.
    pub fn guarded(&self) -> Value {
        json!({
            "project_id": self.project,
            "purpose": PURPOSE,
            "due_at": Utc::now() + Duration::days(7),
            "lines": [{ "model_id": self.guarded_model, "quantity": 1 }],
        })
    }

    /// Submits for one unit that needs no approval; the models go round.
    pub async fn request(&self, turn: usize) -> Result<RequisitionSeen> {
        let model = self.free_models[turn % self.free_models.len()];
        self.student.submit(self.project, PURPOSE, &[Wanted::Any { model, quantity: 1 }]).await
    }
}

const fn person(name: &'static str, email: &'static str, role: Role) -> NewPerson<'static> {
    NewPerson { name, email, role, language: Language::En }
}

//! Who asks for what: dozens of borrowers in one project, a technician, models that go straight through and models that
//! need a yes.

use std::{collections::HashMap, time::Duration};

use anyhow::Result;
use makerlab_shared::domain::{
    equipment::Approval,
    id::{ModelId, ProjectId},
    person::Language,
    project::MemberRole,
    user::Role,
};

use super::ground::{ASSETS, BORROWERS, Ground, borrower};
use crate::stack::{NewPerson, Person, until};

const PATIENCE: Duration = Duration::from_secs(120);
/// Of the models, these many need a technician's yes.
const GUARDED: usize = 3;

const ADMIN: NewPerson = staff("Ada Admin", "ada.admin@lab.example", Role::Admin);
const TECHNICIAN: NewPerson = staff("Tiago Técnico", "tiago.tecnico@lab.example", Role::Technician);

#[derive(Debug, Clone)]
pub struct Cast {
    pub technician: Person,
    pub borrowers: Vec<Person>,
    pub project: ProjectId,
    pub free_models: Vec<ModelId>,
    pub guarded_models: Vec<ModelId>,
}

impl Cast {
    /// While nothing is broken yet.
    pub async fn assemble(ground: &Ground) -> Result<Self> {
        let stack = &ground.stack;
        let admin = stack.first_admin(ADMIN).await?;
        let technician = stack.add_person(&admin, TECHNICIAN).await?;
        let project = admin.create_project("Storm").await?;
        technician.activate_project(project).await?;
        let mut borrowers = Vec::new();
        for number in 1..=BORROWERS {
            let (name, email) = borrower(number);
            let new = NewPerson { name: &name, email: &email, role: Role::Student, language: Language::En };
            let person = stack.add_person(&admin, new).await?;
            admin.add_member(project, &person, MemberRole::Member).await?;
            borrowers.push(person);
        }
        let is_synced = async || {
            let models = admin.models().await.ok()?;
            let free: i64 = models.iter().map(|model| model.free_units).sum();
            (usize::try_from(free) == Ok(ASSETS)).then_some(models)
        };
        let mut free_models: Vec<_> =
            until("the catalogue is filled", PATIENCE, is_synced).await?.into_iter().map(|model| model.id).collect();
        let guarded_models = free_models.split_off(free_models.len().saturating_sub(GUARDED));
        for model in &free_models {
            admin.set_approval(*model, Approval::None).await?;
        }
        for model in &guarded_models {
            admin.set_approval(*model, Approval::Technician).await?;
        }
        Ok(Self { technician, borrowers, project, free_models, guarded_models })
    }

    pub fn by_id(&self) -> HashMap<String, Person> {
        self.borrowers.iter().map(|person| (person.id.clone(), person.clone())).collect()
    }
}

const fn staff(name: &'static str, email: &'static str, role: Role) -> NewPerson<'static> {
    NewPerson { name, email, role, language: Language::En }
}

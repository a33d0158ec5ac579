//! Who plays: the lab's people and their project, as an operator and a professor would set them up.

use anyhow::Result;
use makerlab_shared::domain::{id::ProjectId, person::Language, project::MemberRole, user::Role};

use super::{ground::Inventory, letters::is_read, permission::RealSnipeIt};
use crate::{
    mailbox::Mailbox,
    stack::{NewPerson, Person, Stack},
};

pub const PROJECT: &str = "Line-following robot";

const ADMIN: NewPerson = person("Ada Admin", "ada.admin@lab.example", Role::Admin, Language::En);
const TECHNICIAN: NewPerson = person("Tiago Técnico", "tiago.tecnico@lab.example", Role::Technician, Language::Pt);
const PROFESSOR: NewPerson = person("Marta Dias", "marta.dias@lab.example", Role::Professor, Language::Pt);
const STUDENTS: [NewPerson; 7] = [
    person("Ana Silva", "ana.silva@lab.example", Role::Student, Language::En),
    person("Bruno Costa", "bruno.costa@lab.example", Role::Student, Language::Pt),
    person("Carla Santos", "carla.santos@lab.example", Role::Student, Language::Pt),
    person("Diogo Ferreira", "diogo.ferreira@lab.example", Role::Student, Language::En),
    person("Eva Martins", "eva.martins@lab.example", Role::Student, Language::En),
    person("Inês O'Neill-Gonçalves", "ines.oneill@lab.example", Role::Student, Language::Pt),
    person("João Conceição", "joao.conceicao@lab.example", Role::Student, Language::Pt),
];

pub struct Cast {
    pub admin: Person,
    pub technician: Person,
    pub professor: Person,
    /// Everybody who requests; one person at a real Snipe-IT.
    pub students: Vec<Person>,
    pub project: ProjectId,
}

impl Cast {
    pub async fn assemble(stack: &Stack, inventory: &Inventory, mailbox: Option<&Mailbox>) -> Result<Self> {
        let admin = stack.first_admin(ADMIN).await?;
        let technician = stack.add_person(&admin, TECHNICIAN).await?;
        let professor = stack.add_person(&admin, PROFESSOR).await?;
        let mut students = Vec::new();
        for new in requesters(inventory) {
            students.push(stack.add_person(&admin, new).await?);
        }
        let project = professor.create_project(PROJECT).await?;
        is_read(mailbox, &technician, PROJECT).await;
        technician.activate_project(project).await?;
        for student in &students {
            professor.add_member(project, student, MemberRole::Member).await?;
        }
        Ok(Self { admin, technician, professor, students, project })
    }

    /// The requester of a step; the steps go round when there are more of them than people.
    pub fn student(&self, number: usize) -> &Person {
        &self.students[number % self.students.len()]
    }

    pub fn everybody(&self) -> impl Iterator<Item = &Person> {
        [&self.admin, &self.technician, &self.professor].into_iter().chain(&self.students)
    }
}

fn requesters(inventory: &Inventory) -> Vec<NewPerson<'_>> {
    match inventory {
        Inventory::Simulated(_) => STUDENTS.to_vec(),
        Inventory::Real(RealSnipeIt { borrower, .. }) => {
            vec![NewPerson { name: "Demo Borrower", email: borrower, role: Role::Student, language: Language::En }]
        }
    }
}

const fn person(name: &'static str, email: &'static str, role: Role, language: Language) -> NewPerson<'static> {
    NewPerson { name, email, role, language }
}

//! A lab with one project, one student in it, and boards that need no approval.

use std::time::Duration;

use makerlab_shared::domain::{
    equipment::Approval,
    id::{ModelId, ProjectId},
    notification::NotificationEvent,
    person::Language,
    requisition::RequisitionStatus,
    user::Role,
};
use makerlab_tests::{
    lab::shared,
    simulator::{CallKind, EffectKind, Hold, Ledger, SimulatorOptions, Step},
    stack::{LabStack, NewPerson, Person, RequisitionSeen, StackOptions, Wanted, until},
};

const PATIENCE: Duration = Duration::from_secs(60);
const TECHNICIAN: NewPerson<'static> = person("Tiago Técnico", "tiago.tecnico@lab.example", Role::Technician);
const STUDENT: NewPerson<'static> = person("Ana Silva", "ana.silva@lab.example", Role::Student);

pub struct Lab {
    pub stack: LabStack,
    pub technician: Person,
    pub student: Person,
    pub project: ProjectId,
    pub model: ModelId,
}

pub async fn lab() -> Lab {
    lab_with(|options| options).await
}

pub async fn lab_with(adjust: impl FnOnce(StackOptions) -> StackOptions) -> Lab {
    let stack = LabStack::start_with(shared().await, SimulatorOptions::default(), adjust).await.unwrap();
    let technician = stack.add_person(&stack.admin, TECHNICIAN).await.unwrap();
    let student = stack.add_person(&stack.admin, STUDENT).await.unwrap();
    let project = stack.admin.create_project_for("Robot", &student).await.unwrap();
    let synced = async || stack.admin.model_named("Arduino Uno R3").await.ok();
    let model = until("the catalogue is there", PATIENCE, synced).await.unwrap().id;
    until("its units are there", PATIENCE, async || {
        let units = stack.admin.units(model).await.ok()?;
        (units.len() == 8).then_some(())
    })
    .await
    .unwrap();
    stack.admin.set_approval(model, Approval::None).await.unwrap();
    Lab { stack, technician, student, project, model }
}

impl Lab {
    /// One board, any of them.
    pub async fn submit(&self) -> RequisitionSeen {
        let line = Wanted::Any { model: self.model, quantity: 1 };
        self.student.submit(self.project, "Line follower", &[line]).await.unwrap()
    }

    pub async fn see(&self, requisition: &RequisitionSeen) -> RequisitionSeen {
        self.student.requisition(requisition.id).await.unwrap()
    }

    pub async fn comes_to(&self, requisition: &RequisitionSeen, status: RequisitionStatus) -> RequisitionSeen {
        let what = format!("{} is {status}", requisition.number);
        let reached = until(&what, PATIENCE, async || {
            let seen = self.see(requisition).await;
            (seen.status == status).then_some(seen)
        });
        reached.await.unwrap()
    }

    /// Check-outs stop here until the hold is released.
    pub fn hold(&self, step: Step) -> Hold {
        self.stack.simulator.state().faults().hold(CallKind::Checkout, None, step)
    }

    pub fn ledger(&self) -> &Ledger {
        self.stack.simulator.state().ledger()
    }

    pub fn effects(&self) -> Vec<EffectKind> {
        self.ledger().effects().iter().map(|effect| effect.kind).collect()
    }

    /// The events of the evidence about all operations, oldest first.
    pub async fn evidence(&self) -> Vec<String> {
        let pool = sqlx::PgPool::connect(&self.stack.database.app_url()).await.unwrap();
        sqlx::query_scalar("select event from attempts order by id").fetch_all(&pool).await.unwrap()
    }

    /// Waits for so many letters and tells what each of them is.
    pub async fn letters(&self, wanted: usize) -> Vec<NotificationEvent> {
        let messages = self.stack.mailbox.wait_for(|messages| messages.len() >= wanted, PATIENCE).await.unwrap();
        let mut written = self.student.notifications().await.unwrap();
        written.extend(self.technician.notifications().await.unwrap());
        let event_of = |message_id: &str| written.iter().find(|one| message_id.contains(&one.id.to_string()));
        messages.iter().map(|message| event_of(&message.message_id).unwrap().event).collect()
    }
}

const fn person(name: &'static str, email: &'static str, role: Role) -> NewPerson<'static> {
    NewPerson { name, email, role, language: Language::En }
}

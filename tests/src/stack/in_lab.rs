//! A whole lab of one's own for a test: servers shared with other tests, everything else apart.

use std::ops::{Deref, DerefMut};

use anyhow::Context;
use makerlab_shared::domain::{person::Language, user::Role};

use super::{NewPerson, Person, Stack, StackOptions, Surroundings};
use crate::{
    lab::{LabFolder, Services, TestDatabase, random_word},
    mailbox::Mailbox,
    simulator::{Simulator, SimulatorOptions},
};

pub const ADMIN: NewPerson<'static> =
    NewPerson { name: "Ada Admin", email: "ada.admin@lab.example", role: Role::Admin, language: Language::En };

/// Everything that a requisition meets. The fields are dropped in their order: the binaries first.
pub struct LabStack {
    pub stack: Stack,
    pub admin: Person,
    pub simulator: Simulator,
    pub mailbox: Mailbox,
    pub database: TestDatabase,
}

impl LabStack {
    pub async fn start(services: &Services) -> anyhow::Result<Self> {
        Self::start_with(services, SimulatorOptions::default(), |options| options).await
    }

    pub async fn start_with(
        services: &Services,
        simulator: SimulatorOptions,
        adjust: impl FnOnce(StackOptions) -> StackOptions,
    ) -> anyhow::Result<Self> {
        let timezone = simulator.timezone;
        let simulator = Simulator::start(simulator).context("could not start the simulator")?;
        let mailbox = Mailbox::start()?;
        let database = TestDatabase::migrated_on(&services.postgres).await?;
        let surroundings = Surroundings {
            owner_url: database.owner_url().into(),
            database_url: database.app_url().into(),
            amqp_url: services.rabbitmq.amqp_url().into(),
            queue_prefix: format!("stack-{}", random_word(8)),
            snipeit_url: simulator.url().to_owned(),
            snipeit_token: simulator.token().to_owned().into(),
            snipeit_timezone: timezone.to_string(),
            smtp_url: mailbox.smtp_url().into(),
        };
        let stack = Stack::start(adjust(StackOptions::new(LabFolder::create()?, surroundings))).await?;
        let admin = stack.first_admin(ADMIN).await?;
        Ok(Self { stack, admin, simulator, mailbox, database })
    }
}

impl Deref for LabStack {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.stack
    }
}

impl DerefMut for LabStack {
    fn deref_mut(&mut self) -> &mut Stack {
        &mut self.stack
    }
}

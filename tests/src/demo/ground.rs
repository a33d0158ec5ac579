//! What the demo stands on: private servers, simulator and mail catcher, or what it was given instead of them.

use anyhow::{Context, Result};
use secrecy::SecretString;

use super::{
    leftovers, mark,
    options::Options,
    permission::{Given, RealSnipeIt},
    screen::Screen,
};
use crate::{
    lab::{LabFolder, Postgres, RabbitMq, Services, random_word, services::off_the_runtime},
    mailbox::Mailbox,
    simulator::{Simulator, SimulatorOptions},
    stack::Surroundings,
};

const DATABASE: &str = "makerlab";

/// The fields are dropped in their order.
pub struct Ground {
    pub surroundings: Surroundings,
    pub inventory: Inventory,
    /// None: letters go to a real mail server.
    pub mailbox: Option<Mailbox>,
    /// None: the given one is used.
    pub rabbitmq: Option<RabbitMq>,
    /// None: the given one is used, and nothing about it is shown.
    pub own_database: Option<SecretString>,
    _postgres: Option<Postgres>,
    pub folder: LabFolder,
}

pub enum Inventory {
    Simulated(Simulator),
    Real(RealSnipeIt),
}

impl Inventory {
    pub fn simulator(&self) -> Option<&Simulator> {
        match self {
            Self::Simulated(simulator) => Some(simulator),
            Self::Real(_) => None,
        }
    }
}

impl Ground {
    pub async fn prepare(options: &Options, given: Given, screen: &Screen) -> Result<Self> {
        let folder = LabFolder::create()?;
        if let Some(url) = &given.database {
            mark::claim(url).await?;
        }
        let servers = Servers::start(options, &given, &folder, screen).await?;
        let inventory = match given.snipeit {
            Some(real) => Inventory::Real(real),
            None => Inventory::Simulated(Simulator::start(SimulatorOptions::default()).context("the simulator")?),
        };
        let mailbox = given.mail.is_none().then(Mailbox::start).transpose()?;
        let (snipeit_url, snipeit_token, snipeit_timezone) = match &inventory {
            Inventory::Real(real) => (real.url.clone(), real.token.clone(), real.timezone.clone()),
            Inventory::Simulated(simulator) => {
                let timezone = SimulatorOptions::default().timezone.to_string();
                (simulator.url().to_owned(), simulator.token().to_owned().into(), timezone)
            }
        };
        let own_database = given.database.is_none().then(|| servers.owner_url.clone());
        let mail_catcher = mailbox.as_ref().map(|mailbox| SecretString::from(mailbox.smtp_url()));
        let surroundings = Surroundings {
            owner_url: servers.owner_url,
            database_url: servers.database_url,
            amqp_url: servers.amqp_url,
            queue_prefix: format!("makerlab-demo-{}", random_word(6)),
            snipeit_url,
            snipeit_token,
            snipeit_timezone,
            smtp_url: given.mail.or(mail_catcher).expect("without a given mail server there is the catcher"),
        };
        Ok(Self {
            surroundings,
            inventory,
            mailbox,
            rabbitmq: servers.rabbitmq,
            own_database,
            _postgres: servers.postgres,
            folder,
        })
    }
}

impl Ground {
    /// Takes away what would stay in servers that are not ours; the binaries must have ended.
    pub async fn leave(self) -> Result<()> {
        match self.rabbitmq {
            Some(_) => Ok(()),
            None => leftovers::remove(&self.surroundings.amqp_url, &self.surroundings.queue_prefix).await,
        }
    }
}

/// PostgreSQL and RabbitMQ, private unless given.
struct Servers {
    owner_url: SecretString,
    database_url: SecretString,
    amqp_url: SecretString,
    postgres: Option<Postgres>,
    rabbitmq: Option<RabbitMq>,
}

impl Servers {
    async fn start(options: &Options, given: &Given, folder: &LabFolder, screen: &Screen) -> Result<Self> {
        if let (Some(database), Some(broker)) = (&given.database, &given.broker) {
            return Ok(Self {
                owner_url: database.clone(),
                database_url: database.clone(),
                amqp_url: broker.clone(),
                postgres: None,
                rabbitmq: None,
            });
        }
        screen.say(&format!("Starting a private PostgreSQL and RabbitMQ in {}", folder.path().display()));
        let Services { postgres, rabbitmq } = Services::start(folder.clone(), options.policy()).await?;
        let server = postgres.clone();
        off_the_runtime(move || server.create_database(DATABASE, None)).await?;
        let own = |url: String| SecretString::from(url);
        let database = given.database.clone();
        Ok(Self {
            owner_url: database.clone().unwrap_or_else(|| own(postgres.owner_url(DATABASE))),
            database_url: database.unwrap_or_else(|| own(postgres.app_url(DATABASE))),
            amqp_url: given.broker.clone().unwrap_or_else(|| own(rabbitmq.amqp_url())),
            rabbitmq: given.broker.is_none().then_some(rabbitmq),
            postgres: Some(postgres),
        })
    }
}

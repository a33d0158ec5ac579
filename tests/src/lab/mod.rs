//! Private PostgreSQL and RabbitMQ for tests and demo: found or installed, started on free loopback
//! ports in a folder of their own, and gone when the process is gone, however it dies.
//! Knows nothing of the product except where its migrations lie.

pub mod database;
mod error;
pub mod folder;
pub mod packages;
pub(crate) mod ports;
pub mod postgres;
pub(crate) mod process;
pub mod rabbitmq;
pub mod services;

pub use database::TestDatabase;
pub use error::LabError;
pub use folder::LabFolder;
pub use packages::InstallPolicy;
pub use postgres::Postgres;
pub use rabbitmq::RabbitMq;
pub use services::{Services, own_postgres, own_rabbitmq, shared, shared_postgres, shared_rabbitmq};

use rand::{Rng, distr::Alphanumeric};

pub(crate) fn random_word(length: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
}

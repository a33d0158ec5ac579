//! Every test that crosses a crate, in one binary: built once, one PostgreSQL and one RabbitMQ for all of them.

mod api;
mod bells;
mod bench;
mod borrower;
mod catalogue;
mod cli;
mod lab;
mod letters;
mod mail_letters;
mod mail_transport;
mod operations;
mod readme;
mod resilience;
mod simulator;
mod snipeit_client;
mod stack;
mod sweep;
mod telemetry;

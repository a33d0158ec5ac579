//! Every test that crosses a crate, in one binary: built once, one PostgreSQL and one RabbitMQ for all of them.

mod api;
mod bells;
mod bench;
mod borrower;
mod catalogue;
mod cli;
mod crash;
mod house;
mod lab;
mod letters;
mod mail_letters;
mod mail_transport;
mod operations;
mod persons_part;
mod races;
mod readme;
mod resilience;
mod schema;
mod second_bell;
mod simulator;
mod snipeit_client;
mod stack;
mod sweep;
mod telemetry;
mod trace;

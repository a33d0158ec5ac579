//! HTTP in, problem+json out: records what people ask for, and answers from PostgreSQL alone.
//!
//! Knows nothing of Snipe-IT, its token or SMTP: it stays up and fast while they are down.

mod approval_rules;
pub mod commands;
mod database;
mod deputies;
mod findings;
mod health;
mod history;
mod http;
mod lab_settings;
mod loans;
mod models;
mod notifications;
mod openapi;
mod problem;
mod projects;
mod quotas;
mod reports;
mod requisitions;
mod router;
mod server;
mod settings;
mod state;
mod status;
mod sync_runs;
mod tokens;
mod users;
mod waiting_list;

pub use database::{Database, MIGRATIONS, connect, migrate};
pub use http::token::FreshToken;
pub use problem::{FieldError, Problem, ProblemType};
pub use router::{metrics_router, router};
pub use server::{ServeError, Server};
pub use settings::{ApiSettings, ListenSettings};
pub use state::AppState;

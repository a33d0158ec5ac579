//! A worker's context as its binary would build it, from settings: those of a floor, or others in their place.

use crate::{mailbox::Mailbox, simulator::Simulator};
use makerlab_shared::{relay::Waker, settings::Environment};
use makerlab_worker::{context::Context, serve, settings::WorkerSettings};
use sqlx::PgPool;

pub(super) fn context(pool: &PgPool, simulator: &Simulator, mailbox: &Mailbox, settings: &[(&str, &str)]) -> Context {
    let snipeit = [("SNIPEIT_URL", simulator.url()), ("SNIPEIT_API_TOKEN", simulator.token())];
    worker_beside(pool, mailbox, &[&snipeit, settings].concat())
}

/// A worker beside the Snipe-IT that `settings` name.
///
/// # Panics
/// When the settings are no good.
pub fn worker_beside(pool: &PgPool, mailbox: &Mailbox, settings: &[(&str, &str)]) -> Context {
    let smtp_url = mailbox.smtp_url();
    let mut pairs = vec![
        ("DATABASE_URL", "postgres://unused@127.0.0.1/unused"),
        ("AMQP_URL", "amqp://unused@127.0.0.1/unused"),
        ("LAB_TIMEZONE", "Europe/Lisbon"),
        ("SNIPEIT_TIMEZONE", "Europe/Lisbon"),
        ("SNIPEIT_CONNECT_TIMEOUT", "1s"),
        ("SNIPEIT_TIMEOUT", "20s"),
        ("SNIPEIT_SLACK", "100ms"),
        ("JOB_LEASE", "30s"),
        ("SNIPEIT_SERVER_LIMIT", "300ms"),
        ("SNIPEIT_PROBE_INTERVAL", "200ms"),
        ("PUBLIC_URL", "https://maker.lab.example/v1"),
        ("SMTP_URL", &smtp_url),
        ("MAIL_FROM", "MakerLab <makerlab@lab.example>"),
    ];
    pairs.retain(|(name, _)| settings.iter().all(|(other, _)| other != name));
    pairs.extend_from_slice(settings);
    let settings = WorkerSettings::load(&Environment::from_pairs(pairs)).expect("settings for tests");
    serve::context(&settings, pool.clone(), Waker::default()).expect("a worker's context")
}

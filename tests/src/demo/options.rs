//! How the demo is asked for.

use clap::Parser;

use crate::lab::InstallPolicy;

/// Starts a whole lab on this machine, plays a short day in it, and stays up for a look around.
///
/// Against a real Snipe-IT, database, broker or mail server, name it by the variables that the binaries use
/// (SNIPEIT_URL and SNIPEIT_API_TOKEN, DATABASE_URL, AMQP_URL, SMTP_URL) and say MAKERLAB_MAY_WRITE=<its host>.
#[derive(Debug, Clone, Parser)]
#[command(name = "demo")]
pub struct Options {
    /// Play, check every outcome, and exit with 0 or 1.
    #[arg(long)]
    pub once: bool,
    /// As --once, with the counts as one line of JSON on standard output and everything else on standard error.
    #[arg(long)]
    pub json: bool,
    /// Refuse rather than install PostgreSQL or RabbitMQ.
    #[arg(long)]
    pub no_install: bool,
}

impl Options {
    pub fn stays_up(&self) -> bool {
        !self.once && !self.json
    }

    pub fn policy(&self) -> InstallPolicy {
        if self.no_install { InstallPolicy::NoInstall } else { InstallPolicy::from_env() }
    }
}

//! `makerlab-api user add`: how the first people get in.

use super::{BY_COMMAND, connect};
use anyhow::Context;
use clap::Subcommand;
use makerlab_shared::{
    domain::{
        actor::Actor,
        change::{Cause, Change},
        id::UserId,
        person::{EmailAddress, Language, PersonName},
        user::{Role, User},
    },
    settings::Environment,
    store::commit::{CommitError, commit},
};
use sqlx::Connection;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add somebody; prints the id.
    Add {
        #[arg(long)]
        name: String,
        #[arg(long)]
        email: String,
        /// student, professor, technician or admin.
        #[arg(long)]
        role: Role,
        /// en or pt.
        #[arg(long, default_value_t)]
        language: Language,
    },
}

impl UserCommand {
    pub(super) async fn run(self, environment: &Environment) -> anyhow::Result<()> {
        let Self::Add { name, email, role, language } = self;
        let user = User {
            id: UserId::generate(),
            name: PersonName::parse(&name).context("--name")?,
            email: EmailAddress::parse(&email).context("--email")?,
            language,
            role,
            snipeit_user_id: None,
            version: 1,
        };
        let id = add(environment, user).await?;
        println!("{id}");
        Ok(())
    }
}

async fn add(environment: &Environment, user: User) -> anyhow::Result<UserId> {
    let id = user.id;
    let mut connection = connect(environment).await?;
    let mut transaction = connection.begin().await?;
    let cause = Cause::new(Actor::System, "created").because(BY_COMMAND);
    match commit(&mut transaction, &Change::create_user(user, &cause)).await {
        Ok(()) => transaction.commit().await?,
        Err(CommitError::Constraint(name)) if name == "users_email_key" => {
            anyhow::bail!("another user has this e-mail address")
        }
        Err(error) => return Err(error.into()),
    }
    Ok(id)
}

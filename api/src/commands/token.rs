//! `makerlab-api token issue|list|revoke`.

use super::{BY_COMMAND, connect};
use crate::FreshToken;
use anyhow::{Context, bail};
use chrono::{DateTime, Duration, Utc};
use clap::Subcommand;
use makerlab_shared::{
    domain::{
        actor::Actor,
        change::Cause,
        id::{TokenId, UserId},
        person::EmailAddress,
        token::{NewToken, Token},
    },
    settings::Environment,
    store::{commit::commit, tokens, users},
};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Issue a token; prints it, once and never again.
    Issue {
        /// A user's e-mail address or id.
        #[arg(long)]
        user: String,
        /// What it is for.
        #[arg(long, default_value = BY_COMMAND)]
        label: String,
        /// For how many days it opens anything.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
    },
    /// All tokens, without their secrets.
    List,
    /// Make a token open nothing any more.
    Revoke {
        /// Its id or its prefix (`mlr_…`), as `list` shows them.
        token: String,
    },
}

impl TokenCommand {
    pub(super) async fn run(self, environment: &Environment) -> anyhow::Result<()> {
        let mut connection = connect(environment).await?;
        match self {
            Self::Issue { user, label, days } => issue(&mut connection, &user, label, days).await,
            Self::List => list(&mut connection).await,
            Self::Revoke { token } => revoke(&mut connection, &token).await,
        }
    }
}

async fn issue(connection: &mut PgConnection, user: &str, label: String, days: i64) -> anyhow::Result<()> {
    let user_id = find_user(connection, user).await?;
    let fresh = FreshToken::generate();
    let token = NewToken {
        id: TokenId::generate(),
        user_id,
        prefix: fresh.prefix,
        hash: fresh.hash,
        label,
        expires_at: Utc::now() + Duration::days(days),
    };
    let mut transaction = connection.begin().await?;
    commit(&mut transaction, &token.issue(Actor::System)).await?;
    transaction.commit().await?;
    println!("{}", fresh.secret.expose_secret());
    Ok(())
}

async fn find_user(connection: &mut PgConnection, text: &str) -> anyhow::Result<UserId> {
    let found = match text.parse::<UserId>() {
        Ok(id) => users::find(connection, id).await?,
        Err(_) => {
            let email = EmailAddress::parse(text).context("--user is neither an id nor an e-mail address")?;
            users::find_by_email(connection, &email).await?
        }
    };
    found.map(|listed| listed.user.id).context("there is no such user; add one with `makerlab-api user add`")
}

async fn list(connection: &mut PgConnection) -> anyhow::Result<()> {
    let tokens = tokens::list(connection, None).await?;
    println!("{:<36}  {:<14}  {:<36}  {:<10}  {:<10}  label", "id", "prefix", "user", "expires", "state");
    for token in tokens {
        let expires = token.expires_at.format("%Y-%m-%d");
        let state = state_of(&token, Utc::now());
        println!("{}  {:<14}  {}  {expires}  {state:<10}  {}", token.id, token.prefix, token.user_id, token.label);
    }
    Ok(())
}

fn state_of(token: &Token, now: DateTime<Utc>) -> &'static str {
    match (token.revoked_at, token.last_used_at) {
        (Some(_), _) => "revoked",
        (None, _) if token.expires_at <= now => "expired",
        (None, None) => "unused",
        (None, Some(_)) => "used",
    }
}

async fn revoke(connection: &mut PgConnection, text: &str) -> anyhow::Result<()> {
    let mut transaction = connection.begin().await?;
    let id = match text.parse::<TokenId>() {
        Ok(id) => Some(id),
        Err(_) => tokens::find_id(&mut transaction, text).await?,
    };
    let found = match id {
        Some(id) => tokens::find_for_update(&mut transaction, id).await?,
        None => None,
    };
    let Some(token) = found else { bail!("there is no such token; `makerlab-api token list` shows them") };
    let cause = Cause::new(Actor::System, "revoked").because(BY_COMMAND);
    commit(&mut transaction, &token.revoke(&cause)).await?;
    transaction.commit().await?;
    println!("{} is revoked.", token.prefix);
    Ok(())
}

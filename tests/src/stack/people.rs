//! Who is who at the lab: the first admin by the command line, as an operator begins; everybody else over HTTP.

use anyhow::{Context, Result};
use makerlab_shared::domain::{person::Language, user::Role};
use secrecy::SecretString;
use serde_json::json;

use super::{Client, Stack, token_in};

#[derive(Debug, Clone, Copy)]
pub struct NewPerson<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub role: Role,
    pub language: Language,
}

/// Somebody with a token.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// The API as this person.
    pub api: Client,
}

impl Person {
    /// For those who want to try it by hand.
    pub fn token(&self) -> &SecretString {
        self.api.token().expect("a person's client carries a token")
    }
}

impl Stack {
    /// By `makerlab-api user add` and `makerlab-api token issue`.
    pub async fn first_admin(&self, new: NewPerson<'_>) -> Result<Person> {
        let (role, language) = (new.role.as_str(), new.language.as_str());
        let add = ["user", "add", "--name", new.name, "--email", new.email, "--role", role, "--language", language];
        let id = self.command(&add).await?.trim().to_owned();
        let printed = self.command(&["token", "issue", "--user", &id, "--label", "first"]).await?;
        let api = self.anybody()?.with_token(token_in(&printed)?);
        Ok(Person { id, name: new.name.to_owned(), email: new.email.to_owned(), role: new.role, api })
    }

    /// By an admin, over HTTP.
    pub async fn add_person(&self, admin: &Person, new: NewPerson<'_>) -> Result<Person> {
        let NewPerson { name, email, role, language } = new;
        let user = json!({ "name": name, "email": email, "role": role.as_str(), "language": language.as_str() });
        let user = admin.api.post("/v1/users", &user).await?;
        let id = text(&user["id"]).context("a new user has an id")?;
        let wanted = json!({ "user_id": id, "label": "stack", "days": 1 });
        let token = admin.api.post("/v1/tokens", &wanted).await?;
        let token = text(&token["token"]).context("a new token is shown once")?;
        let api = self.anybody()?.with_token(token.into());
        Ok(Person { id, name: name.to_owned(), email: email.to_owned(), role, api })
    }
}

fn text(value: &serde_json::Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

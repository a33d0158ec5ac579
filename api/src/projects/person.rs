//! Naming a person, by id or by e-mail address.

use crate::problem::Problem;
use makerlab_shared::{
    domain::{
        id::{ProjectId, UserId},
        person::EmailAddress,
        project::ProjectRefused,
        user::{Role, User},
    },
    store::users,
};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedPerson {
    /// Who, by id …
    pub(super) user_id: Option<Uuid>,
    /// … or by e-mail address.
    #[schema(format = "email")]
    pub(super) email: Option<String>,
}

/// Somebody named in a readable way, of whom nobody knows yet whether they exist.
#[derive(Debug)]
pub(super) struct Target {
    /// Where in the body they are named.
    at: String,
    by: By,
}

#[derive(Debug)]
enum By {
    Id(UserId),
    Email(EmailAddress),
}

impl NamedPerson {
    /// `at` is a JSON pointer to where they are named.
    pub(super) fn check(&self, at: &str) -> Result<Target, Problem> {
        let by = match (self.user_id, self.email.as_deref()) {
            (Some(id), None) => By::Id(UserId(id)),
            (None, Some(email)) => match EmailAddress::parse(email) {
                Ok(email) => By::Email(email),
                Err(error) => return Err(Problem::invalid_field(&format!("{at}/email"), error.to_string())),
            },
            (Some(_), Some(_)) | (None, None) => {
                let detail = "name the person either by user_id or by email";
                return Err(Problem::invalid_field(&format!("{at}/user_id"), detail));
            }
        };
        Ok(Target { at: at.to_owned(), by })
    }
}

impl Target {
    pub(super) async fn find(&self, conn: &mut PgConnection) -> Result<User, Problem> {
        let (found, field, detail) = match &self.by {
            By::Id(id) => (users::find(conn, *id).await?, "user_id", "no user has this id"),
            By::Email(email) => (users::find_by_email(conn, email).await?, "email", "no user has this address"),
        };
        let found = found.map(|listed| listed.user);
        found.ok_or_else(|| Problem::invalid_field(&format!("{}/{field}", self.at), detail))
    }
}

/// The two ids of an address like `/v1/projects/{id}/members/{user_id}`.
pub(super) type MemberPath = (ProjectId, UserId);

/// What a member is at the university.
pub(super) async fn role_of(conn: &mut PgConnection, user: UserId) -> Result<Role, Problem> {
    let found = users::find(conn, user).await?;
    Ok(found.map(|listed| listed.user.role).ok_or(ProjectRefused::NotThere)?)
}

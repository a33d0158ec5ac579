//! A user as clients see them: the name and the address in clear, for those who may see them.

use crate::http::words;
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{person::Language, user::Role},
    store::users::ListedUser,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    id: Uuid,
    name: String,
    email: String,
    /// The language of letters to this person.
    #[schema(schema_with = words::language)]
    language: Language,
    #[schema(schema_with = words::role)]
    role: Role,
    /// The same person in Snipe-IT; null until found there.
    snipeit_user_id: Option<i64>,
    /// How many of Snipe-IT's users had this e-mail address when they were last read: a check-out needs exactly one. Null:
    /// they were not read since the person was added.
    snipeit_users_with_email: Option<i32>,
    created_at: DateTime<Utc>,
}

impl From<ListedUser> for UserView {
    fn from(ListedUser { user, snipeit_users, created_at }: ListedUser) -> Self {
        Self {
            id: user.id.0,
            name: user.name.expose().to_owned(),
            email: user.email.expose().to_owned(),
            language: user.language,
            role: user.role,
            snipeit_user_id: user.snipeit_user_id.map(|id| id.0),
            snipeit_users_with_email: snipeit_users,
            created_at,
        }
    }
}

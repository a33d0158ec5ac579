//! A token as clients see it: everything but the secret, which is shown once.

use chrono::{DateTime, Utc};
use makerlab_shared::domain::token::Token;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TokenView {
    id: Uuid,
    user_id: Uuid,
    /// How the token begins; names it, opens nothing.
    #[schema(example = "mlr_4fXk2pQz9a")]
    prefix: String,
    label: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// To the minute.
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self {
            id: token.id.0,
            user_id: token.user_id.0,
            prefix: token.prefix,
            label: token.label,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            revoked_at: token.revoked_at,
        }
    }
}

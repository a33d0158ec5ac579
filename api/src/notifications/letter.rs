//! A letter as the staff sees it: enough to answer "I got no mail", without address, name or words.

use crate::http::words;
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        notification::{NotificationEvent, NotificationStatus},
        preference::Channel,
    },
    store::sent_letters::ListedLetter,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LetterView {
    id: Uuid,
    #[schema(schema_with = words::notification_event)]
    event: NotificationEvent,
    recipient_id: Uuid,
    requisition_id: Option<Uuid>,
    #[schema(schema_with = words::channel)]
    channel: Channel,
    /// The digest in which it was told together with others.
    digest_id: Option<Uuid>,
    /// The first letter, which this one repeats.
    resend_of: Option<Uuid>,
    #[schema(schema_with = words::notification_status)]
    status: NotificationStatus,
    attempts: i32,
    /// What the mail server said; the address is masked in it.
    outcome: Option<String>,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
}

impl From<ListedLetter> for LetterView {
    fn from(letter: ListedLetter) -> Self {
        Self {
            id: letter.id.0,
            event: letter.event,
            recipient_id: letter.recipient_id.0,
            requisition_id: letter.requisition_id.map(|id| id.0),
            channel: letter.channel,
            digest_id: letter.digest_id.map(|id| id.0),
            resend_of: letter.resend_of.map(|id| id.0),
            status: letter.status,
            attempts: letter.attempts,
            outcome: letter.outcome,
            created_at: letter.created_at,
            sent_at: letter.sent_at,
        }
    }
}

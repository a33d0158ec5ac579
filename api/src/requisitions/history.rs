//! A row of a requisition's history, as it stands in the requisition.

use crate::{
    history::{ActorView, ChangeView},
    http::words,
};
use chrono::{DateTime, Utc};
use makerlab_shared::{domain::change::Entity, store::requisition_reads::HistoryDetail};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryView {
    at: DateTime<Utc>,
    #[schema(schema_with = words::entity)]
    entity: Entity,
    entity_id: Uuid,
    event: String,
    from_status: Option<String>,
    to_status: String,
    actor: ActorView,
    /// In whose place, if not in their own right.
    on_behalf_of: Option<Uuid>,
    reason: Option<String>,
    /// What it tells beside the status.
    changes: Vec<ChangeView>,
}

impl From<HistoryDetail> for HistoryView {
    fn from(entry: HistoryDetail) -> Self {
        Self {
            at: entry.at,
            entity: entry.entity,
            entity_id: entry.entity_id,
            event: entry.event,
            from_status: entry.from_status,
            to_status: entry.to_status,
            actor: ActorView { kind: entry.actor_kind, id: entry.actor_id.map(|id| id.0) },
            on_behalf_of: entry.on_behalf_of.map(|id| id.0),
            reason: entry.reason,
            changes: entry.changes.into_iter().map(Into::into).collect(),
        }
    }
}

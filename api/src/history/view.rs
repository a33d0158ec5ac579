//! A row of history as clients see it. It holds ids: a name is asked for where names may be read.

use crate::http::words;
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{change::Entity, field_change::FieldChange},
    store::history::HistoryEvent,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    at: DateTime<Utc>,
    #[schema(schema_with = words::entity)]
    entity: Entity,
    /// A member's is the person's.
    entity_id: Uuid,
    project_id: Option<Uuid>,
    requisition_id: Option<Uuid>,
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

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActorView {
    /// `user`, `system` or `snipeit`.
    pub(crate) kind: String,
    pub(crate) id: Option<Uuid>,
}

/// A field that says something else than before: of a project's page, a loan's unit or due date, or a unit's condition.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeView {
    #[schema(example = "return_condition")]
    field: String,
    /// Null: nothing.
    before: Value,
    after: Value,
}

impl From<FieldChange> for ChangeView {
    fn from(FieldChange { field, before, after }: FieldChange) -> Self {
        Self { field: field.into_owned(), before, after }
    }
}

impl From<HistoryEvent> for EventView {
    fn from(event: HistoryEvent) -> Self {
        Self {
            at: event.at,
            entity: event.entity,
            entity_id: event.entity_id,
            project_id: event.project_id.map(|id| id.0),
            requisition_id: event.requisition_id.map(|id| id.0),
            event: event.event,
            from_status: event.from_status,
            to_status: event.to_status,
            actor: ActorView { kind: event.actor_kind, id: event.actor_id.map(|id| id.0) },
            on_behalf_of: event.on_behalf_of.map(|id| id.0),
            reason: event.reason,
            changes: event.changes.into_iter().map(Into::into).collect(),
        }
    }
}

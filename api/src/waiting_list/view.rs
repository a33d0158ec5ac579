//! A place in a line as clients see it.

use crate::{
    http::{caller::Caller, words},
    problem::Problem,
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{id::WaitingEntryId, waiting_list::WaitingStatus},
    store::{
        page::Page,
        requisition_reads::Viewer,
        waiting_list::{self, EntryFilter, ListedEntry},
    },
};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingEntryView {
    id: Uuid,
    project_id: Uuid,
    user_id: Uuid,
    model_id: Uuid,
    model_name: String,
    quantity: i32,
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    #[schema(schema_with = words::waiting_status)]
    status: WaitingStatus,
    /// In the line of its model, from 1; null once it is over.
    place: Option<i64>,
    /// Until when the units are kept: submit a requisition of this model within the period by then.
    held_until: Option<DateTime<Utc>>,
    /// What they were taken for.
    requisition_id: Option<Uuid>,
    created_at: DateTime<Utc>,
}

/// What was just written by the caller, or is theirs to touch.
pub(super) async fn load(
    conn: &mut PgConnection,
    id: WaitingEntryId,
    caller: Caller,
) -> Result<WaitingEntryView, Problem> {
    let filter = EntryFilter { id: Some(id), ..EntryFilter::default() };
    let viewer = Viewer { sees_all: true, ..caller.viewer() };
    let found = waiting_list::list(conn, viewer, &filter, Page { after: None, limit: 1 }).await?.pop();
    found.map(Into::into).ok_or_else(|| Problem::not_found("entry of the waiting list"))
}

impl From<ListedEntry> for WaitingEntryView {
    fn from(listed: ListedEntry) -> Self {
        let entry = listed.entry;
        Self {
            id: entry.id.0,
            project_id: entry.project_id.0,
            user_id: entry.user_id.0,
            model_id: entry.model_id.0,
            model_name: listed.model_name,
            quantity: entry.quantity,
            starts_at: entry.period.starts_at,
            due_at: entry.period.due_at,
            status: entry.status,
            place: listed.place,
            held_until: entry.held_until,
            requisition_id: entry.requisition_id.map(|id| id.0),
            created_at: listed.created_at,
        }
    }
}

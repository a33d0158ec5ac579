//! Rows of history, and what they tell beside the status. Neither is ever changed.

use super::CommitError;
use crate::domain::change::HistoryEntry;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn insert_history(conn: &mut PgConnection, history: &[HistoryEntry]) -> Result<(), CommitError> {
    if history.is_empty() {
        return Ok(());
    }
    let column = |pick: fn(&HistoryEntry) -> &'static str| history.iter().map(pick).collect::<Vec<_>>();
    let entity_ids: Vec<Uuid> = history.iter().map(|entry| entry.entity_id).collect();
    let project_ids: Vec<Option<Uuid>> = history.iter().map(|entry| entry.project_id.map(|id| id.0)).collect();
    let requisition_ids: Vec<Option<Uuid>> = history.iter().map(|entry| entry.requisition_id.map(|id| id.0)).collect();
    let from: Vec<Option<&str>> = history.iter().map(|entry| entry.from_status).collect();
    let actor_ids: Vec<Option<Uuid>> = history.iter().map(|entry| entry.actor.user_id().map(|id| id.0)).collect();
    let on_behalf_of: Vec<Option<Uuid>> = history.iter().map(|entry| entry.on_behalf_of.map(|id| id.0)).collect();
    let reasons: Vec<Option<&str>> = history.iter().map(|entry| entry.reason.as_deref()).collect();
    let written = sqlx::query_scalar!(
        "insert into status_history
             (entity, entity_id, project_id, requisition_id, event, from_status, to_status, actor_kind, actor_id,
              on_behalf_of, reason)
         select told.entity, told.entity_id, coalesce(told.project_id, requisitions.project_id), told.requisition_id,
                told.event, told.from_status, told.to_status, told.actor_kind, told.actor_id, told.on_behalf_of,
                told.reason
         from unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::uuid[], $10::uuid[], $11::text[]) with ordinality
             as told (entity, entity_id, project_id, requisition_id, event, from_status, to_status, actor_kind,
                      actor_id, on_behalf_of, reason, place)
         left join requisitions on requisitions.id = told.requisition_id
         order by told.place
         returning id",
        &column(|entry| entry.entity.as_str()) as &[&str],
        &entity_ids,
        &project_ids as &[Option<Uuid>],
        &requisition_ids as &[Option<Uuid>],
        &column(|entry| entry.event) as &[&str],
        &from as &[Option<&str>],
        &column(|entry| entry.to_status) as &[&str],
        &column(|entry| entry.actor.kind()) as &[&str],
        &actor_ids as &[Option<Uuid>],
        &on_behalf_of as &[Option<Uuid>],
        &reasons as &[Option<&str>],
    );
    let mut numbers = written.fetch_all(&mut *conn).await?;
    // They are counted in the order in which they are told.
    numbers.sort_unstable();
    insert_changes(conn, history, &numbers).await
}

async fn insert_changes(conn: &mut PgConnection, history: &[HistoryEntry], numbers: &[i64]) -> Result<(), CommitError> {
    let of_rows = history.iter().zip(numbers);
    let changes: Vec<_> =
        of_rows.flat_map(|(row, number)| row.changes.iter().map(move |change| (*number, change))).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = changes.iter().map(|(number, _)| *number).collect();
    let fields: Vec<&str> = changes.iter().map(|(_, change)| change.field.as_ref()).collect();
    let before: Vec<Value> = changes.iter().map(|(_, change)| change.before.clone()).collect();
    let after: Vec<Value> = changes.iter().map(|(_, change)| change.after.clone()).collect();
    sqlx::query!(
        "insert into history_changes (history_id, field, before, after)
         select * from unnest($1::bigint[], $2::text[], $3::jsonb[], $4::jsonb[])",
        &numbers,
        &fields as &[&str],
        &before,
        &after,
    )
    .execute(conn)
    .await?;
    Ok(())
}

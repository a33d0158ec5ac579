//! Rows of history, which are never changed.

use super::CommitError;
use crate::domain::change::HistoryEntry;
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
    sqlx::query!(
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
         order by told.place",
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
    )
    .execute(conn)
    .await?;
    Ok(())
}

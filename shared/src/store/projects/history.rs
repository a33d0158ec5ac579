//! What happened in a project: to itself, to its members, and to everything that was asked for in its name.

use crate::{
    domain::{
        change::Entity,
        field_change::FieldChange,
        id::{ProjectId, RequisitionId, UserId},
        person::PersonName,
    },
    store::{
        StoreError,
        page::{After, Page},
    },
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectEvent {
    number: i64,
    pub at: DateTime<Utc>,
    pub entity: Entity,
    pub entity_id: Uuid,
    pub requisition_id: Option<RequisitionId>,
    pub requisition_number: Option<String>,
    pub event: String,
    pub from_status: Option<String>,
    pub to_status: String,
    pub actor_kind: String,
    pub actor_id: Option<UserId>,
    pub actor_name: Option<PersonName>,
    /// In whose place.
    pub on_behalf_of: Option<UserId>,
    /// Whose membership it was.
    pub member_name: Option<PersonName>,
    pub reason: Option<String>,
    /// What it tells beside the status.
    pub changes: Vec<FieldChange>,
}

impl ProjectEvent {
    pub fn position(&self) -> After {
        After::numbered(self.at, self.number)
    }
}

/// The newest first.
pub async fn list_history(
    conn: &mut PgConnection,
    project: ProjectId,
    page: Page,
) -> Result<Vec<ProjectEvent>, StoreError> {
    let rows = sqlx::query!(
        r#"select h.id, h.at, h.entity, h.entity_id, h.requisition_id, r.number as "number?", h.event, h.from_status,
                  h.to_status, h.actor_kind, h.actor_id, actor.name as "actor_name?", member.name as "member_name?",
                  h.on_behalf_of, h.reason, changes_of(h.id) as "changes!: Json<Vec<FieldChange>>"
           from status_history h
           left join requisitions r on r.id = h.requisition_id
           left join users actor on actor.id = h.actor_id
           left join users member on member.id = h.entity_id and h.entity = 'project_member'
           where h.project_id = $1 and ($2::bigint is null or h.id < $2)
           order by h.id desc
           limit $3"#,
        project.0,
        page.number_before(),
        page.limit
    );
    let events = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(ProjectEvent {
            number: row.id,
            at: row.at,
            entity: row.entity.parse()?,
            entity_id: row.entity_id,
            requisition_id: row.requisition_id.map(RequisitionId),
            requisition_number: row.number,
            event: row.event,
            from_status: row.from_status,
            to_status: row.to_status,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id.map(UserId),
            actor_name: row.actor_name.map(PersonName::from_stored),
            on_behalf_of: row.on_behalf_of.map(UserId),
            member_name: row.member_name.map(PersonName::from_stored),
            reason: row.reason,
            changes: row.changes.0,
        })
    });
    events.collect()
}

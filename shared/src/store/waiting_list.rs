//! Who waits for what. Writing goes through `commit`.

use super::{
    StoreError,
    commit::{CommitError, commit},
    overdue,
    page::Page,
    requisition_reads::Viewer,
    shelf,
};
use crate::domain::{
    id::{EquipmentId, LoanId, ModelId, ProjectId, RequisitionId, UserId, WaitingEntryId},
    project::{MemberRole, ProjectStatus},
    requisition::Period,
    waiting_list::{InLine, Line, NamedEntry, WaitingEntry, WaitingStatus, serve},
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

struct EntryRow {
    id: Uuid,
    project_id: Uuid,
    model_id: Uuid,
    user_id: Uuid,
    quantity: i32,
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    status: String,
    held_until: Option<DateTime<Utc>>,
    requisition_id: Option<Uuid>,
    version: i32,
}

impl EntryRow {
    fn read(self) -> Result<WaitingEntry, StoreError> {
        Ok(WaitingEntry {
            id: self.id.into(),
            project_id: self.project_id.into(),
            model_id: self.model_id.into(),
            user_id: self.user_id.into(),
            quantity: self.quantity,
            period: Period { starts_at: self.starts_at, due_at: self.due_at },
            status: self.status.parse()?,
            held_until: self.held_until,
            requisition_id: self.requisition_id.map(Into::into),
            version: self.version,
        })
    }
}

/// Locked against every other change until the transaction ends.
pub async fn find_for_update(conn: &mut PgConnection, id: WaitingEntryId) -> Result<Option<WaitingEntry>, StoreError> {
    let row = sqlx::query_as!(
        EntryRow,
        "select id, project_id, model_id, user_id, quantity, starts_at, due_at, status, held_until, requisition_id, version
         from waiting_list where id = $1 for update",
        id.0
    );
    row.fetch_optional(conn).await?.map(EntryRow::read).transpose()
}

/// What is kept for somebody, the longest wait first, each with its units.
pub async fn list_held(
    conn: &mut PgConnection,
    user: UserId,
) -> Result<Vec<(WaitingEntry, Vec<EquipmentId>)>, StoreError> {
    let rows = sqlx::query_as!(
        EntryRow,
        "select id, project_id, model_id, user_id, quantity, starts_at, due_at, status, held_until, requisition_id, version
         from waiting_list where user_id = $1 and status = 'held' order by created_at, id",
        user.0
    );
    let entries: Vec<_> =
        rows.fetch_all(&mut *conn).await?.into_iter().map(EntryRow::read).collect::<Result<_, _>>()?;
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.id.0).collect();
    let holds = sqlx::query!(
        "select entry_id, equipment_id from holds where entry_id = any($1) and ended_at is null order by id",
        &ids
    );
    let holds = holds.fetch_all(conn).await?;
    let with_units = entries.into_iter().map(|entry| {
        let its = holds.iter().filter(|hold| hold.entry_id == entry.id.0);
        let units = its.map(|hold| EquipmentId(hold.equipment_id)).collect();
        (entry, units)
    });
    Ok(with_units.collect())
}

/// Who waits for equipment for a project, or has some kept. Locked against every other change until the transaction ends,
/// model by model as those who choose units lock them.
pub async fn list_for_update(conn: &mut PgConnection, project: ProjectId) -> Result<Vec<NamedEntry>, StoreError> {
    let rows = sqlx::query!(
        "select w.id, w.project_id, w.model_id, w.user_id, w.quantity, w.starts_at, w.due_at, w.status, w.held_until,
                w.requisition_id, w.version, m.name as model_name
         from waiting_list w
         join equipment_models m on m.id = w.model_id
         where w.project_id = $1 and w.status in ('waiting', 'held')
         order by w.model_id, w.created_at, w.id
         for update of w",
        project.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let entry = EntryRow {
            id: row.id,
            project_id: row.project_id,
            model_id: row.model_id,
            user_id: row.user_id,
            quantity: row.quantity,
            starts_at: row.starts_at,
            due_at: row.due_at,
            status: row.status,
            held_until: row.held_until,
            requisition_id: row.requisition_id,
            version: row.version,
        };
        Ok(NamedEntry { entry: entry.read()?, model_name: row.model_name })
    });
    let mut places: Vec<NamedEntry> = rows.collect::<Result<_, StoreError>>()?;
    // Told in the order in which they were joined: the ids grow with time.
    places.sort_by_key(|place| place.entry.id);
    Ok(places)
}

/// Everybody in line for a model, with all that serving them goes by, and their places locked until the transaction ends.
/// Call it while the model is locked.
pub async fn load_line(conn: &mut PgConnection, model: ModelId) -> Result<Option<Line>, StoreError> {
    let row =
        sqlx::query!("select m.name, s.hold_hours from equipment_models m, lab_settings s where m.id = $1", model.0)
            .fetch_optional(&mut *conn)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let entries = sqlx::query_as!(
        EntryRow,
        "select id, project_id, model_id, user_id, quantity, starts_at, due_at, status, held_until, requisition_id, version
         from waiting_list where model_id = $1 and status in ('waiting', 'held') order by created_at, id for update",
        model.0
    );
    let entries: Vec<_> =
        entries.fetch_all(&mut *conn).await?.into_iter().map(EntryRow::read).collect::<Result<_, _>>()?;
    let entries = find_standings(conn, entries).await?;
    let plans = shelf::list_plans(conn, model, None).await?;
    let rules = shelf::load_rules(conn).await?;
    Ok(Some(Line { model_name: row.name, entries, plans, rules, hold: TimeDelta::hours(row.hold_hours.into()) }))
}

/// A statement of its own: what stands now that the places are locked.
async fn find_standings(conn: &mut PgConnection, entries: Vec<WaitingEntry>) -> Result<Vec<InLine>, StoreError> {
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.id.0).collect();
    let rows = sqlx::query!(
        r#"select w.id as "id!", p.status as "status!", m.role as "role?"
           from waiting_list w
           join projects p on p.id = w.project_id
           left join project_members m on m.project_id = w.project_id and m.user_id = w.user_id
           where w.id = any($1)"#,
        &ids
    );
    let mut standings = HashMap::new();
    for row in rows.fetch_all(&mut *conn).await? {
        let role: Option<MemberRole> = row.role.map(|word| word.parse()).transpose()?;
        standings.insert(row.id, (row.status.parse::<ProjectStatus>()?, role));
    }
    let mut in_line = Vec::new();
    for entry in entries {
        let Some((project_status, member_role)) = standings.remove(&entry.id.0) else { continue };
        let overdue = overdue::find_standing(conn, entry.user_id).await?;
        in_line.push(InLine { entry, project_status, member_role, overdue });
    }
    Ok(in_line)
}

/// Whether somebody waits for a model for whom nothing is kept yet.
pub async fn is_waited_for(conn: &mut PgConnection, model: ModelId) -> Result<bool, StoreError> {
    let waits = sqlx::query_scalar!(
        r#"select exists (select from waiting_list where model_id = $1 and status = 'waiting') as "waits!""#,
        model.0
    );
    Ok(waits.fetch_one(conn).await?)
}

/// Where somebody waits for a model: as the job that serves its line does it. Call it while the model is locked.
pub async fn serve_first(conn: &mut PgConnection, model: ModelId) -> Result<(), CommitError> {
    if is_waited_for(conn, model).await?
        && let Some(line) = load_line(conn, model).await?
    {
        commit(conn, &serve(line)).await?;
    }
    Ok(())
}

/// A loan that is out, and who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HolderToTell {
    pub loan: LoanId,
    pub requisition: RequisitionId,
    pub borrower: UserId,
}

/// Who has a unit out that somebody else waits for, and has not been told so of this loan.
pub async fn list_holders_to_tell(conn: &mut PgConnection, model: ModelId) -> Result<Vec<HolderToTell>, StoreError> {
    let rows = sqlx::query!(
        "select l.id, l.requisition_id, l.borrower_id
         from loans l
         join equipment e on e.id = l.equipment_id
         where e.model_id = $1 and is_with_borrower(l.status, l.replaced_at)
             and is_waited_for(e.model_id, l.borrower_id, l.starts_at, l.due_at)
             and not exists (
                 select from notifications n
                 where n.subject_id = l.id and n.event = 'somebody_waits' and n.status <> 'moot')
         order by l.id",
        model.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter().map(|row| HolderToTell {
        loan: row.id.into(),
        requisition: row.requisition_id.into(),
        borrower: row.borrower_id.into(),
    });
    Ok(rows.collect())
}

/// An entry with what people want to see beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEntry {
    pub entry: WaitingEntry,
    pub model_name: String,
    /// Its place in the line, from 1; `None` once it is over.
    pub place: Option<i64>,
    pub created_at: DateTime<Utc>,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct EntryFilter {
    pub id: Option<WaitingEntryId>,
    pub model: Option<ModelId>,
    pub status: Option<WaitingStatus>,
}

/// The newest first: all of them for those who see all, else the viewer's own.
pub async fn list(
    conn: &mut PgConnection,
    viewer: Viewer,
    filter: &EntryFilter,
    page: Page,
) -> Result<Vec<ListedEntry>, StoreError> {
    let rows = sqlx::query!(
        r#"select w.id, w.project_id, w.model_id, w.user_id, w.quantity, w.starts_at, w.due_at, w.status, w.held_until,
                  w.requisition_id, w.version, w.created_at, m.name as model_name,
                  case when w.status in ('waiting', 'held') then (
                      select count(*) from waiting_list o
                      where o.model_id = w.model_id and o.status in ('waiting', 'held')
                          and (o.created_at, o.id) <= (w.created_at, w.id)) end as place
           from waiting_list w
           join equipment_models m on m.id = w.model_id
           where ($1 or w.user_id = $2)
               and ($3::uuid is null or w.id = $3)
               and ($4::uuid is null or w.model_id = $4)
               and ($5::text is null or w.status = $5)
               and ($6::timestamptz is null or (w.created_at, w.id) < ($6, $7::uuid))
           order by w.created_at desc, w.id desc
           limit $8"#,
        viewer.sees_all,
        viewer.user.0,
        filter.id.map(|id| id.0),
        filter.model.map(|id| id.0),
        filter.status.map(WaitingStatus::as_str),
        page.created_before(),
        page.id_before(),
        page.limit,
    );
    let rows = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let entry = EntryRow {
            id: row.id,
            project_id: row.project_id,
            model_id: row.model_id,
            user_id: row.user_id,
            quantity: row.quantity,
            starts_at: row.starts_at,
            due_at: row.due_at,
            status: row.status,
            held_until: row.held_until,
            requisition_id: row.requisition_id,
            version: row.version,
        };
        let entry = entry.read()?;
        Ok(ListedEntry { entry, model_name: row.model_name, place: row.place, created_at: row.created_at })
    });
    rows.collect()
}

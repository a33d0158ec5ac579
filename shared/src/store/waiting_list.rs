//! Who waits for what. Writing goes through `commit`.

use super::{StoreError, page::Page, requisition_reads::Viewer, shelf};
use crate::domain::{
    id::{LoanId, ModelId, RequisitionId, UserId, WaitingEntryId},
    requisition::Period,
    waiting_list::{Line, WaitingEntry, WaitingStatus},
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Whether somebody waits whom a unit of the model would serve in this period.
pub async fn somebody_waits(conn: &mut PgConnection, model: ModelId, period: Period) -> Result<bool, StoreError> {
    let waits = sqlx::query_scalar!(
        r#"select exists (
               select from waiting_list
               where model_id = $1 and status = 'waiting' and tstzrange(starts_at, due_at) && tstzrange($2, $3))
               as "waits!""#,
        model.0,
        period.starts_at,
        period.due_at,
    );
    Ok(waits.fetch_one(conn).await?)
}

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

/// What is kept for somebody, the longest wait first.
pub async fn list_held(conn: &mut PgConnection, user: UserId) -> Result<Vec<WaitingEntry>, StoreError> {
    let rows = sqlx::query_as!(
        EntryRow,
        "select id, project_id, model_id, user_id, quantity, starts_at, due_at, status, held_until, requisition_id, version
         from waiting_list where user_id = $1 and status = 'held' order by created_at, id",
        user.0
    );
    rows.fetch_all(conn).await?.into_iter().map(EntryRow::read).collect()
}

/// Everybody in line for a model, with all that serving them goes by. Call it while the model is locked.
pub async fn load_line(conn: &mut PgConnection, model: ModelId) -> Result<Option<Line>, StoreError> {
    let row =
        sqlx::query!("select m.name, s.hold_hours from equipment_models m, lab_settings s where m.id = $1", model.0)
            .fetch_optional(&mut *conn)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let entries = sqlx::query_as!(
        EntryRow,
        "select id, project_id, model_id, user_id, quantity, starts_at, due_at, status, held_until, requisition_id, version
         from waiting_list where model_id = $1 and status in ('waiting', 'held') order by created_at, id",
        model.0
    );
    let entries = entries.fetch_all(&mut *conn).await?.into_iter().map(EntryRow::read).collect::<Result<_, _>>()?;
    let plans = shelf::list_plans(conn, model, None).await?;
    let rules = shelf::load_rules(conn).await?;
    Ok(Some(Line { model_name: row.name, entries, plans, rules, hold: TimeDelta::hours(row.hold_hours.into()) }))
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
         where e.model_id = $1 and l.status = 'checked_out'
             and exists (
                 select from waiting_list w
                 where w.model_id = $1 and w.status = 'waiting' and w.user_id <> l.borrower_id
                     and (l.due_at <= lab_now()
                         or tstzrange(w.starts_at, w.due_at) && tstzrange(l.starts_at, l.due_at)))
             and not exists (
                 select from notifications n where n.subject_id = l.id and n.event = 'somebody_waits')
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

/// Whether another job serves this line within the hour: of several the one with the last id goes on.
pub async fn is_served_by_another_job(conn: &mut PgConnection, model: ModelId, job: Uuid) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select exists (
               select from jobs
               where subject_id = $1 and kind = 'serve_waiting_list' and state = 'open' and id > $2
                   and due_at <= now() + interval '1 hour') as "found!""#,
        model.0,
        job,
    );
    Ok(found.fetch_one(conn).await?)
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

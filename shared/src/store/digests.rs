//! Digests as the worker makes them. What is gathered and how far it got is written by [`commit`](super::commit).

use super::{
    StoreError,
    letters::{DeputySubject, Reader, UnitTold},
};
use crate::domain::{
    digest::DigestHour,
    id::{DigestId, NotificationId, ProjectId, RequisitionId, UserId},
    notification::{Message, NotificationEvent, NotificationStatus},
    person::{EmailAddress, PersonName},
    requisition::Period,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// What waits to be told, the oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    pub id: NotificationId,
    pub since: DateTime<Utc>,
}

/// What waits for a person's digest. Until the transaction ends nothing is added to it.
///
/// Whoever writes a notification holds a key-share lock on its reader (`commit` takes it first of all), so that this lock
/// waits for them and keeps the next ones waiting. Without it a job could end just when somebody relies on it.
pub async fn lock_waiting(conn: &mut PgConnection, person: UserId) -> Result<Vec<Waiting>, StoreError> {
    sqlx::query!("select id from users where id = $1 for update", person.0).fetch_optional(&mut *conn).await?;
    let rows = sqlx::query!(
        "select id, created_at from notifications
         where recipient_id = $1 and channel = 'digest' and digest_id is null and status = 'queued'
         order by created_at, id",
        person.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows.map(|row| Waiting { id: row.id.into(), since: row.created_at }).collect())
}

/// When a person wants to hear, and which day was the last that has a digest.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    pub hour: DigestHour,
    pub last_day: Option<NaiveDate>,
}

pub async fn find_schedule(conn: &mut PgConnection, person: UserId) -> Result<Option<Schedule>, StoreError> {
    let row = sqlx::query!(
        "select digest_hour, (select max(day) from digests where recipient_id = users.id) as last_day
         from users where id = $1",
        person.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Schedule { hour: DigestHour::from_stored(row.digest_hour), last_day: row.last_day }))
}

/// A digest that was gathered, with its reader.
#[derive(Debug, Clone)]
pub struct DigestRow {
    pub id: DigestId,
    pub status: NotificationStatus,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
    /// `None`: the person was erased.
    pub reader: Option<Reader>,
}

/// The digest of a person that may still be sent; the schema allows one.
pub async fn find_open(conn: &mut PgConnection, person: UserId) -> Result<Option<DigestRow>, StoreError> {
    let row = sqlx::query!(
        "select digests.id, digests.status, digests.attempts, digests.created_at,
                users.name, users.email, users.language, users.erased_at
         from digests
         join users on users.id = digests.recipient_id
         where digests.recipient_id = $1 and digests.settled_at is null",
        person.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let reader = match row.erased_at {
        Some(_) => None,
        None => Some(Reader {
            name: PersonName::from_stored(row.name),
            email: EmailAddress::from_stored(row.email),
            language: row.language.parse()?,
        }),
    };
    Ok(Some(DigestRow {
        id: row.id.into(),
        status: row.status.parse()?,
        attempts: row.attempts,
        created_at: row.created_at,
        reader,
    }))
}

/// One of the things that a digest tells, with what it is about as it stands now.
#[derive(Debug, Clone)]
pub struct Told {
    pub id: NotificationId,
    pub event: NotificationEvent,
    pub at: DateTime<Utc>,
    pub message: Option<Message>,
    pub about: Option<Matter>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    Requisition {
        id: RequisitionId,
        number: String,
        project_name: String,
        purpose: String,
        period: Period,
        unit: Option<UnitTold>,
    },
    Project {
        id: ProjectId,
        name: String,
    },
    Deputy(DeputySubject),
}

/// In the order in which it happened, without what is over by now.
pub async fn list_told(conn: &mut PgConnection, id: DigestId) -> Result<Vec<Told>, StoreError> {
    let rows = sqlx::query!(
        r#"select notifications.id, notifications.event, notifications.created_at, notifications.message,
                  notifications.grounds, requisitions.id as "requisition_id?", requisitions.number as "number?",
                  requisitions.purpose as "purpose?", requisitions.starts_at as "starts_at?",
                  requisitions.due_at as "due_at?", projects.id as "project_id?", projects.name as "project_name?",
                  models.name as "model_name?", equipment.tag as "tag?", loans.due_at as "unit_due_at?",
                  loans.return_condition as "return_condition?", borrowers.name as "borrower?", wishes.due_at as "wished_until?",
                  away.name as "absent?", deputies.starts_at as "away_from?", deputies.until as "away_until?"
           from notifications
           left join requisitions on requisitions.id = notifications.requisition_id
           left join projects on projects.id = coalesce(requisitions.project_id, notifications.subject_id)
           left join loans on loans.id = notifications.subject_id
           left join equipment on equipment.id = loans.equipment_id
           left join equipment_models models on models.id = equipment.model_id
           left join users borrowers on borrowers.id = loans.borrower_id
           left join loan_extensions wishes on wishes.loan_id = loans.id and wishes.status = 'asked'
           left join deputies on deputies.id = notifications.subject_id
           left join users away on away.id = deputies.user_id
           where notifications.digest_id = $1 and notifications.status <> 'moot'
           order by notifications.created_at, notifications.id"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    let told = rows.into_iter().map(|row| {
        let project = row.project_id.zip(row.project_name);
        let condition = row.return_condition.map(|word| word.parse()).transpose()?;
        let unit = match (row.model_name, row.tag, row.unit_due_at, row.borrower.map(PersonName::from_stored)) {
            (Some(model_name), Some(tag), Some(due_at), Some(borrower)) => {
                let wished_until = row.wished_until;
                Some(UnitTold { model_name, tag, due_at, condition, borrower, wished_until })
            }
            _ => None,
        };
        let deputy = match (row.absent.map(PersonName::from_stored), row.away_from, row.away_until) {
            (Some(absent), Some(starts_at), Some(until)) => {
                Some(Matter::Deputy(DeputySubject { absent, starts_at, until }))
            }
            _ => None,
        };
        let about = match (row.requisition_id, row.number, row.purpose, row.starts_at.zip(row.due_at), project) {
            (Some(id), Some(number), Some(purpose), Some((starts_at, due_at)), Some((_, project_name))) => {
                let period = Period { starts_at, due_at };
                Some(Matter::Requisition { id: id.into(), number, project_name, purpose, period, unit })
            }
            (.., Some((id, name))) => Some(Matter::Project { id: id.into(), name }),
            (.., None) => deputy,
        };
        let message = Message::from_stored(row.message, row.grounds);
        Ok(Told { id: row.id.into(), event: row.event.parse()?, at: row.created_at, message, about })
    });
    told.collect()
}

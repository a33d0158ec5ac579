//! Letters as the worker writes them: who reads it, and the requisition as it stands at that moment.
//!
//! How far a letter got is written by [`commit`](super::commit) alone.

use super::StoreError;
use crate::domain::{
    id::{DeputyId, NotificationId, ProjectId, RequisitionId, UserId, WaitingEntryId},
    notification::{Message, NotificationEvent, NotificationStatus},
    operation::OperationKind,
    person::{EmailAddress, Language, PersonName},
    project::MemberRole,
    requisition::{LineStatus, LoanStatus, Period, ReturnCondition},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// One notification with its reader.
#[derive(Debug, Clone)]
pub struct LetterRow {
    pub id: NotificationId,
    pub event: NotificationEvent,
    pub status: NotificationStatus,
    pub attempts: i32,
    pub message: Option<Message>,
    pub requisition_id: Option<RequisitionId>,
    pub subject_id: Uuid,
    pub recipient_id: UserId,
    pub created_at: DateTime<Utc>,
    /// `None`: the person was erased.
    pub reader: Option<Reader>,
}

#[derive(Debug, Clone)]
pub struct Reader {
    pub name: PersonName,
    pub email: EmailAddress,
    pub language: Language,
}

pub async fn find(conn: &mut PgConnection, id: NotificationId) -> Result<Option<LetterRow>, StoreError> {
    let row = sqlx::query!(
        "select notifications.event, notifications.status, notifications.attempts, notifications.message, notifications.grounds,
                notifications.requisition_id, notifications.subject_id, notifications.recipient_id,
                notifications.created_at, users.name, users.email, users.language, users.erased_at
         from notifications
         join users on users.id = notifications.recipient_id
         where notifications.id = $1",
        id.0
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
    Ok(Some(LetterRow {
        id,
        event: row.event.parse()?,
        status: row.status.parse()?,
        attempts: row.attempts,
        message: Message::from_stored(row.message, row.grounds),
        requisition_id: row.requisition_id.map(Into::into),
        subject_id: row.subject_id,
        recipient_id: row.recipient_id.into(),
        created_at: row.created_at,
        reader,
    }))
}

/// What a letter may tell of a requisition.
#[derive(Debug, Clone)]
pub struct Subject {
    pub number: String,
    pub project_name: String,
    pub purpose: String,
    pub period: Period,
    pub lines: Vec<LineRow>,
    /// The unit that the letter is about more closely.
    pub unit: Option<UnitTold>,
}

/// One unit and its loan, as they stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitTold {
    pub model_name: String,
    pub tag: String,
    pub due_at: DateTime<Utc>,
    pub condition: Option<ReturnCondition>,
    /// Who has it, or had it.
    pub borrower: PersonName,
    /// Until when more time was asked for that nobody has decided yet.
    pub wished_until: Option<DateTime<Utc>>,
}

/// One line, in the order in which they were asked for.
#[derive(Debug, Clone)]
pub struct LineRow {
    pub model_name: String,
    pub quantity: i32,
    pub status: LineStatus,
    /// What was granted, once somebody decided: the model's name and how many.
    pub granted: Option<(String, i32)>,
    pub decision_reason: Option<String>,
    /// The unit that the line names, if it names one.
    pub named_tag: Option<String>,
    pub units: Vec<UnitRow>,
}

/// One unit given or promised for a line.
#[derive(Debug, Clone)]
pub struct UnitRow {
    pub tag: String,
    pub status: LoanStatus,
    /// How it comes back, once somebody has said so.
    pub condition: Option<ReturnCondition>,
    /// Nobody knows at the moment what became of its latest operation.
    pub is_uncertain: bool,
}

/// `more_closely`: what of the requisition the letter is about, perhaps a loan.
pub async fn find_subject(
    conn: &mut PgConnection,
    id: RequisitionId,
    more_closely: Uuid,
) -> Result<Option<Subject>, StoreError> {
    let row = sqlx::query!(
        "select requisitions.number, requisitions.purpose, requisitions.starts_at, requisitions.due_at,
                projects.name as project_name
         from requisitions
         join projects on projects.id = requisitions.project_id
         where requisitions.id = $1",
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Subject {
        number: row.number,
        project_name: row.project_name,
        purpose: row.purpose,
        period: Period { starts_at: row.starts_at, due_at: row.due_at },
        lines: list_lines(&mut *conn, id).await?,
        unit: find_unit(conn, more_closely).await?,
    }))
}

async fn find_unit(conn: &mut PgConnection, loan: Uuid) -> Result<Option<UnitTold>, StoreError> {
    let row = sqlx::query!(
        "select models.name as model_name, equipment.tag, loans.due_at, loans.return_condition, users.name as borrower,
                (select wish.due_at from loan_extensions wish
                 where wish.loan_id = loans.id and wish.status = 'asked') as wished_until
         from loans
         join equipment on equipment.id = loans.equipment_id
         join equipment_models models on models.id = equipment.model_id
         join users on users.id = loans.borrower_id
         where loans.id = $1",
        loan
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let condition = row.return_condition.map(|word| word.parse()).transpose()?;
    let borrower = PersonName::from_stored(row.borrower);
    Ok(Some(UnitTold {
        model_name: row.model_name,
        tag: row.tag,
        due_at: row.due_at,
        condition,
        borrower,
        wished_until: row.wished_until,
    }))
}

/// What a letter may tell of a project.
#[derive(Debug, Clone)]
pub struct ProjectSubject {
    pub id: ProjectId,
    pub name: String,
    /// What the reader is in it now.
    pub role: Option<MemberRole>,
}

pub async fn find_project(
    conn: &mut PgConnection,
    id: ProjectId,
    reader: UserId,
) -> Result<Option<ProjectSubject>, StoreError> {
    let row = sqlx::query!(
        r#"select projects.name, project_members.role as "role?"
           from projects
           left join project_members on project_members.project_id = projects.id and project_members.user_id = $2
           where projects.id = $1"#,
        id.0,
        reader.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ProjectSubject { id, name: row.name, role: row.role.map(|word| word.parse()).transpose()? }))
}

/// The project for which somebody waits at this place.
pub async fn find_waited_for(conn: &mut PgConnection, id: WaitingEntryId) -> Result<Option<ProjectId>, StoreError> {
    let project = sqlx::query_scalar!("select project_id from waiting_list where id = $1", id.0);
    Ok(project.fetch_optional(conn).await?.map(ProjectId))
}

/// What a letter may tell of somebody who decides in another's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeputySubject {
    /// Who is away.
    pub absent: PersonName,
    pub starts_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

pub async fn find_deputy(conn: &mut PgConnection, id: DeputyId) -> Result<Option<DeputySubject>, StoreError> {
    let row = sqlx::query!(
        "select users.name as absent, deputies.starts_at, deputies.until
         from deputies
         join users on users.id = deputies.user_id
         where deputies.id = $1",
        id.0
    );
    let subject =
        |absent, starts_at, until| DeputySubject { absent: PersonName::from_stored(absent), starts_at, until };
    Ok(row.fetch_optional(conn).await?.map(|row| subject(row.absent, row.starts_at, row.until)))
}

async fn list_lines(conn: &mut PgConnection, id: RequisitionId) -> Result<Vec<LineRow>, StoreError> {
    // A line without loans comes as one row without a unit.
    let rows = sqlx::query!(
        r#"select lines.position, models.name as model_name, lines.quantity, lines.status,
                  granted.name as "granted_name?", lines.granted_quantity, lines.decision_reason,
                  named.tag as "named_tag?", units.tag as "tag?", loans.status as "loan_status?",
                  loans.return_condition as "return_condition?",
                  exists (select from operations
                          where operations.loan_id = loans.id and operations.state in ('unknown', 'with_person'))
                      as "is_uncertain!"
           from requisition_lines lines
           join equipment_models models on models.id = lines.model_id
           left join equipment_models granted on granted.id = lines.granted_model_id
           left join equipment named on named.id = lines.equipment_id
           left join loans on loans.line_id = lines.id and not (loans.status = 'returned' and loans.replaced_at is not null)
           left join equipment units on units.id = loans.equipment_id
           where lines.requisition_id = $1 and lines.status <> 'withdrawn'
           order by lines.position, units.tag"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    let mut lines: Vec<LineRow> = Vec::new();
    let mut position = None;
    for row in rows {
        if position != Some(row.position) {
            position = Some(row.position);
            lines.push(LineRow {
                model_name: row.model_name,
                quantity: row.quantity,
                status: row.status.parse()?,
                granted: row.granted_name.zip(row.granted_quantity),
                decision_reason: row.decision_reason,
                named_tag: row.named_tag,
                units: Vec::new(),
            });
        }
        if let (Some(line), Some(tag), Some(status)) = (lines.last_mut(), row.tag, row.loan_status) {
            let condition = row.return_condition.map(|word| word.parse()).transpose()?;
            line.units.push(UnitRow { tag, status: status.parse()?, condition, is_uncertain: row.is_uncertain });
        }
    }
    Ok(lines)
}

/// Whether people were told already that a requisition's check-outs (or its check-ins) are being verified.
pub async fn was_told_of_verifying(
    conn: &mut PgConnection,
    requisition: RequisitionId,
    kind: OperationKind,
) -> Result<bool, StoreError> {
    let told = sqlx::query_scalar!(
        r#"select exists (
               select from notifications
               join operations on operations.id = notifications.subject_id
               where notifications.requisition_id = $1 and notifications.event = 'being_verified'
                 and operations.kind = $2) as "told!""#,
        requisition.0,
        kind.as_str(),
    )
    .fetch_one(conn)
    .await?;
    Ok(told)
}

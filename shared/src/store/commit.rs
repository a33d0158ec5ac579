//! The one function that writes domain state: rows, history, follow-up jobs, letters and findings of one [`Change`].

use super::StoreError;
use crate::{
    domain::{
        change::{Change, HistoryEntry, LetterProgress, NewNotification, Recipient, Write},
        finding::NewFinding,
        job::NewJob,
        operation::Operation,
        requisition::{Line, Loan, Requisition},
        user::User,
    },
    telemetry::traceparent,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Why a change was not written. The transaction is to be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody else changed the row since it was read: read again and decide again.
    #[error("the {0} changed since it was read")]
    Conflict(&'static str),
    /// The schema forbids it; the name is the constraint's.
    #[error("the constraint {0} forbids the change")]
    Constraint(String),
    #[error(transparent)]
    Store(StoreError),
}

impl CommitError {
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Conflict(_) => true,
            Self::Constraint(_) => false,
            Self::Store(error) => error.is_transient(),
        }
    }
}

impl From<sqlx::Error> for CommitError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(|database| database.constraint()) {
            Some(name) => Self::Constraint(name.to_owned()),
            None => Self::Store(StoreError::Database(error)),
        }
    }
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Writes a change. Call it inside a transaction; wake the relay after the transaction is committed.
///
/// # Errors
/// [`CommitError::Conflict`] when a version guard fails, [`CommitError::Constraint`] when the schema says no.
pub async fn commit(conn: &mut PgConnection, change: &Change) -> Result<(), CommitError> {
    for write in &change.writes {
        apply(conn, write).await?;
    }
    insert_history(conn, &change.history).await?;
    for finding in &change.findings {
        raise_finding(conn, finding).await?;
    }
    insert_jobs(conn, &change.jobs).await?;
    insert_notifications(conn, &change.notifications).await?;
    Ok(())
}

async fn apply(conn: &mut PgConnection, write: &Write) -> Result<(), CommitError> {
    match write {
        Write::InsertUser(user) => insert_user(conn, user).await,
        Write::UpdateUser(user) => update_user(conn, user).await,
        Write::InsertProject(project) => {
            sqlx::query!(
                "insert into projects (id, name, description, status, created_by) values ($1, $2, $3, $4, $5)",
                project.id.0,
                project.name,
                project.description,
                project.status.as_str(),
                project.created_by.0,
            )
            .execute(conn)
            .await?;
            Ok(())
        }
        Write::UpdateProject(project) => {
            let updated = sqlx::query!(
                "update projects set name = $3, description = $4, status = $5, version = version + 1
                 where id = $1 and version = $2",
                project.id.0,
                project.version,
                project.name,
                project.description,
                project.status.as_str(),
            )
            .execute(conn)
            .await?;
            guard("project", updated.rows_affected())
        }
        Write::InsertMember(member) => {
            sqlx::query!(
                "insert into project_members (project_id, user_id, role) values ($1, $2, $3)",
                member.project_id.0,
                member.user_id.0,
                member.role.as_str(),
            )
            .execute(conn)
            .await?;
            Ok(())
        }
        Write::UpdateModel(model) => {
            let updated = sqlx::query!(
                "update equipment_models set approval = $3, version = version + 1 where id = $1 and version = $2",
                model.id.0,
                model.version,
                model.approval.as_str(),
            )
            .execute(conn)
            .await?;
            guard("equipment model", updated.rows_affected())
        }
        Write::InsertRequisition(requisition) => insert_requisition(conn, requisition).await,
        Write::UpdateRequisition(requisition) => update_requisition(conn, requisition).await,
        Write::InsertLine(line) => insert_line(conn, line).await,
        Write::UpdateLine(line) => {
            let updated = sqlx::query!(
                "update requisition_lines set status = $3, version = version + 1 where id = $1 and version = $2",
                line.id.0,
                line.version,
                line.status.as_str(),
            )
            .execute(conn)
            .await?;
            guard("requisition line", updated.rows_affected())
        }
        Write::InsertLoan(loan) => insert_loan(conn, loan).await,
        Write::UpdateLoan(loan) => update_loan(conn, loan).await,
        Write::InsertOperation(operation) => insert_operation(conn, operation).await,
        Write::UpdateOperation(operation) => update_operation(conn, operation).await,
        Write::UpdateNotification(progress) => update_notification(conn, progress).await,
    }
}

fn guard(entity: &'static str, rows: u64) -> Result<(), CommitError> {
    if rows == 1 { Ok(()) } else { Err(CommitError::Conflict(entity)) }
}

async fn insert_user(conn: &mut PgConnection, user: &User) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into users (id, name, email, language, role, snipeit_user_id) values ($1, $2, $3, $4, $5, $6)",
        user.id.0,
        user.name.expose(),
        user.email.expose(),
        user.language.as_str(),
        user.role.as_str(),
        user.snipeit_user_id.map(|id| id.0),
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn update_user(conn: &mut PgConnection, user: &User) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update users
         set name = $3, email = $4, language = $5, role = $6, snipeit_user_id = $7,
             snipeit_matched_at = case when $7::bigint is null then null else now() end,
             version = version + 1
         where id = $1 and version = $2",
        user.id.0,
        user.version,
        user.name.expose(),
        user.email.expose(),
        user.language.as_str(),
        user.role.as_str(),
        user.snipeit_user_id.map(|id| id.0),
    )
    .execute(conn)
    .await?;
    guard("user", updated.rows_affected())
}

async fn insert_requisition(conn: &mut PgConnection, requisition: &Requisition) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into requisitions (id, project_id, requester_id, purpose, starts_at, due_at, status)
         values ($1, $2, $3, $4, $5, $6, $7)",
        requisition.id.0,
        requisition.project_id.0,
        requisition.requester_id.0,
        requisition.purpose.as_str(),
        requisition.period.starts_at,
        requisition.period.due_at,
        requisition.status.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn update_requisition(conn: &mut PgConnection, requisition: &Requisition) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update requisitions
         set status = $3, decided_by = $4, decided_at = $5, decision_reason = $6, version = version + 1
         where id = $1 and version = $2",
        requisition.id.0,
        requisition.version,
        requisition.status.as_str(),
        requisition.decided_by.map(|id| id.0),
        requisition.decided_at,
        requisition.decision_reason,
    )
    .execute(conn)
    .await?;
    guard("requisition", updated.rows_affected())
}

async fn insert_line(conn: &mut PgConnection, line: &Line) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into requisition_lines (id, requisition_id, position, model_id, equipment_id, quantity, status)
         values ($1, $2, $3, $4, $5, $6, $7)",
        line.id.0,
        line.requisition_id.0,
        line.position,
        line.model_id.0,
        line.equipment_id.map(|id| id.0),
        line.quantity,
        line.status.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_loan(conn: &mut PgConnection, loan: &Loan) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        loan.id.0,
        loan.requisition_id.0,
        loan.line_id.0,
        loan.equipment_id.0,
        loan.borrower_id.0,
        loan.status.as_str(),
        loan.period.starts_at,
        loan.period.due_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn update_loan(conn: &mut PgConnection, loan: &Loan) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update loans
         set equipment_id = $3, status = $4, checked_out_at = $5, returned_at = $6, snipeit_user_id = $7,
             fingerprint = $8, failure = $9, version = version + 1
         where id = $1 and version = $2",
        loan.id.0,
        loan.version,
        loan.equipment_id.0,
        loan.status.as_str(),
        loan.checked_out_at,
        loan.returned_at,
        loan.snipeit_user_id.map(|id| id.0),
        loan.fingerprint,
        loan.failure,
    )
    .execute(conn)
    .await?;
    guard("loan", updated.rows_affected())
}

async fn insert_operation(conn: &mut PgConnection, operation: &Operation) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into operations (id, requisition_id, loan_id, equipment_id, snipeit_asset_id, kind, state,
                                 tenure_user_id, tenure_checkout, any_unit, units_tried, requested_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        operation.id.0,
        operation.requisition_id.0,
        operation.loan_id.0,
        operation.equipment_id.0,
        operation.asset.0,
        operation.kind.as_str(),
        operation.state.as_str(),
        operation.tenure.map(|tenure| tenure.user.0),
        operation.tenure.map(|tenure| tenure.last_checkout),
        operation.any_unit,
        operation.units_tried,
        operation.requested_by.map(|id| id.0),
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn update_operation(conn: &mut PgConnection, operation: &Operation) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update operations
         set state = $3, attempts = $4, fingerprint = $5, borrower_looked_up_again = $6, refusal = $7,
             look_after = $8, settled_at = $9, confirmed_at = $10, in_doubt = $11, version = version + 1
         where id = $1 and version = $2",
        operation.id.0,
        operation.version,
        operation.state.as_str(),
        operation.attempts,
        operation.fingerprint,
        operation.borrower_looked_up_again,
        operation.refusal,
        operation.look_after,
        operation.settled_at,
        operation.confirmed_at,
        operation.in_doubt,
    )
    .execute(conn)
    .await?;
    guard("operation", updated.rows_affected())
}

async fn update_notification(conn: &mut PgConnection, progress: &LetterProgress) -> Result<(), CommitError> {
    let updated = sqlx::query!(
        "update notifications
         set status = $3, attempts = $4, outcome = $5, sent_at = case when $3 = 'sent' then now() end
         where id = $1 and attempts = $2 and status in ('queued', 'unknown')",
        progress.id.0,
        progress.attempts_before,
        progress.status.as_str(),
        progress.attempts,
        progress.outcome,
    )
    .execute(conn)
    .await?;
    guard("notification", updated.rows_affected())
}

async fn insert_history(conn: &mut PgConnection, history: &[HistoryEntry]) -> Result<(), CommitError> {
    if history.is_empty() {
        return Ok(());
    }
    let column = |pick: fn(&HistoryEntry) -> &'static str| history.iter().map(pick).collect::<Vec<_>>();
    let entity_ids: Vec<Uuid> = history.iter().map(|entry| entry.entity_id).collect();
    let requisition_ids: Vec<Option<Uuid>> = history.iter().map(|entry| entry.requisition_id.map(|id| id.0)).collect();
    let from: Vec<Option<&str>> = history.iter().map(|entry| entry.from_status).collect();
    let actor_ids: Vec<Option<Uuid>> = history.iter().map(|entry| entry.actor.user_id().map(|id| id.0)).collect();
    let reasons: Vec<Option<&str>> = history.iter().map(|entry| entry.reason.as_deref()).collect();
    sqlx::query!(
        "insert into status_history
             (entity, entity_id, requisition_id, event, from_status, to_status, actor_kind, actor_id, reason)
         select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                              $8::uuid[], $9::text[])",
        &column(|entry| entry.entity.as_str()) as &[&str],
        &entity_ids,
        &requisition_ids as &[Option<Uuid>],
        &column(|entry| entry.event) as &[&str],
        &from as &[Option<&str>],
        &column(|entry| entry.to_status) as &[&str],
        &column(|entry| entry.actor.kind()) as &[&str],
        &actor_ids as &[Option<Uuid>],
        &reasons as &[Option<&str>],
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn raise_finding(conn: &mut PgConnection, finding: &NewFinding) -> Result<(), CommitError> {
    sqlx::query!(
        "with raised as (
             insert into findings (id, kind, subject_id, requisition_id, summary, evidence, state)
             values ($1, $2, $3, $4, $5, $6, 'open')
             on conflict (kind, subject_id) where state = 'open' do nothing
             returning id, kind, requisition_id
         )
         insert into status_history (entity, entity_id, requisition_id, event, to_status, actor_kind)
         select 'finding', id, requisition_id, kind, 'open', 'system' from raised",
        finding.id.0,
        finding.kind.as_str(),
        finding.subject_id,
        finding.requisition_id.map(|id| id.0),
        finding.summary,
        finding.evidence,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_jobs(conn: &mut PgConnection, jobs: &[NewJob]) -> Result<(), CommitError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.id.0).collect();
    let kinds: Vec<&str> = jobs.iter().map(|job| job.kind.as_str()).collect();
    let lanes: Vec<&str> = jobs.iter().map(|job| job.lane.as_str()).collect();
    let subjects: Vec<Uuid> = jobs.iter().map(|job| job.subject_id).collect();
    let due: Vec<_> = jobs.iter().map(|job| job.due_at).collect();
    sqlx::query!(
        "insert into jobs (id, kind, lane, subject_id, state, due_at, traceparent)
         select id, kind, lane, subject_id, 'open', greatest(due_at, now()), $6
         from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[])
             as job (id, kind, lane, subject_id, due_at)
         on conflict (kind) where state = 'open' and kind in ('sync_catalogue', 'sweep') do nothing",
        &ids,
        &kinds as &[&str],
        &lanes as &[&str],
        &subjects,
        &due as &[Option<chrono::DateTime<chrono::Utc>>],
        traceparent::current(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A letter to the technicians becomes one row for each of them; every row gets its mail job.
async fn insert_notifications(conn: &mut PgConnection, letters: &[NewNotification]) -> Result<(), CommitError> {
    if letters.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = letters.iter().map(|letter| letter.id.0).collect();
    let events: Vec<&str> = letters.iter().map(|letter| letter.event.as_str()).collect();
    let recipients: Vec<Option<Uuid>> = letters
        .iter()
        .map(|letter| match letter.to {
            Recipient::User(id) => Some(id.0),
            Recipient::Technicians => None,
        })
        .collect();
    let requisitions: Vec<Option<Uuid>> = letters.iter().map(|letter| letter.requisition_id.map(|id| id.0)).collect();
    let subjects: Vec<Uuid> = letters.iter().map(|letter| letter.subject_id).collect();
    let messages: Vec<Option<&str>> = letters.iter().map(|letter| letter.message.as_deref()).collect();
    sqlx::query!(
        "with letter as (
             insert into notifications (id, event, recipient_id, requisition_id, subject_id, message, status)
             select case when asked.recipient_id is null then gen_random_uuid() else asked.id end,
                    asked.event, users.id, asked.requisition_id, asked.subject_id, asked.message, 'queued'
             from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[])
                 as asked (id, event, recipient_id, requisition_id, subject_id, message)
             join users on users.id = asked.recipient_id
                 or (asked.recipient_id is null and users.role = 'technician')
             where users.erased_at is null
             returning id
         )
         insert into jobs (id, kind, lane, subject_id, state, due_at, traceparent)
         select gen_random_uuid(), 'send_mail', 'mail', id, 'open', now(), $7 from letter",
        &ids,
        &events as &[&str],
        &recipients as &[Option<Uuid>],
        &requisitions as &[Option<Uuid>],
        &subjects,
        &messages as &[Option<&str>],
        traceparent::current(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

//! The one function that writes domain state: rows, history, follow-up jobs, letters and findings of one [`Change`].

mod approval_rule;
mod deputy;
mod extension;
mod finding;
mod history;
mod job;
mod lab_settings;
mod loan;
mod model;
mod notice;
mod notification;
mod operation;
mod preference;
mod project;
mod quota;
mod requisition;
mod token;
mod user;
mod waiting_list;

use super::StoreError;
use crate::domain::change::{Change, Write};
use sqlx::PgConnection;

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
    history::insert_history(conn, &change.history).await?;
    for finding in &change.findings {
        finding::raise_finding(conn, finding).await?;
    }
    job::insert_jobs(conn, &change.jobs).await?;
    notification::insert_notifications(conn, &change.notifications).await?;
    Ok(())
}

async fn apply(conn: &mut PgConnection, write: &Write) -> Result<(), CommitError> {
    match write {
        Write::InsertUser(user) => user::insert_user(conn, user).await,
        Write::UpdateUser(user) => user::update_user(conn, user).await,
        Write::InsertToken(token) => token::insert_token(conn, token).await,
        Write::RevokeToken(token) => token::revoke_token(conn, *token).await,
        Write::InsertProject(project) => project::insert_project(conn, project).await,
        Write::UpdateProject(project) => project::update_project(conn, project).await,
        Write::InsertMember(member) => project::insert_member(conn, member).await,
        Write::UpdateMember(member) => project::update_member(conn, member).await,
        Write::EndMembership(member) => project::end_membership(conn, member).await,
        Write::UpdateModel(model) => model::update_model(conn, model).await,
        Write::UpdateLabSettings(settings) => lab_settings::update_lab_settings(conn, settings).await,
        Write::InsertApprovalRule(rule) => approval_rule::insert_approval_rule(conn, rule).await,
        Write::UpdateApprovalRule(rule) => approval_rule::update_approval_rule(conn, rule).await,
        Write::InsertDeputy(deputy) => deputy::insert_deputy(conn, deputy).await,
        Write::UpdateDeputy(deputy) => deputy::update_deputy(conn, deputy).await,
        Write::InsertQuota(quota) => quota::insert_quota(conn, quota).await,
        Write::UpdateQuota(quota) => quota::update_quota(conn, quota).await,
        Write::InsertQuotaExceptions { requisition_id, of_edit, exceeded } => {
            quota::insert_exceptions(conn, *requisition_id, *of_edit, exceeded).await
        }
        Write::InsertRequisition(requisition) => requisition::insert_requisition(conn, requisition).await,
        Write::UpdateRequisition(requisition) => requisition::update_requisition(conn, requisition).await,
        Write::InsertEdit(edit) => requisition::insert_edit(conn, edit).await,
        Write::InsertLine(line) => requisition::insert_line(conn, line).await,
        Write::UpdateLine(line) => requisition::update_line(conn, line).await,
        Write::InsertLoan(loan) => loan::insert_loan(conn, loan).await,
        Write::UpdateLoan(loan) => loan::update_loan(conn, loan).await,
        Write::InsertExtension(extension) => extension::insert_extension(conn, extension).await,
        Write::UpdateExtension(extension) => extension::update_extension(conn, extension).await,
        Write::InsertExtensionExceptions { extension_id, exceeded } => {
            extension::insert_exceptions(conn, *extension_id, exceeded).await
        }
        Write::InsertOperation(operation) => operation::insert_operation(conn, operation).await,
        Write::UpdateOperation(operation) => operation::update_operation(conn, operation).await,
        Write::UpdateNotification(progress) => notification::update_notification(conn, progress).await,
        Write::InsertResend(resend) => notice::insert_resend(conn, resend).await,
        Write::InsertDigest(digest) => notice::insert_digest(conn, digest).await,
        Write::UpdateDigest(progress) => notice::update_digest(conn, progress).await,
        Write::MarkMoot(moot) => notice::mark_moot(conn, moot).await,
        Write::MarkRead(reading) => notice::mark_read(conn, reading).await,
        Write::CloseFinding(finding) => finding::close_finding(conn, *finding).await,
        Write::TellCondition { unit, of, condition } => loan::tell_condition(conn, *unit, *of, *condition).await,
        Write::NoteLabelRefused(unit, times) => finding::note_label_refused(conn, *unit, *times).await,
        Write::IgnoreDrift(loan, mark) => finding::ignore_drift(conn, *loan, mark.as_ref()).await,
        Write::ExcuseOverdue(user, until) => user::excuse_overdue(conn, *user, *until).await,
        Write::InsertWaitingEntry(entry) => waiting_list::insert_entry(conn, entry).await,
        Write::UpdateWaitingEntry(entry) => waiting_list::update_entry(conn, entry).await,
        Write::InsertHold(hold) => waiting_list::insert_hold(conn, hold).await,
        Write::EndHolds(entry) => waiting_list::end_holds(conn, *entry).await,
        Write::LimitHolds(limit) => waiting_list::limit_holds(conn, limit).await,
        Write::MarkNobodyWaits(model) => waiting_list::mark_nobody_waits(conn, *model).await,
        Write::SetPreferences(user, preferences) => preference::set_preferences(conn, *user, preferences).await,
    }
}

fn guard(entity: &'static str, rows: u64) -> Result<(), CommitError> {
    if rows == 1 { Ok(()) } else { Err(CommitError::Conflict(entity)) }
}

//! What running an operation needs to know beside its dossier, and its evidence.

use super::StoreError;
use crate::domain::{
    id::{EquipmentId, LoanId, OperationId, RequisitionId, UserId},
    inventory::{SnipeitAssetId, SnipeitUserId},
    operation::Operation,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::PgConnection;

/// Whether another operation on the asset has no known end: ours waits behind it.
pub async fn is_asset_busy(
    conn: &mut PgConnection,
    asset: SnipeitAssetId,
    except: OperationId,
) -> Result<bool, StoreError> {
    let busy = sqlx::query_scalar!(
        r#"select exists (
               select from operations
               where snipeit_asset_id = $1 and id <> $2 and state in ('sent', 'unknown', 'with_person')) as "busy!""#,
        asset.0,
        except.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(busy)
}

/// Whether the unit was handed over to somebody else, which Snipe-IT may not know: it is not there to be lent.
pub async fn is_handed_over_to_another(conn: &mut PgConnection, operation: &Operation) -> Result<bool, StoreError> {
    let handed_over = sqlx::query_scalar!(
        r#"select exists (
               select from loans where equipment_id = $1 and id <> $2 and status = 'handed_over') as "handed_over!""#,
        operation.equipment_id.0,
        operation.loan_id.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(handed_over)
}

/// The Snipe-IT user that is remembered for a borrower.
pub async fn find_borrower(conn: &mut PgConnection, user: UserId) -> Result<Option<SnipeitUserId>, StoreError> {
    let id = sqlx::query_scalar!("select snipeit_user_id from users where id = $1", user.0).fetch_one(conn).await?;
    Ok(id.map(SnipeitUserId))
}

/// One piece of evidence; rows are added and never changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub event: &'static str,
    pub detail: serde_json::Value,
}

pub async fn append_evidence(
    conn: &mut PgConnection,
    operation: OperationId,
    attempt: i32,
    epoch: i32,
    evidence: &Evidence,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into attempts (operation_id, attempt, event, epoch, detail) values ($1, $2, $3, $4, $5)",
        operation.0,
        attempt,
        evidence.event,
        epoch,
        evidence.detail,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// PostgreSQL's clock, which leases and due times go by.
pub async fn now(conn: &mut PgConnection) -> Result<DateTime<Utc>, StoreError> {
    Ok(sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(conn).await?)
}

/// A loan that is out by our records, and its requisition as people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoanOut {
    pub loan: LoanId,
    pub requisition: RequisitionId,
    pub requisition_number: String,
}

/// Another loan of the same unit that is still out by our records.
pub async fn find_other_loan_out(
    conn: &mut PgConnection,
    equipment: EquipmentId,
    except: LoanId,
) -> Result<Option<LoanOut>, StoreError> {
    let row = sqlx::query!(
        "select l.id, l.requisition_id, r.number
         from loans l
         join requisitions r on r.id = l.requisition_id
         where l.equipment_id = $1 and l.id <> $2 and is_out(l.status)",
        equipment.0,
        except.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| LoanOut {
        loan: row.id.into(),
        requisition: row.requisition_id.into(),
        requisition_number: row.number,
    }))
}

/// To whom the latest attempt of a check-out was sent, whatever is remembered of the borrower by now.
pub async fn find_intended_borrower(
    conn: &mut PgConnection,
    operation: OperationId,
) -> Result<Option<SnipeitUserId>, StoreError> {
    let id = sqlx::query_scalar!(
        r#"select (detail ->> 'borrower')::bigint as borrower from attempts
           where operation_id = $1 and event = 'intent' order by id desc limit 1"#,
        operation.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.flatten().map(SnipeitUserId))
}

/// Who has the unit if a check-out took effect: whom it was sent to, else who is remembered for the borrower.
pub async fn find_addressee(
    conn: &mut PgConnection,
    operation: OperationId,
    borrower: UserId,
) -> Result<Option<SnipeitUserId>, StoreError> {
    match find_intended_borrower(conn, operation).await? {
        Some(intended) => Ok(Some(intended)),
        None => find_borrower(conn, borrower).await,
    }
}

/// Since when the borrower has the unit by what Snipe-IT showed after the database was found to be another one; nothing
/// if somebody else has it, or has it by another operation of ours.
pub async fn find_tenure_seen(
    conn: &mut PgConnection,
    operation: &Operation,
    borrower: SnipeitUserId,
) -> Result<Option<NaiveDateTime>, StoreError> {
    let since = sqlx::query_scalar!(
        "select last_checkout from equipment
         where id = $1 and holder_kind = 'user' and holder_id = $3
             and seen_at > (select max(at) from attempts where operation_id = $2 and event = 'doubted')
             and not exists (
                 select from operations
                 where snipeit_asset_id = equipment.snipeit_asset_id and fingerprint = equipment.last_checkout and id <> $2)",
        operation.equipment_id.0,
        operation.id.0,
        borrower.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(since.flatten())
}

/// What nobody knows yet, for operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenQuestions {
    pub operations_unknown: i64,
    pub findings_open: i64,
}

pub async fn count_open_questions(conn: &mut PgConnection) -> Result<OpenQuestions, StoreError> {
    let row = sqlx::query!(
        r#"select (select count(*) from operations where state in ('unknown', 'with_person')) as "operations_unknown!",
                  (select count(*) from findings where state = 'open') as "findings_open!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(OpenQuestions { operations_unknown: row.operations_unknown, findings_open: row.findings_open })
}

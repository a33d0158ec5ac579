//! What a technician decides an operation by: what was wanted and sent, who has the asset, what was done and seen.
//!
//! Evidence holds ids alone. Names are joined here, for staff to read; nothing of it is stored or logged.

use super::{
    StoreError, findings,
    operations::{self, LoanOut},
};
use crate::domain::{
    equipment::Presence,
    id::{EquipmentId, LoanId, OperationId, RequisitionId, UserId},
    inventory::{Holder, HolderKind, SnipeitAssetId, SnipeitUserId},
    operation::{OperationKind, OperationState, Testimony, tell},
    person::PersonName,
    requisition::LoanStatus,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use sqlx::PgConnection;

/// One operation and everything that a person should see at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub operation_id: OperationId,
    pub kind: OperationKind,
    pub state: OperationState,
    pub attempts: i32,
    /// The `checkout_at` that we sent, or that of the loan that the check-in was to end; the Snipe-IT server's wall time.
    pub checkout_at: Option<NaiveDateTime>,
    pub refusal: Option<String>,
    pub requisition_id: RequisitionId,
    pub requisition_number: String,
    pub loan: CaseLoan,
    pub asset: CaseAsset,
    /// A loan of the same unit that is out by our records.
    pub other_loan_out: Option<LoanOut>,
    pub steps: Vec<Step>,
    /// When all this was read, by PostgreSQL's clock.
    pub read_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CaseLoan {
    pub id: LoanId,
    pub status: LoanStatus,
    pub due_at: DateTime<Utc>,
    pub borrower_id: UserId,
    pub borrower_name: PersonName,
    /// Whom it was sent to in Snipe-IT, or who is remembered for the borrower.
    pub borrower_snipeit_id: Option<SnipeitUserId>,
}

/// The asset as last seen in Snipe-IT.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseAsset {
    pub equipment_id: EquipmentId,
    pub snipeit_asset_id: SnipeitAssetId,
    pub tag: String,
    pub model_name: String,
    pub label: String,
    pub presence: Presence,
    pub holder: Option<Holder>,
    /// The holder, if it is one of our users.
    pub holder_user: Option<(UserId, PersonName)>,
    pub last_checkout: Option<NaiveDateTime>,
    pub last_checkin: Option<NaiveDateTime>,
    pub seen_at: DateTime<Utc>,
}

/// One thing that was done and what was seen by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub at: DateTime<Utc>,
    pub attempt: i32,
    pub event: String,
    pub told: Testimony,
    pub detail: serde_json::Value,
}

impl Case {
    /// How old the knowledge about the asset is.
    pub fn age_of_sight(&self) -> TimeDelta {
        (self.read_at - self.asset.seen_at).max(TimeDelta::zero())
    }
}

/// The case of an operation. `None`: there is no such operation.
pub async fn find(conn: &mut PgConnection, id: OperationId) -> Result<Option<Case>, StoreError> {
    let row = sqlx::query!(
        r#"select o.kind, o.state, o.attempts, coalesce(o.fingerprint, o.tenure_checkout) as checkout_at, o.refusal,
                  o.tenure_user_id, o.snipeit_asset_id, r.id as requisition_id, r.number, l.id as loan_id,
                  l.status as loan_status, l.due_at, b.id as borrower_id, b.name as borrower_name,
                  b.snipeit_user_id as borrower_snipeit_id, e.id as equipment_id, e.tag, m.name as model_name,
                  e.label_name, e.presence, e.holder_kind, e.holder_id, h.id as "holder_user_id?",
                  h.name as "holder_name?", e.last_checkout, e.last_checkin, e.seen_at, now() as "read_at!"
           from operations o
           join requisitions r on r.id = o.requisition_id
           join loans l on l.id = o.loan_id
           join users b on b.id = l.borrower_id
           join equipment e on e.id = o.equipment_id
           join equipment_models m on m.id = e.model_id
           left join lateral (
               select id, name from users
               where e.holder_kind = 'user' and snipeit_user_id = e.holder_id and erased_at is null
               order by created_at limit 1
           ) h on true
           where o.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let intended = operations::find_intended_borrower(&mut *conn, id).await?;
    let (equipment_id, loan_id) = (row.equipment_id.into(), row.loan_id.into());
    let other_loan_out = operations::find_other_loan_out(&mut *conn, equipment_id, loan_id).await?;
    Ok(Some(Case {
        operation_id: id,
        kind: row.kind.parse()?,
        state: row.state.parse()?,
        attempts: row.attempts,
        checkout_at: row.checkout_at,
        refusal: row.refusal,
        requisition_id: row.requisition_id.into(),
        requisition_number: row.number,
        loan: CaseLoan {
            id: loan_id,
            status: row.loan_status.parse()?,
            due_at: row.due_at,
            borrower_id: row.borrower_id.into(),
            borrower_name: PersonName::from_stored(row.borrower_name),
            borrower_snipeit_id: intended.or(row.tenure_user_id.or(row.borrower_snipeit_id).map(SnipeitUserId)),
        },
        asset: CaseAsset {
            equipment_id,
            snipeit_asset_id: SnipeitAssetId(row.snipeit_asset_id),
            tag: row.tag,
            model_name: row.model_name,
            label: row.label_name,
            presence: row.presence.parse()?,
            holder: holder(row.holder_kind.as_deref(), row.holder_id),
            holder_user: row
                .holder_user_id
                .zip(row.holder_name)
                .map(|(id, name)| (id.into(), PersonName::from_stored(name))),
            last_checkout: row.last_checkout,
            last_checkin: row.last_checkin,
            seen_at: row.seen_at,
        },
        other_loan_out,
        steps: list_steps(conn, id, row.checkout_at).await?,
        read_at: row.read_at,
    }))
}

async fn list_steps(
    conn: &mut PgConnection,
    id: OperationId,
    checkout_at: Option<NaiveDateTime>,
) -> Result<Vec<Step>, StoreError> {
    let attempts = findings::list_attempts(conn, id.0).await?;
    let steps = attempts.into_iter().map(|seen| Step {
        told: tell(&seen.event, &seen.detail, checkout_at),
        at: seen.at,
        attempt: seen.attempt,
        event: seen.event,
        detail: seen.detail,
    });
    Ok(steps.collect())
}

/// The schema knows these three kinds, and either both or none.
pub(super) fn holder(kind: Option<&str>, id: Option<i64>) -> Option<Holder> {
    let kind = match kind? {
        "location" => HolderKind::Location,
        "asset" => HolderKind::Asset,
        _ => HolderKind::User,
    };
    Some(Holder { kind, id: id? })
}

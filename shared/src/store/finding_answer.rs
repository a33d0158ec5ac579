//! A person's answer to a finding, and what follows from it: the one way for the api and for the command line.

use super::{
    StoreError, borrower_sights, borrowers,
    commit::{CommitError, commit},
    dossier, drift_answer,
    findings::{self, Finding, Settlement},
    jobs, link,
    operations::{self, Evidence},
    reserved_labels,
};
use crate::domain::{
    actor::Actor,
    availability::NextUse,
    change::{Cause, Change, Entity, HistoryEntry, entry},
    finding::{FindingKind, FindingState, Resolution},
    id::{EquipmentId, JobId, OperationId, UserId},
    inventory::SnipeitUserId,
    job::JobKind,
    operation::{Operation, OperationKind, OperationState},
    requisition::{Dossier, FollowUp, PersonsAnswer, RetryRefused, Substitute},
    user::User,
};
use chrono::NaiveDateTime;
use serde_json::json;
use sqlx::PgConnection;

/// The epoch of evidence that no job has brought.
const NO_JOB: i32 = 0;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingAnswer {
    pub resolution: Resolution,
    /// How it was found out.
    pub note: Option<String>,
    pub by: UserId,
    /// For a borrower who was not matched: who they are in Snipe-IT.
    pub snipeit_user: Option<SnipeitUserId>,
}

/// Why an answer was not taken. The transaction is to be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum AnswerRefused {
    #[error("a finding {kind} is answered with one of: {possible}")]
    NotPossible { kind: FindingKind, possible: String },
    #[error("a Snipe-IT user belongs to the answer retried to a finding borrower_not_matched")]
    NoBorrowerAsked,
    #[error("somebody has settled the finding already")]
    SettledAlready,
    #[error("what the finding is about is not there any more; settle it with another answer")]
    SubjectMissing,
    #[error(
        "by our records the unit is still out on {requisition}, and it cannot be out twice: give another answer, return \
         that loan, and ask for the unit again"
    )]
    AnotherLoanOut { requisition: String },
    #[error(
        "nobody knows who the borrower is in Snipe-IT, so the loan would be nobody's: settle the finding \
         borrower_not_matched with the user of Snipe-IT first, or give another answer"
    )]
    BorrowerUnknown,
    #[error(
        "the database was restored and has forgotten this check-out, and Snipe-IT was not seen to show it since: if the \
         borrower has the unit, check it out to them in Snipe-IT, wait for the next sweep and answer again; else give \
         another answer"
    )]
    TenureForgotten,
    #[error("{0}")]
    NothingToRetry(RetryRefused),
    #[error("Snipe-IT shows something else by now: the next sweep tells what, or closes the finding")]
    DriftChanged,
    #[error("something of ours is on its way to the unit: wait for its end, the next sweep looks again")]
    UnderWay,
    #[error("the day that Snipe-IT shows lies before the loan has begun; correct it there, or have ours set anew")]
    DateBeforeLoan,
    #[error("the unit is {0}; correct the day in Snipe-IT, or have ours set anew")]
    WantedByOthers(NextUse),
    #[error("the loan has begun already: hand over another unit at the counter, or cancel it")]
    PromiseBegun,
    #[error("could not write the answer")]
    Commit(#[from] CommitError),
    #[error("could not read what the finding is about")]
    Store(#[from] StoreError),
}

impl FindingAnswer {
    /// Whether the finding may be answered so.
    ///
    /// # Errors
    /// The rule that says no.
    pub fn check(&self, finding: &Finding) -> Result<(), AnswerRefused> {
        let possible = finding.kind.resolutions();
        if !possible.contains(&self.resolution) {
            let possible = possible.iter().map(|resolution| resolution.as_str()).collect::<Vec<_>>().join(", ");
            return Err(AnswerRefused::NotPossible { kind: finding.kind, possible });
        }
        let names_borrower = finding.kind == FindingKind::BorrowerNotMatched && self.resolution == Resolution::Retried;
        if self.snipeit_user.is_some() && !names_borrower {
            return Err(AnswerRefused::NoBorrowerAsked);
        }
        if finding.state == FindingState::Settled {
            return Err(AnswerRefused::SettledAlready);
        }
        Ok(())
    }
}

/// Settles the finding and does what the answer means. Call it inside a transaction; wake the relay afterwards.
///
/// # Errors
/// Why the answer was not taken.
pub async fn settle(conn: &mut PgConnection, finding: &Finding, answer: &FindingAnswer) -> Result<(), AnswerRefused> {
    answer.check(finding)?;
    let cause = Cause { reason: answer.note.clone(), ..Cause::new(Actor::User(answer.by), "finding_settled") };
    follow_up(conn, finding, answer, &cause).await?;
    let settlement = Settlement { resolution: answer.resolution, note: answer.note.clone(), by: Some(answer.by) };
    findings::settle(conn, finding, &settlement).await?;
    commit(conn, &history(finding, answer.resolution, &cause)).await?;
    Ok(())
}

/// Closes a finding without a person, because what it tells is over. Call it inside a transaction.
///
/// # Errors
/// [`CommitError::Conflict`] when somebody settled it meanwhile.
pub async fn close(conn: &mut PgConnection, finding: &Finding, why: &str) -> Result<(), CommitError> {
    let settlement = Settlement { resolution: Resolution::Acknowledged, note: Some(why.to_owned()), by: None };
    findings::settle(conn, finding, &settlement).await?;
    let cause = Cause::new(Actor::System, "finding_settled").because(why);
    commit(conn, &history(finding, settlement.resolution, &cause)).await
}

async fn follow_up(
    conn: &mut PgConnection,
    finding: &Finding,
    answer: &FindingAnswer,
    cause: &Cause,
) -> Result<(), AnswerRefused> {
    match (finding.kind, answer.resolution) {
        (FindingKind::OperationWithPerson, _) => settle_operation(conn, finding, answer, cause).await,
        (FindingKind::BorrowerNotMatched, Resolution::Retried) => {
            match_borrower(conn, UserId(finding.subject_id), answer.snipeit_user, cause).await
        }
        (FindingKind::HandOverRefused, Resolution::Retried) => retry_hand_over(conn, finding, answer, cause).await,
        (FindingKind::JobOutOfRuns, Resolution::Retried) => {
            jobs::revive(conn, JobId(finding.subject_id)).await?;
            Ok(())
        }
        (FindingKind::InventoryChanged, Resolution::Retried) => {
            link::forget_inventory(conn).await?;
            link::resume_for_person(conn).await?;
            jobs::hurry_kind(conn, JobKind::SyncCatalogue).await?;
            Ok(())
        }
        (FindingKind::LabelsWrong | FindingKind::RowsUnreadable, Resolution::Retried) => {
            jobs::hurry_kind(conn, JobKind::SyncCatalogue).await?;
            Ok(())
        }
        (FindingKind::LabelRefused, Resolution::Retried) => {
            Ok(reserved_labels::hurry(conn, EquipmentId(finding.subject_id)).await?)
        }
        (FindingKind::ClockOrZoneWrong, Resolution::Retried) => Ok(link::resume_for_person(conn).await?),
        (
            FindingKind::UnitNotHeld
            | FindingKind::UnitWithAnother
            | FindingKind::CheckedOutAgain
            | FindingKind::LentByHand
            | FindingKind::PromisedUnitHeld
            | FindingKind::UnitNotDeployable
            | FindingKind::UnitArchived
            | FindingKind::UnitGone
            | FindingKind::DueDateMoved,
            _,
        ) => drift_answer::follow_up(conn, finding, answer).await,
        // Seen, and nothing follows: what was paused stays paused, what was set aside stays so.
        (
            FindingKind::BorrowerNotMatched
            | FindingKind::HandOverRefused
            | FindingKind::JobOutOfRuns
            | FindingKind::InventoryChanged
            | FindingKind::ClockOrZoneWrong
            | FindingKind::LabelsWrong
            | FindingKind::RowsUnreadable
            | FindingKind::LabelRefused
            | FindingKind::EffectNotSeen
            | FindingKind::PaintedOver
            | FindingKind::HeldBySomebodyElse
            | FindingKind::DatabaseChanged
            | FindingKind::DriftNotWritten,
            _,
        ) => Ok(()),
    }
}

async fn settle_operation(
    conn: &mut PgConnection,
    finding: &Finding,
    answer: &FindingAnswer,
    cause: &Cause,
) -> Result<(), AnswerRefused> {
    let id = OperationId(finding.subject_id);
    let dossier = dossier::load_for_operation(conn, id).await?.ok_or(AnswerRefused::SubjectMissing)?;
    let operation = dossier.find_operation(id).ok_or(AnswerRefused::SubjectMissing)?;
    let (attempt, is_check_out) = (operation.attempts, operation.kind == OperationKind::CheckOut);
    let (borrower, seen_since) = if is_check_out && answer.resolution == Resolution::Happened {
        check_no_other_is_out(conn, operation).await?;
        let borrower = find_borrower(conn, &dossier, operation).await?;
        (Some(borrower), find_forgotten_tenure(conn, operation, borrower).await?)
    } else {
        (None, None)
    };
    let now = operations::now(conn).await?;
    let follow = FollowUp { now, cause: cause.clone(), borrower, substitute: Substitute::NotNeeded };
    let said = PersonsAnswer { resolution: answer.resolution, seen_since };
    // `None`: settled by a look meanwhile; the person only confirms it.
    if let Some(change) = dossier.settle_by_person(id, said, &follow) {
        commit(conn, &change).await?;
        let detail = json!({ "finding_id": finding.id, "resolution": answer.resolution, "by": answer.by });
        let decision = Evidence { event: "decision", detail };
        operations::append_evidence(conn, id, attempt, NO_JOB, &decision).await?;
    }
    Ok(())
}

/// The cause was mended in Snipe-IT: the unit that the borrower has is checked out once more.
async fn retry_hand_over(
    conn: &mut PgConnection,
    finding: &Finding,
    answer: &FindingAnswer,
    cause: &Cause,
) -> Result<(), AnswerRefused> {
    let refused = OperationId(finding.subject_id);
    let dossier = dossier::load_for_operation(conn, refused).await?.ok_or(AnswerRefused::SubjectMissing)?;
    let change = dossier.retry_hand_over(refused, answer.by, cause.clone()).map_err(AnswerRefused::NothingToRetry)?;
    commit(conn, &change).await?;
    Ok(())
}

/// The schema lends a unit once: say so in words, and whose loan it is.
async fn check_no_other_is_out(conn: &mut PgConnection, operation: &Operation) -> Result<(), AnswerRefused> {
    match operations::find_other_loan_out(conn, operation.equipment_id, operation.loan_id).await? {
        Some(other) => Err(AnswerRefused::AnotherLoanOut { requisition: other.requisition_number }),
        None => Ok(()),
    }
}

/// Who has got the unit: whom we sent it to, even if the user was forgotten or corrected since.
async fn find_borrower(
    conn: &mut PgConnection,
    dossier: &Dossier,
    operation: &Operation,
) -> Result<SnipeitUserId, AnswerRefused> {
    let loan = dossier.find_loan(operation.loan_id).ok_or(AnswerRefused::SubjectMissing)?;
    operations::find_addressee(conn, operation.id, loan.borrower_id).await?.ok_or(AnswerRefused::BorrowerUnknown)
}

/// A loan that is out is known by its tenure. Where the fingerprint is forgotten, only what Snipe-IT shows can tell it.
async fn find_forgotten_tenure(
    conn: &mut PgConnection,
    operation: &Operation,
    borrower: SnipeitUserId,
) -> Result<Option<NaiveDateTime>, AnswerRefused> {
    if operation.fingerprint.is_some() || operation.state != OperationState::WithPerson {
        return Ok(None);
    }
    let since = operations::find_tenure_seen(conn, operation, borrower).await?;
    since.map(Some).ok_or(AnswerRefused::TenureForgotten)
}

/// Remembers who the borrower is, or forgets it so that the worker looks again; what waited for it is due now.
async fn match_borrower(
    conn: &mut PgConnection,
    id: UserId,
    named: Option<SnipeitUserId>,
    cause: &Cause,
) -> Result<(), AnswerRefused> {
    let before = borrowers::find(conn, id).await?.ok_or(AnswerRefused::SubjectMissing)?;
    if before.snipeit_user_id != named {
        let after = User { snipeit_user_id: named, ..before.clone() };
        commit(conn, &Change::match_user(&before, after, cause)).await?;
    }
    borrower_sights::doubt(conn, id).await?;
    findings::hurry_jobs_of_borrower(conn, id).await?;
    Ok(())
}

fn history(finding: &Finding, resolution: Resolution, cause: &Cause) -> Change {
    let was = Some(FindingState::Open.as_str());
    let told = entry(Entity::Finding, finding.id.0, was, resolution.as_str(), cause);
    let told = HistoryEntry { requisition_id: finding.requisition_id, ..told };
    Change { history: vec![told], ..Change::default() }
}

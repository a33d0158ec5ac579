//! The settle: outcome, domain change, history, follow-ups and the job's row in one transaction, under our epoch.

use super::held::Held;
use crate::{
    context::Context,
    jobs::{Failure, Ran, SETTLE_RETRY, backoff},
    snipeit::{ReadFailure, ReadFailureKind},
};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        actor::Actor,
        change::{Cause, Change},
        finding::FindingKind,
        id::{EquipmentId, UserId},
        inventory::{Holder, NotApplied, SnipeitLabelId, SnipeitUserId},
        job::NewJob,
        operation::{Action, Event, Operation, OperationKind, OperationState, Verdict, decide},
        requisition::{Dossier, FollowUp, Substitute},
    },
    store::{
        catalogue,
        commit::commit,
        dossier,
        jobs::{self, Due, Postponement, RunCounts},
        operations::{self, Evidence, LoanOut},
    },
};
use serde_json::json;
use sqlx::PgConnection;
use std::time::{Duration, Instant};

/// What a run came to.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub operation: Operation,
    pub actions: Vec<Action>,
    pub evidence: Vec<Evidence>,
    pub borrower: Option<SnipeitUserId>,
    /// Snipe-IT's own answer says what has become of it; otherwise a look does, and what that has seen is in the cache.
    pub is_answered: bool,
    /// What a confirmed check-in has made of the asset's label.
    pub label: Option<SnipeitLabelId>,
}

/// Writes the ending down. A database that is away is tried again within the lease; after that the next look will
/// find out what happened.
pub(super) async fn settle(context: &Context, held: &Held, ending: Ending) -> Result<Ran, Failure> {
    loop {
        match try_settle(context, held, &ending).await {
            Err(failure) if failure.is_transient() && Instant::now() + SETTLE_RETRY < held.lease_ends => {
                tracing::warn!(
                    error = &failure as &dyn std::error::Error,
                    "An outcome could not be stored yet; next try within the lease"
                );
                tokio::time::sleep(SETTLE_RETRY).await;
            }
            settled => return settled,
        }
    }
}

/// The job ran as often as it may: an open intent goes to a person, a check-out that was never sent fails.
pub(super) async fn out_of_runs(context: &Context, held: &Held, operation: Operation) -> Result<Ran, Failure> {
    let (operation, actions) = decide(operation, Event::OutOfRuns);
    let evidence = vec![Evidence { event: "out_of_runs", detail: json!({ "runs": held.job.runs }) }];
    let ending = Ending { operation, actions, evidence, borrower: None, is_answered: false, label: None };
    settle(context, held, ending).await
}

/// A read that failed for a reason that is nobody's request's fault: the run does not count.
pub(super) fn hold_off(actions: Vec<Action>, failure: &ReadFailure) -> Vec<Action> {
    let why = match &failure.kind {
        ReadFailureKind::Throttled => NotApplied::Throttled,
        ReadFailureKind::Installation { what } => NotApplied::Installation { what: what.clone() },
        other => NotApplied::Unreachable { what: other.to_string() },
    };
    replace_retry(actions, why)
}

pub(super) fn hold_off_for_budget(actions: Vec<Action>) -> Vec<Action> {
    replace_retry(actions, NotApplied::Throttled)
}

fn replace_retry(actions: Vec<Action>, why: NotApplied) -> Vec<Action> {
    actions
        .into_iter()
        .map(|action| if action == Action::RetryLater { Action::HoldOff(why.clone()) } else { action })
        .collect()
}

async fn try_settle(context: &Context, held: &Held, ending: &Ending) -> Result<Ran, Failure> {
    if matches!(verdict_of(&ending.actions), Some(Verdict::Applied)) && ending.operation.kind == OperationKind::CheckOut
    {
        adopt_return_of_former_loan(context, &ending.operation).await?;
    }
    let mut transaction = context.pool.begin().await?;
    let is_ours = jobs::is_still_ours(&mut transaction, &held.job).await?;
    append_evidence(&mut transaction, held, ending, is_ours).await?;
    if !is_ours {
        crash::pass_in(held.job.lane, CrashPoint::EvidenceBeforeCommit);
        transaction.commit().await?;
        crash::pass_in(held.job.lane, CrashPoint::EvidenceAfterCommit);
        tracing::warn!(operation.id = %ending.operation.id, "The lease was lost; only the evidence is kept");
        return Ok(Ran::NothingToDo);
    }
    let stored = dossier::load_for_operation(&mut transaction, ending.operation.id).await?;
    let dossier = stored.ok_or_else(|| Failure::Broken("the operation is not there".to_owned()))?;
    let mut operation = ending.operation.clone();
    // Under our epoch nobody else moved it; the row's version is the one that the take left.
    operation.version = dossier.find_operation(operation.id).map_or(operation.version, |stored| stored.version);
    let change = change_of(context, &mut transaction, dossier, operation, ending).await?;
    commit(&mut transaction, &change).await?;
    note_effect(&mut transaction, ending).await?;
    settle_job(context, &mut transaction, held, ending).await?;
    crash::pass_in(held.job.lane, CrashPoint::SettleBeforeCommit);
    transaction.commit().await?;
    crash::pass_in(held.job.lane, CrashPoint::SettleAfterCommit);
    context.waker.wake();
    Ok(Ran::Settled)
}

async fn append_evidence(conn: &mut PgConnection, held: &Held, ending: &Ending, is_ours: bool) -> Result<(), Failure> {
    for evidence in &ending.evidence {
        let event = if is_ours { evidence.event } else { "late_answer" };
        let evidence = Evidence { event, detail: evidence.detail.clone() };
        let operation = &ending.operation;
        let attempt = operation.attempts.max(1);
        operations::append_evidence(conn, operation.id, attempt, held.job.epoch, &evidence).await?;
    }
    Ok(())
}

async fn change_of(
    context: &Context,
    conn: &mut PgConnection,
    dossier: Dossier,
    operation: Operation,
    ending: &Ending,
) -> Result<Change, Failure> {
    let now = operations::now(conn).await?;
    let cause = cause_of(&operation, &ending.actions);
    let became_unknown = operation.state == OperationState::Unknown
        && dossier.find_operation(operation.id).is_some_and(|before| before.state != OperationState::Unknown);
    let id = operation.id;
    let forgotten = if ending.actions.contains(&Action::LookUpBorrowerAgain) {
        dossier.find_loan(operation.loan_id).map(|loan| loan.borrower_id)
    } else {
        None
    };
    let nobody = find_unmatched(conn, &dossier, &operation, ending).await?;
    let mut change = match verdict_of(&ending.actions) {
        Some(verdict) => {
            let substitute = substitute(conn, &dossier, &operation, verdict).await?;
            let follow = FollowUp { now, cause, borrower: ending.borrower, substitute };
            dossier.settle(operation, verdict, &raised(&ending.actions), &follow)
        }
        None => dossier.advance(operation, &cause),
    };
    if became_unknown {
        let after = chrono::Duration::from_std(context.rules.verifying_mail_after).unwrap_or_default();
        change.jobs.push(NewJob::notice_verifying(id, now + after));
    }
    if let Some(user) = forgotten {
        change = forget_borrower(conn, user, change).await?;
    }
    change.findings.extend(nobody.map(crate::borrower::not_known));
    Ok(change)
}

/// The borrower of a check-out that goes to a person while nobody knows who that is in Snipe-IT: without it the person
/// could not answer that it took place.
async fn find_unmatched(
    conn: &mut PgConnection,
    dossier: &Dossier,
    operation: &Operation,
    ending: &Ending,
) -> Result<Option<UserId>, Failure> {
    let is_asked = matches!(verdict_of(&ending.actions), Some(Verdict::WithPerson(_)));
    let Some(loan) = dossier.find_loan(operation.loan_id).filter(|_| is_asked) else { return Ok(None) };
    if operation.kind == OperationKind::CheckIn {
        return Ok(None);
    }
    let addressee = operations::find_addressee(conn, operation.id, loan.borrower_id).await?;
    Ok(addressee.is_none().then_some(loan.borrower_id))
}

/// Snipe-IT refused though the unit is free: perhaps the remembered user does not exist there any more.
async fn forget_borrower(conn: &mut PgConnection, user: UserId, mut change: Change) -> Result<Change, Failure> {
    let Some(before) = makerlab_shared::store::borrowers::find(conn, user).await? else { return Ok(change) };
    makerlab_shared::store::borrower_sights::doubt(conn, user).await?;
    let after = makerlab_shared::domain::user::User { snipeit_user_id: None, ..before.clone() };
    let cause = Cause::new(Actor::System, "forgotten_after_refusal");
    let forgotten = Change::match_user(&before, after, &cause);
    change.writes.extend(forgotten.writes);
    change.history.extend(forgotten.history);
    Ok(change)
}

fn cause_of(operation: &Operation, actions: &[Action]) -> Cause {
    match (operation.state, verdict_of(actions)) {
        (OperationState::Applied, _) => Cause::new(Actor::Snipeit, "confirmed_by_snipeit"),
        (OperationState::Refused, _) => {
            let cause = Cause::new(Actor::Snipeit, "refused_by_snipeit");
            match &operation.refusal {
                Some(words) => cause.because(words.clone()),
                None => cause,
            }
        }
        (OperationState::Unknown, _) => Cause::new(Actor::System, "outcome_unknown"),
        (OperationState::WithPerson, Some(Verdict::WithPerson(why))) => {
            Cause::new(Actor::System, "person_needed").because(why.summary())
        }
        (OperationState::Waiting, _) => Cause::new(Actor::System, "not_sent"),
        (OperationState::Sent | OperationState::WithPerson | OperationState::Abandoned, _) => {
            Cause::new(Actor::System, "moved")
        }
    }
}

fn verdict_of(actions: &[Action]) -> Option<&Verdict> {
    actions.iter().find_map(|action| match action {
        Action::Settle(verdict) => Some(verdict),
        _ => None,
    })
}

fn raised(actions: &[Action]) -> Vec<FindingKind> {
    actions.iter().filter_map(|action| if let Action::Raise(kind) = action { Some(*kind) } else { None }).collect()
}

/// Another free unit of the model that was granted, one that was not tried for this loan; for a time that has passed none.
async fn substitute(
    conn: &mut PgConnection,
    dossier: &Dossier,
    operation: &Operation,
    verdict: &Verdict,
) -> Result<Substitute, Failure> {
    let Verdict::AnotherUnit(_) = verdict else { return Ok(Substitute::NotNeeded) };
    let loan = dossier.find_loan(operation.loan_id);
    let Some((loan, line)) = loan.and_then(|loan| {
        let line = dossier.lines.iter().find(|line| line.id == loan.line_id)?;
        Some((loan, line))
    }) else {
        return Ok(Substitute::NoneFree);
    };
    if loan.period.due_at <= dossier.now {
        return Ok(Substitute::NoneFree);
    }
    let tried: Vec<EquipmentId> =
        dossier.operations.iter().filter(|tried| tried.loan_id == loan.id).map(|tried| tried.equipment_id).collect();
    let free = catalogue::choose_units(conn, line.granted().model_id, loan.period, 1, &tried).await?;
    Ok(free.into_iter().next().map_or(Substitute::NoneFree, Substitute::Unit))
}

/// What Snipe-IT said, in the cache, so that the next request sees it without waiting for the sweep. Never over what a look
/// saw: somebody may have the unit by then who is not our borrower.
async fn note_effect(conn: &mut PgConnection, ending: &Ending) -> Result<(), Failure> {
    let (Some(Verdict::Applied), true) = (verdict_of(&ending.actions), ending.is_answered) else { return Ok(()) };
    let operation = &ending.operation;
    match operation.kind {
        OperationKind::CheckOut => {
            if let (Some(user), Some(fingerprint)) = (ending.borrower, operation.fingerprint) {
                catalogue::note_checked_out(conn, operation.asset, Holder::user(user), fingerprint).await?;
            }
        }
        OperationKind::CheckIn => catalogue::note_checked_in(conn, operation.asset, ending.label).await?,
    }
    Ok(())
}

async fn settle_job(context: &Context, conn: &mut PgConnection, held: &Held, ending: &Ending) -> Result<(), Failure> {
    let again = |due: Due, reason: String, run: RunCounts| Some(Postponement { due, reason, run });
    let next = ending.actions.iter().find_map(|action| match action {
        Action::WaitUntil(instant) => {
            again(Due::At(*instant), "the outcome is being verified".to_owned(), RunCounts::GivenBack)
        }
        Action::RetryLater => again(Due::In(backoff(&held.job)), "next try soon".to_owned(), RunCounts::Yes),
        Action::LookUpBorrowerAgain => {
            again(Due::In(Duration::ZERO), "the borrower is looked up again".to_owned(), RunCounts::Yes)
        }
        Action::HoldOff(why) => {
            let (wait, reason) = hold_off_wait(context, held, why);
            again(Due::In(wait), reason, RunCounts::GivenBack)
        }
        Action::Take
        | Action::Send
        | Action::ReadTenure
        | Action::Look
        | Action::SearchLog
        | Action::Settle(_)
        | Action::Raise(_)
        | Action::Finish => None,
    });
    match next {
        Some(postponement) => jobs::postpone(conn, &held.job, &postponement).await?,
        None => jobs::finish(conn, &held.job, ending.operation.state.as_str()).await?,
    };
    Ok(())
}

fn hold_off_wait(context: &Context, held: &Held, why: &NotApplied) -> (Duration, String) {
    match why {
        NotApplied::Throttled => {
            (context.budget.window.to_std().unwrap_or_default(), "the inventory's call budget is used up".to_owned())
        }
        NotApplied::Installation { what } => (backoff(&held.job), format!("the inventory needs attention: {what}")),
        NotApplied::Unreachable { what } => (backoff(&held.job), format!("the inventory cannot be reached: {what}")),
    }
}

/// Snipe-IT gave us the asset, so whoever had it by our records has given it back: adopt that first, or the schema
/// would refuse to lend one asset twice.
async fn adopt_return_of_former_loan(context: &Context, operation: &Operation) -> Result<(), Failure> {
    let mut transaction = context.pool.begin().await?;
    let former = operations::find_other_loan_out(&mut transaction, operation.equipment_id, operation.loan_id).await?;
    let Some(LoanOut { requisition, loan, .. }) = former else { return Ok(()) };
    let Some(dossier) = dossier::load_for_update(&mut transaction, requisition).await? else { return Ok(()) };
    if dossier.find_loan(loan).is_some_and(|loan| loan.status.is_out()) {
        let now = operations::now(&mut transaction).await?;
        commit(&mut transaction, &dossier.adopt_return(loan, now)).await?;
        transaction.commit().await?;
        crash::pass(CrashPoint::FormerLoanAdopted);
    }
    Ok(())
}

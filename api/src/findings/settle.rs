//! `POST /v1/findings/{id}/settle`: a person's answer, and what follows from it.

use super::view::{FindingDetail, load, load_detail};
use crate::{
    http::{
        answer::Answer,
        caller::Staff,
        exchange::{Begun, Effect, Post},
        input::{Invalid, TextRule},
        params::Id,
        words,
    },
    problem::{Problem, ProblemType},
};
use axum::http::StatusCode;
use chrono::Utc;
use makerlab_shared::{
    domain::{
        actor::Actor,
        change::{Cause, Change, Entity, HistoryEntry},
        finding::{FindingKind, FindingState, Resolution},
        id::{FindingId, JobId, OperationId, UserId},
        inventory::SnipeitUserId,
        operation::{Action, Event, decide},
        requisition::{FollowUp, Substitute},
        user::User,
    },
    store::{
        dossier,
        findings::{self, Finding, Settlement},
        jobs, users,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

const NOTE: TextRule = TextRule::paragraph(1, 2000);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingAnswer {
    /// One of the finding's `possible_resolutions`.
    #[schema(schema_with = words::resolution)]
    resolution: Resolution,
    /// How it was found out.
    #[schema(max_length = 2000)]
    note: Option<String>,
    /// For a borrower who was not matched: who they are in Snipe-IT.
    #[schema(minimum = 1)]
    snipeit_user_id: Option<i64>,
}

/// Settle a finding. Rule: technicians and admins.
#[utoipa::path(
    post,
    path = "/v1/findings/{id}/settle",
    tag = "findings",
    params(("id" = Uuid, Path)),
    request_body = FindingAnswer,
    responses(
        (status = 200, body = FindingDetail),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "finding-settled"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn settle(
    Staff(caller): Staff,
    Id(id): Id<FindingId>,
    Post { body, exchange }: Post<FindingAnswer>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let finding = load(effect.conn(), id).await?;
    let note = check(&finding, &body)?;
    if finding.state == FindingState::Settled {
        return Err(Problem::new(ProblemType::FindingSettled, "somebody has settled the finding already"));
    }
    let cause = cause(caller.actor(), note.as_deref());
    follow_up(&mut effect, &finding, &body, &cause).await?;
    let settlement = Settlement { resolution: body.resolution, note, by: Some(caller.user_id) };
    findings::settle(effect.conn(), &finding, &settlement).await?;
    effect.commit(&history(&finding, body.resolution, &cause)).await?;
    let detail = load_detail(effect.conn(), id).await?;
    effect.finish(Answer::new(StatusCode::OK, &detail)?).await
}

fn check(finding: &Finding, body: &FindingAnswer) -> Result<Option<String>, Problem> {
    let mut invalid = Invalid::default();
    let possible = finding.kind.resolutions();
    if !possible.contains(&body.resolution) {
        let words: Vec<_> = possible.iter().map(|resolution| resolution.as_str()).collect();
        invalid.note("/resolution", format!("must be one of {}", words.join(", ")));
    }
    let names_borrower = finding.kind == FindingKind::BorrowerNotMatched && body.resolution == Resolution::Retried;
    if body.snipeit_user_id.is_some() && !names_borrower {
        invalid.note("/snipeit_user_id", "belongs to the resolution retried of borrower_not_matched");
    }
    if body.snipeit_user_id.is_some_and(|id| id < 1) {
        invalid.note("/snipeit_user_id", "must be the number of a user in Snipe-IT");
    }
    let note = body.note.as_deref().and_then(|note| invalid.check("/note", NOTE.parse(note)));
    invalid.into_result()?;
    Ok(note)
}

async fn follow_up(effect: &mut Effect, finding: &Finding, body: &FindingAnswer, cause: &Cause) -> Result<(), Problem> {
    match (finding.kind, body.resolution) {
        (FindingKind::OperationWithPerson, resolution) => {
            settle_operation(effect, OperationId(finding.subject_id), resolution, cause).await
        }
        (FindingKind::BorrowerNotMatched, Resolution::Retried) => {
            let named = body.snipeit_user_id.map(SnipeitUserId);
            match_borrower(effect, UserId(finding.subject_id), named, cause).await
        }
        (FindingKind::JobOutOfRuns, Resolution::Retried) => {
            jobs::revive(effect.conn(), JobId(finding.subject_id)).await?;
            Ok(())
        }
        // Nothing follows: the worker looks again by itself, or there is nothing to be done.
        (
            FindingKind::BorrowerNotMatched
            | FindingKind::JobOutOfRuns
            | FindingKind::InventoryChanged
            | FindingKind::ClockOrZoneWrong
            | FindingKind::EffectNotSeen
            | FindingKind::PaintedOver
            | FindingKind::HeldBySomebodyElse,
            _,
        ) => Ok(()),
    }
}

async fn settle_operation(
    effect: &mut Effect,
    id: OperationId,
    resolution: Resolution,
    cause: &Cause,
) -> Result<(), Problem> {
    let dossier = dossier::load_for_operation(effect.conn(), id).await?;
    let operation = dossier.as_ref().and_then(|dossier| dossier.find_operation(id)).cloned();
    let (Some(dossier), Some(operation)) = (dossier, operation) else {
        return Err(Problem::not_found("operation"));
    };
    let borrower = dossier.find_loan(operation.loan_id).map(|loan| loan.borrower_id);
    let (operation, actions) = decide(operation, Event::SettledByPerson(resolution));
    let verdict = actions.into_iter().find_map(|action| match action {
        Action::Settle(verdict) => Some(verdict),
        _ => None,
    });
    // Settled by a look meanwhile: the person only confirms it.
    let Some(verdict) = verdict else { return Ok(()) };
    let borrower = match borrower {
        Some(borrower) => users::find(effect.conn(), borrower).await?.and_then(|listed| listed.user.snipeit_user_id),
        None => None,
    };
    let follow = FollowUp { now: Utc::now(), cause: cause.clone(), borrower, substitute: Substitute::NotNeeded };
    effect.commit(&dossier.settle(operation, &verdict, &[], &follow)).await
}

/// Remembers who the borrower is, or forgets it so that the worker looks again; what waited for it is due now.
async fn match_borrower(
    effect: &mut Effect,
    id: UserId,
    named: Option<SnipeitUserId>,
    cause: &Cause,
) -> Result<(), Problem> {
    let before = users::find(effect.conn(), id).await?.ok_or_else(|| Problem::not_found("user"))?.user;
    if before.snipeit_user_id != named {
        let after = User { snipeit_user_id: named, ..before.clone() };
        effect.commit(&Change::match_user(&before, after, cause)).await?;
    }
    findings::hurry_jobs_of_borrower(effect.conn(), id).await?;
    Ok(())
}

fn cause(actor: Actor, note: Option<&str>) -> Cause {
    let cause = Cause::new(actor, "finding_settled");
    match note {
        Some(note) => cause.because(note),
        None => cause,
    }
}

fn history(finding: &Finding, resolution: Resolution, cause: &Cause) -> Change {
    let entry = HistoryEntry {
        entity: Entity::Finding,
        entity_id: finding.id.0,
        requisition_id: finding.requisition_id,
        event: cause.event,
        from_status: Some(FindingState::Open.as_str()),
        to_status: resolution.as_str(),
        actor: cause.actor,
        reason: cause.reason.clone(),
    };
    Change { history: vec![entry], ..Change::default() }
}

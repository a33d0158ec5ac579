//! Borrowers: finding in Snipe-IT the one user who has a borrower's e-mail address.

mod create;

use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use chrono::TimeDelta;
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        actor::Actor,
        change::{Cause, Change},
        finding::{FindingKind, NewFinding},
        id::{FindingId, UserId},
        inventory::SnipeitUserId,
        job::Lane,
        user::User,
    },
    store::{borrower_sights, borrowers, commit::commit, jobs::TakenJob},
};
use serde_json::json;

/// Whether it is known who the borrower is in Snipe-IT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    Found,
    /// Nobody has the address, or several people have: a finding says so, a technician mends it.
    Unclear,
}

/// Who is the only one with an address in a full read is not asked for again for so long. Should that user be deleted there
/// meanwhile, the check-out is refused, what was remembered is forgotten, what was seen is doubted, and Snipe-IT is asked.
const FRESH_FOR: TimeDelta = TimeDelta::hours(1);

/// Job `match_borrower`: asked for when a requisition is submitted, so that trouble shows before anybody decides.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    Ok(match find_and_remember(context, job.lane, UserId(job.subject_id)).await? {
        Match::Found => Handled::done("matched"),
        Match::Unclear => Handled::done("unclear"),
    })
}

/// Looks the borrower up unless that is known already, and remembers the answer.
pub async fn find_and_remember(context: &Context, lane: Lane, user: UserId) -> Result<Match, Failure> {
    let before = {
        let mut conn = context.pool.acquire().await?;
        borrowers::find(&mut conn, user).await?
    };
    let Some(before) = before else { return Err(Failure::Broken("the borrower does not exist any more".to_owned())) };
    if before.snipeit_user_id.is_some() {
        return Ok(Match::Found);
    }
    let seen_lately = {
        let mut conn = context.pool.acquire().await?;
        borrower_sights::find_only(&mut conn, user, FRESH_FOR).await?
    };
    let mut candidates = match seen_lately {
        Some(only) => vec![only],
        None => find_candidates(context, lane, &before).await?,
    };
    if candidates.is_empty() && context.rules.create_snipeit_users {
        create::create(context, lane, &before).await?;
        candidates = find_candidates(context, lane, &before).await?;
    }
    crash::pass_in(lane, CrashPoint::BorrowerFound);
    let (change, matched) = match candidates[..] {
        [only] => (remember(&before, only), Match::Found),
        _ => (unclear(&before, &candidates), Match::Unclear),
    };
    let mut transaction = context.pool.begin().await?;
    commit(&mut transaction, &change).await?;
    transaction.commit().await?;
    crash::pass_in(lane, CrashPoint::BorrowerRemembered);
    Ok(matched)
}

async fn find_candidates(context: &Context, lane: Lane, user: &User) -> Result<Vec<SnipeitUserId>, Failure> {
    let email = user.email.expose();
    let found = context.read(lane, async |snipeit| snipeit.find_users_by_email(email).await).await?.value;
    Ok(found.iter().map(|user| user.id).collect())
}

fn remember(before: &User, id: SnipeitUserId) -> Change {
    let after = User { snipeit_user_id: Some(id), ..before.clone() };
    Change::match_user(before, after, &Cause::new(Actor::Snipeit, "matched_by_email"))
}

/// For a person who must answer whether a check-out to the borrower took place.
pub(crate) fn not_known(user: UserId) -> NewFinding {
    NewFinding {
        id: FindingId::generate(),
        kind: FindingKind::BorrowerNotMatched,
        subject_id: user.0,
        requisition_id: None,
        summary:
            "A check-out waits for a person's answer, and nobody knows who its borrower is in Snipe-IT: settle this \
                  with `retried` and the Snipe-IT user id first."
                .to_owned(),
        evidence: json!({ "user_id": user }),
    }
}

fn unclear(user: &User, candidates: &[SnipeitUserId]) -> Change {
    let summary = match candidates.len() {
        0 => {
            "Nobody in Snipe-IT has the borrower's e-mail address: create the user there, then settle this with `retried`."
        }
        _ => {
            "Several people in Snipe-IT have the borrower's e-mail address: settle this with the right Snipe-IT user id."
        }
    };
    let finding = NewFinding {
        id: FindingId::generate(),
        kind: FindingKind::BorrowerNotMatched,
        subject_id: user.id.0,
        requisition_id: None,
        summary: summary.to_owned(),
        evidence: json!({ "user_id": user.id, "snipeit_user_ids": candidates }),
    };
    Change { findings: vec![finding], ..Change::default() }
}

//! A person's answer to a finding about drift: our record follows, our effect is sent anew, or it stays as it is.

use super::{
    commit::commit,
    dossier, drift, extensions,
    finding_answer::{AnswerRefused, FindingAnswer},
    findings::Finding,
    operations,
};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    drift::{Drift, Judgement, Picture, compare, ignore, told_over},
    finding::Resolution,
    id::LoanId,
    job::NewJob,
    operation::Tenure,
    requisition::{ByHand, Dossier, LoanStatus},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// # Errors
/// If Snipe-IT shows something else by now, or something of ours is on its way to the unit.
pub(super) async fn follow_up(
    conn: &mut PgConnection,
    finding: &Finding,
    answer: &FindingAnswer,
) -> Result<(), AnswerRefused> {
    let loan = LoanId(finding.subject_id);
    let dossier = dossier::load_for_loan(conn, loan).await?.ok_or(AnswerRefused::SubjectMissing)?;
    commit(conn, &Change { writes: vec![told_over(loan)], ..Change::default() }).await?;
    let change = if answer.resolution == Resolution::Ignored {
        ignore(loan, finding.evidence["drift"].clone())
    } else {
        let picture = drift::find_picture(conn, loan).await?.ok_or(AnswerRefused::DriftChanged)?;
        let drift = still_shown(finding, &picture)?;
        if let Drift::DateMoved { .. } = drift {
            return move_date(conn, dossier, finding, answer).await;
        }
        let now = operations::now(conn).await?;
        answered(dossier, &picture, drift, answer, Told { finding, now })?
    };
    Ok(commit(conn, &change).await?)
}

struct Told<'a> {
    finding: &'a Finding,
    /// Real time.
    now: DateTime<Utc>,
}

/// What a person has read must be what they decide about.
fn still_shown(finding: &Finding, picture: &Picture) -> Result<Drift, AnswerRefused> {
    match compare(picture) {
        Judgement::NotYet => Err(AnswerRefused::UnderWay),
        Judgement::Drifted(drift) if drift.mark() == finding.evidence["drift"] => Ok(drift),
        Judgement::AsExpected => {
            let moved = picture.sight.expected_checkin.map(|expected_checkin| Drift::DateMoved { expected_checkin });
            moved.filter(|drift| drift.mark() == finding.evidence["drift"]).ok_or(AnswerRefused::DriftChanged)
        }
        Judgement::ReturnedByHand { .. } | Judgement::Drifted(_) => Err(AnswerRefused::DriftChanged),
    }
}

/// The due date follows Snipe-IT's day, or the other way round.
async fn move_date(
    conn: &mut PgConnection,
    dossier: Dossier,
    finding: &Finding,
    answer: &FindingAnswer,
) -> Result<(), AnswerRefused> {
    let loan = LoanId(finding.subject_id);
    if answer.resolution == Resolution::Reapplied {
        let change = Change { jobs: vec![NewJob::set_expected_checkin(loan)], ..Change::default() };
        return Ok(commit(conn, &change).await?);
    }
    let due_at = finding.evidence["due_at"].as_str().and_then(|due_at| due_at.parse::<DateTime<Utc>>().ok());
    let due_at = due_at.ok_or(AnswerRefused::DriftChanged)?;
    let begun = dossier.find_loan(loan).filter(|loan| loan.period.starts_at < due_at);
    let lent = begun.ok_or(AnswerRefused::DateBeforeLoan)?;
    let ground = extensions::load_ground(conn, loan, Some(due_at)).await?;
    if let Some(next) = ground.next_use(lent, due_at) {
        return Err(AnswerRefused::WantedByOthers(next));
    }
    Ok(commit(conn, &dossier.adopt_due_date(loan, due_at)).await?)
}

fn answered(
    dossier: Dossier,
    picture: &Picture,
    drift: Drift,
    answer: &FindingAnswer,
    told: Told<'_>,
) -> Result<Change, AnswerRefused> {
    let loan = picture.loan.id;
    if answer.resolution == Resolution::Reapplied {
        let cause = Cause { reason: answer.note.clone(), ..Cause::new(Actor::User(answer.by), "check_out_reapplied") };
        return Ok(dossier.reapply_check_out(loan, picture.sight.asset, answer.by, &cause));
    }
    let by_hand = told.by_hand();
    match (drift, picture.loan.tenure) {
        (Drift::CheckedOutAgain { last_checkout: Some(last_checkout) }, Some(Tenure { user, .. })) => {
            Ok(dossier.adopt_check_out_by_hand(loan, Tenure { user, last_checkout }, by_hand))
        }
        (Drift::LentByHand { tenure }, _) => Ok(dossier.adopt_check_out_by_hand(loan, tenure, by_hand)),
        // Without a check-out to go by, our record can only say that ours is over.
        (Drift::NotHeld | Drift::HeldByAnother { .. } | Drift::CheckedOutAgain { .. }, _) => {
            Ok(dossier.adopt_return_by_hand(loan, by_hand))
        }
        (Drift::Archived | Drift::Gone, _) if picture.loan.status != LoanStatus::Promised => {
            Ok(dossier.adopt_return_by_hand(loan, by_hand))
        }
        (
            Drift::PromisedAndHeld { .. }
            | Drift::NotDeployable
            | Drift::Archived
            | Drift::Gone
            | Drift::DateMoved { .. },
            _,
        ) => look_for_another(&dossier, picture, drift),
    }
}

/// The rule for promises does it, ahead of the loan and for as long as it waits at the counter. Until there is another unit
/// nothing is said of this one again.
fn look_for_another(dossier: &Dossier, picture: &Picture, drift: Drift) -> Result<Change, AnswerRefused> {
    let is_ahead = picture.now < picture.loan.period.starts_at;
    let promise = dossier.find_open_promise(picture.loan.id);
    let mut watched = promise.iter().filter(|promise| promise.still_wanted(picture.now).is_some());
    if !watched.any(|promise| is_ahead || promise.waits_at_counter()) {
        return Err(AnswerRefused::PromiseBegun);
    }
    let jobs = vec![NewJob::look_at_promise(picture.loan.id)];
    Ok(Change { jobs, ..ignore(picture.loan.id, drift.mark()) })
}

impl Told<'_> {
    fn by_hand(&self) -> ByHand {
        let since = self.finding.evidence["since"].as_str().and_then(|since| since.parse().ok());
        let why = format!("as Snipe-IT shows it; finding {}", self.finding.id);
        ByHand { at: since.unwrap_or(self.now), now: self.now, why }
    }
}

//! The verdict: every outcome against what Snipe-IT really did and what really arrived.

use anyhow::Result;
use makerlab_shared::domain::operation::{OperationKind, OperationState};

use super::{
    board::Board,
    cast::{Cast, PROJECT},
    expected::{Played, Step},
    ground::{Ground, Inventory},
    letters::{self, Letter, WAITING_LIST},
    permission::RealSnipeIt,
    report,
    returns::is_as_snipe_it_says,
};
use crate::{
    simulator::{By, CallKind, Effect, EffectKind, Simulator},
    stack::RequisitionSeen,
};

/// One line of the verdict.
#[derive(Debug, Clone)]
pub struct Check {
    pub what: String,
    /// What was seen instead.
    pub failure: Option<String>,
}

impl Check {
    pub fn passed(&self) -> bool {
        self.failure.is_none()
    }

    pub(super) fn that(what: impl Into<String>, holds: bool, seen: impl FnOnce() -> String) -> Self {
        Self { what: what.into(), failure: (!holds).then(seen) }
    }
}

/// The verdict, and the requisitions that it is about.
pub struct Verdict {
    pub checks: Vec<Check>,
    pub requisitions: Vec<RequisitionSeen>,
    pub effects: usize,
    pub mails: usize,
    pub findings: usize,
}

impl Verdict {
    pub fn passed(&self) -> bool {
        self.checks.iter().all(Check::passed)
    }
}

pub async fn verdict(cast: &Cast, ground: &Ground, board: &Board) -> Result<Verdict> {
    let played = board.played();
    let mut requisitions = Vec::new();
    let mut checks = vec![every_step_was_played(&played, ground)];
    for step in &played {
        let seen = cast.technician.requisition(step.requisition).await?;
        checks.push(has_its_status(step, &seen));
        requisitions.push(seen);
    }
    let effects = ground.inventory.simulator().map(ours).unwrap_or_default();
    checks.extend(played.iter().zip(&requisitions).filter_map(|(step, seen)| given_out_by_hand(step, seen)));
    if let Some(simulator) = ground.inventory.simulator() {
        for (step, seen) in played.iter().zip(&requisitions) {
            checks.push(has_one_effect_per_operation(step, seen, &effects));
        }
        checks.push(no_effect_without_an_operation(&requisitions, &effects));
        checks.extend(played.iter().zip(&requisitions).filter_map(|(step, seen)| lost_answer(step, seen, simulator)));
        let throttled = simulator.state().ledger().count_answers(429);
        checks.push(Check::that("no call was throttled", throttled == 0, || format!("{throttled} were")));
    }
    let mut mails = 0;
    if let Some(mailbox) = &ground.mailbox {
        let expected = letters::expected(cast, &played);
        let arrived = letters::arrived(cast, mailbox, expected.len()).await?;
        mails = arrived.len();
        let subjects = [PROJECT, WAITING_LIST].into_iter().chain(played.iter().map(|step| step.number.as_str()));
        checks.extend(subjects.map(|subject| letters_about(subject, &expected, &arrived)));
        checks.push(no_other_letters(&played, &arrived));
    }
    let known = ground.inventory.simulator().map(|_| effects.as_slice());
    checks.extend(report::checks(cast, &requisitions, known).await?);
    if let Inventory::Real(real) = &ground.inventory {
        for requisition in &requisitions {
            checks.push(is_so_in_snipe_it(real, requisition).await?);
        }
    }
    let findings = cast.technician.count_open_findings().await?;
    Ok(Verdict { checks, requisitions, effects: effects.len(), mails, findings })
}

fn every_step_was_played(played: &[Played], ground: &Ground) -> Check {
    let is_real = ground.inventory.simulator().is_none();
    let wanted = Step::ALL.iter().filter(|step| !(is_real && step.needs_simulator())).count();
    let what = format!("{wanted} requisitions were submitted");
    Check::that(what, played.len() == wanted, || format!("{} were", played.len()))
}

fn has_its_status(played: &Played, seen: &RequisitionSeen) -> Check {
    let (number, title, status) = (&played.number, played.step.title(), played.step.status());
    let has_reason = seen.decision_reason.is_some() || played.step != Step::Rejected;
    Check::that(format!("{number} ({title}) is {status}"), seen.status == status && has_reason, || {
        let failures: Vec<_> = seen.loans.iter().filter_map(|loan| loan.failure.as_deref()).collect();
        format!("it is {}; {}", seen.status, failures.join("; "))
    })
}

/// What we did, at once or late; not what people did by hand.
fn ours(simulator: &Simulator) -> Vec<Effect> {
    simulator.state().ledger().effects().into_iter().filter(|effect| effect.by != By::Human).collect()
}

fn has_one_effect_per_operation(played: &Played, seen: &RequisitionSeen, effects: &[Effect]) -> Check {
    let mut wrong = Vec::new();
    let (mut check_outs, mut check_ins) = (0, 0);
    for operation in &seen.operations {
        let marker = operation.id.marker();
        let found = effects.iter().filter(|effect| effect.marker.as_deref() == Some(&marker));
        let kinds: Vec<_> = found.map(|effect| effect.kind).collect();
        let kind = kind_of(operation.kind);
        match kind {
            EffectKind::Checkout => check_outs += kinds.len(),
            _ => check_ins += kinds.len(),
        }
        let wanted = if operation.state == OperationState::Applied { vec![kind] } else { vec![] };
        if kinds != wanted {
            wrong.push(format!("{marker} is {} with the effects {kinds:?}", operation.state));
        }
    }
    let (wanted_outs, wanted_ins) = (played.step.check_outs(), played.step.check_ins());
    let what =
        format!("{}: one effect per operation in Snipe-IT ({wanted_outs} out, {wanted_ins} back)", played.number);
    let holds = wrong.is_empty() && (check_outs, check_ins) == (wanted_outs, wanted_ins);
    Check::that(what, holds, || format!("{check_outs} out, {check_ins} back; {}", wrong.join("; ")))
}

fn kind_of(kind: OperationKind) -> EffectKind {
    match kind {
        OperationKind::CheckOut => EffectKind::Checkout,
        OperationKind::CheckIn => EffectKind::Checkin,
    }
}

fn no_effect_without_an_operation(requisitions: &[RequisitionSeen], effects: &[Effect]) -> Check {
    let operations = requisitions.iter().flat_map(|requisition| &requisition.operations);
    let applied = operations.filter(|operation| operation.state == OperationState::Applied).count();
    let what = format!("{applied} effects in Snipe-IT, each of them asked for");
    Check::that(what, effects.len() == applied, || format!("there are {}", effects.len()))
}

/// One POST took effect, its answer was lost, and a look found it.
fn lost_answer(played: &Played, seen: &RequisitionSeen, simulator: &Simulator) -> Option<Check> {
    if played.step != Step::AnswerLost {
        return None;
    }
    let asset = seen.loans.first()?.snipeit_asset_id;
    let (show, post) = (format!("/hardware/{asset}"), format!("/hardware/{asset}/checkout"));
    let requests = simulator.state().ledger().requests();
    let posts: Vec<_> = requests.iter().filter(|request| request.path.ends_with(&post)).collect();
    let looked = posts.last().is_some_and(|post| {
        requests.iter().any(|request| {
            request.number > post.number && request.call == Some(CallKind::Show) && request.path.ends_with(&show)
        })
    });
    let unanswered = posts.iter().all(|post| post.status.is_none());
    let what = format!("{}: one POST, no answer, found by a look", played.number);
    Some(Check::that(what, posts.len() == 1 && unanswered && looked, || {
        format!("{} POSTs, answered: {}, looked: {looked}", posts.len(), !unanswered)
    }))
}

/// The history tells of another unit than the one that was kept, and who gave it out.
fn given_out_by_hand(played: &Played, seen: &RequisitionSeen) -> Option<Check> {
    if played.step != Step::HandedOver {
        return None;
    }
    let of_loan = seen.history.iter().filter(|entry| entry["entity"] == "loan");
    let events: Vec<_> = of_loan.filter_map(|entry| entry["event"].as_str()).collect();
    let holds = events == ["submitted", "unit_exchanged", "handed_over", "confirmed_by_snipeit"];
    let what = format!("{}: exchanged and handed over first, then checked out in Snipe-IT", played.number);
    Some(Check::that(what, holds, || events.join(", ")))
}

/// A real one has no ledger; it can be asked who holds what.
async fn is_so_in_snipe_it(real: &RealSnipeIt, seen: &RequisitionSeen) -> Result<Check> {
    let mut wrong = Vec::new();
    for loan in &seen.loans {
        if !is_as_snipe_it_says(real, loan).await? {
            wrong.push(format!("{} is {} to us", loan.tag, loan.status));
        }
    }
    Ok(Check::that(format!("{}: Snipe-IT says the same", seen.number), wrong.is_empty(), || wrong.join("; ")))
}

fn letters_about(subject: &str, expected: &[Letter], arrived: &[Letter]) -> Check {
    let about = |letters: &[Letter]| letters.iter().filter(|(number, ..)| number == subject).cloned().collect();
    let (expected, arrived): (Vec<Letter>, Vec<Letter>) = (about(expected), about(arrived));
    let what = format!("{subject}: {} letters, each exactly once", expected.len());
    Check::that(what, expected == arrived, || format!("expected {}, got {}", listed(&expected), listed(&arrived)))
}

fn no_other_letters(played: &[Played], arrived: &[Letter]) -> Check {
    let is_other = |letter: &&Letter| {
        ![PROJECT, WAITING_LIST].contains(&letter.0.as_str()) && played.iter().all(|played| played.number != letter.0)
    };
    let others: Vec<_> = arrived.iter().filter(is_other).cloned().collect();
    Check::that("no other letters", others.is_empty(), || listed(&others))
}

fn listed(letters: &[Letter]) -> String {
    let words: Vec<_> = letters.iter().map(|(number, to, event)| format!("{event} to {to} ({number})")).collect();
    format!("[{}]", words.join(", "))
}

//! The rule: whether our record and Snipe-IT's agree, and what it is where they do not.

use super::{Picture, Sight, SnipeitClock};
use crate::domain::{
    availability::LOOK_AHEAD,
    equipment::Presence,
    inventory::{Holder, LabelKind},
    lab_day,
    operation::Tenure,
    requisition::LoanStatus,
};
use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;

/// Snipe-IT's dates have whole seconds, and so has what we know of its clock.
const WHOLE_SECONDS: Duration = Duration::seconds(2);

/// What a picture means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// An effect of ours is on its way or not confirmed, or the sight is older than it: another sight will tell.
    NotYet,
    AsExpected,
    /// Somebody took it back in Snipe-IT, after it was seen there as ours: the loan is over, no person is needed.
    ReturnedByHand {
        /// Real time, by Snipe-IT's own date.
        at: DateTime<Utc>,
        /// As Snipe-IT shows it.
        last_checkin: NaiveDateTime,
    },
    Drifted(Drift),
}

/// How Snipe-IT differs from our record, where a person has to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "drift", rename_all = "snake_case")]
pub enum Drift {
    /// Out by our record and free in Snipe-IT, which does not tell since when.
    NotHeld,
    /// Out by our record, and with somebody else in Snipe-IT.
    HeldByAnother {
        holder: Holder,
    },
    /// With our borrower, by another check-out than ours.
    CheckedOutAgain {
        last_checkout: Option<NaiveDateTime>,
    },
    /// Promised or handed over, and checked out to our borrower by hand.
    LentByHand {
        tenure: Tenure,
    },
    /// Promised, and with somebody to whom we did not lend it.
    PromisedAndHeld {
        holder: Holder,
    },
    /// Promised, and its label does not allow lending.
    NotDeployable,
    /// Out as we recorded it, and expected back on another day.
    DateMoved {
        expected_checkin: NaiveDate,
    },
    Archived,
    /// Deleted, or in no list any more.
    Gone,
}

/// Compares one loan with the latest sight of its unit; tells also a return that is safe to adopt, and another due date.
pub fn judge(picture: &Picture, clock: SnipeitClock) -> Judgement {
    let judgement = compare(picture);
    match (judgement, picture.loan.tenure) {
        (Judgement::Drifted(Drift::NotHeld), Some(tenure)) => returned(picture, tenure, clock).unwrap_or(judgement),
        (Judgement::AsExpected, Some(_)) if picture.loan.status == LoanStatus::CheckedOut => {
            moved_date(picture, clock).map_or(judgement, Judgement::Drifted)
        }
        (
            Judgement::NotYet | Judgement::AsExpected | Judgement::ReturnedByHand { .. } | Judgement::Drifted(_),
            Some(_) | None,
        ) => judgement,
    }
}

/// Compares one loan with the latest sight of its unit, without looking at the time of a return or at its due date.
pub fn compare(picture: &Picture) -> Judgement {
    if picture.is_in_flight() || !is_settled_before_sight(picture) {
        return Judgement::NotYet;
    }
    match picture.loan.status {
        LoanStatus::Promised => promised(picture),
        LoanStatus::HandedOver => handed_over(picture),
        LoanStatus::CheckedOut => match picture.loan.tenure {
            Some(tenure) => out(picture, tenure),
            None => Judgement::NotYet,
        },
        LoanStatus::Returned | LoanStatus::Failed | LoanStatus::Released => Judgement::AsExpected,
    }
}

/// Whether the latest effect of ours was confirmed, and the sight is later than it.
fn is_settled_before_sight(picture: &Picture) -> bool {
    picture.latest_effect().is_none_or(|effect| {
        effect.confirmed_at.is_some() && effect.settled_at.is_some_and(|at| at < picture.sight.asked_at)
    })
}

fn promised(picture: &Picture) -> Judgement {
    let begins_at = picture.loan.period.starts_at;
    if begins_at <= picture.now && picture.has_waiting_check_out() {
        // It is due, and finds out by itself.
        return Judgement::NotYet;
    }
    if let Some(drift) = missing(picture) {
        return Judgement::Drifted(drift);
    }
    let is_near = begins_at <= picture.now + LOOK_AHEAD;
    match (lent_by_hand(picture), picture.sight.holder) {
        _ if picture.is_with_another_loan => Judgement::AsExpected,
        (Some(tenure), _) if is_near => Judgement::Drifted(Drift::LentByHand { tenure }),
        (None, Some(holder)) if is_near => Judgement::Drifted(Drift::PromisedAndHeld { holder }),
        (Some(_) | None, _) if !is_lendable(&picture.sight) => Judgement::Drifted(Drift::NotDeployable),
        (Some(_) | None, _) => Judgement::AsExpected,
    }
}

/// The borrower has it, and nothing of ours is on its way: that Snipe-IT shows it free is no news. Whether a holder is
/// another one is known once it is known who the borrower is there.
fn handed_over(picture: &Picture) -> Judgement {
    let sight = &picture.sight;
    let another = |holder: &Holder| picture.loan.borrower.is_some_and(|user| *holder != Holder::user(user));
    match (lent_by_hand(picture), sight.holder.filter(another)) {
        _ if is_gone(sight) => Judgement::Drifted(Drift::Gone),
        (Some(tenure), _) => Judgement::Drifted(Drift::LentByHand { tenure }),
        (None, Some(holder)) => Judgement::Drifted(Drift::HeldByAnother { holder }),
        (None, None) => missing(picture).map_or(Judgement::AsExpected, Judgement::Drifted),
    }
}

fn out(picture: &Picture, tenure: Tenure) -> Judgement {
    let sight = &picture.sight;
    match sight.holder {
        _ if is_gone(sight) => Judgement::Drifted(Drift::Gone),
        None => Judgement::Drifted(Drift::NotHeld),
        Some(holder) if holder != Holder::user(tenure.user) => Judgement::Drifted(Drift::HeldByAnother { holder }),
        Some(_) if sight.last_checkout != Some(tenure.last_checkout) => {
            Judgement::Drifted(Drift::CheckedOutAgain { last_checkout: sight.last_checkout })
        }
        Some(_) => missing(picture).map_or(Judgement::AsExpected, Judgement::Drifted),
    }
}

/// Free, and Snipe-IT's own date says that this was done after our check-out.
fn returned(picture: &Picture, tenure: Tenure, clock: SnipeitClock) -> Option<Judgement> {
    let last_checkin = picture.sight.last_checkin.filter(|at| *at > tenure.last_checkout)?;
    let at = clock.instant(last_checkin)?;
    // What `import` took over was never an effect of ours: its check-out by hand tells when it began.
    let is_after_ours = picture
        .latest_effect()
        .is_none_or(|effect| effect.settled_at.is_some_and(|settled_at| at + WHOLE_SECONDS >= settled_at));
    is_after_ours.then_some(Judgement::ReturnedByHand { at, last_checkin })
}

/// A day that was taken away says nothing; one that we are about to set is not there yet.
fn moved_date(picture: &Picture, clock: SnipeitClock) -> Option<Drift> {
    let expected_checkin = picture.sight.expected_checkin.filter(|_| !picture.is_date_on_its_way)?;
    let ours = lab_day::expected_day(picture.loan.period.due_at, clock.lab);
    (expected_checkin != ours).then_some(Drift::DateMoved { expected_checkin })
}

fn is_gone(sight: &Sight) -> bool {
    matches!(sight.presence, Presence::Deleted | Presence::Gone)
}

fn is_lendable(sight: &Sight) -> bool {
    sight.label == LabelKind::Deployable && !sight.is_kept_back
}

fn missing(picture: &Picture) -> Option<Drift> {
    match picture.sight.presence {
        Presence::Listed => None,
        Presence::Archived => Some(Drift::Archived),
        Presence::Deleted | Presence::Gone => Some(Drift::Gone),
    }
}

fn lent_by_hand(picture: &Picture) -> Option<Tenure> {
    let (user, last_checkout) = (picture.loan.borrower?, picture.sight.last_checkout?);
    (picture.sight.holder == Some(Holder::user(user))).then_some(Tenure { user, last_checkout })
}

//! Whatever Snipe-IT shows and whatever is on its way: nothing is judged too early, and little is adopted by rule.

use super::{
    Judgement, OurEffect, Picture, judge,
    tests::{ANA, BRUNO, OURS, check_out_of, lisbon, naive, out, utc},
};
use crate::domain::{
    equipment::Presence,
    id::LoanId,
    inventory::{Holder, HolderKind, LabelKind},
    operation::{OperationKind, OperationState, Tenure},
    requisition::LoanStatus,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use proptest::{prelude::*, sample::select};

/// Around the check-out, minute by minute, and to the second where it matters.
fn minutes() -> impl Strategy<Value = TimeDelta> {
    prop_oneof![
        (-300i64..300).prop_map(TimeDelta::minutes),
        (-3i64..4).prop_map(TimeDelta::seconds),
        Just(TimeDelta::minutes(-2))
    ]
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    minutes().prop_map(|after| utc("2026-01-10T10:00:00Z") + after)
}

fn wall() -> impl Strategy<Value = Option<NaiveDateTime>> {
    prop_oneof![
        Just(None),
        Just(Some(naive(OURS))),
        minutes().prop_map(|after| Some(naive("2026-01-10T10:00:00") + after))
    ]
}

fn holder() -> impl Strategy<Value = Option<Holder>> {
    let location = Holder { kind: HolderKind::Location, id: ANA.0 };
    select(vec![None, Some(Holder::user(ANA)), Some(Holder::user(BRUNO)), Some(location)])
}

fn effect(ours: LoanId) -> impl Strategy<Value = OurEffect> {
    let states = select(OperationState::ALL);
    let of = (select(OperationKind::ALL), states, 0..3i32, any::<bool>(), any::<bool>());
    (of, instant(), any::<bool>()).prop_map(move |((kind, state, attempts, in_doubt, is_ours), at, is_confirmed)| {
        let is_applied = state == OperationState::Applied;
        OurEffect {
            kind,
            state,
            attempts,
            in_doubt,
            settled_at: state.is_settled().then_some(at),
            confirmed_at: (is_applied && is_confirmed).then_some(at + TimeDelta::minutes(1)),
            ..check_out_of(if is_ours { ours } else { LoanId::generate() })
        }
    })
}

fn picture() -> impl Strategy<Value = Picture> {
    let base = out();
    let effects = prop::collection::vec(effect(base.loan.id), 0..3);
    let sight = (select(Presence::ALL), (labels(), any::<bool>()), holder(), wall(), wall(), instant());
    (Just(base), select(LoanStatus::ALL), effects, sight, instant(), any::<bool>()).prop_map(
        |(base, status, effects, (presence, label, holder, last_checkout, last_checkin, asked_at), now, other)| {
            let mut picture = Picture { now, effects, is_with_another_loan: other, ..base };
            picture.loan.status = status;
            let is_out = status == LoanStatus::CheckedOut;
            picture.loan.tenure = is_out.then_some(Tenure { user: ANA, last_checkout: naive(OURS) });
            let sight = &mut picture.sight;
            (sight.presence, sight.holder) = (presence, holder);
            (sight.label, sight.is_kept_back) = label;
            (sight.last_checkout, sight.last_checkin, sight.asked_at) = (last_checkout, last_checkin, asked_at);
            picture
        },
    )
}

fn labels() -> impl Strategy<Value = LabelKind> {
    select(vec![LabelKind::Deployable, LabelKind::Pending, LabelKind::Undeployable, LabelKind::Archived])
}

fn latest_applied(picture: &Picture) -> Option<&OurEffect> {
    let applied = picture.effects.iter().filter(|effect| effect.state == OperationState::Applied);
    applied.max_by_key(|effect| effect.settled_at)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn nothing_is_judged_while_an_effect_of_ours_is_on_its_way(picture in picture()) {
        let is_on_its_way = |effect: &OurEffect| match effect.state {
            OperationState::Sent | OperationState::Unknown | OperationState::WithPerson => true,
            OperationState::Waiting => effect.attempts > 0 || effect.in_doubt || effect.kind == OperationKind::CheckIn,
            OperationState::Applied | OperationState::Refused | OperationState::Abandoned => false,
        };
        if picture.effects.iter().any(is_on_its_way) {
            prop_assert_eq!(judge(&picture, lisbon()), Judgement::NotYet);
        }
    }

    #[test]
    fn nothing_is_judged_by_a_sight_that_is_not_later_than_our_latest_effect_or_while_that_is_not_confirmed(
        picture in picture()
    ) {
        let is_awaited = latest_applied(&picture).is_some_and(|effect| {
            effect.confirmed_at.is_none() || effect.settled_at >= Some(picture.sight.asked_at)
        });
        if is_awaited {
            prop_assert_eq!(judge(&picture, lisbon()), Judgement::NotYet);
        }
    }

    #[test]
    fn only_a_confirmed_loan_that_is_free_and_was_checked_in_after_ours_is_over_by_rule(picture in picture()) {
        if let Judgement::ReturnedByHand { at, last_checkin } = judge(&picture, lisbon()) {
            prop_assert_eq!(picture.loan.status, LoanStatus::CheckedOut);
            prop_assert_eq!(picture.sight.holder, None);
            prop_assert_eq!(picture.sight.last_checkin, Some(last_checkin));
            prop_assert!(last_checkin > naive(OURS));
            // An imported loan has no effect of ours.
            let is_after_ours = latest_applied(&picture).is_none_or(|effect| {
                effect.confirmed_at.is_some() && at + TimeDelta::seconds(2) >= effect.settled_at.unwrap()
            });
            prop_assert!(is_after_ours);
        }
    }

    #[test]
    fn our_tenure_on_a_listed_asset_is_never_a_drift(mut picture in picture()) {
        picture.loan.status = LoanStatus::CheckedOut;
        picture.loan.tenure = Some(Tenure { user: ANA, last_checkout: naive(OURS) });
        picture.sight.presence = Presence::Listed;
        picture.sight.holder = Some(Holder::user(ANA));
        picture.sight.last_checkout = Some(naive(OURS));
        prop_assert!(matches!(judge(&picture, lisbon()), Judgement::NotYet | Judgement::AsExpected));
    }

    #[test]
    fn what_is_over_is_never_a_drift(mut picture in picture(), status in select(vec![
        LoanStatus::Returned, LoanStatus::Failed, LoanStatus::Released
    ])) {
        picture.loan.status = status;
        prop_assert!(matches!(judge(&picture, lisbon()), Judgement::NotYet | Judgement::AsExpected));
    }

    #[test]
    fn a_loan_that_is_out_agrees_with_snipeit_or_something_is_said(mut picture in picture()) {
        picture.loan.status = LoanStatus::CheckedOut;
        picture.loan.tenure = Some(Tenure { user: ANA, last_checkout: naive(OURS) });
        let sight = &picture.sight;
        let agrees = sight.presence == Presence::Listed
            && sight.holder == Some(Holder::user(ANA))
            && sight.last_checkout == Some(naive(OURS));
        if judge(&picture, lisbon()) == Judgement::AsExpected {
            prop_assert!(agrees);
        }
    }
}

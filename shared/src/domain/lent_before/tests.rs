//! Which assets that are out become loans, and whose.

use super::*;
use crate::domain::{
    id::{EquipmentId, ModelId, ProjectId, UserId},
    inventory::{
        AssetSeen, Holder, HolderKind, LabelKind, LabelSeen, Particulars, SnipeitAssetId, SnipeitLabelId,
        SnipeitModelId, SnipeitUserId,
    },
    person::{EmailAddress, Language, PersonName},
    user::{Role, User},
};
use chrono::{DateTime, Utc};
use chrono_tz::Europe::Lisbon;

const ANA: SnipeitUserId = SnipeitUserId(7);
const NOW: &str = "2026-07-10T10:00:00Z";

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn times() -> LabTimes {
    LabTimes { now: utc(NOW), lab: Lisbon, snipeit: Lisbon, due_without_day: "2026-08-09".parse().unwrap() }
}

fn unit() -> UnitOnRecord {
    let (id, model_id) = (EquipmentId::generate(), ModelId::generate());
    UnitOnRecord { id, model_id, is_lent: false, promised_from: None, is_busy: false }
}

fn with_ana() -> AssetSeen {
    AssetSeen {
        id: SnipeitAssetId(1),
        tag: "ML-1".to_owned(),
        name: None,
        serial: None,
        model_id: SnipeitModelId(1),
        label: LabelSeen { id: SnipeitLabelId(2), name: "Ready".to_owned(), kind: LabelKind::Deployable },
        holder: Some(Holder::user(ANA)),
        last_checkout: Some("2026-07-01T12:00:00".parse().unwrap()),
        last_checkin: None,
        expected_checkin: Some("2026-07-20".parse().unwrap()),
        updated_at: None,
        deleted: false,
        particulars: Particulars::default(),
    }
}

fn user(snipeit_user_id: Option<SnipeitUserId>) -> User {
    User {
        id: UserId::generate(),
        name: PersonName::parse("Ana Silva").unwrap(),
        email: EmailAddress::parse("ana.silva@lab.example").unwrap(),
        language: Language::Pt,
        role: Role::Student,
        snipeit_user_id,
        version: 1,
    }
}

fn holder(email: Option<&str>, sharing: usize) -> HolderSeen {
    HolderSeen { id: ANA, name: "Ana Silva".to_owned(), email: email.map(str::to_owned), sharing }
}

#[test]
fn what_a_person_has_becomes_a_loan_from_its_check_out_to_the_end_of_the_expected_day() {
    let adoptable = judge(&with_ana(), Some(unit()), times()).unwrap();

    assert_eq!(adoptable.period.starts_at, utc("2026-07-01T11:00:00Z"));
    assert_eq!(adoptable.period.due_at, utc("2026-07-20T22:59:59Z"));
    assert!(adoptable.tenure.is_shown_by(&with_ana()));
}

#[test]
fn without_an_expected_day_or_with_one_before_the_check_out_the_lab_names_the_day() {
    for expected in [None, Some("2026-06-20".parse().unwrap())] {
        let seen = AssetSeen { expected_checkin: expected, ..with_ana() };

        let due_at = judge(&seen, Some(unit()), times()).unwrap().period.due_at;

        assert_eq!(due_at, utc("2026-08-09T22:59:59Z"), "{expected:?}");
    }
    let late = AssetSeen { expected_checkin: Some("2026-07-02".parse().unwrap()), ..with_ana() };
    assert_eq!(
        judge(&late, Some(unit()), times()).unwrap().period.due_at,
        utc("2026-07-02T22:59:59Z"),
        "overdue stays so"
    );
}

#[test]
fn what_cannot_become_a_loan_says_why() {
    let at_a_place = Holder { kind: HolderKind::Location, id: 3 };
    let from = utc("2026-07-15T08:00:00Z");
    for (seen, unit, why) in [
        (with_ana(), None, NotAdopted::NotInCatalogue),
        (with_ana(), Some(UnitOnRecord { is_lent: true, ..unit() }), NotAdopted::AlreadyOurs),
        (with_ana(), Some(UnitOnRecord { is_busy: true, ..unit() }), NotAdopted::Busy),
        (AssetSeen { holder: Some(at_a_place), ..with_ana() }, Some(unit()), NotAdopted::WithNoPerson),
        (AssetSeen { last_checkout: None, ..with_ana() }, Some(unit()), NotAdopted::NoCheckoutDate),
        (with_ana(), Some(UnitOnRecord { promised_from: Some(from), ..unit() }), NotAdopted::Promised { from }),
    ] {
        assert_eq!(judge(&seen, unit, times()), Err(why.clone()), "{why}");
    }
    let later = UnitOnRecord { promised_from: Some(utc("2026-07-21T08:00:00Z")), ..unit() };
    assert!(judge(&with_ana(), Some(later), times()).is_ok(), "a promise after the due date is in nobody's way");
}

#[test]
fn the_borrower_is_whoever_has_the_holders_address_here() {
    let known = find_person(&holder(Some("Ana.Silva@lab.example"), 1), Some(user(Some(ANA))), None).unwrap();
    let new = find_person(&holder(Some("ana.silva@lab.example"), 1), Some(user(None)), None).unwrap();

    assert!(matches!(known, Found::Here { is_new_match: false, .. }));
    assert!(matches!(new, Found::Here { user: User { snipeit_user_id: Some(ANA), .. }, is_new_match: true }));
}

#[test]
fn nobody_is_guessed() {
    let other = SnipeitUserId(8);
    for (holder, ours, why) in [
        (holder(None, 1), None, NotAdopted::NoAddress),
        (holder(Some("no address"), 1), None, NotAdopted::NoAddress),
        (holder(Some("ana.silva@lab.example"), 2), Some(user(None)), NotAdopted::SharedAddress),
        (holder(Some("ana.silva@lab.example"), 1), None, NotAdopted::NobodyHere),
        (
            holder(Some("ana.silva@lab.example"), 1),
            Some(user(Some(other))),
            NotAdopted::AnotherUser { remembered: other },
        ),
    ] {
        assert_eq!(find_person(&holder, ours, None), Err(why));
    }
    let added = find_person(&holder(Some("ana.silva@lab.example"), 1), None, Some(Language::Pt)).unwrap();
    assert!(matches!(added, Found::ToAdd(User { role: Role::Student, snipeit_user_id: Some(ANA), .. })));
}

#[test]
fn an_adopted_loan_has_the_tenure_that_snipeit_shows_and_tells_nobody() {
    let of = judge(&with_ana(), Some(unit()), times()).unwrap();
    let borrower = Found::Here { user: user(Some(ANA)), is_new_match: false };
    let adoption = Adoption { now: utc(NOW), project_id: ProjectId::generate(), by: UserId::generate(), of, borrower };

    let change = adopt(&adoption);

    assert!(change.notifications.is_empty());
    assert_eq!(change.jobs.len(), 1, "only its due date is watched");
    let told: Vec<_> = change.history.iter().map(|row| (row.to_status, row.actor.kind(), row.event)).collect();
    assert_eq!(told, [("checked_out", "snipeit", "imported"); 2], "the requisition and the loan");
}

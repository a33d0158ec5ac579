//! Lines by example, and whatever is asked for: nothing is kept twice.

use super::*;
use crate::domain::{
    availability::{Rules, UnitPlan},
    change::Write,
    equipment::{Collection, Unit},
    id::{EquipmentId, ModelId, ProjectId, RequisitionId, UserId, WaitingEntryId},
    inventory::SnipeitAssetId,
    project::{MemberRole, ProjectStatus},
    requisition::{Period, SubmitRefused},
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::{collection::vec, prelude::*};

fn noon() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn hours(from: i64, until: i64) -> Period {
    Period { starts_at: noon() + TimeDelta::hours(from), due_at: noon() + TimeDelta::hours(until) }
}

fn waiting(quantity: i32, period: Period) -> WaitingEntry {
    WaitingEntry {
        id: WaitingEntryId::generate(),
        project_id: ProjectId::generate(),
        model_id: ModelId::generate(),
        user_id: UserId::generate(),
        quantity,
        period,
        status: WaitingStatus::Waiting,
        held_until: None,
        requisition_id: None,
        version: 1,
    }
}

fn held(period: Period, until: i64) -> WaitingEntry {
    let held_until = Some(noon() + TimeDelta::hours(until));
    WaitingEntry { status: WaitingStatus::Held, held_until, ..waiting(1, period) }
}

fn unit() -> UnitPlan {
    UnitPlan {
        unit: Unit {
            id: EquipmentId::generate(),
            snipeit_asset_id: SnipeitAssetId(1),
            collection: Collection::StraightThrough,
        },
        is_in_order: true,
        is_held: false,
        last_return: None,
        is_kept_for_asker: false,
        occupations: Vec::new(),
    }
}

fn line(entries: &[WaitingEntry], units: usize) -> Line {
    Line {
        model_name: "Oscilloscope".to_owned(),
        entries: entries.to_vec(),
        plans: (0..units).map(|_| unit()).collect(),
        rules: Rules { now: noon(), buffer: TimeDelta::zero() },
        hold: TimeDelta::hours(24),
    }
}

/// What each entry came to, in the order of the entries.
fn statuses(entries: &[WaitingEntry], change: &crate::domain::change::Change) -> Vec<WaitingStatus> {
    let after = |entry: &WaitingEntry| {
        change.writes.iter().find_map(|write| match write {
            Write::UpdateWaitingEntry(after) if after.id == entry.id => Some(after.status),
            _ => None,
        })
    };
    entries.iter().map(|entry| after(entry).unwrap_or(entry.status)).collect()
}

#[test]
fn the_first_who_can_be_served_whole_has_the_units_kept_and_hears_of_it() {
    use WaitingStatus::{Held, Waiting};
    let entries =
        [waiting(2, hours(0, 9)), waiting(1, hours(0, 9)), waiting(1, hours(5, 9)), waiting(1, hours(10, 20))];

    let change = serve(line(&entries, 1));

    assert_eq!(statuses(&entries, &change), [Waiting, Held, Waiting, Held]);
    assert_eq!(change.notifications.len(), 2);
    assert_eq!(change.notifications[0].message.as_deref(), Some("1 × Oscilloscope"));
}

#[test]
fn what_was_not_taken_in_time_goes_to_whoever_is_first_by_then() {
    use WaitingStatus::{Expired, Held};
    let entries = [waiting(1, hours(-5, 9)), held(hours(-5, 9), 0), held(hours(0, 9), 1), waiting(1, hours(-9, 0))];

    let change = serve(line(&entries, 1));

    assert_eq!(statuses(&entries, &change), [Held, Expired, Held, Expired]);
    let kept = change.writes.iter().position(|write| matches!(write, Write::InsertHold(_))).unwrap();
    let ended = change.writes.iter().position(|write| matches!(write, Write::EndHolds(_))).unwrap();
    assert!(ended < kept, "what is given up is free before it is kept again");
}

#[test]
fn units_are_kept_for_so_long_and_never_past_the_period() {
    let entries = [waiting(1, hours(-5, 9)), waiting(1, hours(0, 900))];
    let change = serve(line(&entries, 2));
    let until: Vec<_> = change
        .writes
        .iter()
        .filter_map(|write| if let Write::UpdateWaitingEntry(entry) = write { entry.held_until } else { None })
        .collect();
    assert_eq!(until, [noon() + TimeDelta::hours(9), noon() + TimeDelta::hours(24)]);
}

#[test]
fn what_is_kept_serves_a_requisition_within_it_and_no_other() {
    let entry = held(hours(0, 48), 24);
    let model = entry.model_id;
    assert!(entry.serves(model, hours(0, 48), noon()) && entry.serves(model, hours(1, 9), noon()));
    assert!(!entry.serves(model, hours(0, 49), noon()));
    assert!(!entry.serves(ModelId::generate(), hours(0, 9), noon()));
    assert!(!entry.serves(model, hours(24, 30), noon() + TimeDelta::hours(24)), "it was not taken in time");
}

#[test]
fn only_what_waits_or_is_kept_can_be_left_and_a_taken_one_stays_kept_until_the_decision() {
    let entry = held(hours(0, 48), 24);
    let ends = |change: &crate::domain::change::Change| change.writes.contains(&Write::EndHolds(entry.id));
    assert!(ends(&entry.clone().leave(entry.user_id).unwrap()));
    assert!(ends(&entry.clone().take(RequisitionId::generate(), false)));
    assert!(!ends(&entry.clone().take(RequisitionId::generate(), true)));
    let over = WaitingEntry { status: WaitingStatus::Taken, held_until: None, ..entry };
    assert_eq!(over.clone().leave(over.user_id), Err(LeaveRefused::Over(WaitingStatus::Taken)));
}

#[test]
fn nobody_waits_for_what_is_free_or_is_not_there() {
    let joining = Joining {
        project_id: ProjectId::generate(),
        project_status: ProjectStatus::Active,
        member_role: Some(MemberRole::Member),
        user_id: UserId::generate(),
        model_id: ModelId::generate(),
        quantity: 2,
        period: hours(0, 9),
        free: 1,
        total: 2,
    };
    assert!(join(joining.clone()).is_ok());
    let refused = |joining| join(joining).unwrap_err();
    assert_eq!(refused(Joining { free: 2, ..joining.clone() }), JoinRefused::UnitsAreFree(2));
    assert_eq!(refused(Joining { total: 1, ..joining.clone() }), JoinRefused::TooMany(1));
    let observer = Joining { member_role: Some(MemberRole::Observer), ..joining.clone() };
    assert_eq!(refused(observer), JoinRefused::NotAllowed(SubmitRefused::RoleMayNotRequest));
}

proptest! {
    /// Whoever waits for whatever, no unit is kept twice at one time, and everybody has all or nothing.
    #[test]
    fn nothing_is_kept_twice(wishes in vec((1..4_i32, 0..40_i64, 1..40_i64), 0..20), units in 0..5_usize) {
        let entries: Vec<_> =
            wishes.iter().map(|(quantity, from, length)| waiting(*quantity, hours(*from, from + length))).collect();

        let change = serve(line(&entries, units));

        let kept: Vec<Hold> = change
            .writes
            .iter()
            .filter_map(|write| if let Write::InsertHold(hold) = write { Some(*hold) } else { None })
            .collect();
        for (index, one) in kept.iter().enumerate() {
            for other in kept.iter().skip(index + 1).filter(|other| other.equipment_id == one.equipment_id) {
                let apart = one.period.due_at <= other.period.starts_at || other.period.due_at <= one.period.starts_at;
                prop_assert!(apart, "{one:?} {other:?}");
            }
        }
        for entry in &entries {
            let count = kept.iter().filter(|hold| hold.entry_id == entry.id).count();
            prop_assert!(count == 0 || i32::try_from(count) == Ok(entry.quantity));
        }
    }
}

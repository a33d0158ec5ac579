//! Lines by example, and whatever is asked for: nothing is kept twice.

use super::*;
use crate::domain::{
    actor::Actor,
    availability::{Occupation, OccupationKind, Rules, UnitPlan},
    change::{Cause, Recipient, Write},
    equipment::{Collection, Unit},
    id::{EquipmentId, LoanId, ModelId, ProjectId, RequisitionId, UserId, WaitingEntryId},
    inventory::SnipeitAssetId,
    notice::Moot,
    notification::{Message, NotificationEvent},
    person::PersonName,
    project::{MemberRole, ProjectStatus, UnitOut},
    requisition::{OverdueLoans, OverdueStanding, Period, SubmitRefused},
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

fn in_line(entry: WaitingEntry) -> InLine {
    let overdue = OverdueStanding { units: Vec::new(), block_after_days: Some(7), excused_until: None };
    InLine { entry, project_status: ProjectStatus::Active, member_role: Some(MemberRole::Member), overdue }
}

/// Something that should have come back so many days ago.
fn overdue_for(days: i64) -> UnitOut {
    UnitOut {
        loan_id: LoanId::generate(),
        tag: "ML-1".to_owned(),
        model_name: "Arduino".to_owned(),
        borrower_id: UserId::generate(),
        borrower: PersonName::from_stored("Ana".to_owned()),
        due_at: noon() - TimeDelta::days(days),
    }
}

fn line(entries: &[WaitingEntry], units: usize) -> Line {
    Line {
        model_name: "Oscilloscope".to_owned(),
        entries: entries.iter().cloned().map(in_line).collect(),
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
    assert_eq!(change.notifications[0].message, Some(Message::said("1 × Oscilloscope")));
}

/// The period of each entry that has units kept.
fn kept_for(change: &crate::domain::change::Change) -> Vec<Period> {
    let kept = change.writes.iter().filter_map(|write| match write {
        Write::UpdateWaitingEntry(after) if after.status == WaitingStatus::Held => Some(after.period),
        _ => None,
    });
    kept.collect()
}

#[test]
fn where_only_the_rest_after_a_return_is_in_the_way_units_are_kept_from_its_end_on() {
    let rests = |hours_ago| UnitPlan { last_return: Some(noon() - TimeDelta::hours(hours_ago)), ..unit() };
    let after = |plans: Vec<UnitPlan>, quantity, period| {
        let resting = line(&[waiting(quantity, period)], 0);
        let rules = Rules { buffer: TimeDelta::hours(4), ..resting.rules };
        kept_for(&serve(Line { plans, rules, ..resting }))
    };

    assert_eq!(after(vec![rests(1)], 1, hours(-5, 9)), [hours(3, 9)]);
    assert_eq!(after(vec![rests(1), rests(2)], 1, hours(0, 9)), [hours(2, 9)], "the earliest");
    assert_eq!(after(vec![rests(1), rests(2)], 2, hours(0, 9)), [hours(3, 9)], "all of them");
    assert_eq!(after(vec![rests(1)], 1, hours(5, 9)), [hours(5, 9)]);
    assert_eq!(after(vec![rests(1)], 1, hours(0, 3)), []);
    let promised = Occupation { kind: OccupationKind::Promised, period: hours(7, 20) };
    assert_eq!(after(vec![UnitPlan { occupations: vec![promised], ..rests(1) }], 1, hours(0, 9)), []);
}

#[test]
fn two_places_of_one_person_that_come_to_the_same_period_are_not_served_at_one_moment() {
    let first = waiting(1, hours(-5, 9));
    let second = WaitingEntry { period: hours(-4, 9), id: WaitingEntryId::generate(), ..first.clone() };
    let later = WaitingEntry { period: hours(2, 9), id: WaitingEntryId::generate(), ..first.clone() };

    let change = serve(line(&[first, second, later], 3));

    assert_eq!(kept_for(&change), [hours(0, 9), hours(2, 9)]);
}

#[test]
fn whoever_keeps_what_is_long_overdue_is_passed_over_and_keeps_their_place() {
    use WaitingStatus::{Held, Waiting};
    let entries = [waiting(1, hours(0, 9)), waiting(1, hours(0, 9))];
    for (days, excused_until, expected) in [
        (8, None, [Waiting, Held]),
        (7, None, [Held, Waiting]),
        (8, Some(noon() + TimeDelta::hours(1)), [Held, Waiting]),
    ] {
        let mut line = line(&entries, 1);
        let overdue =
            OverdueStanding { units: vec![overdue_for(days)], excused_until, ..line.entries[0].overdue.clone() };
        line.entries[0].overdue = overdue;
        assert_eq!(statuses(&entries, &serve(line)), expected, "{days} days, let pass until {excused_until:?}");
    }
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
    let (project, model) = (entry.project_id, entry.model_id);
    assert!(entry.serves(project, model, hours(0, 48), noon()) && entry.serves(project, model, hours(1, 9), noon()));
    assert!(!entry.serves(project, model, hours(0, 49), noon()));
    assert!(!entry.serves(project, ModelId::generate(), hours(0, 9), noon()));
    assert!(!entry.serves(ProjectId::generate(), model, hours(0, 9), noon()));
    let late = noon() + TimeDelta::hours(24);
    assert!(!entry.serves(project, model, hours(24, 30), late), "it was not taken in time");
}

#[test]
fn only_what_waits_or_is_kept_can_be_left_and_a_taken_one_stays_kept_until_the_decision() {
    let entry = held(hours(0, 48), 24);
    let left = entry.clone().leave(entry.user_id).unwrap();
    assert!(left.writes.contains(&Write::EndHolds(entry.id)));
    let over = WaitingEntry { status: WaitingStatus::Taken, held_until: None, ..entry };
    assert_eq!(over.clone().leave(over.user_id), Err(LeaveRefused::Over(WaitingStatus::Taken)));
}

#[test]
fn a_requisition_that_takes_what_is_kept_keeps_what_waits_for_a_decision_and_lets_the_rest_go() {
    let entry = WaitingEntry { quantity: 3, ..held(hours(0, 48), 24) };
    let (requisition_id, model_id) = (RequisitionId::generate(), entry.model_id);
    let take = |undecided: Option<Claim>| {
        let change = entry.clone().take(requisition_id, undecided.clone());
        let limit = HoldLimit { requisition_id, model_id, claim: undecided.unwrap_or_default() };
        assert!(change.writes.contains(&Write::LimitHolds(limit)));
        !change.jobs.is_empty()
    };
    let any = |any| Some(Claim { any, ..Claim::default() });

    assert!(take(None), "it is promised by now, or free");
    assert!(take(any(2)), "one unit goes to the next");
    assert!(!take(any(3)) && !take(any(4)), "all of it waits");
    let named = [EquipmentId::generate(), EquipmentId::generate()].into();
    assert!(!take(Some(Claim { any: 1, named })));
}

#[test]
fn claims_are_counted_by_model_and_a_named_unit_once() {
    let (model, other, unit) = (ModelId::generate(), ModelId::generate(), EquipmentId::generate());
    let lines = [(model, None, 2), (other, Some(unit), 1), (model, Some(unit), 1), (model, None, 3)];

    let claims = Claim::of_lines(lines);

    assert_eq!(claims[&model], Claim { any: 5, named: [unit].into() });
    assert_eq!((claims[&model].units(), claims[&other].units()), (6, 1));
}

#[test]
fn nothing_is_kept_for_whoever_may_not_ask_for_it_and_they_hear_that_their_place_has_ended() {
    use WaitingStatus::{Ended, Held};
    let entries = [waiting(1, hours(0, 9)), held(hours(0, 9), 5), waiting(1, hours(0, 9)), waiting(1, hours(0, 9))];
    let mut line = line(&entries, 1);
    line.entries[0].member_role = None;
    line.entries[1].member_role = Some(MemberRole::Observer);
    line.entries[2].project_status = ProjectStatus::Archived;

    let change = serve(line);

    assert_eq!(statuses(&entries, &change), [Ended, Ended, Ended, Held]);
    let told = |event| change.notifications.iter().filter(|told| told.event == event).count();
    assert_eq!((told(NotificationEvent::WaitingEnded), told(NotificationEvent::HoldGranted)), (3, 1));
    let why = change.history.iter().filter(|told| told.event == "may_not_ask").count();
    assert_eq!(why, 3);
}

#[test]
fn whoever_gives_up_their_own_places_is_not_told_and_others_hear_of_all_theirs_in_one_letter() {
    let (one, other) = (waiting(2, hours(0, 9)), waiting(1, hours(0, 9)));
    let second = WaitingEntry { id: WaitingEntryId::generate(), model_id: ModelId::generate(), ..one.clone() };
    let place = |entry: &WaitingEntry, name: &str| NamedEntry { entry: entry.clone(), model_name: name.to_owned() };
    let places = [place(&one, "Laser"), place(&other, "Lathe"), place(&second, "Drill")];

    let change = end_places(places, &Cause::new(Actor::User(other.user_id), "completed"));

    let told: Vec<_> = change.notifications.iter().map(|told| (told.to, told.message.clone())).collect();
    assert_eq!(told, [(Recipient::User(one.user_id), Some(Message::said("2 × Laser, 2 × Drill")))]);
    assert_eq!(change.jobs.len(), 3, "each line is served");
}

#[test]
fn what_was_to_be_told_of_a_hold_or_of_a_wait_is_moot_once_it_is_over() {
    let kept = held(hours(0, 48), 24);
    let moot = Write::MarkMoot(Moot { subject_id: kept.id.0, events: &[NotificationEvent::HoldGranted] });
    assert!(kept.clone().take(RequisitionId::generate(), None).writes.contains(&moot));
    assert!(kept.clone().expire().writes.contains(&moot));
    assert!(kept.clone().leave(kept.user_id).unwrap().writes.contains(&moot));

    let waits = waiting(1, hours(0, 9));
    let nobody = Write::MarkNobodyWaits(waits.model_id);
    assert!(waits.clone().leave(waits.user_id).unwrap().writes.contains(&nobody));
    assert!(serve(line(&[waits], 1)).writes.contains(&nobody));
}

#[test]
fn nobody_waits_for_what_is_free_or_is_not_there() {
    let in_time = OverdueStanding { units: vec![overdue_for(7)], block_after_days: Some(7), excused_until: None };
    let joining = Joining {
        now: noon(),
        overdue: in_time.clone(),
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
    let late = Joining { overdue: OverdueStanding { units: vec![overdue_for(8)], ..in_time }, ..joining.clone() };
    assert!(matches!(refused(late), JoinRefused::Overdue(OverdueLoans(units)) if units.len() == 1));
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

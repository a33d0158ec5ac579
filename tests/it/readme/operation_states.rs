//! The picture of an operation's states, drawn by walking `decide` from the first event to the last.
//!
//! After each decision only those events are tried that can follow its actions, so that the arrows are those that a
//! worker or a person can cause.

use super::assert_block;
use chrono::{DateTime, NaiveDateTime, Utc};
use makerlab_shared::domain::{
    finding::Resolution,
    id::{EquipmentId, LoanId, OperationId, RequisitionId},
    inventory::{
        Answer, AssetSeen, Holder, LabelKind, LabelSeen, NotApplied, Particulars, SnipeitAssetId, SnipeitLabelId,
        SnipeitModelId, SnipeitUserId,
    },
    operation::{Action, Event, LogSeen, Operation, OperationKind, OperationState, Tenure, decide},
};
use std::collections::{BTreeMap, BTreeSet};

const OURS: SnipeitUserId = SnipeitUserId(7);

#[test]
fn the_states_of_an_operation_are_drawn_as_the_protocol_moves_them() {
    let mut arrows = BTreeMap::new();
    for kind in OperationKind::ALL {
        walk(&mut arrows, fresh(*kind));
    }
    let drawn: BTreeSet<_> = arrows.keys().flat_map(|(from, to)| [*from, *to]).collect();
    assert_eq!(drawn, OperationState::ALL.iter().copied().collect(), "a state that nothing leads to");

    assert_block("operation-states", &picture(&arrows));
}

type Arrows = BTreeMap<(OperationState, OperationState), BTreeSet<&'static str>>;

fn walk(arrows: &mut Arrows, start: Operation) {
    let mut seen = Vec::new();
    let mut ahead = vec![(start, Action::RetryLater)];
    while let Some((before, action)) = ahead.pop() {
        if seen.contains(&(before.clone(), action.clone())) {
            continue;
        }
        for (words, event) in events_after(&before, &action) {
            let (after, actions) = decide(before.clone(), event);
            if after.state != before.state {
                arrows.entry((before.state, after.state)).or_default().insert(words);
            }
            ahead.extend(actions.into_iter().map(|action| (after.clone(), action)));
        }
        seen.push((before, action));
    }
}

/// What can happen next, in the words of the picture.
fn events_after(operation: &Operation, action: &Action) -> Vec<(&'static str, Event)> {
    let now = at("2026-11-23T10:00:00Z");
    let mut events = match action {
        Action::Take => {
            vec![
                ("take", Event::Taken { look_after: now, fingerprint: Some(naive(10)) }),
                ("cancel", Event::CancelWished),
                ("its time is over", Event::PeriodOver),
            ]
        }
        Action::ReadTenure => [tenures(), vec![("not sent", Event::NotSent)]].concat(),
        Action::Send => [answers(), vec![("not sent", Event::NotSent)]].concat(),
        Action::Look => looks(),
        Action::SearchLog => vec![
            (
                "our marker in the log",
                searched(LogSeen::OurMarker { checkout_at: Some(naive(10)), borrower: Some(OURS) }),
            ),
            ("lent later by others", searched(LogSeen::NoMarker)),
            ("the log may not be read", searched(LogSeen::Unreadable)),
        ],
        Action::WaitUntil(_) | Action::RetryLater | Action::HoldOff(_) | Action::LookUpBorrowerAgain => Vec::new(),
        Action::Settle(_) | Action::Raise(_) | Action::Finish => settlements(operation),
    };
    if !operation.state.is_settled() && operation.state != OperationState::WithPerson {
        events.extend([("worker gone", Event::Due { now }), ("out of runs", Event::OutOfRuns)]);
    }
    events
}

fn answers() -> Vec<(&'static str, Event)> {
    vec![
        ("success", Event::Answered(Answer::Applied)),
        ("refused", Event::Answered(Answer::Refused { message: "no".to_owned() })),
        ("not sent", Event::Answered(Answer::NotApplied { why: NotApplied::Throttled })),
        ("no clear answer", Event::Answered(Answer::Unknown { what: "timeout".to_owned() })),
    ]
}

fn tenures() -> Vec<(&'static str, Event)> {
    let words = ["tenure is ours", "tenure is over", "tenure is over", "another tenure", "asset missing"];
    words.into_iter().zip(sights().map(Event::TenureSeen)).collect()
}

fn looks() -> Vec<(&'static str, Event)> {
    let looked = |seen| ("look", Event::Looked { seen, order_trusted: true });
    sights().map(looked).to_vec()
}

/// Ours; free since before; held by another; the borrower's by another check-out; gone.
fn sights() -> [Option<AssetSeen>; 5] {
    [
        Some(seen(10, Some(OURS))),
        Some(seen(9, None)),
        Some(seen(9, Some(SnipeitUserId(8)))),
        Some(seen(11, Some(OURS))),
        None,
    ]
}

fn searched(log: LogSeen) -> Event {
    Event::LogSearched { log, seen: seen(11, Some(OURS)) }
}

fn settlements(operation: &Operation) -> Vec<(&'static str, Event)> {
    if operation.state != OperationState::WithPerson {
        return Vec::new();
    }
    let answers = [Resolution::Happened, Resolution::DidNotHappen, Resolution::Abandoned];
    answers.map(|answer| ("a person", Event::SettledByPerson(answer))).to_vec()
}

fn picture(arrows: &Arrows) -> String {
    let mut lines = vec!["```mermaid".to_owned(), "stateDiagram-v2".to_owned(), "    [*] --> waiting".to_owned()];
    for ((from, to), words) in arrows {
        let words: Vec<_> = words.iter().copied().collect();
        lines.push(format!("    {from} --> {to}: {}", words.join(", ")));
    }
    let ends = OperationState::ALL.iter().filter(|state| state.is_settled());
    lines.extend(ends.map(|state| format!("    {state} --> [*]")));
    lines.push("```".to_owned());
    lines.join("\n")
}

fn fresh(kind: OperationKind) -> Operation {
    Operation {
        id: OperationId::generate(),
        requisition_id: RequisitionId::generate(),
        loan_id: LoanId::generate(),
        equipment_id: EquipmentId::generate(),
        asset: SnipeitAssetId(1),
        kind,
        state: OperationState::Waiting,
        attempts: 0,
        fingerprint: None,
        tenure: (kind == OperationKind::CheckIn).then(|| Tenure { user: OURS, last_checkout: naive(10) }),
        any_unit: false,
        units_tried: 1,
        borrower_looked_up_again: false,
        in_doubt: false,
        refusal: None,
        look_after: None,
        requested_by: None,
        settled_at: None,
        confirmed_at: None,
        version: 1,
    }
}

fn seen(hour: u32, holder: Option<SnipeitUserId>) -> AssetSeen {
    AssetSeen {
        id: SnipeitAssetId(1),
        tag: "ML-0001".to_owned(),
        name: None,
        serial: None,
        model_id: SnipeitModelId(1),
        label: LabelSeen { id: SnipeitLabelId(2), name: "Ready".to_owned(), kind: LabelKind::Deployable },
        holder: holder.map(Holder::user),
        last_checkout: Some(naive(hour)),
        last_checkin: None,
        expected_checkin: None,
        updated_at: None,
        deleted: false,
        particulars: Particulars::default(),
    }
}

fn naive(hour: u32) -> NaiveDateTime {
    at("2026-11-23T00:00:00Z").naive_utc() + chrono::Duration::hours(hour.into())
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

//! What random people do to a requisition.

use super::{LINES, people};
use crate::domain::approval::Need;
use proptest::prelude::*;

#[derive(Debug, Clone)]
pub(super) enum Action {
    /// For each line it names: how many, none for a rejection; and whether by another model. Then whether they have said
    /// which version they read.
    Decide(Vec<(usize, Option<i32>, bool)>, bool),
    /// Everything that waits, as it was asked for.
    GrantAll(bool),
    /// What is wanted instead, by model and quantity; and who must say yes to that by the lab's rules.
    Edit(Vec<(usize, i32)>, Need),
    /// And whether they have said which version they read.
    Endorse(bool),
    Reject,
    Cancel,
    /// The next waiting check-out is sent, and succeeds or is refused.
    CarryOut {
        succeeds: bool,
    },
    GiveBack,
    /// At the counter another unit is given out for one of the loans, by its index.
    Exchange(usize),
    /// Somebody of this index decides in their place from now on.
    NameDeputy(usize),
    LeaveProject,
    /// What nobody has decided by then lapses, and what could not go out by itself is given up.
    EndPeriod,
}

/// Each with who does it.
pub(super) fn actions() -> impl Strategy<Value = Vec<(Action, usize)>> {
    let one = (0..LINES as usize, prop::option::of(0..=LINES + 1), any::<bool>());
    let wanted = prop::collection::vec((0..LINES as usize, 1..=LINES), 1..4);
    let action = prop_oneof![
        4 => (prop::collection::vec(one, 0..4), read()).prop_map(|(named, read)| Action::Decide(named, read)),
        4 => read().prop_map(Action::GrantAll),
        2 => (wanted, prop::sample::select(Need::ALL)).prop_map(|(wanted, need)| Action::Edit(wanted, need)),
        4 => read().prop_map(Action::Endorse),
        1 => Just(Action::Reject),
        1 => Just(Action::Cancel),
        3 => any::<bool>().prop_map(|succeeds| Action::CarryOut { succeeds }),
        1 => Just(Action::GiveBack),
        2 => (0..9usize).prop_map(Action::Exchange),
        3 => (0..people::MANY).prop_map(Action::NameDeputy),
        1 => Just(Action::LeaveProject),
        1 => Just(Action::EndPeriod),
    ];
    prop::collection::vec((action, anybody()), 1..30)
}

fn read() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.8)
}

/// Those who could say both yeses more often than others.
fn anybody() -> impl Strategy<Value = usize> {
    prop_oneof![2 => 0..people::MANY, 1 => prop::sample::select(&people::TWO_YESES)]
}

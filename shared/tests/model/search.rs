//! A breadth-first search over every state that a model can reach, with the shortest way to the first violation.
//!
//! Rather than `stateright` 0.31, which was looked at first. Its breadth-first search keeps a hash of 64 bits in place
//! of each state, overwrites a violation by a later and longer one of the same block, and knows no end states: its
//! `eventually` overlooks violations where paths join, as its own comments say. "Everything ends settled" and "the
//! shortest trace" are what this is for. It also brings ten crates, an HTTP server among them. This is a page of code,
//! compares whole states, and says whether any path can go on for ever.

use std::{
    hash::{Hash, Hasher},
    time::Instant,
};

pub trait Model {
    type State: Copy + Eq + Hash;
    type Act: Copy;

    fn start(&self) -> Self::State;

    /// Steps that come round by themselves and move nothing on.
    fn is_background(&self, act: Self::Act) -> bool;

    /// Every step from a state, with the state that it leads to, which must be another.
    fn next(&self, state: &Self::State, next: &mut Vec<(Self::Act, Self::State)>);
}

/// What must hold in every state; `is_end`: no step leads on.
pub struct Property<S> {
    pub name: &'static str,
    pub holds: fn(state: &S, is_end: bool) -> bool,
}

/// A state that violates a property, and the shortest way there: each step with the states before and after it.
pub struct Violation<M: Model> {
    pub property: &'static str,
    pub trace: Vec<(M::Act, M::State, M::State)>,
}

pub struct Searched<M: Model> {
    pub states: usize,
    /// Those in the background left out.
    pub steps: usize,
    pub ends: usize,
    pub depth: usize,
    pub seconds: f64,
    /// Some path goes on for ever, and not by steps in the background alone.
    pub has_cycle: bool,
    pub violation: Option<Violation<M>>,
}

/// A state that was reached: from which other, by which step, after how many.
struct Reached<A> {
    from: u32,
    by: Option<A>,
    depth: u32,
}

pub fn search<M: Model>(model: &M, properties: &[Property<M::State>]) -> Searched<M> {
    let began = Instant::now();
    let mut seen = Seen::new();
    seen.place(model.start());
    let mut reached = vec![Reached { from: 0, by: None, depth: 0 }];
    let mut arrows: Vec<(u32, u32)> = Vec::new();
    let (mut ends, mut at) = (0, 0);
    let mut violated = None;
    let mut next = Vec::new();
    while at < seen.states.len() {
        let state = seen.states[at];
        next.clear();
        model.next(&state, &mut next);
        ends += usize::from(next.is_empty());
        if let Some(property) = properties.iter().find(|property| !(property.holds)(&state, next.is_empty())) {
            violated = Some(property.name);
            break;
        }
        for (act, after) in next.drain(..) {
            let to = seen.place(after);
            if to as usize == reached.len() {
                reached.push(Reached { from: at as u32, by: Some(act), depth: reached[at].depth + 1 });
            }
            if !model.is_background(act) {
                arrows.push((at as u32, to));
            }
        }
        at += 1;
    }
    let violation = violated.map(|property| Violation { property, trace: trace(&seen.states, &reached, at) });
    Searched {
        states: reached.len(),
        steps: arrows.len(),
        ends,
        depth: reached.last().map_or(0, |last| last.depth as usize),
        has_cycle: violation.is_none() && has_cycle(reached.len(), &arrows),
        seconds: began.elapsed().as_secs_f64(),
        violation,
    }
}

fn trace<S: Copy, A: Copy>(states: &[S], reached: &[Reached<A>], end: usize) -> Vec<(A, S, S)> {
    let mut trace = Vec::new();
    let mut at = end;
    while let Some(act) = reached[at].by {
        let from = reached[at].from as usize;
        trace.push((act, states[from], states[at]));
        at = from;
    }
    trace.reverse();
    trace
}

/// Takes away states that nothing leads to any more until none is left, or a cycle.
fn has_cycle(states: usize, arrows: &[(u32, u32)]) -> bool {
    let mut first = vec![0_u32; states + 1];
    let mut into = vec![0_u32; states];
    for (from, to) in arrows {
        first[*from as usize + 1] += 1;
        into[*to as usize] += 1;
    }
    for state in 0..states {
        first[state + 1] += first[state];
    }
    // Arrows stand in the order of the states that they leave.
    let mut free: Vec<u32> = (0..states as u32).filter(|state| into[*state as usize] == 0).collect();
    let mut gone = 0;
    while let Some(state) = free.pop() {
        gone += 1;
        for (_, to) in &arrows[first[state as usize] as usize..first[state as usize + 1] as usize] {
            into[*to as usize] -= 1;
            if into[*to as usize] == 0 {
                free.push(*to);
            }
        }
    }
    gone < states
}

/// Every state once, in the order in which they were reached, and a table of their places by hash.
struct Seen<S> {
    states: Vec<S>,
    table: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl<S: Copy + Eq + Hash> Seen<S> {
    fn new() -> Self {
        Self { states: Vec::new(), table: vec![FREE; 1 << 12] }
    }

    /// The place of a state, which is the next one if it is new.
    fn place(&mut self, state: S) -> u32 {
        if self.states.len() * 2 > self.table.len() {
            self.grow();
        }
        let slot = self.slot_of(&state);
        if self.table[slot] == FREE {
            self.table[slot] = u32::try_from(self.states.len()).expect("fewer states than that");
            self.states.push(state);
        }
        self.table[slot]
    }

    /// Where the state stands in the table, or belongs.
    fn slot_of(&self, state: &S) -> usize {
        let mask = self.table.len() - 1;
        let mut slot = hash_of(state) & mask;
        while self.table[slot] != FREE && self.states[self.table[slot] as usize] != *state {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.table = vec![FREE; self.table.len() * 4];
        for place in 0..self.states.len() {
            let slot = self.slot_of(&self.states[place]);
            self.table[slot] = place as u32;
        }
    }
}

fn hash_of(state: &impl Hash) -> usize {
    let mut mix = Mix(0);
    state.hash(&mut mix);
    mix.finish() as usize
}

/// A quick hash for small numbers; states are compared whole, so a weak one costs time alone.
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64((*byte).into());
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_i8(&mut self, number: i8) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// The search is checked itself, on a model whose states can be counted by hand.
mod of_itself {
    use super::{Model, Property, search};

    /// Two numbers that grow by one at a time up to a bound; the first may fall back to nothing if that is allowed.
    struct Numbers {
        bound: u8,
        may_fall: bool,
    }

    impl Model for Numbers {
        type State = (u8, u8);
        type Act = &'static str;

        fn start(&self) -> (u8, u8) {
            (0, 0)
        }

        fn is_background(&self, act: &'static str) -> bool {
            act == "fall unseen"
        }

        fn next(&self, (first, second): &(u8, u8), next: &mut Vec<(&'static str, (u8, u8))>) {
            let (first, second) = (*first, *second);
            if first < self.bound {
                next.push(("first", (first + 1, second)));
            }
            if second < self.bound {
                next.push(("second", (first, second + 1)));
            }
            if first > 0 {
                next.push((if self.may_fall { "fall" } else { "fall unseen" }, (0, second)));
            }
        }
    }

    fn never(name: &'static str, holds: fn(&(u8, u8), bool) -> bool) -> [Property<(u8, u8)>; 1] {
        [Property { name, holds }]
    }

    #[test]
    fn it_visits_every_state_once_and_knows_whether_paths_go_on_for_ever() {
        let searched = search(&Numbers { bound: 90, may_fall: false }, &[]);
        assert_eq!((searched.states, searched.steps, searched.depth), (91 * 91, 2 * 90 * 91, 180));
        assert!(!searched.has_cycle, "what happens in the background alone is no path");
        assert!(search(&Numbers { bound: 3, may_fall: true }, &[]).has_cycle);
    }

    #[test]
    fn it_tells_the_shortest_way_to_the_first_violation() {
        let numbers = Numbers { bound: 9, may_fall: true };
        let found = search(&numbers, &never("2 and 3", |state, _| *state != (2, 3))).violation.unwrap();
        let acts: Vec<_> = found.trace.iter().map(|(act, _, _)| *act).collect();
        assert_eq!((found.property, acts.len()), ("2 and 3", 5));
        assert_eq!(acts.iter().filter(|act| **act == "first").count(), 2);
        assert!(search(&numbers, &never("10", |state, _| state.0 < 10)).violation.is_none());
    }

    #[test]
    fn it_knows_an_end_from_which_nothing_leads_on() {
        struct Line;
        impl Model for Line {
            type State = u8;
            type Act = ();
            fn start(&self) -> u8 {
                0
            }
            fn is_background(&self, (): ()) -> bool {
                false
            }
            fn next(&self, state: &u8, next: &mut Vec<((), u8)>) {
                next.extend((*state < 7).then_some(((), state + 1)));
            }
        }
        let ends_at_seven = |state: &u8, is_end: bool| is_end == (*state == 7);
        let searched = search(&Line, &[Property { name: "ends at 7", holds: ends_at_seven }]);
        assert_eq!((searched.states, searched.ends, searched.violation.is_none()), (8, 1, true));
    }
}

//! What a run of the search prints, and what a test asks of it.

use crate::{
    properties::{no_false_alarm, promised},
    search::{Property, Searched, Violation, search},
    setup::Setup,
    steps::changes,
    world::World,
};
use std::fmt::Write;

/// Searches everything within the bounds; fails with the shortest trace if a promise is broken.
pub fn hold(what: &str, setup: &Setup) -> Searched<Setup> {
    let mut properties = promised();
    if setup.hands == 0 {
        properties.extend(no_false_alarm());
    }
    let searched = search(setup, &properties);
    println!("{}", counts(what, &searched));
    if let Some(violation) = &searched.violation {
        panic!("{what}\n{}", told(violation));
    }
    assert!(searched.ends > 0, "{what}: nothing ever ends");
    searched
}

/// What broke, and the shortest way there.
pub struct Broken {
    property: &'static str,
    steps: Vec<String>,
    told: String,
}

/// Searches until something breaks; fails if nothing does.
pub fn break_it(what: &str, setup: &Setup, properties: &[Property<World>]) -> Broken {
    let searched = search(setup, properties);
    println!("{}", counts(what, &searched));
    let Some(violation) = searched.violation else { panic!("{what}: nothing breaks: {setup:?}") };
    let told = told(&violation);
    println!("{told}");
    let steps = violation.trace.iter().map(|(act, _, _)| act.to_string()).collect();
    Broken { property: violation.property, steps, told }
}

impl Broken {
    /// Which promise broke, in how many steps, and by which at last.
    #[track_caller]
    pub fn is(&self, property: &str, steps: usize, last: &[&str]) {
        let ending = &self.steps[self.steps.len().saturating_sub(last.len())..];
        assert_eq!((self.property, self.steps.len(), ending), (property, steps, &owned(last)[..]), "\n{}", self.told);
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|words| (*words).to_owned()).collect()
}

fn counts(what: &str, searched: &Searched<Setup>) -> String {
    let Searched { states, steps, ends, depth, seconds, .. } = searched;
    format!("{what}: {states} states, {steps} steps, {ends} ends, {depth} deep, {seconds:.1} s")
}

fn told(violation: &Violation<Setup>) -> String {
    let mut told = format!("  broken: {}\n", violation.property);
    for (number, (act, before, after)) in violation.trace.iter().enumerate() {
        let changes = changes(before, after);
        let arrow = if changes.is_empty() { "" } else { "  -> " };
        writeln!(told, "  {:>2}. {act}{arrow}{changes}", number + 1).expect("a string takes everything");
    }
    told
}

//! What must hold after every action, whatever it was and whoever did it.

use super::{actions::Action, world::World};
use crate::domain::{
    approval::Stage,
    change::Entity,
    id::{ModelId, UserId},
    notification::NotificationEvent,
    operation::{Operation, OperationState},
    project::MemberRole,
    requisition::{Dossier, Line, LineStatus, Loan, LoanStatus, status_of},
    user::Role,
};
use std::collections::BTreeMap;

/// One action that was tried.
pub(super) struct Step<'a> {
    pub(super) before: &'a Dossier,
    pub(super) kept_before: &'a BTreeMap<ModelId, i32>,
    pub(super) action: &'a Action,
    pub(super) by: usize,
    pub(super) done: bool,
}

pub(super) fn check(world: &World, step: &Step) {
    check_who_decides(world, step);
    check_edit(world, step);
    check_lines(world, step);
    check_units(world, step);
    check_kept(world, step);
    check_outcome(world, step);
}

/// What the waiting list keeps for it: never more than waits for a decision, and no less of that than it had before.
fn check_kept(world: &World, step: &Step) {
    for (model, kept) in &world.kept {
        let waits = |dossier: &Dossier| -> i32 {
            dossier.undecided_lines().filter(|line| line.model_id == *model).map(|line| line.quantity).sum()
        };
        let had = step.kept_before[model];
        assert_eq!(*kept, had.min(waits(&world.dossier)), "of {had}, while {} waited", waits(step.before));
    }
}

/// Nobody who has a part in it, each in their stage, and two people say the two yeses.
fn check_who_decides(world: &World, step: &Step) {
    let Step { before, by, done, .. } = *step;
    let (after, person) = (&world.dossier, world.people.get(by));
    let insiders = world.people.insiders(before);
    let was_edited = before.requisition.edits > 0;
    let grants = done && after.loans.len() > before.loans.len();
    match step.action {
        Action::Decide(_, read) | Action::GrantAll(read) if done => {
            assert!(person.role.is_staff(), "{by} decided");
            assert!(!insiders.contains(&person.id), "{by} has a part in it and decided");
            assert!(!(grants && was_edited && !read), "{by} granted what they had not read");
            assert!(!(grants && first_yes(before).contains(&person.id)), "{by} gave both");
        }
        Action::Endorse(read) if done => {
            assert!(!insiders.contains(&person.id), "{by} has a part in it and agreed");
            assert!(*read || !was_edited, "{by} agreed to what they had not read");
            check_in_whose_place(world, step, "endorsed");
        }
        Action::Reject if done => {
            assert!(!insiders.contains(&person.id), "{by} has a part in it and rejected");
            let supervisor_is_asked = before.requisition.waiting_for == Some(Stage::Supervisor);
            assert!(person.role.is_staff() || supervisor_is_asked, "supervisors decide while they are asked");
            check_in_whose_place(world, step, "rejected");
        }
        Action::Decide(..)
        | Action::GrantAll(_)
        | Action::Endorse(_)
        | Action::Reject
        | Action::Edit(..)
        | Action::Cancel
        | Action::CarryOut { .. }
        | Action::GiveBack
        | Action::Exchange(_)
        | Action::NameDeputy(_)
        | Action::LeaveProject
        | Action::EndPeriod => {}
    }
    let deciders = after.lines.iter().filter_map(|line| line.decided.as_ref().map(|decided| decided.by));
    for decider in deciders.chain(after.requisition.decided_by).chain(first_yes(after)) {
        assert!(!after.is_of(decider), "who asked for it or has edited it decided");
        assert!(!world.people.find(decider).has_part, "who has borrowed for the project decided");
    }
    let granted_by = after.lines.iter().filter_map(|line| line.decided.as_ref().filter(|one| one.granted.is_some()));
    for granted in granted_by {
        assert!(!first_yes(after).contains(&granted.by), "the same person said both yeses");
    }
    let was_asked = before.requisition.waiting_for == Some(Stage::Supervisor) && after.requisition.endorsed.is_none();
    let is_supervised = !after.impartial_supervisors(&world.people.supervisors(), &insiders).is_empty();
    assert!(
        !was_asked || !is_supervised || after.loans.is_empty() || went_through(world),
        "nothing is promised before the supervisor agrees"
    );
}

/// Who has agreed, and in whose place.
fn first_yes(dossier: &Dossier) -> Vec<UserId> {
    dossier.requisition.endorsed.iter().flat_map(|first| [Some(first.by), first.on_behalf_of]).flatten().collect()
}

/// Without a right of their own it was in the place of a supervisor, and of nobody else.
fn check_in_whose_place(world: &World, step: &Step, event: &str) {
    let person = world.people.get(step.by);
    let told = world.history.iter().rfind(|told| told.event == event);
    let absent = told.expect("a row of history").on_behalf_of;
    let supervises = person.member == Some(MemberRole::Supervisor);
    let decides_alone = supervises || event == "rejected" && person.role.is_staff();
    assert_eq!(absent.is_none(), decides_alone, "{} did it for {absent:?}", step.by);
    assert!(absent.is_none_or(|absent| world.people.supervisors().contains(&absent)));
    assert!(absent.is_none() || person.role != Role::Student, "students stand in for nobody");
}

fn check_edit(world: &World, step: &Step) {
    let Step { before, action, done, .. } = *step;
    let after = &world.dossier;
    if let Action::Edit(..) = action {
        let is_undecided = before.requisition.decided_by.is_none();
        let all_wait = before.standing_lines().all(|line| line.status == LineStatus::Pending);
        assert!(!done || is_undecided && all_wait && before.loans.is_empty(), "only what waits as a whole is edited");
        assert!(!done || after.requisition.endorsed.is_none() || after == before, "an agreement ends with an edit");
        let by_admin = after.requisition.editors.iter().any(|editor| world.people.role_of(*editor) == Role::Admin);
        assert!(!done || !by_admin || after.loans.is_empty(), "nothing goes through for an admin");
    }
}

/// By an edit that nobody had to decide.
fn went_through(world: &World) -> bool {
    world.went_through && world.dossier.requisition.decided_by.is_none()
}

fn check_lines(world: &World, step: &Step) {
    let Step { before, action, .. } = *step;
    let after = &world.dossier;
    assert_eq!(after.requisition.waiting_for.is_some(), after.undecided_lines().next().is_some());
    for (line, was) in after.lines.iter().zip(&before.lines) {
        assert_eq!((line.quantity, line.model_id), (was.quantity, was.model_id), "what was asked for stays");
        assert!(was.decided.is_none() || line.decided == was.decided, "a decision is for good");
        let is_first = |loan: &&Loan| loan.line_id == line.id && loan.instead_of.is_none();
        let promised = after.loans.iter().filter(is_first).count();
        let granted = match &line.decided {
            Some(decided) => decided.granted.map_or(0, |granted| granted.quantity),
            None if went_through(world) && line.status != LineStatus::Withdrawn => line.quantity,
            None => 0,
        };
        assert_eq!(i32::try_from(promised).unwrap(), granted, "a unit for each that was granted, and no more");
        assert!(granted <= line.quantity);
        let moved = line.status != was.status;
        let mut told =
            world.history.iter().filter(|entry| entry.entity == Entity::Line && entry.entity_id == line.id.0);
        assert!(
            !moved || told.next_back().is_some_and(|entry| entry.to_status == line.status.as_str()),
            "history is whole"
        );
    }
    let is_new = |line: &&Line| before.find_line(line.id).is_none();
    assert!(after.lines.iter().filter(is_new).count() == 0 || matches!(action, Action::Edit(..)));
    assert!(after.lines.len() >= before.lines.len(), "no line is lost");
    assert!(after.standing_lines().next().is_some(), "something is asked for");
    let mut positions: Vec<_> = after.lines.iter().map(|line| line.position).collect();
    positions.dedup();
    assert_eq!(positions.len(), after.lines.len(), "every line has a place of its own");
}

fn check_units(world: &World, step: &Step) {
    let Step { before, action, by, done, .. } = *step;
    let after = &world.dossier;
    for (index, loan) in after.loans.iter().enumerate() {
        let twice = after.loans[..index].iter().any(|other| other.equipment_id == loan.equipment_id);
        assert!(!twice, "two loans have one unit");
    }
    if let Action::Exchange(_) = action {
        assert!(by != 0 && world.people.get(by).role.is_staff() || !done, "nobody hands over to themselves");
        assert_eq!(has_in_hand(after), has_in_hand(before) + usize::from(done && !is_exchange(after, before)));
    }
    for loan in &after.loans {
        let is_live = |one: &&Operation| one.loan_id == loan.id && !one.state.is_settled();
        assert!(after.operations.iter().filter(is_live).count() <= 1, "two operations of one loan");
        let exchanged = after.loans.iter().filter(|later| later.instead_of == Some(loan.id)).count();
        assert!(exchanged <= 1, "one unit takes the place of one");
    }
}

/// Units that the borrower has, but for those that were left at the counter for another.
fn has_in_hand(dossier: &Dossier) -> usize {
    let is_left = |loan: &Loan| dossier.loans.iter().any(|later| later.instead_of == Some(loan.id));
    dossier.loans.iter().filter(|loan| loan.status.is_out() && !is_left(loan)).count()
}

/// A unit that was out has made place for another.
fn is_exchange(after: &Dossier, before: &Dossier) -> bool {
    after.loans.len() > before.loans.len()
}

fn check_outcome(world: &World, step: &Step) {
    let Step { before, action, done, .. } = *step;
    let after = &world.dossier;
    let was_decided = after.requisition.decided_by.is_some();
    assert_eq!(after.requisition.status, status_of(&after.lines, &after.loans, &after.operations, was_decided));
    let outcomes = [NotificationEvent::Approved, NotificationEvent::PartlyApproved, NotificationEvent::Rejected];
    let outcomes: usize = outcomes.into_iter().map(|event| world.told(event)).sum();
    assert!(outcomes <= 1, "the outcome is told once");
    assert!(outcomes == 0 || after.undecided_lines().next().is_none(), "and not before the last line is decided");
    if let Action::EndPeriod = action {
        assert!(after.undecided_lines().next().is_none(), "nothing waits for a time that has passed");
        let is_promised = |id| after.find_loan(id).is_some_and(|loan| loan.status == LoanStatus::Promised);
        let mut to_send = after.operations.iter().filter(|one| is_promised(one.loan_id));
        assert!(!to_send.any(|one| one.state == OperationState::Waiting), "nor is anything sent for it");
        assert_eq!(has_in_hand(after), has_in_hand(before));
    }
    if let Action::Cancel = action {
        let was_out = |loan: &&Loan| matches!(loan.status, LoanStatus::CheckedOut | LoanStatus::Returned);
        assert_eq!(after.loans.iter().filter(was_out).count(), before.loans.iter().filter(was_out).count());
        assert!(!done || after.undecided_lines().next().is_none(), "a cancellation leaves nothing waiting");
        let is_open = |loan: &Loan| after.find_open_promise(loan.id).is_some();
        assert!(!done || !after.loans.iter().any(is_open), "nor anything promised of which nothing was sent");
        let may_be_sent = |one: &&Operation| one.attempts > 0 || one.in_doubt || one.state != OperationState::Waiting;
        let mut untouched = before.operations.iter().filter(may_be_sent);
        assert!(untouched.all(|one| after.find_operation(one.id) == Some(one)), "what may have been sent stays");
    }
}

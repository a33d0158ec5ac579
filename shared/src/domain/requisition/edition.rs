//! The edition of a requisition: what people have read when they edit or decide it.
//!
//! It moves with what is asked for, agreed to and decided; not with a reminder, nor with how far the loans are.

use super::{Dossier, Line, Requisition, RequisitionStatus, Transition};

impl Transition {
    /// Call it when nothing of what is asked for or decided changes any more.
    pub(super) fn raise_edition(&mut self) {
        if self.before.as_ref().is_some_and(|before| !before.reads_as(&self.after)) {
            self.after.requisition.edition += 1;
        }
    }
}

impl Dossier {
    fn reads_as(&self, other: &Self) -> bool {
        let lines = |dossier: &Self| dossier.lines.iter().map(as_read).collect::<Vec<_>>();
        without_progress(&self.requisition) == without_progress(&other.requisition) && lines(self) == lines(other)
    }
}

fn without_progress(requisition: &Requisition) -> Requisition {
    let status = RequisitionStatus::Pending;
    Requisition { status, waiting_since: None, reminded_at: None, version: 1, ..requisition.clone() }
}

fn as_read(line: &Line) -> Line {
    Line { version: 1, ..line.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        actor::Actor,
        change::{Cause, Change, Write},
        id::UserId,
        requisition::{Purpose, properties::a_dossier},
    };

    fn after(change: &Change) -> Option<&Requisition> {
        change.writes.iter().find_map(|write| match write {
            Write::UpdateRequisition(after) => Some(after),
            _ => None,
        })
    }

    fn change(dossier: &Dossier, what: impl Fn(&mut Dossier)) -> i32 {
        let mut transition = dossier.clone().begin();
        what(&mut transition.after);
        let change = transition.finish(&Cause::new(Actor::System, "changed"));
        after(&change).map_or(dossier.requisition.edition, |after| after.edition)
    }

    #[test]
    fn the_edition_moves_with_what_is_asked_for_and_decided_and_not_with_a_reminder() {
        let dossier = a_dossier(UserId::generate());
        let now = dossier.now;

        assert_eq!(change(&dossier, |after| after.requisition.reminded_at = Some(now)), 1);
        assert_eq!(change(&dossier, |after| after.requisition.status = RequisitionStatus::Attention), 1);
        assert_eq!(change(&dossier, |after| after.requisition.purpose = Purpose::parse("another").unwrap()), 2);
        assert_eq!(change(&dossier, |after| after.lines[0].quantity += 1), 2, "also where only a line says so");
    }
}

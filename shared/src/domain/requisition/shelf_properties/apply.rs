//! What the database would make of a change.

use super::world::World;
use crate::domain::{
    change::{Change, Write},
    id::{EquipmentId, RequisitionId},
    requisition::{Dossier, LoanStatus},
    waiting_list::{HoldLimit, WaitingEntry},
};
use uuid::Uuid;

impl World {
    pub(super) fn apply(&mut self, change: Change) {
        for write in change.writes {
            self.write(write);
        }
    }

    fn write(&mut self, write: Write) {
        match write {
            Write::UpdateRequisition(row) => {
                let id = row.id;
                self.dossier_mut(id).requisition = row;
            }
            Write::UpdateLine(row) => put(&mut self.dossier_mut(row.requisition_id).lines, row, |line| line.id.0),
            Write::InsertLoan(row) | Write::UpdateLoan(row) => {
                put(&mut self.dossier_mut(row.requisition_id).loans, row, |loan| loan.id.0);
            }
            Write::InsertOperation(row) | Write::UpdateOperation(row) => {
                put(&mut self.dossier_mut(row.requisition_id).operations, row, |operation| operation.id.0);
            }
            Write::InsertExtension(row) | Write::UpdateExtension(row) => {
                put(&mut self.extensions, row, |extension| extension.id.0);
            }
            Write::InsertWaitingEntry(row) | Write::UpdateWaitingEntry(row) => {
                put(&mut self.entries, row, |entry| entry.id.0);
            }
            Write::InsertHold(row) => self.holds.push(row),
            Write::EndHolds(entry) => self.holds.retain(|hold| hold.entry_id != entry),
            Write::LimitHolds(limit) => self.limit_holds(&limit),
            Write::MarkMoot(_) | Write::MarkNobodyWaits(_) => {}
            other => panic!("nobody who lends a unit writes this: {other:?}"),
        }
    }

    /// Of lines that name no unit.
    fn limit_holds(&mut self, limit: &HoldLimit) {
        let is_its = |entry: &&WaitingEntry| entry.requisition_id == Some(limit.requisition_id);
        let entries: Vec<_> = self.entries.iter().filter(is_its).map(|entry| entry.id).collect();
        let dossier = self.dossiers.iter().find(|dossier| dossier.requisition.id == limit.requisition_id);
        let loans = dossier.map_or(&[][..], |dossier| &dossier.loans);
        let is_promised =
            |unit: EquipmentId| loans.iter().any(|loan| loan.equipment_id == unit && is_live(loan.status));
        let mut left = limit.claim.any;
        self.holds.retain(|hold| {
            if !entries.contains(&hold.entry_id) {
                return true;
            }
            left -= 1;
            !is_promised(hold.equipment_id) && left >= 0
        });
    }

    fn dossier_mut(&mut self, id: RequisitionId) -> &mut Dossier {
        self.dossiers.iter_mut().find(|dossier| dossier.requisition.id == id).expect("a requisition that was asked for")
    }
}

fn is_live(status: LoanStatus) -> bool {
    status == LoanStatus::Promised || status.is_out()
}

fn put<T>(rows: &mut Vec<T>, row: T, id: impl Fn(&T) -> Uuid) {
    match rows.iter().position(|known| id(known) == id(&row)) {
        Some(place) => rows[place] = row,
        None => rows.push(row),
    }
}

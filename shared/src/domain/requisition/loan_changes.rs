//! What of a loan said something else before: which unit it is for, when it is due, and in which condition it came back.

use super::{Loan, ReturnReport};
use crate::domain::field_change::FieldChange;

impl Loan {
    pub(super) fn changes_to(&self, after: &Self) -> Vec<FieldChange> {
        let condition = |loan: &Self| loan.returned_as.as_ref().map(ReturnReport::condition);
        let note = |loan: &Self| loan.returned_as.as_ref().and_then(ReturnReport::note).map(str::to_owned);
        let fields = [
            FieldChange::between("equipment_id", &self.equipment_id, &after.equipment_id),
            FieldChange::between("due_at", &self.period.due_at, &after.period.due_at),
            FieldChange::between("return_condition", &condition(self), &condition(after)),
            FieldChange::between("return_note", &note(self), &note(after)),
        ];
        fields.into_iter().flatten().collect()
    }
}

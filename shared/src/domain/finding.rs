//! Findings: what needs a person, in one inbox, with the evidence beside it.

use super::{
    id::{FindingId, RequisitionId},
    operation::OperationKind,
    text_enum::text_enum,
};
use uuid::Uuid;

text_enum! {
    /// Why a person is needed.
    pub enum FindingKind {
        /// Nobody can tell from Snipe-IT what became of an operation. Subject: the operation.
        OperationWithPerson = "operation_with_person",
        /// An effect that Snipe-IT had reported was not there at the next sweep. Subject: the operation.
        EffectNotSeen = "effect_not_seen",
        /// Somebody lent the asset after us; only the log still shows our check-out. Subject: the operation.
        PaintedOver = "painted_over",
        /// Snipe-IT refused to check out what was handed over at the counter already. Subject: the operation.
        HandOverRefused = "hand_over_refused",
        /// At our check-in the asset was already with somebody else. Subject: the operation.
        HeldBySomebodyElse = "held_by_somebody_else",
        /// No Snipe-IT user, or more than one, has the borrower's e-mail address. Subject: the user.
        BorrowerNotMatched = "borrower_not_matched",
        /// A job was taken as often as it may be and never settled. Subject: the job.
        JobOutOfRuns = "job_out_of_runs",
        /// The Snipe-IT at the configured URL is not the one that was there before. Subject: the link.
        InventoryChanged = "inventory_changed",
        /// Snipe-IT's time zone is not the configured one. Subject: the link.
        ClockOrZoneWrong = "clock_or_zone_wrong",
        /// A status label that the settings name is missing in Snipe-IT, or of another type than is meant. Subject: the link.
        LabelsWrong = "labels_wrong",
        /// Rows of Snipe-IT's cannot be understood: nothing that they show is known. Subject: the link.
        RowsUnreadable = "rows_unreadable",
        /// Snipe-IT refuses to let a unit's label say whether it is promised. Subject: the unit.
        LabelRefused = "label_refused",
        /// The database was restored or failed over and has forgotten its latest commits. Subject: the link.
        DatabaseChanged = "database_changed",
        /// What is out by our record is free in Snipe-IT, which does not tell since when. Subject: the loan.
        UnitNotHeld = "unit_not_held",
        /// What is out by our record is with somebody else in Snipe-IT. Subject: the loan.
        UnitWithAnother = "unit_with_another",
        /// Our borrower has the unit by another check-out than ours. Subject: the loan.
        CheckedOutAgain = "checked_out_again",
        /// What is promised or handed over was checked out to its borrower by hand. Subject: the loan.
        LentByHand = "lent_by_hand",
        /// What is promised for soon is with somebody to whom we did not lend it. Subject: the loan.
        PromisedUnitHeld = "promised_unit_held",
        /// What is promised has a label that does not allow lending. Subject: the loan.
        UnitNotDeployable = "unit_not_deployable",
        /// What is promised or out was archived. Subject: the loan.
        UnitArchived = "unit_archived",
        /// What is promised or out was deleted, or is in no list any more. Subject: the loan.
        UnitGone = "unit_gone",
        /// Snipe-IT expects what is out on another day than our record. Subject: the loan.
        DueDateMoved = "due_date_moved",
        /// What Snipe-IT shows of a unit is against our rules: it cannot become part of our record. Subject: the loan.
        DriftNotWritten = "drift_not_written",
    }
}

text_enum! {
    pub enum FindingState {
        Open = "open",
        Settled = "settled",
    }
}

text_enum! {
    /// What a person (or a later observation) said of a finding.
    pub enum Resolution {
        /// The effect took place in Snipe-IT.
        Happened = "happened",
        /// It did not.
        DidNotHappen = "did_not_happen",
        /// Nobody will find out; the operation is given up.
        Abandoned = "abandoned",
        /// The cause was mended; try again.
        Retried = "retried",
        /// Seen, nothing to be done here.
        Acknowledged = "acknowledged",
        /// Our record follows what Snipe-IT shows.
        Adopted = "adopted",
        /// Snipe-IT is to follow our record: our effect is sent anew.
        Reapplied = "reapplied",
        /// As it is; nothing is said of it before it changes.
        Ignored = "ignored",
        /// Nobody said anything: what was seen is over.
        Passed = "passed",
    }
}

impl FindingKind {
    /// What may be answered to a finding of this kind.
    pub fn resolutions(self) -> &'static [Resolution] {
        match self {
            Self::OperationWithPerson => &[Resolution::Happened, Resolution::DidNotHappen, Resolution::Abandoned],
            Self::BorrowerNotMatched | Self::HandOverRefused | Self::JobOutOfRuns | Self::LabelRefused => {
                &[Resolution::Retried, Resolution::Acknowledged]
            }
            // Until it is mended there is nothing to acknowledge.
            Self::InventoryChanged | Self::ClockOrZoneWrong | Self::LabelsWrong | Self::RowsUnreadable => {
                &[Resolution::Retried]
            }
            Self::EffectNotSeen
            | Self::PaintedOver
            | Self::HeldBySomebodyElse
            | Self::DatabaseChanged
            | Self::DriftNotWritten => &[Resolution::Acknowledged],
            Self::UnitNotHeld | Self::DueDateMoved => {
                &[Resolution::Adopted, Resolution::Reapplied, Resolution::Ignored]
            }
            Self::UnitWithAnother
            | Self::CheckedOutAgain
            | Self::LentByHand
            | Self::PromisedUnitHeld
            | Self::UnitNotDeployable
            | Self::UnitArchived
            | Self::UnitGone => &[Resolution::Adopted, Resolution::Ignored],
        }
    }
}

impl FindingKind {
    /// What an answer will do, told to whoever is about to give it; `None` for an answer that is not possible.
    /// `operation`: what the finding is about, if it is about one.
    pub fn consequence(self, answer: Resolution, operation: Option<OperationKind>) -> Option<&'static str> {
        if !self.resolutions().contains(&answer) {
            return None;
        }
        Some(match (self, answer) {
            (Self::OperationWithPerson, answer) => of_operation(answer, operation),
            (Self::BorrowerNotMatched, Resolution::Retried) => {
                "The named user of Snipe-IT is remembered, or Snipe-IT is asked again; what waits for it is run."
            }
            (Self::HandOverRefused, Resolution::Retried) => "The check-out of what was handed over is sent once more.",
            (Self::HandOverRefused, _) => {
                "The finding is closed; the loan stays handed over, and Snipe-IT does not show it."
            }
            (Self::JobOutOfRuns, Resolution::Retried) => "The job gets new runs and is due at once.",
            (Self::InventoryChanged, _) => "The inventory that answers now is taken for right; calls go on.",
            (Self::LabelsWrong, _) => "Snipe-IT's labels are read again, with the whole catalogue.",
            (Self::RowsUnreadable, _) => {
                "The whole catalogue is read again; what still cannot be understood is told anew."
            }
            (Self::LabelRefused, Resolution::Retried) => "The label is tried again at once.",
            (Self::LabelRefused, _) => "The finding is closed; the label is tried again by itself, ever less often.",
            (Self::ClockOrZoneWrong, _) => "Calls go on; the next effect checks clock and zone again.",
            (Self::BorrowerNotMatched | Self::JobOutOfRuns, _) => "The finding is closed; what waits goes on waiting.",
            (Self::EffectNotSeen, _) => "The finding is closed; what Snipe-IT shows next of the unit counts.",
            (Self::PaintedOver | Self::HeldBySomebodyElse | Self::DatabaseChanged | Self::DriftNotWritten, _) => {
                "The finding is closed; nothing else changes."
            }
            (_, Resolution::Ignored) => "Nothing changes, and nothing is said before Snipe-IT shows something else.",
            (Self::UnitNotHeld, Resolution::Reapplied) => {
                "The borrower still has the unit: the loan is handed over, and its check-out is sent anew."
            }
            (Self::DueDateMoved, Resolution::Reapplied) => "Our due date is set in Snipe-IT once more.",
            (Self::DueDateMoved, _) => {
                "The loan is due at the end of the day that Snipe-IT shows; its borrower is told."
            }
            (Self::UnitNotHeld | Self::UnitWithAnother, _) => "The loan is returned, and its borrower is told.",
            (Self::CheckedOutAgain, _) => "The loan goes on by the check-out that Snipe-IT shows.",
            (Self::LentByHand, _) => "The loan is checked out by the check-out that Snipe-IT shows; nothing is sent.",
            (Self::PromisedUnitHeld | Self::UnitNotDeployable, _) => OTHER_UNIT,
            (Self::UnitArchived | Self::UnitGone, _) => {
                "What is out is returned, and its borrower is told. For what is promised another unit is looked for."
            }
        })
    }
}

const OTHER_UNIT: &str =
    "Another free unit takes its place where the line names none; else borrower and technicians are told.";

/// Nothing is ever sent to Snipe-IT because of these answers.
fn of_operation(answer: Resolution, operation: Option<OperationKind>) -> &'static str {
    let is_check_in = operation == Some(OperationKind::CheckIn);
    match (answer, is_check_in) {
        (Resolution::Happened, false) => "The loan is checked out to its borrower, who is told.",
        (Resolution::DidNotHappen, false) => {
            "The loan has failed, and those who wait are told; if it was handed over, it can be tried again."
        }
        (Resolution::Happened, true) => "The loan is returned, and its borrower is told.",
        (Resolution::DidNotHappen, true) => "The loan stays checked out; its return can be asked for again.",
        (Resolution::Abandoned, true) => "The return is given up; the loan stays checked out.",
        (
            Resolution::Abandoned
            | Resolution::Retried
            | Resolution::Acknowledged
            | Resolution::Adopted
            | Resolution::Reapplied
            | Resolution::Ignored
            | Resolution::Passed,
            _,
        ) => "The loan is given up, and those who wait are told; if it was handed over, it stays so.",
    }
}
/// The link to Snipe-IT and the database itself have no id: findings about them are about this.
pub const THE_ONE_LINK: Uuid = Uuid::nil();

/// A finding to be written together with the change that raises it; at most one of a kind is open per subject.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFinding {
    pub id: FindingId,
    pub kind: FindingKind,
    pub subject_id: Uuid,
    pub requisition_id: Option<RequisitionId>,
    /// One sentence for the inbox: what was expected, what was seen. No personal data.
    pub summary: String,
    pub evidence: serde_json::Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_that_is_possible_says_what_it_will_do_and_no_other_does() {
        for kind in FindingKind::ALL {
            for operation in [None, Some(OperationKind::CheckOut), Some(OperationKind::CheckIn)] {
                for answer in Resolution::ALL {
                    let is_possible = kind.resolutions().contains(answer);
                    assert_eq!(kind.consequence(*answer, operation).is_some(), is_possible, "{kind} {answer}");
                }
            }
        }
    }
}

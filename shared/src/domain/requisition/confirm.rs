//! What the sweep found out about effects of ours: confirmed, or something for a person to look at.

use super::{Dossier, settle::evidence};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    finding::{FindingKind, NewFinding},
    id::{FindingId, OperationId},
    inventory::AssetSeen,
    operation::{Confirmation, OperationKind, OperationState, confirm},
};
use chrono::{DateTime, Utc};
use serde_json::json;

impl Dossier {
    /// What a sight of the asset says about the effect of one operation.
    pub fn compare(&self, id: OperationId, seen: Option<&AssetSeen>, asked_at: DateTime<Utc>) -> Confirmation {
        let operation = self.find_operation(id);
        let found = operation.and_then(|operation| Some((operation, self.find_loan(operation.loan_id)?)));
        let Some((operation, loan)) = found else { return Confirmation::NotYet };
        // A check-in on its way may have ended already in Snipe-IT what we still take for lent.
        let next = self.find_live_operation(loan.id).map(|next| next.state);
        if matches!(next, Some(OperationState::Sent | OperationState::Unknown | OperationState::WithPerson)) {
            return Confirmation::NotYet;
        }
        confirm(seen, asked_at, operation, loan)
    }

    /// The effect of an operation was seen. No status moves, so there is no history of it.
    pub fn confirm(self, operation: OperationId, now: DateTime<Utc>) -> Change {
        let mut transition = self.begin();
        transition.operation_mut(operation).confirmed_at = Some(now);
        transition.finish(&Cause::new(Actor::Snipeit, "confirmed_by_sweep"))
    }

    /// The effect of an operation was not there when it was looked for. The operation stays applied: Snipe-IT said so.
    pub fn effect_not_seen(self, operation: OperationId, seen: Option<&AssetSeen>) -> Change {
        let requisition_id = Some(self.requisition.id);
        let mut transition = self.begin();
        let operation = transition.operation_mut(operation);
        let summary = match (operation.kind, seen) {
            (OperationKind::CheckOut, None) => "Snipe-IT does not know the asset any more that we checked out.",
            (OperationKind::CheckOut, Some(seen)) if seen.last_checkout == operation.fingerprint => {
                "Our check-out took place, but the borrower does not hold the asset in Snipe-IT any more."
            }
            (OperationKind::CheckOut, Some(_)) => {
                "Snipe-IT confirmed our check-out, but shows another one of the asset, or none."
            }
            (OperationKind::CheckIn, _) => {
                "Snipe-IT confirmed our check-in, but the borrower still holds the asset there."
            }
        };
        let mut evidence = evidence(operation);
        evidence["seen"] = json!(seen);
        let finding = NewFinding {
            id: FindingId::generate(),
            kind: FindingKind::EffectNotSeen,
            subject_id: operation.id.0,
            requisition_id,
            summary: summary.to_owned(),
            evidence,
        };
        Change { findings: vec![finding], ..Change::default() }
    }
}

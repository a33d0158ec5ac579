//! Whether the labels that the settings name exist, and are of a type that keeps the unit from being lent.

use super::{
    evidence::Seen,
    report::{Check, Row},
};
use crate::{context::ReturnLabels, snipeit::Page};
use makerlab_shared::domain::inventory::{LabelKind, LabelSeen, SnipeitLabelId};

pub(super) fn judge(wanted: ReturnLabels, labels: &Seen<Page<LabelSeen>>) -> Row {
    match labels {
        Ok(read) => of(wanted, &read.value.rows),
        Err(failure) => Row::cannot_tell(Check::Labels, failure.to_string(), "Give the user statuslabels.view first."),
    }
}

fn of(wanted: ReturnLabels, labels: &[LabelSeen]) -> Row {
    if labels.iter().all(|label| label.kind != LabelKind::Deployable) {
        return Row::wrong(Check::Labels, "no label is deployable", "Add a deployable status label in Snipe-IT.");
    }
    let named = [("SNIPEIT_LABEL_DAMAGED", wanted.damaged), ("SNIPEIT_LABEL_LOST", wanted.lost)];
    let faults: Vec<String> = named
        .iter()
        .filter_map(|(variable, label)| Some(format!("{variable} {}", fault((*label)?, labels)?)))
        .collect();
    if faults.is_empty() {
        return Row::ok(
            Check::Labels,
            format!("{} labels; those that are named keep units from being lent", labels.len()),
        );
    }
    Row::wrong(Check::Labels, faults.join("; "), "Name labels that Snipe-IT has and that are not deployable.")
}

fn fault(id: SnipeitLabelId, labels: &[LabelSeen]) -> Option<String> {
    match labels.iter().find(|label| label.id == id) {
        None => Some(format!("is {id}, which no label has")),
        Some(label) if label.kind == LabelKind::Deployable => {
            Some(format!("is “{}”, which is deployable: such a unit would be lent again", label.name))
        }
        Some(_) => None,
    }
}

//! Whether the labels that the settings name exist, and are of the type that they are meant for.

use super::{
    evidence::Seen,
    report::{Check, Row},
};
use crate::snipeit::Page;
use makerlab_shared::domain::{
    inventory::{LabelKind, LabelSeen},
    label_policy::LabelPolicy,
};

pub(super) fn judge(policy: &LabelPolicy, labels: &Seen<Page<LabelSeen>>) -> Row {
    match labels {
        Ok(read) => of(policy, &read.value.rows),
        Err(failure) => Row::cannot_tell(Check::Labels, failure.to_string(), "See statuslabels.view first."),
    }
}

fn of(policy: &LabelPolicy, labels: &[LabelSeen]) -> Row {
    if labels.iter().all(|label| label.kind != LabelKind::Deployable) {
        return Row::wrong(Check::Labels, "no label is deployable", "Add a deployable status label in Snipe-IT.");
    }
    let faults: Vec<String> = policy.faults(labels).iter().map(ToString::to_string).collect();
    if faults.is_empty() {
        return Row::ok(Check::Labels, format!("{} labels; those that settings name fit", labels.len()));
    }
    Row::wrong(
        Check::Labels,
        faults.join("; "),
        "Name labels that Snipe-IT has: deployable for what is reserved or free, not deployable for what comes back.",
    )
}

//! Whether the status labels that the settings name are in Snipe-IT, and of the type that they are meant for: asked when a
//! worker starts, by every sync and now and then by a sweep. What is wrong is a finding; nothing stops for it.

use super::lists;
use crate::{context::Context, jobs::Failure};
use makerlab_shared::{
    domain::{
        change::Change,
        finding::{FindingKind, NewFinding, THE_ONE_LINK},
        id::FindingId,
        inventory::LabelSeen,
        label_policy::LabelPolicy,
    },
    store::{commit::commit, finding_answer, findings, labels, operations},
};
use serde_json::json;

/// Reads the labels, if any is named, and compares them; a call.
///
/// # Errors
/// When Snipe-IT, the budget or the database did not answer: the next sync asks again.
pub async fn check_labels(context: &Context) -> Result<(), Failure> {
    if context.rules.labels == LabelPolicy::default() {
        return compare(context, &[]).await;
    }
    let asked_at = operations::now(&mut *context.pool.acquire().await?).await?;
    lists::read_labels(context, asked_at).await?;
    Ok(())
}

/// Notes whose units are lent; raises the finding, or closes it when what it tells is over.
pub(super) async fn compare(context: &Context, seen: &[LabelSeen]) -> Result<(), Failure> {
    let faults: Vec<String> = context.rules.labels.faults(seen).iter().map(ToString::to_string).collect();
    let summary = faults.join("; ");
    let mut transaction = context.pool.begin().await?;
    labels::keep_back(&mut transaction, &context.rules.labels.kept_back(seen)).await?;
    let open = findings::find_open(&mut transaction, FindingKind::LabelsWrong, THE_ONE_LINK).await?;
    let is_told = open.as_ref().is_some_and(|open| open.summary == summary);
    if let Some(open) = open.filter(|_| !is_told) {
        finding_answer::close(&mut transaction, &open, "the labels are others by now").await?;
    }
    if !faults.is_empty() && !is_told {
        tracing::error!("Status labels do not fit the settings: {summary}");
        commit(&mut transaction, &raised(summary, seen)).await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn raised(summary: String, labels: &[LabelSeen]) -> Change {
    let finding = NewFinding {
        id: FindingId::generate(),
        kind: FindingKind::LabelsWrong,
        subject_id: THE_ONE_LINK,
        requisition_id: None,
        summary,
        evidence: json!({ "labels": labels }),
    };
    Change { findings: vec![finding], ..Change::default() }
}

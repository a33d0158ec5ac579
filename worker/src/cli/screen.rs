//! One finding on one screen: the facts, then what we did beside what was seen, then what may be answered.

use super::table;
use chrono::TimeDelta;
use makerlab_shared::{
    domain::{
        finding::{FindingState, Resolution},
        operation::{OperationKind, whom},
    },
    store::{
        cases::{Case, CaseAsset},
        findings::Finding,
    },
};

/// As wide as a technician's terminal.
const STORY: [usize; 3] = [20, 38, 58];
const ANSWERS: [usize; 2] = [14, 102];

pub(super) fn show(finding: &Finding, case: Option<&Case>) -> String {
    let mut parts = vec![finding.summary.clone(), facts(finding, case)];
    if let Some(case) = case {
        parts.push(story(case));
    }
    if finding.state == FindingState::Open {
        parts.push(table::wrapped(["ANSWER", "WHAT IT WILL DO"], &answers(finding, case), ANSWERS));
        parts.push(format!(
            "makerlab-worker findings settle {} --as ANSWER --by YOUR-E-MAIL --note HOW-FOUND-OUT",
            finding.id
        ));
    }
    parts.join("\n\n")
}

/// Each possible answer and what it will do.
pub(super) fn answers(finding: &Finding, case: Option<&Case>) -> Vec<[String; 2]> {
    let told = |answer: &Resolution| {
        let consequence = finding.kind.consequence(*answer, case.map(|case| case.kind))?;
        Some([answer.to_string(), consequence.to_owned()])
    };
    finding.kind.resolutions().iter().filter_map(told).collect()
}

fn facts(finding: &Finding, case: Option<&Case>) -> String {
    let mut facts = vec![
        ("finding", Some(finding.id.to_string())),
        ("kind", Some(finding.kind.to_string())),
        ("since", Some(table::time(finding.created_at))),
        ("settled", settled(finding)),
        ("note", finding.note.clone()),
    ];
    match case {
        Some(case) => facts.extend([
            ("asset", Some(asset(&case.asset))),
            ("we wanted", Some(wanted(case))),
            ("we sent", Some(sent(case))),
            ("loan now", Some(format!("{} by our records", case.loan.status))),
            ("held now by", Some(held_by(case))),
            ("also out", case.other_loan_out.as_ref().map(|out| format!("{} by our records", out.requisition_number))),
        ]),
        None => facts.extend([
            ("subject", Some(finding.subject_id.to_string())),
            ("requisition", finding.requisition_id.map(|id| id.to_string())),
            ("evidence", Some(finding.evidence.to_string())),
        ]),
    }
    table::facts(&facts)
}

fn settled(finding: &Finding) -> Option<String> {
    Some(format!("as {}, {}", finding.resolution?, table::time(finding.settled_at?)))
}

fn asset(asset: &CaseAsset) -> String {
    let CaseAsset { tag, model_name, snipeit_asset_id, label, presence, .. } = asset;
    format!("{tag}, {model_name} (Snipe-IT asset {snipeit_asset_id}), “{label}”, {presence}")
}

fn wanted(case: &Case) -> String {
    let (kind, preposition) = match case.kind {
        OperationKind::CheckOut => ("check-out", "to"),
        OperationKind::CheckIn => ("check-in", "from"),
    };
    let borrower = case.loan.borrower_name.expose();
    let snipeit = case.loan.borrower_snipeit_id.map(|id| format!(" (Snipe-IT user {id})")).unwrap_or_default();
    let due = case.loan.due_at.format("%Y-%m-%d");
    format!("{kind} {preposition} {borrower}{snipeit}, {}, due {due}", case.requisition_number)
}

fn sent(case: &Case) -> String {
    let marker = case.operation_id.marker();
    let attempts = match case.attempts {
        1 => "1 attempt".to_owned(),
        several => format!("{several} attempts"),
    };
    match (case.kind, case.checkout_at) {
        (OperationKind::CheckOut, Some(at)) => format!("checkout_at {at}, note [op:{marker}], {attempts}"),
        (OperationKind::CheckIn, Some(at)) => format!("note [op:{marker}], {attempts}; to end the loan of {at}"),
        (OperationKind::CheckOut | OperationKind::CheckIn, None) => format!("nothing that counts, {attempts}"),
    }
}

/// As last seen: Snipe-IT may show something else by now.
fn held_by(case: &Case) -> String {
    let asset = &case.asset;
    let holder = match (asset.holder, &asset.holder_user) {
        (None, _) => "nobody".to_owned(),
        (Some(holder), Some((_, name))) => format!("{} ({})", name.expose(), whom(holder)),
        (Some(holder), None) => format!("{}, nobody of ours", whom(holder)),
    };
    let checkout = asset.last_checkout.map_or("never checked out".to_owned(), |at| format!("last check-out {at}"));
    format!("{holder}; {checkout}; seen {}", ago(case.age_of_sight()))
}

fn ago(age: TimeDelta) -> String {
    match (age.num_seconds(), age.num_minutes(), age.num_hours()) {
        (seconds @ ..120, ..) => format!("{seconds} s ago"),
        (_, minutes @ ..120, _) => format!("{minutes} min ago"),
        (.., hours @ ..48) => format!("{hours} h ago"),
        _ => format!("{} days ago", age.num_days()),
    }
}

fn story(case: &Case) -> String {
    let rows: Vec<[String; 3]> =
        case.steps.iter().map(|step| [table::time(step.at), step.told.did.clone(), step.told.seen.clone()]).collect();
    table::wrapped(["WHEN", "WHAT WE DID", "WHAT WAS SEEN"], &rows, STORY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_a_sight_is_told_in_the_unit_that_people_would_use() {
        let told = [5, 119, 120, 7199, 7200, 172_799, 172_800].map(|seconds| ago(TimeDelta::seconds(seconds)));

        assert_eq!(told, ["5 s ago", "119 s ago", "2 min ago", "119 min ago", "2 h ago", "47 h ago", "2 days ago"]);
    }
}

//! Evidence told for people: what we did and what was seen, side by side.
//!
//! Evidence is kept as the worker found it, for ever; so whatever an earlier version wrote is told as well as it can be.

use crate::domain::inventory::{Answer, AssetSeen, Holder, HolderKind, NotApplied};
use chrono::NaiveDateTime;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// One piece of evidence in two sentences; either may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Testimony {
    pub did: String,
    pub seen: String,
}

/// A row of Snipe-IT's log that carries our marker: ids, no names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct LoggedRow {
    id: i64,
    action_type: String,
    target: Option<Holder>,
    action_date: Option<NaiveDateTime>,
}

/// Tells one piece of evidence. `fingerprint`: the `checkout_at` that we sent, to compare what was seen with.
pub fn tell(event: &str, detail: &Value, fingerprint: Option<NaiveDateTime>) -> Testimony {
    match event {
        "intent" => intent(detail),
        "answer" => answer(detail),
        "look" => look(detail, fingerprint),
        "log_search" => log_search(detail),
        "not_sent" => testimony("Did not send it after all", &text(detail, "why")),
        "doubted" => testimony("Found another database, which may have forgotten what was sent", ""),
        "out_of_runs" => testimony(&format!("Gave the job up after {} runs", detail["runs"]), ""),
        "decision" => testimony(&format!("A person decided: {}", text(detail, "resolution")), ""),
        "late_answer" => late(detail, fingerprint),
        other => testimony(other, &detail.to_string()),
    }
}

fn intent(detail: &Value) -> Testimony {
    let borrower = &detail["borrower"];
    let did = match read::<NaiveDateTime>(&detail["fingerprint"]) {
        Some(at) => format!("Was about to check it out to Snipe-IT user {borrower}, with checkout_at {at}"),
        None => format!("Was about to check it in from Snipe-IT user {borrower}"),
    };
    testimony(&did, "")
}

fn answer(detail: &Value) -> Testimony {
    let seen = match read::<Answer>(&detail["answer"]) {
        Some(Answer::Applied) => "Snipe-IT answered: done".to_owned(),
        Some(Answer::Refused { message }) => format!("Snipe-IT refused: “{message}”"),
        Some(Answer::NotApplied { why }) => format!("It had no effect: {}", not_applied(&why)),
        Some(Answer::Unknown { what }) => format!("No clear answer: {what}"),
        None => detail["answer"].to_string(),
    };
    testimony("Sent it, once", &seen)
}

fn not_applied(why: &NotApplied) -> String {
    match why {
        NotApplied::Unreachable { what } => format!("Snipe-IT could not be reached ({what})"),
        NotApplied::Throttled => "Snipe-IT's call budget was used up".to_owned(),
        NotApplied::Installation { what } => format!("the installation was not in order ({what})"),
    }
}

fn look(detail: &Value, fingerprint: Option<NaiveDateTime>) -> Testimony {
    let did = if detail.get("before").is_some() { "Read the asset before sending" } else { "Looked at the asset" };
    if let Some(failed) = detail.get("failed").and_then(Value::as_str) {
        return testimony(did, &format!("No answer: {failed}"));
    }
    let seen = match read::<AssetSeen>(&detail["seen"]) {
        Some(asset) => asset_seen(&asset, fingerprint),
        None if detail["seen"].is_null() => "Snipe-IT does not know the asset".to_owned(),
        None => detail["seen"].to_string(),
    };
    testimony(did, &seen)
}

fn asset_seen(asset: &AssetSeen, fingerprint: Option<NaiveDateTime>) -> String {
    let holder =
        asset.holder.map_or_else(|| "Nobody holds it".to_owned(), |holder| format!("{} holds it", whom(holder)));
    let since = match asset.last_checkout {
        None => "it was never checked out".to_owned(),
        Some(at) => format!("last check-out {at}{}", compared(at, fingerprint)),
    };
    let deleted = if asset.deleted { "; it is deleted" } else { "" };
    format!("{holder}; {since}; label “{}”{deleted}", asset.label.name)
}

fn compared(seen: NaiveDateTime, fingerprint: Option<NaiveDateTime>) -> &'static str {
    match fingerprint {
        None => "",
        Some(ours) if seen == ours => ", which is ours",
        Some(ours) if seen < ours => ", before ours",
        Some(_) => ", after ours",
    }
}

fn log_search(detail: &Value) -> Testimony {
    let did = "Searched Snipe-IT's log for our marker";
    if let Some(permission) = detail.get("lacks_permission").and_then(Value::as_str) {
        return testimony(did, &format!("It could not be read: our Snipe-IT user lacks the permission {permission}"));
    }
    match read::<Vec<LoggedRow>>(&detail["rows"]) {
        Some(rows) if rows.is_empty() => testimony(did, "No row carries it"),
        Some(rows) => testimony(did, &rows.iter().map(logged).collect::<Vec<_>>().join("; ")),
        // Before rows were kept.
        None => testimony(did, &format!("{} rows carry it", detail["rows_with_our_marker"])),
    }
}

fn logged(row: &LoggedRow) -> String {
    let target = row.target.map(|target| format!(" of {}", whom(target))).unwrap_or_default();
    let at = row.action_date.map(|at| format!(" at {at}")).unwrap_or_default();
    format!("row {}: {}{target}{at}", row.id, row.action_type)
}

/// What a worker found that had lost its lease: kept, and without any consequence.
fn late(detail: &Value, fingerprint: Option<NaiveDateTime>) -> Testimony {
    let events = [
        ("answer", "answer"),
        ("seen", "look"),
        ("failed", "look"),
        ("rows", "log_search"),
        ("lacks_permission", "log_search"),
        ("why", "not_sent"),
    ];
    let event = events.iter().find(|(field, _)| detail.get(field).is_some()).map_or("", |(_, event)| event);
    let told = tell(event, detail, fingerprint);
    testimony(&format!("{} (too late to count)", told.did), &told.seen)
}

/// As people find it in Snipe-IT: kind and number.
pub fn whom(holder: Holder) -> String {
    let kind = match holder.kind {
        HolderKind::User => "user",
        HolderKind::Location => "location",
        HolderKind::Asset => "asset",
    };
    format!("Snipe-IT {kind} {}", holder.id)
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

fn text(detail: &Value, field: &str) -> String {
    detail[field].as_str().unwrap_or_default().to_owned()
}

fn testimony(did: &str, seen: &str) -> Testimony {
    Testimony { did: did.to_owned(), seen: seen.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(event: &str, detail: Value) -> (String, String) {
        let fingerprint = "2026-11-24T10:00:01".parse().ok();
        let Testimony { did, seen } = tell(event, &detail, fingerprint);
        (did, seen)
    }

    fn asset(last_checkout: Option<&str>) -> Value {
        json!({
            "id": 7, "tag": "ML-0007", "name": null, "serial": null, "model_id": 1,
            "label": { "id": 2, "name": "Ready to Deploy", "kind": "deployable" },
            "holder": last_checkout.map(|_| json!({ "kind": "user", "id": 9 })), "last_checkout": last_checkout,
            "last_checkin": null, "expected_checkin": null, "updated_at": null, "deleted": false,
        })
    }

    #[test]
    fn what_was_seen_is_compared_with_what_we_sent() {
        for (at, words) in
            [("10:00:00", ", before ours"), ("10:00:01", ", which is ours"), ("10:00:02", ", after ours")]
        {
            let last_checkout = format!("2026-11-24T{at}");
            let (did, seen) = told("look", json!({ "seen": asset(Some(&last_checkout)), "order_trusted": true }));

            assert_eq!(did, "Looked at the asset");
            let expected =
                format!("Snipe-IT user 9 holds it; last check-out 2026-11-24 {at}{words}; label “Ready to Deploy”");
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_look_that_saw_no_asset_or_got_no_answer_says_so() {
        assert_eq!(told("look", json!({ "seen": null })).1, "Snipe-IT does not know the asset");
        assert_eq!(told("look", json!({ "failed": "a timeout" })).1, "No answer: a timeout");
        let free = told("look", json!({ "before": "check_in", "seen": asset(None) }));
        assert_eq!(free.0, "Read the asset before sending");
        assert_eq!(free.1, "Nobody holds it; it was never checked out; label “Ready to Deploy”");
    }

    #[test]
    fn rows_of_the_log_are_told_and_so_is_the_mere_count_of_former_days() {
        let row = json!({
            "id": 93, "action_type": "checkout", "target": { "kind": "user", "id": 9 },
            "action_date": "2026-11-24T10:00:01", "created_at": "2026-11-24T10:02:00",
        });

        assert_eq!(told("log_search", json!({ "rows": [] })).1, "No row carries it");
        let seen = told("log_search", json!({ "rows": [row] })).1;
        assert_eq!(seen, "row 93: checkout of Snipe-IT user 9 at 2026-11-24 10:00:01");
        assert_eq!(told("log_search", json!({ "rows_with_our_marker": 2 })).1, "2 rows carry it");
    }

    #[test]
    fn a_log_that_could_not_be_read_names_the_permission_also_if_that_came_too_late() {
        let words = "It could not be read: our Snipe-IT user lacks the permission reports.view";
        for event in ["log_search", "late_answer"] {
            assert_eq!(told(event, json!({ "lacks_permission": "reports.view", "call": {} })).1, words, "{event}");
        }
    }

    #[test]
    fn what_came_too_late_is_told_like_what_came_in_time() {
        let late = told("late_answer", json!({ "answer": { "answer": "applied" }, "call": {} }));

        assert_eq!(late, ("Sent it, once (too late to count)".to_owned(), "Snipe-IT answered: done".to_owned()));
    }

    #[test]
    fn a_word_of_another_version_is_shown_as_it_is() {
        assert_eq!(told("dance", json!({ "steps": 3 })), ("dance".to_owned(), r#"{"steps":3}"#.to_owned()));
    }
}

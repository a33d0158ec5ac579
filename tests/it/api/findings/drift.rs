//! Each answer to each finding about a loan and its unit, as a technician gives it, and what is the case afterwards.

use super::given::{self, Person};
use crate::api::app::App;
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use futures_util::future::join_all;
use makerlab_shared::domain::{
    finding::{FindingKind, Resolution},
    id::{JobId, OperationId},
    job::JobKind,
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{Handover, Hands, OUT_FOR_REPAIR},
};
use serde_json::{Value, json};

/// Two in the simulator who are not our borrower.
const SOMEBODY: i64 = 3;
const ANOTHER: i64 = 4;

/// How the loan stands before somebody does something by hand.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Before {
    Out,
    /// For the next hours.
    PromisedSoon,
    Promised,
    /// At the counter, and the loan has begun.
    AtCounter,
}

/// What an answer comes to when everything that follows from it has been done.
#[derive(Debug, Clone, Copy, PartialEq)]
enum After {
    Returned,
    /// Out by the check-out that was made by hand.
    FollowsTheCheckOut,
    /// Out by a check-out of ours that was sent anew.
    CheckedOutAnew,
    AnotherUnit,
    DueOnTheirDay,
    OurDayIsSet,
    AsBefore,
}

/// What is done by hand, and what is to follow.
struct Drift {
    kind: &'static str,
    before: Before,
    by_hand: fn(&Lent),
    answers: &'static [(&'static str, After)],
    /// What is told after an `ignored`, once this was done as well.
    then: (fn(&Lent), &'static str),
}

struct Lent {
    floor: Floor,
    app: App,
    technician: Person,
    asked: Asked,
    sweep: JobId,
    due_at: DateTime<Utc>,
}

impl Lent {
    /// The loan, with what was done by hand, swept.
    async fn drifted(drift: &Drift) -> Self {
        let floor = Floor::new().await;
        floor.given_synced().await;
        let asked = match drift.before {
            Before::Out => floor.given_checked_out().await,
            Before::PromisedSoon => floor.given_promised(Duration::hours(6)).await,
            Before::Promised => floor.given_promised(Duration::days(2)).await,
            Before::AtCounter => {
                let (requisition, loan) = floor.given_promised_at_counter(Duration::hours(1)).await;
                floor.database.move_lab_clock(1).await;
                let asset = floor.asset_of(loan).await;
                Asked { requisition, loan, operation: OperationId::generate(), asset }
            }
        };
        sqlx::query("update users set snipeit_user_id = $1 where id = $2")
            .bind(floor.people.student.snipeit_id.0)
            .bind(floor.people.student.id.0)
            .execute(&floor.pool)
            .await
            .unwrap();
        let app = App::beside(&floor);
        let id = floor.people.technician;
        let token = given::token(&app, id, Utc::now() + Duration::days(1)).await;
        let sweep = floor.given_job(JobKind::Sweep).await;
        let due_at = floor.dossier(asked.requisition).await.loans[0].period.due_at;
        let lent = Self { floor, app, technician: Person { id: id.0, token }, asked, sweep, due_at };
        lent.sweep().await;
        (drift.by_hand)(&lent);
        lent.sweep().await;
        lent
    }

    /// Only when the test says so, and with the lists that are read every ten minutes.
    async fn sweep(&self) {
        let ten_minutes = "update snipeit_link set hidden_read_at = hidden_read_at - interval '10 minutes'";
        sqlx::query(ten_minutes).execute(&self.floor.pool).await.unwrap();
        self.floor.ring_now(self.sweep).await;
        let later = sqlx::query("update jobs set due_at = now() + interval '1 hour' where id = $1");
        later.bind(self.sweep.0).execute(&self.floor.pool).await.unwrap();
    }

    fn hands(&self) -> Hands {
        self.floor.simulator.state().hands()
    }

    fn borrower(&self) -> i64 {
        self.floor.people.student.snipeit_id.0
    }

    fn hand_to(&self, user: i64) {
        if self.floor.holder(self.asked.asset).is_some() {
            self.hands().check_in(self.asked.asset.0).unwrap();
        }
        self.hands().check_out(self.asked.asset.0, user, Handover::Now).unwrap();
    }

    fn expect_back(&self, days_later: u64) {
        self.hands().expect_back(self.asked.asset.0, self.our_day() + Days::new(days_later));
    }

    fn our_day(&self) -> NaiveDate {
        self.due_at.with_timezone(&chrono_tz::Europe::Lisbon).date_naive()
    }

    async fn open(&self) -> Vec<String> {
        self.floor.open_findings(self.asked.loan.0).await
    }

    async fn finding(&self) -> Value {
        let listed = self.app.get(&self.technician.token, "/v1/findings?state=open").await.expect(200);
        let about_loan = |finding: &&Value| finding["subject_id"] == json!(self.asked.loan);
        let found = listed["items"].as_array().unwrap().iter().find(about_loan).cloned();
        found.unwrap_or_else(|| panic!("{listed}"))
    }

    async fn settle(&self, finding: &Value, resolution: &str) -> crate::api::app::Reply {
        let path = format!("/v1/findings/{}/settle", finding["id"].as_str().unwrap());
        let body = json!({"resolution": resolution, "note": "looked at the shelf"});
        self.app.post(&self.technician.token, &path, &body).await
    }

    /// Everything that an answer could change.
    async fn record(&self) -> Vec<String> {
        let rows = sqlx::query_scalar(
            "select to_jsonb(l)::text from loans l
             union all select to_jsonb(o)::text from operations o
             union all select to_jsonb(f)::text from findings f
             union all select to_jsonb(d)::text from ignored_drifts d
             union all select id::text from status_history
             union all select id::text || status from notifications
             union all select id::text || kind || state from jobs order by 1",
        );
        rows.fetch_all(&self.floor.pool).await.unwrap()
    }

    async fn is(&self, after: After) -> bool {
        let (status, asset) =
            (self.floor.loan_status(self.asked.loan).await, self.floor.asset_of(self.asked.loan).await);
        let loan = self.floor.dossier(self.asked.requisition).await.loans[0].clone();
        let is_out = status == "checked_out" && self.floor.holder(asset) == Some(self.borrower());
        let (last_checkout, expected) = {
            let inventory = self.floor.simulator.state().inventory();
            let there = inventory.find_asset(asset.0).unwrap();
            (there.last_checkout, there.expected_checkin)
        };
        match after {
            After::Returned => status == "returned",
            After::FollowsTheCheckOut => is_out && last_checkout == loan.fingerprint,
            After::CheckedOutAnew => is_out && self.floor.dossier(self.asked.requisition).await.operations.len() == 2,
            After::AnotherUnit => status == "promised" && asset != self.asked.asset,
            After::DueOnTheirDay => {
                let due = loan.period.due_at.with_timezone(&chrono_tz::Europe::Lisbon).date_naive();
                is_out && due == self.our_day() + Days::new(5)
            }
            After::OurDayIsSet => is_out && expected == Some(self.our_day()),
            After::AsBefore => asset == self.asked.asset && loan.period.due_at == self.due_at,
        }
    }
}

/// Each answer that the finding offers.
async fn answers_do_what_they_say(drift: &Drift) {
    join_all(drift.answers.iter().map(|(resolution, after)| answer_does_what_it_says(drift, resolution, *after))).await;
}

/// The answer, what follows from it, and a second answer.
async fn answer_does_what_it_says(drift: &Drift, resolution: &str, after: After) {
    let lent = Lent::drifted(drift).await;
    let finding = lent.finding().await;
    assert_eq!(finding["kind"], drift.kind);
    let offered: Vec<&str> = drift.answers.iter().map(|(resolution, _)| *resolution).collect();
    assert_eq!(finding["possible_resolutions"], json!(offered), "{}", drift.kind);
    let status = lent.floor.loan_status(lent.asked.loan).await;

    let settled = lent.settle(&finding, resolution).await.expect(200);

    assert_eq!((&settled["state"], &settled["resolution"]), (&json!("settled"), &json!(resolution)));
    let technician = json!(lent.technician.id);
    assert_eq!((&settled["note"], &settled["settled_by"]), (&json!("looked at the shelf"), &technician));
    lent.settle(&finding, resolution).await.expect_problem(409, "finding-settled");
    let what = format!("{} {resolution}: {after:?}", drift.kind);
    lent.floor.work_until(&what, async |_| lent.is(after).await).await;
    lent.sweep().await;
    lent.sweep().await;
    assert_eq!(lent.open().await, Vec::<String>::new(), "{what}, and nothing is said again");
    if resolution == "ignored" {
        assert_eq!(lent.floor.loan_status(lent.asked.loan).await, status, "{what}");
        let (by_hand, told) = drift.then;
        by_hand(&lent);
        lent.sweep().await;
        assert_eq!(lent.open().await, [told], "{what}, until something else is shown");
    }
}

/// What was read is not what is there any more.
async fn answers_that_come_too_late_change_nothing(drift: Drift) {
    let lent = Lent::drifted(&drift).await;
    let finding = lent.finding().await;
    sqlx::query(
        "update equipment set presence = case presence when 'deleted' then 'listed' else 'gone' end
         where snipeit_asset_id = $1",
    )
    .bind(lent.asked.asset.0)
    .execute(&lent.floor.pool)
    .await
    .unwrap();
    let before = lent.record().await;

    for (resolution, _) in drift.answers.iter().filter(|(resolution, _)| *resolution != "ignored") {
        lent.settle(&finding, resolution).await.expect_problem(409, "drift-changed");
        assert_eq!(lent.record().await, before, "{} {resolution}", drift.kind);
    }
}

const RETURNED: &[(&str, After)] = &[("adopted", After::Returned), ("ignored", After::AsBefore)];
const EXCHANGED: &[(&str, After)] = &[("adopted", After::AnotherUnit), ("ignored", After::AsBefore)];
const FOLLOWED: &[(&str, After)] = &[("adopted", After::FollowsTheCheckOut), ("ignored", After::AsBefore)];
const RETURNED_OR_SENT: &[(&str, After)] =
    &[("adopted", After::Returned), ("reapplied", After::CheckedOutAnew), ("ignored", After::AsBefore)];
const MOVED_OR_SET: &[(&str, After)] =
    &[("adopted", After::DueOnTheirDay), ("reapplied", After::OurDayIsSet), ("ignored", After::AsBefore)];

/// Every way in which a loan and its unit can differ.
fn drifts() -> Vec<Drift> {
    use Before::{AtCounter, Out, Promised, PromisedSoon};
    let drift = |kind, before, by_hand, answers, then| Drift { kind, before, by_hand, answers, then };
    let to_somebody: fn(&Lent) = |lent| lent.hand_to(SOMEBODY);
    let to_another: fn(&Lent) = |lent| lent.hand_to(ANOTHER);
    let to_borrower: fn(&Lent) = |lent| lent.hand_to(lent.borrower());
    let taken_away: fn(&Lent) = |lent| lent.hands().take_away(lent.asked.asset.0);
    let archived: fn(&Lent) = |lent| lent.hands().archive(lent.asked.asset.0);
    let deleted: fn(&Lent) = |lent| lent.hands().delete(lent.asked.asset.0);
    let in_repair: fn(&Lent) = |lent| lent.hands().set_label(lent.asked.asset.0, OUT_FOR_REPAIR);
    let restored_for_the_archive: fn(&Lent) = |lent| {
        lent.hands().restore(lent.asked.asset.0);
        lent.hands().archive(lent.asked.asset.0);
    };
    let five_days_later: fn(&Lent) = |lent| lent.expect_back(5);
    let six_days_later: fn(&Lent) = |lent| lent.expect_back(6);
    vec![
        drift("unit_not_held", Out, taken_away, RETURNED_OR_SENT, (to_somebody, "unit_with_another")),
        drift("unit_with_another", Out, to_somebody, RETURNED, (to_another, "unit_with_another")),
        drift("checked_out_again", Out, to_borrower, FOLLOWED, (to_somebody, "unit_with_another")),
        drift("lent_by_hand", PromisedSoon, to_borrower, FOLLOWED, (to_somebody, "promised_unit_held")),
        drift("promised_unit_held", PromisedSoon, to_somebody, EXCHANGED, (to_another, "promised_unit_held")),
        drift("promised_unit_held", AtCounter, to_somebody, EXCHANGED, (to_another, "promised_unit_held")),
        drift("unit_not_deployable", Promised, in_repair, EXCHANGED, (archived, "unit_archived")),
        drift("unit_archived", Promised, archived, EXCHANGED, (deleted, "unit_gone")),
        drift("unit_archived", Out, archived, RETURNED, (deleted, "unit_gone")),
        drift("unit_gone", Promised, deleted, EXCHANGED, (restored_for_the_archive, "unit_archived")),
        drift("unit_gone", Out, deleted, RETURNED, (restored_for_the_archive, "unit_archived")),
        drift("due_date_moved", Out, five_days_later, MOVED_OR_SET, (six_days_later, "due_date_moved")),
    ]
}

/// Those about loans that are out, or about promises.
fn drifts_of(is_out: bool) -> Vec<Drift> {
    drifts().into_iter().filter(|drift| (drift.before == Before::Out) == is_out).collect()
}

#[tokio::test]
async fn every_answer_about_a_unit_that_is_out_does_what_it_says_and_is_final_until_something_else_is_shown() {
    for drift in drifts_of(true) {
        answers_do_what_they_say(&drift).await;
    }
}

#[tokio::test]
async fn every_answer_about_a_promised_unit_does_what_it_says_and_is_final_until_something_else_is_shown() {
    for drift in drifts_of(false) {
        answers_do_what_they_say(&drift).await;
    }
}

#[tokio::test]
async fn an_answer_to_what_snipeit_does_not_show_any_more_is_refused_and_nothing_of_it_is_done() {
    for drift in drifts() {
        answers_that_come_too_late_change_nothing(drift).await;
    }
}

#[test]
fn every_finding_that_offers_to_follow_snipeit_is_tried() {
    let tried: Vec<&str> = drifts().iter().map(|drift| drift.kind).collect();
    let offers = |kind: &&FindingKind| kind.resolutions().contains(&Resolution::Adopted);
    for kind in FindingKind::ALL.iter().filter(offers) {
        assert!(tried.contains(&kind.as_str()), "{kind}");
    }
}

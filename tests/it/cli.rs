//! What operators do on the command line, as they type it.

use chrono::Utc;
use clap::Parser;
use makerlab_shared::{
    domain::{
        actor::Actor,
        change::{Cause, Change},
        finding::{FindingKind, NewFinding},
        id::{FindingId, JobId, RequisitionId},
        job::{JobKind, NewJob},
        operation::{OperationState, PersonNeeded, Verdict},
        requisition::{Dossier, FollowUp, LoanStatus, Substitute},
    },
    store::link,
};
use makerlab_tests::floor::Floor;
use makerlab_worker::cli::{self, Command};
use uuid::Uuid;

const TECHNICIAN: &str = "tomas@lab.example";

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

async fn typed(floor: &Floor, words: &[&str]) -> anyhow::Result<String> {
    let line = Line::try_parse_from(["makerlab-worker"].iter().chain(words))?;
    cli::perform(line.command, &floor.pool).await
}

async fn says(floor: &Floor, words: &[&str]) -> String {
    typed(floor, words).await.unwrap()
}

async fn refuses(floor: &Floor, words: &[&str]) -> String {
    format!("{:#}", typed(floor, words).await.unwrap_err())
}

async fn raise(floor: &Floor, kind: FindingKind, subject_id: Uuid) -> String {
    let id = FindingId::generate();
    let summary = "something is to be decided".to_owned();
    let finding =
        NewFinding { id, kind, subject_id, requisition_id: None, summary, evidence: serde_json::json!({ "seen": 1 }) };
    floor.write(&Change { findings: vec![finding], ..Change::default() }).await;
    id.to_string()
}

async fn add_dead_job(floor: &Floor, kind: JobKind) -> JobId {
    let job = floor.given_job(kind).await;
    let bury = sqlx::query("update jobs set state = 'dead', runs = 10, outcome = 'too often' where id = $1");
    bury.bind(job.0).execute(&floor.pool).await.unwrap();
    job
}

#[tokio::test]
async fn jobs_are_listed_by_lane_and_those_set_aside_by_themselves() {
    let floor = Floor::new().await;
    assert_eq!(says(&floor, &["jobs", "list"]).await, "none");
    let sweep = floor.given_job(JobKind::Sweep).await;
    let dead = add_dead_job(&floor, JobKind::SyncCatalogue).await;

    let open = says(&floor, &["jobs", "list", "--lane", "bulk"]).await;
    let set_aside = says(&floor, &["jobs", "list", "--dead"]).await;

    assert!(open.starts_with("ID  ") && open.contains(&sweep.to_string()) && open.contains("due"), "{open}");
    assert!(!open.contains(&dead.to_string()), "{open}");
    assert!(set_aside.contains(&dead.to_string()) && set_aside.contains("too often"), "{set_aside}");
    assert_eq!(says(&floor, &["jobs", "list", "--lane", "mail"]).await, "none");
    let json: serde_json::Value = serde_json::from_str(&says(&floor, &["jobs", "list", "--json"]).await).unwrap();
    assert_eq!(json[0]["kind"], "sweep");
    assert!(refuses(&floor, &["jobs", "list", "--lane", "slow"]).await.contains("known are counter"));
}

#[tokio::test]
async fn a_job_that_was_set_aside_is_retried_with_all_its_runs() {
    let floor = Floor::new().await;
    let dead = add_dead_job(&floor, JobKind::Sweep).await;

    let said = says(&floor, &["jobs", "retry", &dead.to_string()]).await;

    assert!(said.contains("is due again"), "{said}");
    let shown = says(&floor, &["jobs", "show", &dead.to_string()]).await;
    assert!(shown.contains("runs     0") && shown.contains("is       due"), "{shown}");
    let unknown = Uuid::nil().to_string();
    assert!(refuses(&floor, &["jobs", "retry", &unknown]).await.contains("there is no job"));
}

#[tokio::test]
async fn a_second_sync_is_not_revived_beside_the_open_one() {
    let floor = Floor::new().await;
    let dead = add_dead_job(&floor, JobKind::SyncCatalogue).await;
    floor.given_job(JobKind::SyncCatalogue).await;

    let said = refuses(&floor, &["jobs", "retry", &dead.to_string()]).await;

    assert!(said.contains("another sync_catalogue job is open already"), "{said}");
}

#[tokio::test]
async fn a_finding_is_listed_shown_and_settled_once_by_staff() {
    let floor = Floor::new().await;
    let id = raise(&floor, FindingKind::PaintedOver, Uuid::now_v7()).await;

    assert!(says(&floor, &["findings", "list"]).await.contains("painted_over"));
    let shown = says(&floor, &["findings", "show", &id]).await;
    assert!(shown.contains("acknowledged    The finding is closed") && shown.contains(r#"{"seen":1}"#), "{shown}");
    let settle = |answer, by| ["findings", "settle", &id, "--as", answer, "--by", by].map(str::to_owned);
    let words = |words: [String; 7]| words.to_vec();
    for (answer, by, why) in [
        ("happened", TECHNICIAN, "answered with one of: acknowledged"),
        ("acknowledged", "rita.sousa@lab.example", "only technicians and admins"),
        ("acknowledged", "nobody@lab.example", "nobody here has that address"),
        ("perhaps", TECHNICIAN, "known are happened"),
    ] {
        let typed = words(settle(answer, by));
        let said = refuses(&floor, &typed.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert!(said.contains(why), "{said}");
    }

    let typed = words(settle("acknowledged", TECHNICIAN));
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    assert!(says(&floor, &typed).await.contains("settled as acknowledged"));
    assert!(refuses(&floor, &typed).await.contains("settled the finding already"));
    assert_eq!(says(&floor, &["findings", "list"]).await, "none");
    assert!(says(&floor, &["findings", "list", "--all"]).await.contains("acknowledged"));
}

#[tokio::test]
async fn an_inventory_that_a_person_says_is_right_is_read_again() {
    let floor = Floor::new().await;
    let sync = floor.given_synced().await;
    let mut conn = floor.pool.acquire().await.unwrap();
    link::pause_for_person(&mut conn, "another inventory").await.unwrap();
    let id = raise(&floor, FindingKind::InventoryChanged, Uuid::nil()).await;

    says(&floor, &["findings", "settle", &id, "--as", "retried", "--by", TECHNICIAN]).await;

    let link = link::load(&mut conn).await.unwrap();
    assert_eq!((link.pause, link.base_url), (None, None));
    floor.ring(sync).await;
    assert!(link::load(&mut conn).await.unwrap().base_url.is_some());
}

#[tokio::test]
async fn a_borrower_whom_a_technician_names_is_remembered_and_the_job_is_due() {
    let floor = Floor::new().await;
    let twin = floor.given_student("twin@lab.example").await;
    let job = floor.given_job_of(NewJob::match_borrower(twin)).await;
    floor.ring(job).await;
    let json: serde_json::Value = serde_json::from_str(&says(&floor, &["findings", "list", "--json"]).await).unwrap();
    assert_eq!(json[0]["kind"], "borrower_not_matched");
    let id = json[0]["id"].as_str().unwrap();

    let settle = ["findings", "settle", id, "--as", "retried", "--by", TECHNICIAN, "--snipeit-user", "14"];
    says(&floor, &settle).await;

    let known: Option<i64> = sqlx::query_scalar("select snipeit_user_id from users where id = $1")
        .bind(twin.0)
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(known, Some(14));
}

/// A check-out that was sent and about which only a person can tell; returns its finding.
async fn with_person(floor: &Floor) -> (RequisitionId, String) {
    let requisition = floor.given_requested().await.requisition;
    let known = sqlx::query("update users set snipeit_user_id = 2 where id = $1").bind(floor.people.student.id.0);
    known.execute(&floor.pool).await.unwrap();
    let dossier = floor.dossier(requisition).await;
    let mut operation = dossier.operations[0].clone();
    operation.state = OperationState::WithPerson;
    operation.attempts = 1;
    operation.fingerprint = Some("2026-11-23T10:00:01".parse().unwrap());
    let cause = Cause::new(Actor::System, "person_needed");
    let follow = FollowUp { now: Utc::now(), cause, borrower: None, substitute: Substitute::NotNeeded };
    let verdict = Verdict::WithPerson(PersonNeeded::LentLaterByOthers);
    let change = dossier.settle(operation, &verdict, &[], &follow);
    let finding = change.findings[0].id.to_string();
    floor.write(&change).await;
    (requisition, finding)
}

#[tokio::test]
async fn what_a_technician_says_of_an_operation_becomes_the_loan() {
    let floor = Floor::new().await;
    let (happened, first) = with_person(&floor).await;
    let (did_not, second) = with_person(&floor).await;

    let note = "seen on the shelf";
    says(&floor, &["findings", "settle", &first, "--as", "happened", "--by", TECHNICIAN]).await;
    says(&floor, &["findings", "settle", &second, "--as", "did_not_happen", "--by", TECHNICIAN, "--note", note]).await;

    let status = |dossier: Dossier| dossier.loans[0].status;
    assert_eq!(status(floor.dossier(happened).await), LoanStatus::CheckedOut);
    assert_eq!(status(floor.dossier(did_not).await), LoanStatus::Failed);
    let reasons: i64 = sqlx::query_scalar("select count(*) from status_history where entity = 'loan' and reason = $1")
        .bind(note)
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(reasons, 1);
}

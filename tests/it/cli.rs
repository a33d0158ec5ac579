//! What operators do on the command line, as they type it.

use clap::Parser;
use makerlab_shared::{
    domain::{
        actor::Actor,
        change::{Cause, Change},
        finding::{FindingKind, NewFinding},
        id::{FindingId, JobId},
        job::{JobKind, NewJob},
        operation::{OperationState, PersonNeeded, Verdict},
        requisition::{FollowUp, LoanStatus, Substitute},
        user::Role,
    },
    store::link,
};
use makerlab_tests::worker_context::{GivenWorker, SmallLab, given_worker};
use makerlab_worker::cli::{self, Command};
use uuid::Uuid;

const TECHNICIAN: &str = "tiago.tecnico@lab.example";

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

async fn typed(worker: &GivenWorker, words: &[&str]) -> anyhow::Result<String> {
    let line = Line::try_parse_from(["makerlab-worker"].iter().chain(words))?;
    cli::perform(line.command, worker.pool()).await
}

async fn says(worker: &GivenWorker, words: &[&str]) -> String {
    typed(worker, words).await.unwrap()
}

async fn refuses(worker: &GivenWorker, words: &[&str]) -> String {
    format!("{:#}", typed(worker, words).await.unwrap_err())
}

async fn raise(worker: &GivenWorker, kind: FindingKind, subject_id: Uuid) -> String {
    let id = FindingId::generate();
    let summary = "something is to be decided".to_owned();
    let finding =
        NewFinding { id, kind, subject_id, requisition_id: None, summary, evidence: serde_json::json!({ "seen": 1 }) };
    worker.commit(&Change { findings: vec![finding], ..Change::default() }).await;
    id.to_string()
}

async fn add_dead_job(worker: &GivenWorker, kind: JobKind) -> JobId {
    let job = worker.add_job(kind).await;
    let bury = sqlx::query("update jobs set state = 'dead', runs = 10, outcome = 'too often' where id = $1");
    bury.bind(job.0).execute(worker.pool()).await.unwrap();
    job
}

#[tokio::test]
async fn jobs_are_listed_by_lane_and_those_set_aside_by_themselves() {
    let worker = given_worker().await;
    assert_eq!(says(&worker, &["jobs", "list"]).await, "none");
    let sweep = worker.add_job(JobKind::Sweep).await;
    let dead = add_dead_job(&worker, JobKind::SyncCatalogue).await;

    let open = says(&worker, &["jobs", "list", "--lane", "bulk"]).await;
    let set_aside = says(&worker, &["jobs", "list", "--dead"]).await;

    assert!(open.starts_with("ID  ") && open.contains(&sweep.to_string()) && open.contains("due"), "{open}");
    assert!(!open.contains(&dead.to_string()), "{open}");
    assert!(set_aside.contains(&dead.to_string()) && set_aside.contains("too often"), "{set_aside}");
    assert_eq!(says(&worker, &["jobs", "list", "--lane", "mail"]).await, "none");
    let json: serde_json::Value = serde_json::from_str(&says(&worker, &["jobs", "list", "--json"]).await).unwrap();
    assert_eq!(json[0]["kind"], "sweep");
    assert!(refuses(&worker, &["jobs", "list", "--lane", "slow"]).await.contains("known are counter"));
}

#[tokio::test]
async fn a_job_that_was_set_aside_is_retried_with_all_its_runs() {
    let worker = given_worker().await;
    let dead = add_dead_job(&worker, JobKind::Sweep).await;

    let said = says(&worker, &["jobs", "retry", &dead.to_string()]).await;

    assert!(said.contains("is due again"), "{said}");
    let shown = says(&worker, &["jobs", "show", &dead.to_string()]).await;
    assert!(shown.contains("runs     0") && shown.contains("is       due"), "{shown}");
    let unknown = Uuid::nil().to_string();
    assert!(refuses(&worker, &["jobs", "retry", &unknown]).await.contains("there is no job"));
}

#[tokio::test]
async fn a_second_sync_is_not_revived_beside_the_open_one() {
    let worker = given_worker().await;
    let dead = add_dead_job(&worker, JobKind::SyncCatalogue).await;
    worker.add_job(JobKind::SyncCatalogue).await;

    let said = refuses(&worker, &["jobs", "retry", &dead.to_string()]).await;

    assert!(said.contains("another sync_catalogue job is open already"), "{said}");
}

#[tokio::test]
async fn a_finding_is_listed_shown_and_settled_once_by_staff() {
    let worker = given_worker().await;
    worker.people().await;
    let id = raise(&worker, FindingKind::PaintedOver, Uuid::now_v7()).await;

    assert!(says(&worker, &["findings", "list"]).await.contains("painted_over"));
    let shown = says(&worker, &["findings", "show", &id]).await;
    assert!(shown.contains("acknowledged    The finding is closed") && shown.contains(r#"{"seen":1}"#), "{shown}");
    let settle = |answer, by| ["findings", "settle", &id, "--as", answer, "--by", by].map(str::to_owned);
    let words = |words: [String; 7]| words.to_vec();
    for (answer, by, why) in [
        ("happened", TECHNICIAN, "answered with one of: acknowledged"),
        ("acknowledged", "ana.silva@lab.example", "only technicians and admins"),
        ("acknowledged", "nobody@lab.example", "nobody here has that address"),
        ("perhaps", TECHNICIAN, "known are happened"),
    ] {
        let typed = words(settle(answer, by));
        let said = refuses(&worker, &typed.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert!(said.contains(why), "{said}");
    }

    let typed = words(settle("acknowledged", TECHNICIAN));
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    assert!(says(&worker, &typed).await.contains("settled as acknowledged"));
    assert!(refuses(&worker, &typed).await.contains("settled the finding already"));
    assert_eq!(says(&worker, &["findings", "list"]).await, "none");
    assert!(says(&worker, &["findings", "list", "--all"]).await.contains("acknowledged"));
}

#[tokio::test]
async fn an_inventory_that_a_person_says_is_right_is_read_again() {
    let worker = given_worker().await;
    worker.people().await;
    let sync = worker.sync().await;
    let mut conn = worker.pool().acquire().await.unwrap();
    link::pause_for_person(&mut conn, "another inventory").await.unwrap();
    let id = raise(&worker, FindingKind::InventoryChanged, Uuid::nil()).await;

    says(&worker, &["findings", "settle", &id, "--as", "retried", "--by", TECHNICIAN]).await;

    let link = link::load(&mut conn).await.unwrap();
    assert_eq!((link.pause, link.base_url), (None, None));
    worker.run(sync).await;
    assert!(link::load(&mut conn).await.unwrap().base_url.is_some());
}

#[tokio::test]
async fn a_borrower_whom_a_technician_names_is_remembered_and_the_job_is_due() {
    let worker = given_worker().await;
    worker.people().await;
    let twin = worker.add_user("Twin One", "twin@lab.example", Role::Student).await;
    let job = NewJob::match_borrower(twin);
    worker.commit(&Change { jobs: vec![job.clone()], ..Change::default() }).await;
    worker.run(job.id).await;
    let json: serde_json::Value = serde_json::from_str(&says(&worker, &["findings", "list", "--json"]).await).unwrap();
    assert_eq!(json[0]["kind"], "borrower_not_matched");
    let id = json[0]["id"].as_str().unwrap();

    let settle = ["findings", "settle", id, "--as", "retried", "--by", TECHNICIAN, "--snipeit-user", "14"];
    says(&worker, &settle).await;

    let known: Option<i64> = sqlx::query_scalar("select snipeit_user_id from users where id = $1")
        .bind(twin.0)
        .fetch_one(worker.pool())
        .await
        .unwrap();
    assert_eq!(known, Some(14));
}

/// A check-out that was sent and about which only a person can tell; returns its finding.
async fn with_person(worker: &GivenWorker, lab: &SmallLab) -> (makerlab_shared::domain::id::RequisitionId, String) {
    let requisition = worker.submit(lab, worker.model(1).await, 1).await;
    let known = sqlx::query("update users set snipeit_user_id = 2 where id = $1").bind(lab.ana.0);
    known.execute(worker.pool()).await.unwrap();
    let dossier = worker.dossier(requisition).await;
    let mut operation = dossier.operations[0].clone();
    operation.state = OperationState::WithPerson;
    operation.attempts = 1;
    operation.fingerprint = Some("2026-11-23T10:00:01".parse().unwrap());
    let cause = Cause::new(Actor::System, "person_needed");
    let now = worker.database_now().await;
    let follow = FollowUp { now, cause, borrower: None, substitute: Substitute::NotNeeded };
    let verdict = Verdict::WithPerson(PersonNeeded::LentLaterByOthers);
    let change = dossier.settle(operation, &verdict, &[], &follow);
    let finding = change.findings[0].id.to_string();
    worker.commit(&change).await;
    (requisition, finding)
}

#[tokio::test]
async fn what_a_technician_says_of_an_operation_becomes_the_loan() {
    let worker = given_worker().await;
    let lab = worker.small_lab().await;
    let (happened, first) = with_person(&worker, &lab).await;
    let (did_not, second) = with_person(&worker, &lab).await;

    let note = "seen on the shelf";
    says(&worker, &["findings", "settle", &first, "--as", "happened", "--by", TECHNICIAN]).await;
    says(&worker, &["findings", "settle", &second, "--as", "did_not_happen", "--by", TECHNICIAN, "--note", note]).await;

    let status = |dossier: makerlab_shared::domain::requisition::Dossier| dossier.loans[0].status;
    assert_eq!(status(worker.dossier(happened).await), LoanStatus::CheckedOut);
    assert_eq!(status(worker.dossier(did_not).await), LoanStatus::Failed);
    let reasons: i64 = sqlx::query_scalar("select count(*) from status_history where entity = 'loan' and reason = $1")
        .bind(note)
        .fetch_one(worker.pool())
        .await
        .unwrap();
    assert_eq!(reasons, 1);
}

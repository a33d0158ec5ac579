//! A database that was restored from a dump, or a standby that took over, has forgotten what was sent to Snipe-IT.

use std::{collections::BTreeMap, process::Command};

use makerlab_tests::{
    lab::{
        Postgres, Services,
        services::{own_postgres, shared, shared_rabbitmq},
    },
    simulator::{EffectKind, NewUser},
    stack::{Variables, until},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::given::{Lab, PATIENCE, lab};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_out_that_a_restored_database_has_forgotten_is_found_by_its_marker_and_not_sent_again() {
    let (mut lab, requisition, dump) = checked_out_since_the_dump(at_rest(shared().await).await).await;

    restore(&lab, &dump).await;
    assert_eq!(lab.see(&requisition).await["status"], "pending", "what Snipe-IT has done is forgotten");
    lab.stack.start_worker().await.unwrap();
    let seen = lab.comes_to(&requisition, "checked_out").await;

    assert_eq!((lab.posts(), lab.effects()), (2, vec![EffectKind::Checkout; 2]));
    assert_eq!(lab.evidence(&requisition).await, ["doubted", "look", "log_search"]);
    assert_eq!(seen["operations"][0]["attempts"], 0);
    assert_eq!(open_findings(&lab).await, ["database_changed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_free_unit_whose_log_may_not_be_read_after_a_restore_is_asked_of_a_person_and_not_lent_again() {
    let mut lab = at_rest(shared().await).await;
    let requisition = lab.submit().await;
    let dump = dump(&lab);
    lab.stack.start_worker().await.unwrap();
    let seen = lab.comes_to(&requisition, "checked_out").await;
    lab.stack.kill_worker();
    let hands = lab.stack.simulator.state().hands();
    hands.check_in(seen["loans"][0]["snipeit_asset_id"].as_i64().unwrap()).unwrap();
    hands.forbid_the_log();

    restore(&lab, &dump).await;
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "attention").await;
    let is_asked = async || (open_findings(&lab).await.len() == 2).then_some(());
    until("a person is asked", PATIENCE, is_asked).await.unwrap();

    assert_eq!(open_findings(&lab).await, ["operation_with_person", "database_changed"]);
    assert_eq!(lab.evidence(&requisition).await, ["doubted", "look", "log_search"]);
    assert_eq!(lab.posts(), 2, "what may have happened is not sent again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_sent_before_a_restore_is_sent_once_after_the_look_and_cannot_be_cancelled_before() {
    let mut lab = at_rest(shared().await).await;
    let requisition = lab.submit().await;
    let dump = dump(&lab);

    restore(&lab, &dump).await;
    let refused = lab.cancel(&requisition).await;
    assert!(refused.contains("409") && refused.contains("restored or failed over"), "{refused}");
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "checked_out").await;

    assert_eq!(lab.evidence(&requisition).await, ["doubted", "look", "intent", "answer"]);
    assert_eq!((lab.posts(), lab.effects()), (2, vec![EffectKind::Checkout; 2]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_that_was_read_back_into_the_same_database_is_told_by_its_tables() {
    let (mut lab, requisition, dump) = checked_out_since_the_dump(at_rest(shared().await).await).await;

    read_back(&lab, &format!("drop schema public cascade; create schema public;\n{dump}")).await;
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "checked_out").await;

    assert_eq!((lab.posts(), lab.effects()), (2, vec![EffectKind::Checkout; 2]));
    assert_eq!(open_findings(&lab).await, ["database_changed"]);
    let too_late = lab.cancel(&requisition).await;
    assert!(too_late.contains("already been sent"), "nothing is in doubt any more: {too_late}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_in_that_a_restored_database_has_forgotten_is_over_by_its_tenure() {
    let mut lab = at_rest(shared().await).await;
    lab.stack.start_worker().await.unwrap();
    let requisition = lab.submit().await;
    let seen = lab.comes_to(&requisition, "checked_out").await;
    lab.stack.kill_worker();
    lab.give_back(&seen["loans"][0]["id"]).await;
    let dump = dump(&lab);
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "returned").await;
    lab.stack.kill_worker();

    restore(&lab, &dump).await;
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "returned").await;

    assert_eq!(lab.effects(), [EffectKind::Checkout, EffectKind::Checkout, EffectKind::Checkin]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_took_over_is_told_by_its_timeline_and_what_it_never_heard_of_is_looked_at() {
    let postgres = own_postgres().await;
    let services = Services { postgres: postgres.clone(), rabbitmq: shared_rabbitmq().await.clone() };
    let mut lab = at_rest(&services).await;
    let requisition = lab.submit().await;
    off_the_runtime(&postgres, |postgres| postgres.keep_standby().unwrap()).await;
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "checked_out").await;
    lab.stack.kill_worker();

    off_the_runtime(&postgres, |postgres| postgres.fail_over().unwrap()).await;
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "checked_out").await;

    assert_eq!((lab.posts(), lab.effects()), (2, vec![EffectKind::Checkout; 2]));
    assert_eq!(lab.evidence(&requisition).await, ["doubted", "look", "log_search"]);
    assert_eq!(open_findings(&lab).await, ["database_changed"]);
    let doubted = "select bool_and(is_doubted) from borrower_sights";
    let doubted: Option<bool> = sqlx::query_scalar(doubted).fetch_one(&lab.pool).await.unwrap();
    assert_eq!(doubted, Some(true), "who people are in Snipe-IT is asked anew");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_check_out_belongs_to_whom_the_log_names_when_the_backup_does_not_know_the_borrower_in_snipeit() {
    let (mut lab, requisition, dump) = checked_out_since_the_dump(unmatched(shared().await).await).await;
    let borrower = nobody_is_found(&lab);

    restore(&lab, &dump).await;
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "checked_out").await;

    assert_eq!((lab.posts(), lab.effects()), (1, vec![EffectKind::Checkout]));
    assert_eq!(lab.evidence(&requisition).await, ["doubted", "look", "log_search"]);
    assert_eq!(borrower_of_the_loan(&lab, &requisition).await, Some(borrower));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_check_out_to_whom_not_even_the_log_names_ends_with_a_person_who_names_the_borrower() {
    let (mut lab, requisition, dump) = checked_out_since_the_dump(unmatched(shared().await).await).await;
    let borrower = nobody_is_found(&lab);
    lab.stack.simulator.state().inventory().log.forget_targets();

    restore(&lab, &dump).await;
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "attention").await;
    let asked = finding(&lab, "operation_with_person").await;
    let too_early = answer(&lab, &asked, &json!({ "resolution": "happened" })).await.unwrap_err();
    assert!(too_early.contains("borrower-unknown") && too_early.contains("borrower_not_matched"), "{too_early}");
    let unmatched = finding(&lab, "borrower_not_matched").await;
    answer(&lab, &unmatched, &json!({ "resolution": "retried", "snipeit_user_id": borrower })).await.unwrap();
    answer(&lab, &asked, &json!({ "resolution": "happened" })).await.unwrap();

    lab.comes_to(&requisition, "checked_out").await;
    assert_eq!(lab.evidence(&requisition).await, ["doubted", "look", "log_search", "decision"]);
    assert_eq!(borrower_of_the_loan(&lab, &requisition).await, Some(borrower));
    assert_eq!(lab.effects(), [EffectKind::Checkout]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_amid_the_doubts_leaves_the_gate_shut_and_two_others_finish_them_once_each() {
    let lab = at_rest(shared().await).await;
    let requisition = lab.submit().await;
    let crowd = a_crowd(&lab, 120).await;
    let dump = dump(&lab);
    restore(&lab, &dump).await;
    let mut busy = lab.pool.begin().await.unwrap();
    let locked = "select id from requisitions where id = $1 for update";
    sqlx::query(locked).bind(crowd[80]).execute(&mut *busy).await.unwrap();

    let mut doomed = lab.stack.spawn_worker(&Variables::new()).unwrap();
    until("some of them are in doubt", PATIENCE, async || (doubts(&lab).await.len() >= 50).then_some(()))
        .await
        .unwrap();
    doomed.kill();
    busy.rollback().await.unwrap();
    let amid = doubts(&lab).await;
    assert!(amid.len() < crowd.len(), "it died amid them");
    let refused = lab.cancel(&requisition).await;
    assert!(refused.contains("restored or failed over"), "the gate is shut: {refused}");
    assert_eq!(open_findings(&lab).await, Vec::<String>::new());
    let others = [(); 2].map(|()| lab.stack.spawn_worker(&Variables::new()).unwrap());
    lab.comes_to(&requisition, "checked_out").await;
    drop(others);

    let after = doubts(&lab).await;
    assert_eq!((after.len(), after.values().copied().max()), (crowd.len() + 1, Some(1)), "each of them once");
    assert_eq!(open_findings(&lab).await, ["database_changed"]);
    let detail = finding(&lab, "database_changed").await;
    let told = lab.stack.admin.api.get(&format!("/v1/findings/{detail}")).await.unwrap();
    assert_eq!(told["evidence"]["requisitions_in_doubt"], crowd.len() + 1);
    assert_eq!(lab.evidence(&requisition).await, ["doubted", "look", "intent", "answer"]);
}

/// One unit is out, and the worker that remembered this database is gone.
async fn at_rest(services: &Services) -> Lab {
    let mut lab = lab(services).await;
    let requisition = lab.submit().await;
    lab.comes_to(&requisition, "checked_out").await;
    lab.stack.kill_worker();
    lab
}

/// Nobody has borrowed anything yet, so the student is not known in Snipe-IT.
async fn unmatched(services: &Services) -> Lab {
    let mut lab = lab(services).await;
    let is_known = "select lineage is not null from snipeit_link";
    let known = until("the database is known by its lineage", PATIENCE, async || {
        let is_known: bool = sqlx::query_scalar(is_known).fetch_one(&lab.pool).await.ok()?;
        is_known.then_some(())
    });
    known.await.unwrap();
    lab.stack.kill_worker();
    lab
}

/// What the dump knows as open has happened since, and no worker is there.
async fn checked_out_since_the_dump(mut lab: Lab) -> (Lab, String, String) {
    let requisition = lab.submit().await;
    let dump = dump(&lab);
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "checked_out").await;
    lab.stack.kill_worker();
    (lab, requisition, dump)
}

/// From now on two people have the student's address; returns the one who has borrowed.
fn nobody_is_found(lab: &Lab) -> i64 {
    let state = lab.stack.simulator.state();
    state.hands().create_user(NewUser::named("Ana", "Outra", "ana.silva@lab.example"));
    let holders =
        state.inventory().assets().filter_map(|asset| asset.holder).map(|holder| holder.id).collect::<Vec<_>>();
    let [.., holder] = holders[..] else { panic!("somebody has borrowed") };
    holder
}

async fn borrower_of_the_loan(lab: &Lab, requisition: &str) -> Option<i64> {
    let borrower = sqlx::query_scalar("select snipeit_user_id from loans where requisition_id = $1");
    borrower.bind(requisition.parse::<Uuid>().unwrap()).fetch_one(&lab.pool).await.unwrap()
}

/// Open requisitions of units that nobody will ever ask Snipe-IT about; their ids, in order.
async fn a_crowd(lab: &Lab, size: i32) -> Vec<Uuid> {
    let crowd = "with unit as (
            insert into equipment (id, snipeit_asset_id, model_id, tag, label_id, label_name, label_kind, presence, seen_at)
            select gen_random_uuid(), 900000 + n, $1, 'CROWD-' || n, 2, 'Ready to Deploy', 'deployable', 'listed', now()
            from generate_series(1, $2) as n returning id, snipeit_asset_id),
        requisition as (
            insert into requisitions (id, project_id, requester_id, purpose, starts_at, due_at, status)
            select id, $3, $4, 'One of many', now(), now() + interval '1 day', 'approved' from unit returning *),
        line as (
            insert into requisition_lines (id, requisition_id, position, model_id, quantity, status)
            select id, id, 1, $1, 1, 'approved' from requisition returning id),
        loan as (
            insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at)
            select id, id, id, id, $4, 'promised', starts_at, due_at from requisition returning id),
        operation as (
            insert into operations (id, requisition_id, loan_id, equipment_id, snipeit_asset_id, kind, state, any_unit)
            select id, id, id, id, snipeit_asset_id, 'check_out', 'waiting', true from unit returning id)
        select id from operation order by id";
    sqlx::query_scalar(crowd)
        .bind(lab.model)
        .bind(size)
        .bind(lab.project.0)
        .bind(lab.student.id.parse::<Uuid>().unwrap())
        .fetch_all(&lab.pool)
        .await
        .unwrap()
}

/// How often each operation was doubted, of those that were.
async fn doubts(lab: &Lab) -> BTreeMap<Uuid, i64> {
    let doubts = "select operation_id, count(*) from attempts where event = 'doubted' group by operation_id";
    let doubts: Vec<(Uuid, i64)> = sqlx::query_as(doubts).fetch_all(&lab.pool).await.unwrap();
    doubts.into_iter().collect()
}

async fn answer(lab: &Lab, finding: &str, answer: &Value) -> Result<(), String> {
    let settled = lab.stack.admin.api.post(&format!("/v1/findings/{finding}/settle"), answer).await;
    settled.map(drop).map_err(|error| format!("{error:#}"))
}

/// The open finding of this kind; waits for it.
async fn finding(lab: &Lab, kind: &str) -> String {
    until(&format!("there is a finding {kind}"), PATIENCE, async || {
        let findings = lab.stack.admin.api.get("/v1/findings?state=open").await.ok()?;
        let found = findings["items"].as_array()?.iter().find(|finding| finding["kind"] == kind)?;
        Some(found["id"].as_str()?.to_owned())
    })
    .await
    .unwrap()
}

async fn off_the_runtime(postgres: &Postgres, act: impl FnOnce(&Postgres) + Send + 'static) {
    let postgres = postgres.clone();
    tokio::task::spawn_blocking(move || act(&postgres)).await.unwrap();
}

/// As the README tells an operator.
fn dump(lab: &Lab) -> String {
    let mut dump = Command::new(lab.services.postgres.programs().join("pg_dump"));
    let dumped = dump.args(["--dbname", &lab.stack.database.owner_url()]).output().unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    String::from_utf8(dumped.stdout).unwrap()
}

async fn restore(lab: &Lab, dump: &str) {
    let database = lab.stack.database.name().to_owned();
    off_the_runtime(&lab.services.postgres, move |postgres| {
        postgres.drop_database(&database).unwrap();
        postgres.create_database(&database, None).unwrap();
    })
    .await;
    read_back(lab, dump).await;
}

async fn read_back(lab: &Lab, dump: &str) {
    let (database, url, dump) = (lab.stack.database.name().to_owned(), lab.stack.database.owner_url(), dump.to_owned());
    off_the_runtime(&lab.services.postgres, move |postgres| {
        let script = postgres.home_file(&format!("{database}.sql"), &dump);
        let mut psql = Command::new(postgres.programs().join("psql"));
        let restored = psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(script).arg(url).output().unwrap();
        assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    })
    .await;
    // While it was gone, the api had nothing to connect to.
    lab.is_said_to_be("ready").await;
}

async fn open_findings(lab: &Lab) -> Vec<String> {
    let findings = lab.stack.admin.api.get("/v1/findings?state=open").await.unwrap();
    let kinds = findings["items"].as_array().unwrap().iter().map(|finding: &Value| &finding["kind"]);
    kinds.map(|kind| kind.as_str().unwrap().to_owned()).collect()
}

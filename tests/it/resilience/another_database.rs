//! A database that was restored from a dump, or a standby that took over, has forgotten what was sent to Snipe-IT.

use std::process::Command;

use makerlab_tests::{
    lab::{
        Postgres, Services,
        services::{own_postgres, shared, shared_rabbitmq},
    },
    simulator::EffectKind,
    stack::until,
};
use serde_json::Value;

use super::given::{Lab, PATIENCE, lab};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_out_that_a_restored_database_has_forgotten_is_found_by_its_marker_and_not_sent_again() {
    let mut lab = at_rest(shared().await).await;
    let requisition = lab.submit().await;
    let dump = dump(&lab);
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "checked_out").await;
    lab.stack.kill_worker();

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
    let mut lab = at_rest(shared().await).await;
    let requisition = lab.submit().await;
    let dump = dump(&lab);
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&requisition, "checked_out").await;
    lab.stack.kill_worker();

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
}

/// One unit is out, and the worker that remembered this database is gone.
async fn at_rest(services: &Services) -> Lab {
    let mut lab = lab(services).await;
    let requisition = lab.submit().await;
    lab.comes_to(&requisition, "checked_out").await;
    lab.stack.kill_worker();
    lab
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

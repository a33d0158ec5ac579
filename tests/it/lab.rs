//! The private servers themselves: they answer, they are apart, they end with us.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use lapin::{
    Connection as Broker, ConnectionProperties,
    options::QueueDeclareOptions,
    types::{AMQPValue, FieldTable},
};
use makerlab_tests::lab::{
    InstallPolicy, LabFolder, RabbitMq, TestDatabase, own_postgres, own_rabbitmq, packages::Packages,
    services::off_the_runtime, shared, shared_postgres, shared_rabbitmq,
};
use sqlx::{Connection, PgConnection};

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn both_servers_answer() {
    let services = shared().await;

    let one = select_one(&services.postgres.owner_url("postgres")).await;
    declare_quorum_queue(&services.rabbitmq.amqp_url(), "answers.counter").await;

    assert_eq!(one.unwrap(), 1);
    assert_eq!(queues(&services.rabbitmq, "answers.").await, ["answers.counter"]);
}

#[tokio::test]
async fn a_test_database_shows_nothing_of_another() {
    let (first, second) = tokio::join!(TestDatabase::migrated(), TestDatabase::migrated());
    let mut in_first = PgConnection::connect(&first.owner_url()).await.unwrap();
    let mut in_second = PgConnection::connect(&second.owner_url()).await.unwrap();

    sqlx::query("create table only_here ()").execute(&mut in_first).await.unwrap();
    let found: Option<String> =
        sqlx::query_scalar("select to_regclass('only_here')::text").fetch_one(&mut in_second).await.unwrap();

    assert_eq!(found, None);
}

#[tokio::test]
async fn a_test_database_goes_with_its_test_even_while_connected() {
    let postgres = shared_postgres().await;
    let database = TestDatabase::create(postgres, None).await.unwrap();
    let url = database.owner_url();
    let _still_open = PgConnection::connect(&url).await.unwrap();

    drop(database);

    let deadline = Instant::now() + PATIENCE;
    while select_one(&url).await.is_ok() {
        assert!(Instant::now() < deadline, "the database is still there");
    }
}

#[tokio::test]
async fn the_owner_may_create_a_trusted_extension_and_the_application_no_table() {
    let database = TestDatabase::create(shared_postgres().await, None).await.unwrap();
    let mut owner = PgConnection::connect(&database.owner_url()).await.unwrap();
    let mut app = PgConnection::connect(&database.app_url()).await.unwrap();

    let extension = sqlx::query("create extension btree_gist").execute(&mut owner).await;
    let table = sqlx::query("create table mine ()").execute(&mut app).await;

    extension.unwrap();
    let refused = table.unwrap_err().into_database_error().unwrap();
    assert_eq!(refused.code().as_deref(), Some("42501"), "{refused}");
}

#[tokio::test]
async fn committed_rows_survive_a_power_cut_of_the_database() {
    let postgres = own_postgres().await;
    let database = TestDatabase::create(&postgres, None).await.unwrap();
    let url = database.owner_url();
    let mut before = PgConnection::connect(&url).await.unwrap();
    sqlx::query("create table kept as select 7 as n").execute(&mut before).await.unwrap();

    let cut = postgres.clone();
    off_the_runtime(move || cut.stop_immediate()).await;
    assert!(select_one(&url).await.is_err());
    let restarted = postgres.clone();
    off_the_runtime(move || restarted.start_again()).await.unwrap();

    let mut after = PgConnection::connect(&url).await.unwrap();
    let kept: i32 = sqlx::query_scalar("select n from kept").fetch_one(&mut after).await.unwrap();
    assert_eq!(kept, 7);
}

#[tokio::test]
async fn a_killed_broker_comes_back_on_its_port_and_a_wiped_one_is_empty() {
    let rabbitmq = own_rabbitmq().await;
    let url = rabbitmq.amqp_url();

    let killed = rabbitmq.clone();
    off_the_runtime(move || {
        killed.kill();
        killed.start_again()
    })
    .await
    .unwrap();
    declare_quorum_queue(&url, "forgotten").await;
    let wiped = rabbitmq.clone();
    off_the_runtime(move || wiped.wipe()).await.unwrap();

    assert_eq!(rabbitmq.amqp_url(), url);
    assert!(queues(&rabbitmq, "").await.is_empty());
}

#[tokio::test]
async fn deleting_queues_by_prefix_leaves_the_others() {
    let rabbitmq = shared_rabbitmq().await;
    for name in ["prefix.one", "prefix.two/with a space", "prefixed"] {
        declare_quorum_queue(&rabbitmq.amqp_url(), name).await;
    }

    off_the_runtime(|| rabbitmq.delete_queues_with_prefix("prefix.")).await.unwrap();

    assert_eq!(queues(rabbitmq, "prefix").await, ["prefixed"]);
}

#[test]
fn nothing_outlives_a_process_that_was_killed() {
    let mut services = start_services_program();
    let folder = announced_folder(&mut services);
    let servers = working_in(&folder);
    assert!(servers.iter().any(|name| name == "postgres"), "{servers:?}");
    assert!(servers.iter().any(|name| name == "beam.smp"), "{servers:?}");
    assert!(servers.iter().any(|name| name == "epmd"), "{servers:?}");
    let shared_memory = shared_memory_of_postgres(&folder);
    assert!(is_allocated(&shared_memory));

    services.kill().unwrap();
    services.wait().unwrap();

    wait_until("the servers and their folder are gone", || working_in(&folder).is_empty() && !folder.exists());
    assert!(!is_allocated(&shared_memory), "PostgreSQL was killed rather than asked");
}

#[test]
fn the_next_lab_sweeps_up_after_one_whose_guard_was_killed_too() {
    let home = tempfile::tempdir().unwrap();
    let abandoned = home.path().canonicalize().unwrap().join("makerlab-lab-1-abandoned");
    fs::create_dir_all(abandoned.join("server")).unwrap();
    fs::write(abandoned.join("owner.lock"), "").unwrap();
    let mut server = Command::new("sleep").arg("600").current_dir(abandoned.join("server")).spawn().unwrap();

    let next = LabFolder::create_in(home.path()).unwrap();

    wait_until("the abandoned server and folder are gone", || {
        !matches!(server.try_wait(), Ok(None)) && !abandoned.exists()
    });
    assert!(next.path().exists());
}

#[test]
fn a_command_sees_its_servers_and_its_exit_code_is_passed_on() {
    let script = r#"case "$DATABASE_URL $AMQP_URL $RABBITMQ_MANAGEMENT_URL $SQLX_OFFLINE $1" in
        postgres://*" amqp://"*" http://"*" false -- ") exit 7;; esac"#;

    let ended = services_program().args(["--", "sh", "-c", script, "sh", "-- "]).status();

    assert_eq!(ended.unwrap().code(), Some(7));
}

#[test]
fn a_machine_without_the_packages_is_refused_with_the_command_that_helps() {
    let empty = tempfile::tempdir().unwrap();

    let refusal = Packages::provide_in(empty.path(), InstallPolicy::NoInstall).unwrap_err().to_string();

    assert!(refusal.starts_with("missing packages: postgresql, rabbitmq-server"), "{refusal}");
    assert!(refusal.contains("apt-get install"), "{refusal}");
}

#[test]
fn an_older_postgresql_or_rabbitmq_counts_as_missing_and_the_newest_is_taken() {
    let machine = tempfile::tempdir().unwrap();
    let put = |file: &str| {
        let file = machine.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    };
    put("usr/lib/postgresql/14/bin/postgres");
    put("usr/lib/rabbitmq/bin/rabbitmq-server");
    put("usr/lib/rabbitmq/lib/rabbitmq_server-3.9.27/x");
    let refused = Packages::provide_in(machine.path(), InstallPolicy::NoInstall);
    assert!(refused.unwrap_err().to_string().contains("postgresql, rabbitmq-server"));

    put("usr/lib/postgresql/15/bin/postgres");
    put("usr/lib/postgresql/17/bin/postgres");
    put("usr/lib/rabbitmq/lib/rabbitmq_server-4.1.0/x");
    let found = Packages::provide_in(machine.path(), InstallPolicy::NoInstall).unwrap();

    assert!(found.postgres.ends_with("postgresql/17/bin"), "{found:?}");
}

#[test]
fn a_folder_goes_with_its_last_handle() {
    let folder = LabFolder::create().unwrap();
    let (path, other) = (folder.path().to_owned(), folder.clone());

    drop(folder);
    assert!(path.exists());
    drop(other);

    assert!(!path.exists());
}

async fn select_one(url: &str) -> sqlx::Result<i32> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar("select 1").fetch_one(&mut connection).await
}

async fn declare_quorum_queue(url: &str, name: &str) {
    let broker = Broker::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = broker.create_channel().await.unwrap();
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(name.into(), durable, arguments).await.unwrap();
    broker.close(200, "done".into()).await.unwrap();
}

async fn queues(rabbitmq: &RabbitMq, prefix: &str) -> Vec<String> {
    let (rabbitmq, prefix) = (rabbitmq.clone(), prefix.to_owned());
    off_the_runtime(move || rabbitmq.list_queues(&prefix)).await.unwrap()
}

fn services_program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_services"));
    program.stdin(Stdio::null());
    program
}

fn start_services_program() -> Child {
    services_program().stdout(Stdio::piped()).spawn().unwrap()
}

fn announced_folder(services: &mut Child) -> PathBuf {
    let lines = BufReader::new(services.stdout.take().unwrap()).lines();
    lines
        .map(Result::unwrap)
        .find_map(|line| Some(PathBuf::from(line.strip_prefix("# in ")?.split(';').next()?)))
        .expect("the program says where its servers live")
}

/// Names of the processes that work in `folder`.
fn working_in(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    processes
        .filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder)))
        .filter_map(|process| fs::read_to_string(process.join("comm")).ok())
        .map(|name| name.trim().to_owned())
        .collect()
}

/// The id of the segment that the kernel keeps until somebody removes it.
fn shared_memory_of_postgres(folder: &Path) -> String {
    let status = fs::read_to_string(folder.join("postgres-0/data/postmaster.pid"))
        .or_else(|_| fs::read_to_string(folder.join("postgres-1/data/postmaster.pid")))
        .unwrap();
    let key_and_id = status.lines().nth(6).unwrap();
    key_and_id.split_whitespace().last().unwrap().to_owned()
}

fn is_allocated(segment: &str) -> bool {
    let segments = fs::read_to_string("/proc/sysvipc/shm").unwrap();
    segments.lines().any(|line| line.split_whitespace().nth(1) == Some(segment))
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

//! The bench's other half: the script for pgbench, made from what the api really sends.

use chrono::Utc;
use makerlab_shared::{domain::inventory::SnipeitModelId, store::catalogue};
use makerlab_tests::{
    bench::{Amount, Cast, Pgbench, Submission, Wiretap},
    lab::{LabFolder, TestDatabase, shared_postgres},
    stack::Surroundings,
};
use sqlx::{Connection, PgConnection};

/// Every table that a submit that needs an approval reads or writes, in its order, within one transaction from `begin`.
const SUBMIT: [&str; 12] = [
    "from api_tokens",
    "begin",
    "from claim_request",
    "from projects",
    "from equipment_models",
    "insert into requisitions",
    "insert into requisition_lines",
    "insert into status_history",
    "insert into notifications",
    "from requisitions",
    "insert into idempotency_keys",
    "commit",
];

#[tokio::test]
async fn the_script_for_pgbench_has_every_statement_of_a_submit_and_submits() {
    let postgres = shared_postgres().await;
    let database = TestDatabase::migrated_on(postgres).await.unwrap();
    given_a_model(&database).await;
    let folder = LabFolder::create().unwrap();
    let wiretap = Wiretap::start(postgres, &folder, database.name(), &surroundings(&database)).await.unwrap();
    let cast = Cast::assemble(&wiretap.stack).await.unwrap();
    let submission = Submission::new(wiretap.stack.api_url(), &cast.student, &cast.guarded()).unwrap();

    let script = wiretap.script(&submission).await.unwrap();

    let text = script.text.to_lowercase();
    let mut rest = text.as_str();
    for part in SUBMIT {
        let at = rest.find(part).unwrap_or_else(|| panic!("no {part:?} after what comes before it in:\n{text}"));
        rest = &rest[at + part.len()..];
    }
    let before = counts(&database).await;
    let pgbench = Pgbench::new(postgres, &folder, database.name(), script).unwrap();
    for run in 1..=2 {
        assert!(pgbench.run(run, 2, Amount::PerConnection(5)).await.unwrap() > 0.0);
    }
    let after = counts(&database).await;
    assert_eq!(
        after.map(|(table, count)| (table, count - before.iter().find(|old| old.0 == table).unwrap().1)),
        [("requisitions", 20), ("requisition_lines", 20), ("idempotency_keys", 20), ("notifications", 40),]
    );
}

async fn counts(database: &TestDatabase) -> [(&'static str, i64); 4] {
    let mut connection = PgConnection::connect(&database.owner_url()).await.unwrap();
    let mut counts = ["requisitions", "requisition_lines", "idempotency_keys", "notifications"].map(|table| (table, 0));
    for (table, count) in &mut counts {
        let query = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        *count = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
    }
    counts
}

async fn given_a_model(database: &TestDatabase) {
    let mut connection = PgConnection::connect(&database.owner_url()).await.unwrap();
    let model = catalogue::ModelRow {
        id: SnipeitModelId(1),
        name: "Oscilloscope",
        model_number: None,
        category: None,
        manufacturer: None,
        image_url: None,
    };
    catalogue::upsert_model(&mut connection, &model, Utc::now()).await.unwrap();
}

/// An api alone asks for no more than a database.
fn surroundings(database: &TestDatabase) -> Surroundings {
    Surroundings {
        owner_url: database.owner_url().into(),
        database_url: database.app_url().into(),
        amqp_url: String::new().into(),
        queue_prefix: "bench".into(),
        snipeit_url: String::new(),
        snipeit_token: String::new().into(),
        snipeit_timezone: "UTC".into(),
        smtp_url: String::new().into(),
    }
}

//! The private servers themselves: they answer, they are apart, they end with us.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use lapin::{
    Connection as Broker, ConnectionProperties,
    options::QueueDeclareOptions,
    types::{AMQPValue, FieldTable},
};
use makerlab_tests::lab::{
    InstallPolicy, TestDatabase, packages::Packages, services::own_postgres, shared, shared_postgres, shared_rabbitmq,
};
use sqlx::{Connection, PgConnection};

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn both_servers_answer() {
    let services = shared().await;
    let database = TestDatabase::migrated().await;

    let mut connection = PgConnection::connect(&database.app_url()).await.unwrap();
    let one: i32 = sqlx::query_scalar("select 1").fetch_one(&mut connection).await.unwrap();
    declare_quorum_queue(&services.rabbitmq.amqp_url(), "answers.counter").await;

    assert_eq!(one, 1);
    assert_eq!(services.rabbitmq.list_queues("answers.").unwrap(), ["answers.counter"]);
}

async fn declare_quorum_queue(url: &str, name: &str) {
    let broker = Broker::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = broker.create_channel().await.unwrap();
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let durable = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel.queue_declare(name.into(), durable, arguments).await.unwrap();
    broker.close(200, "done".into()).await.unwrap();
}

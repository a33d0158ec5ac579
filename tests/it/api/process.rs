//! The binary's commands and its listeners, in this process.

use super::app::App;
use clap::Parser;
use makerlab_api::{AppState, ListenSettings, Server, commands::Arguments};
use makerlab_shared::{relay::Relay, settings::BrokerSettings, settings::Environment, telemetry::metrics};
use makerlab_tests::lab::{TestDatabase, shared_postgres};
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(10);

async fn run(environment: &Environment, arguments: &[&str]) -> Result<(), String> {
    let parsed =
        Arguments::try_parse_from([&["makerlab-api"], arguments].concat()).map_err(|error| error.to_string())?;
    parsed.run(environment).await.map_err(|error| format!("{error:#}"))
}

#[tokio::test]
async fn a_new_installation_is_migrated_and_gets_its_first_user_and_token() {
    let database = TestDatabase::create(shared_postgres().await, None).await.unwrap();
    let environment = Environment::from_pairs([("DATABASE_URL", database.owner_url())]);

    run(&environment, &["migrate"]).await.unwrap();
    run(&environment, &["migrate"]).await.unwrap();
    let add = ["user", "add", "--name", "Ana", "--email", "ana@lab.example", "--role", "admin", "--language", "pt"];
    run(&environment, &add).await.unwrap();
    run(&environment, &["token", "issue", "--user", "ANA@lab.example", "--days", "3"]).await.unwrap();
    run(&environment, &["token", "list"]).await.unwrap();

    let mut conn = PgConnection::connect(&database.owner_url()).await.unwrap();
    let prefix: String = sqlx::query_scalar("select prefix from api_tokens").fetch_one(&mut conn).await.unwrap();
    run(&environment, &["token", "revoke", &prefix]).await.unwrap();
    let revoked: i64 = sqlx::query_scalar("select count(*) from api_tokens where revoked_at is not null")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(revoked, 1);
    let told: Vec<String> =
        sqlx::query_scalar("select concat_ws(' ', entity, event, actor_kind, reason) from status_history order by id")
            .fetch_all(&mut conn)
            .await
            .unwrap();
    assert_eq!(
        told,
        [
            "user created system on the command line",
            "token issued system on the command line",
            "token revoked system on the command line"
        ]
    );
    assert_eq!(run(&environment, &add).await.unwrap_err(), "another user has this e-mail address");
    let nobody = run(&environment, &["token", "issue", "--user", "x@lab.example"]).await.unwrap_err();
    assert!(nobody.contains("makerlab-api user add"), "{nobody}");
}

#[tokio::test]
async fn wrong_settings_stop_the_start_and_name_the_variables() {
    let environment = Environment::from_pairs([("METRICS_LISTEN", "everywhere")]);

    let wrong = run(&environment, &["serve"]).await.unwrap_err();

    for name in ["METRICS_LISTEN", "DATABASE_URL", "AMQP_URL", "LAB_TIMEZONE", "SNIPEIT_TIMEZONE"] {
        assert_eq!(wrong.lines().filter(|line| line.starts_with(name)).count(), 1, "{name} in {wrong}");
    }
}

#[tokio::test]
async fn both_listeners_answer_and_stop_when_told() {
    let app = App::start().await;
    let any_port = "127.0.0.1:0".parse().unwrap();
    let server = Server::bind(ListenSettings { api: any_port, metrics: any_port }).await.unwrap();
    let (api, numbers) = (server.api_address().unwrap(), server.metrics_address().unwrap());
    let broker = BrokerSettings { url: "amqp://nobody.invalid".to_owned().into(), prefix: "unused".to_owned() };
    let relay = Relay::new(app.app_pool.clone(), broker, "test");
    let state = AppState {
        pool: app.app_pool.clone().into(),
        waker: relay.waker(),
        relay: relay.health(),
        lab_timezone: chrono_tz::Europe::Lisbon,
    };
    let stop = CancellationToken::new();
    let serving = tokio::spawn(server.serve(state, metrics::install().unwrap(), stop.clone()));

    // reqwest is built without a TLS provider and panics when there is none; an error says that one is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let alive = reqwest::get(format!("http://{api}/livez")).await.unwrap().text().await.unwrap();
    let page = reqwest::get(format!("http://{numbers}/metrics")).await.unwrap().text().await.unwrap();
    let hidden = reqwest::get(format!("http://{api}/metrics")).await.unwrap().status();
    stop.cancel();

    assert_eq!(alive, "alive");
    assert!(page.contains("http_requests_total"), "{page}");
    assert_eq!(hidden, 404);
    tokio::time::timeout(PATIENCE, serving).await.unwrap().unwrap().unwrap();
}

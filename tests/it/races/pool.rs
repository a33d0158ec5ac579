//! A crowd is no outage.

use makerlab_api::Database;
use makerlab_tests::lab::TestDatabase;
use sqlx::postgres::PgPoolOptions;
use std::time::Duration;

#[tokio::test]
async fn a_crowd_waits_for_its_turn_and_a_database_that_serves_nobody_is_said_to_be_away() {
    let test = TestDatabase::migrated().await;
    let patience = Duration::from_millis(500);
    let options = PgPoolOptions::new().max_connections(1).acquire_timeout(patience);
    let pool = options.connect(&test.app_url()).await.unwrap();
    let database = Database::from(pool.clone());

    // Together four times as long as the pool alone would let them wait.
    let visits = (0..40).map(|_| async {
        let mut conn = database.acquire().await?;
        sqlx::query("select pg_sleep(0.05)").execute(&mut *conn).await
    });
    let served = futures_util::future::join_all(visits).await;
    let _kept_by_nobody_who_is_served = pool.acquire().await.unwrap();
    let away = database.acquire().await;

    assert!(served.iter().all(Result::is_ok), "{served:?}");
    assert!(matches!(away, Err(sqlx::Error::PoolTimedOut)), "{away:?}");
}

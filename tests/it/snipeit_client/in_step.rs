//! A worker beside the Snipe-IT that the environment names: it knows what is there, and what people do by hand.

use super::given::{self, Lab, by_id, check_in};
use chrono::Utc;
use clap::Parser;
use makerlab_shared::{
    domain::{
        change::Change,
        id::{JobId, UserId},
        inventory::{Answer, SnipeitAssetId},
        job::{DueTime, JobKind, Lane, NewJob},
    },
    store::commit::commit,
};
use makerlab_tests::{floor::worker_beside, lab::TestDatabase, mailbox::Mailbox};
use makerlab_worker::{
    cli::{ImportOptions, perform_import},
    context::Context,
    jobs, operations,
    snipeit::Visibility,
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::time::{Duration, Instant};

const TECHNICIAN: &str = "tomas@lab.example";
/// A real Snipe-IT may have many assets and allows 120 calls a minute.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    options: ImportOptions,
}

struct Desk {
    pool: PgPool,
    worker: Context,
    _database: TestDatabase,
    _mailbox: Mailbox,
}

impl Desk {
    async fn beside(lab: &Lab) -> Self {
        let database = TestDatabase::migrated().await;
        let pool = PgPoolOptions::new().max_connections(4).connect(&database.app_url()).await.unwrap();
        let mailbox = Mailbox::start().unwrap();
        let settings = lab.settings();
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let worker = worker_beside(&pool, &mailbox, &settings);
        operations::accept_database(&worker).await.unwrap();
        sqlx::query("insert into users (id, name, email, role) values ($1, 'Tomas', $2, 'technician')")
            .bind(UserId::generate().0)
            .bind(TECHNICIAN)
            .execute(&pool)
            .await
            .unwrap();
        Self { pool, worker, _database: database, _mailbox: mailbox }
    }

    async fn job(&self, kind: JobKind) -> JobId {
        let job = NewJob::on_its_own(kind, Lane::Bulk, DueTime::AtOnce);
        let id = job.id;
        let change = Change { jobs: vec![job], ..Change::default() };
        commit(&mut self.pool.acquire().await.unwrap(), &change).await.unwrap();
        id
    }

    /// Once round, however often the call budget makes it wait.
    async fn round(&self, job: JobId, next: &str) {
        let began = Instant::now();
        loop {
            sqlx::query("update jobs set due_at = now() where id = $1").bind(job.0).execute(&self.pool).await.unwrap();
            jobs::run(&self.worker, job).await.unwrap();
            let waits_for: Option<String> = sqlx::query_scalar("select waiting_reason from jobs where id = $1")
                .bind(job.0)
                .fetch_one(&self.pool)
                .await
                .unwrap();
            if waits_for.as_deref() == Some(next) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "it waits for {waits_for:?}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn holder(&self, asset: SnipeitAssetId) -> Option<i64> {
        let holder = sqlx::query_scalar("select holder_id from equipment where snipeit_asset_id = $1").bind(asset.0);
        holder.fetch_one(&self.pool).await.unwrap()
    }

    /// What a dry run would adopt, and what it would not.
    async fn import(&self) -> String {
        let line = Line::try_parse_from(["import", "--by", TECHNICIAN]).unwrap();
        perform_import(&line.options, &self.worker).await.unwrap()
    }
}

#[tokio::test]
async fn a_worker_reads_the_whole_inventory_and_sees_what_is_lent_and_taken_back_by_hand() {
    let (lab, _ground) = given::lab().await;
    let desk = Desk::beside(&lab).await;
    let sync = desk.job(JobKind::SyncCatalogue).await;
    let began = Utc::now();

    desk.round(sync, "the next full sync").await;

    let total = lab.snipeit.list_assets(by_id(Visibility::Default, 1, 0)).await.unwrap().value.total;
    let known: i64 = sqlx::query_scalar("select count(*) from equipment where presence = 'listed' and seen_at >= $1")
        .bind(began)
        .fetch_one(&desk.pool)
        .await
        .unwrap();
    assert_eq!(u64::try_from(known).unwrap(), total);

    lab.with_free_asset(|lab, asset| async move {
        let sweep = desk.job(JobKind::Sweep).await;
        let tag = lab.snipeit.show_asset(asset).await.unwrap().value.tag;
        assert_eq!(lab.snipeit.check_out(&lab.check_out(asset).await).await.answer, Answer::Applied);

        desk.round(sweep, "the next sweep").await;
        assert_eq!(desk.holder(asset).await, Some(lab.me.id.0));
        let said = desk.import().await;
        assert!(said.contains(&tag), "{said}");
        assert_eq!(lab.snipeit.check_in(&check_in(asset)).await.answer, Answer::Applied);
        desk.round(sweep, "the next sweep").await;

        assert_eq!(desk.holder(asset).await, None);
    })
    .await;
}

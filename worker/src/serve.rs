//! A whole worker: both bells, the relay, the probe, the gauges, until told to stop.

use crate::{
    catalogue,
    context::{Context, Post, SnipeItClock},
    lanes::{self, Crew, Gate},
    mail::{Composer, MailTransport},
    metrics::{self, Health},
    operations,
    settings::WorkerSettings,
    snipeit::SnipeIt,
};
use anyhow::Context as _;
use makerlab_shared::{
    domain::{
        job::{DueTime, JobKind, Lane, NewJob},
        notification::MailRules,
    },
    relay::{Relay, RelayHealth, Waker},
    store::{commit, pool},
};
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A moment in which PostgreSQL could not tell, like a crowd before its locks, is over by then.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Builds what handlers need.
///
/// # Errors
/// A setting that looked right and cannot work.
pub fn context(settings: &WorkerSettings, pool: PgPool, waker: Waker) -> anyhow::Result<Context> {
    let mail = Post {
        transport: MailTransport::from_settings(&settings.mail)?,
        composer: Composer::new(settings.zones.lab_timezone),
        rules: MailRules::default(),
        public_url: settings.public_url.as_ref().map(|url| url.expose().clone()),
    };
    Ok(Context {
        pool,
        snipeit: SnipeIt::new(settings.snipeit.clone())?,
        budget: Arc::new(settings.budget.clone()),
        times: settings.times,
        rules: Arc::new(settings.rules.clone()),
        zones: settings.zones,
        mail: Arc::new(mail),
        waker,
        clock: SnipeItClock::default(),
    })
}

/// Runs a worker until `stop`, then finishes what is in progress.
///
/// # Errors
/// When it cannot start; once started, it copes.
pub async fn serve(settings: WorkerSettings, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let pool = pool::open(&settings.database).await.context("the database cannot be opened")?;
    let relay = Relay::new(pool.clone(), settings.broker.clone(), "makerlab-worker relay");
    let (waker, health) = (relay.waker(), relay.health());
    let context = context(&settings, pool.clone(), waker)?;
    schedule_rounds(&pool).await;
    let (gate, watching) = Gate::watch(context.clone(), stop.clone());
    let seen = Health { pool: pool.clone(), broker: health.clone(), gate: gate.clone() };
    let mut door = gate.clone();
    let crew = Crew::new(context.clone(), gate, stop.clone(), settings.lanes.clone());
    let listening = metrics::serve(listener, seen, stop.clone());
    tracing::info!("The worker is ready");
    let (listened, ..) = tokio::join!(
        listening,
        relay.run(stop.clone()),
        watching,
        lanes::probe(context.clone(), stop.clone()),
        lanes::report(context.clone(), settings.broker.clone(), stop.clone()),
        stop.run_until_cancelled(async {
            // Another Snipe-IT's labels must not become ours.
            door.opened(Lane::Bulk).await;
            check_labels(&context).await;
        }),
        async {
            // Its lanes would ask all the same, each for itself.
            let is_accepted = stop.run_until_cancelled(accept_database(&context)).await;
            let asking = async {
                if is_accepted == Some(false) {
                    stop.run_until_cancelled(keep_asking(&context)).await;
                }
            };
            tokio::join!(work(crew, settings.clone(), health), asking);
        },
    );
    pool.close().await;
    listened
}

/// Both bells; then a bounded time for what they started.
async fn work(crew: Crew, settings: WorkerSettings, broker: RelayHealth) {
    tokio::join!(lanes::consume(crew.clone(), settings.broker.clone()), lanes::listen(crew.clone(), broker));
    makerlab_shared::shutdown::drain(&crew.tasks, settings.times.lease).await;
}

/// At once rather than at the first job, so that people hear of it. Whether PostgreSQL could tell.
async fn accept_database(context: &Context) -> bool {
    let accepted = operations::accept_database(context).await;
    if let Err(error) = &accepted {
        tracing::warn!(error = error as &dyn std::error::Error, "Which database this is will be asked again");
    }
    accepted.is_ok()
}

/// Where no operation is due, no job would ask.
async fn keep_asking(context: &Context) {
    loop {
        tokio::time::sleep(ASK_AGAIN).await;
        if accept_database(context).await {
            return;
        }
    }
}

/// Before the first sync, so that a label that is wrong is told before a unit comes back damaged.
async fn check_labels(context: &Context) {
    if let Err(error) = catalogue::check_labels(context).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "Whether the labels of the settings are right will be asked again by the next sync"
        );
    }
}

/// The sync and the sweep are rows like all others; the schema allows one of each.
async fn schedule_rounds(pool: &PgPool) {
    let change = makerlab_shared::domain::change::Change {
        jobs: [JobKind::SyncCatalogue, JobKind::Sweep]
            .map(|kind| NewJob::on_its_own(kind, Lane::Bulk, DueTime::AtOnce))
            .to_vec(),
        ..Default::default()
    };
    let scheduled = async {
        let mut conn = pool.acquire().await?;
        commit::commit(&mut conn, &change).await
    };
    if let Err(error) = scheduled.await {
        tracing::warn!(error = &error as &dyn std::error::Error, "Sync and sweep could not be scheduled");
    }
}

//! PostgreSQL and RabbitMQ together: one of each per test process, started when first asked for.
//! Starting is blocking and happens off the runtime: every test has a runtime of its own, and nothing
//! that belongs to the runtime of one test may be used by another.

use std::{sync::LazyLock, thread};

use super::{InstallPolicy, LabError, LabFolder, Postgres, RabbitMq, packages::Packages};

/// Both end, and the folder goes, with the last handle to any of the three.
#[derive(Clone, Debug)]
pub struct Services {
    pub postgres: Postgres,
    pub rabbitmq: RabbitMq,
}

impl Services {
    pub async fn start(folder: LabFolder, policy: InstallPolicy) -> Result<Self, LabError> {
        off_the_runtime(move || Self::start_blocking(&folder, policy)).await
    }

    pub fn start_blocking(folder: &LabFolder, policy: InstallPolicy) -> Result<Self, LabError> {
        let packages = Packages::provide(policy)?;
        let (postgres, rabbitmq) = in_parallel(
            || Postgres::start(&packages, folder),
            || RabbitMq::start(&packages, folder),
        );
        Ok(Self {
            postgres: postgres?,
            rabbitmq: rabbitmq?,
        })
    }
}

type Shared<T> = LazyLock<Result<T, LabError>>;

static PACKAGES: Shared<Packages> = LazyLock::new(|| Packages::provide(InstallPolicy::from_env()));
static FOLDER: Shared<LabFolder> = LazyLock::new(LabFolder::create);
static POSTGRES: Shared<Postgres> = LazyLock::new(|| Postgres::start(get(&PACKAGES), get(&FOLDER)));
static RABBITMQ: Shared<RabbitMq> = LazyLock::new(|| RabbitMq::start(get(&PACKAGES), get(&FOLDER)));
static SERVICES: LazyLock<Services> = LazyLock::new(|| {
    let (postgres, rabbitmq) = in_parallel(|| get(&POSTGRES), || get(&RABBITMQ));
    Services {
        postgres: postgres.clone(),
        rabbitmq: rabbitmq.clone(),
    }
});

/// The servers of this test process.
///
/// # Panics
/// When they cannot be started; the message says what to do.
pub async fn shared() -> &'static Services {
    off_the_runtime(|| &*SERVICES).await
}

pub async fn shared_postgres() -> &'static Postgres {
    off_the_runtime(|| get(&POSTGRES)).await
}

pub async fn shared_rabbitmq() -> &'static RabbitMq {
    off_the_runtime(|| get(&RABBITMQ)).await
}

/// Folder and packages of this test process, for a test that needs a server of its own to break.
pub async fn own_postgres() -> Result<Postgres, LabError> {
    off_the_runtime(|| Postgres::start(get(&PACKAGES), get(&FOLDER))).await
}

pub async fn own_rabbitmq() -> Result<RabbitMq, LabError> {
    off_the_runtime(|| RabbitMq::start(get(&PACKAGES), get(&FOLDER))).await
}

fn get<T>(shared: &'static Shared<T>) -> &'static T {
    match &**shared {
        Ok(value) => value,
        Err(error) => panic!("the private servers of the tests do not run: {}", error.report()),
    }
}

fn in_parallel<A: Send, B>(first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        let first = first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (first, second)
    })
}

/// Runs blocking work where it may block, and hands a panic on to the caller.
pub async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

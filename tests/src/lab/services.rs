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
        let (postgres, rabbitmq) =
            in_parallel(|| Postgres::start(&packages, folder), || RabbitMq::start(&packages, folder));
        Ok(Self { postgres: postgres?, rabbitmq: rabbitmq? })
    }
}

type Shared<T> = LazyLock<Result<T, LabError>>;

static PACKAGES: Shared<Packages> = LazyLock::new(|| Packages::provide(InstallPolicy::from_env()));
static FOLDER: Shared<LabFolder> = LazyLock::new(LabFolder::create_in_memory);
static POSTGRES: Shared<Postgres> = LazyLock::new(start_postgres);
static RABBITMQ: Shared<RabbitMq> = LazyLock::new(|| RabbitMq::start(get(&PACKAGES)?, get(&FOLDER)?));
static SERVICES: Shared<Services> = LazyLock::new(|| {
    let (postgres, rabbitmq) = in_parallel(|| get(&POSTGRES), || get(&RABBITMQ));
    Ok(Services { postgres: postgres?.clone(), rabbitmq: rabbitmq?.clone() })
});

/// The servers of this test process.
///
/// # Panics
/// When they cannot be started; the message says what to do. The same holds for the other four.
pub async fn shared() -> &'static Services {
    running(|| get(&SERVICES)).await
}

pub async fn shared_postgres() -> &'static Postgres {
    running(|| get(&POSTGRES)).await
}

pub async fn shared_rabbitmq() -> &'static RabbitMq {
    running(|| get(&RABBITMQ)).await
}

/// For a test that wants to break it.
pub async fn own_postgres() -> Postgres {
    running(start_postgres).await
}

/// For a test that wants to break it.
pub async fn own_rabbitmq() -> RabbitMq {
    running(|| RabbitMq::start(get(&PACKAGES)?, get(&FOLDER)?)).await
}

/// Tests kill processes, not the machine. A database for each test is made and dropped many times faster so.
fn start_postgres() -> Result<Postgres, LabError> {
    let postgres = Postgres::start(get(&PACKAGES)?, get(&FOLDER)?)?;
    postgres.survive_processes_only()?;
    Ok(postgres)
}

async fn running<T: Send + 'static>(start: impl FnOnce() -> Result<T, LabError> + Send + 'static) -> T {
    match off_the_runtime(start).await {
        Ok(started) => started,
        Err(error) => panic!("the private servers of the tests do not run: {}", error.report()),
    }
}

/// What failed once in this process is not tried again: each test would wait for the same refusal.
fn get<T>(shared: &'static Shared<T>) -> Result<&'static T, LabError> {
    shared.as_ref().map_err(|error| LabError::Before(error.report()))
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

//! Reports against a naive recomputation: whatever was asked for, lent and brought back, whenever a period begins or ends.

mod made_up;
mod naive;

use chrono::{DateTime, TimeDelta, Utc};
use made_up::World;
use makerlab_shared::{
    domain::{
        id::ProjectId,
        report::{Report, ReportPeriod},
    },
    store::reports,
};
use makerlab_tests::lab::TestDatabase;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::PgPool;

const ROUNDS: u64 = 12;
const PERIODS_A_ROUND: u32 = 4;

#[tokio::test]
async fn a_report_tells_what_a_naive_count_over_all_rows_tells() {
    let database = TestDatabase::migrated().await;
    let pool = PgPool::connect(&database.app_url()).await.unwrap();
    let mut world = World::empty(&pool, days_ago(60)).await;

    for seed in 0..ROUNDS {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        world.add_requisitions(&pool, &mut random, 6).await;
        for _ in 0..PERIODS_A_ROUND {
            let period = some_period(&world, &mut random);
            for project in [None, Some(world.projects[0]), Some(world.projects[1])] {
                let report = read(&pool, period, project).await;
                assert_eq!(report, naive::report(&world, period, project, report.as_of), "seed {seed}, {period:?}");
            }
        }
    }
}

#[tokio::test]
async fn periods_that_follow_each_other_add_up_to_the_whole() {
    let database = TestDatabase::migrated().await;
    let pool = PgPool::connect(&database.app_url()).await.unwrap();
    let begin = days_ago(60);
    let mut world = World::empty(&pool, begin).await;
    world.add_requisitions(&pool, &mut ChaCha8Rng::seed_from_u64(7), 40).await;
    // Whole seconds, so that nothing of a loan is lost by cutting it.
    let middle = begin + TimeDelta::days(31) + TimeDelta::seconds(1);

    let whole = read(&pool, ReportPeriod { from: begin, to: Utc::now() }, None).await;
    let first = read(&pool, ReportPeriod { from: begin, to: middle }, None).await;
    let second = read(&pool, ReportPeriod { from: middle, to: whole.period.to }, None).await;

    assert!(whole.submitted() > 0 && whole.returns.late > 0 && whole.returns.on_time > 0, "{whole:#?}");
    assert_eq!(first.submitted() + second.submitted(), whole.submitted());
    assert_eq!(first.returns.late + second.returns.late, whole.returns.late);
    assert_eq!(first.returns.on_time + second.returns.on_time, whole.returns.on_time);
    assert_eq!(first.until_out.count + second.until_out.count, whole.until_out.count);
    let parts = first.total_use().seconds + second.total_use().seconds;
    let lost = whole.total_use().seconds - parts;
    assert!((0..=i64::try_from(world.loans().count()).unwrap()).contains(&lost), "{lost} seconds are lost");
}

async fn read(pool: &PgPool, period: ReportPeriod, project: Option<ProjectId>) -> Report {
    let mut snapshot = pool.begin().await.unwrap();
    reports::read(&mut snapshot, period, project).await.unwrap()
}

/// Often edges at which something happens, or a microsecond beside it.
fn some_period(world: &World, random: &mut ChaCha8Rng) -> ReportPeriod {
    let mut edge = || {
        let moment = world.some_moment(random);
        moment + TimeDelta::microseconds(random.random_range(-1..=1))
    };
    let (one, other) = (edge(), edge());
    let (from, to) = (one.min(other), one.max(other));
    ReportPeriod { from, to: if from < to { to } else { to + TimeDelta::microseconds(1) } }
}

fn days_ago(days: i64) -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp(now.timestamp() - days * 86_400, 0).unwrap()
}

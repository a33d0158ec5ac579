//! Availability of models over a year in which each unit goes out every month, asked by two clients at once.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::{TimeDelta, Utc};
use futures_util::future::try_join_all;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::Options;
use crate::stack::{Client, LabStack};

const CLIENTS: u64 = 2;
/// The window that is asked for.
const DAYS: i64 = 28;
const P99: usize = 99;

#[derive(Debug, Serialize)]
pub struct Answered {
    pub periods: i64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

pub(super) async fn measure(lab: &LabStack, options: &Options) -> anyhow::Result<Answered> {
    let mut owner = PgConnection::connect(&lab.database.owner_url()).await?;
    let periods = fill(&mut owner).await.context("could not fill in a year of periods")?;
    let models: Vec<Uuid> =
        sqlx::query_scalar("select id from equipment_models order by snipeit_model_id").fetch_all(&mut owner).await?;
    let of_each = u64::from(options.queries) / CLIENTS;
    // Once for caches and connections.
    ask(&lab.admin.api, &models, 0, of_each / 10).await?;
    let began = Instant::now();
    let asked = try_join_all((1..=CLIENTS).map(|seed| ask(&lab.admin.api, &models, seed, of_each))).await?;
    let took = began.elapsed();
    let mut times: Vec<Duration> = asked.into_iter().flatten().collect();
    times.sort();
    let rank = |percent: usize| times[(times.len() * percent).div_ceil(100) - 1].as_secs_f64() * 1000.0;
    let hundredths = |figure: f64| (figure * 100.0).round() / 100.0;
    Ok(Answered {
        periods,
        per_second: (times.len() as f64 / took.as_secs_f64()).round(),
        p50_ms: hundredths(rank(50)),
        p99_ms: hundredths(rank(P99)),
    })
}

async fn ask(api: &Client, models: &[Uuid], seed: u64, queries: u64) -> anyhow::Result<Vec<Duration>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut times = Vec::new();
    for _ in 0..queries {
        let model = models[random.random_range(0..models.len())];
        let from = Utc::now() + TimeDelta::days(random.random_range(0..150));
        let to = from + TimeDelta::days(DAYS);
        let window = format!("from={}&to={}", from.format("%FT%TZ"), to.format("%FT%TZ"));
        let began = Instant::now();
        let told = api.get(&format!("/v1/equipment-models/{model}/availability?{window}")).await?;
        times.push(began.elapsed());
        let steps = told["steps"].as_array().map_or(0, Vec::len);
        ensure!(steps >= usize::try_from(DAYS)?, "it tells {steps} days: {told}");
    }
    Ok(times)
}

/// Of each unit six loans that are back and six that are promised, thirty days apart; units of a model in turn.
async fn fill(owner: &mut PgConnection) -> anyhow::Result<i64> {
    const STATEMENTS: [&str; 3] = [
        "insert into requisitions (id, number, project_id, requester_id, purpose, starts_at, due_at, status)
         select md5('bench ' || m.id || turn)::uuid, 'B-' || m.snipeit_model_id || '-' || turn, p.id, p.created_by, 'Measuring',
                now() + turn * interval '30 days', now() + turn * interval '30 days' + interval '14 days',
                case when turn < 0 then 'returned' else 'approved' end
         from equipment_models m, generate_series(-6, 5) turn, (select * from projects limit 1) p",
        "insert into requisition_lines (id, requisition_id, position, model_id, quantity, status)
         select md5('line ' || m.id || turn)::uuid, md5('bench ' || m.id || turn)::uuid, 1, m.id, 50, 'approved'
         from equipment_models m, generate_series(-6, 5) turn",
        "insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at, checked_out_at,
                            returned_at, snipeit_user_id, fingerprint)
         select gen_random_uuid(), md5('bench ' || e.model_id || turn)::uuid, md5('line ' || e.model_id || turn)::uuid, e.id,
                p.created_by, case when turn < 0 then 'returned' else 'promised' end, begun, begun + interval '14 days',
                case when turn < 0 then begun end, case when turn < 0 then begun + interval '13 days' end, 7,
                '2026-01-10 10:00:00'
         from equipment e, generate_series(-6, 5) turn, (select * from projects limit 1) p,
              lateral (select now() + interval '1 day' + turn * interval '30 days'
                              + e.snipeit_asset_id % 15 * interval '1 day' as begun) at
         where not exists (select from loans where equipment_id = e.id)",
    ];
    for statement in STATEMENTS {
        sqlx::query(statement).execute(&mut *owner).await?;
    }
    sqlx::query("vacuum analyze").execute(&mut *owner).await?;
    Ok(sqlx::query_scalar("select count(*) from loans").fetch_one(owner).await?)
}

//! After the storm: nothing is broken any more, a technician settles what ended with a person according to the truth,
//! and everything comes to its end.

use std::time::Duration;

use anyhow::{Context, Result};
use makerlab_shared::domain::{
    finding::{FindingKind, Resolution},
    id::OperationId,
};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use super::{
    cast::Cast,
    checker, collect,
    ground::Ground,
    memory::Memory,
    patient::{Heard, Patient},
};

const LOOK: Duration = Duration::from_secs(1);
/// A unit that a person lent with today's second cannot be lent by us for some seconds, a job that failed often waits
/// up to two minutes: what is not over by then is stuck.
const PATIENCE: Duration = Duration::from_secs(240);

/// What a technician had to do.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// Operations that ended with a person.
    pub with_person: usize,
    /// Other findings, which tell and ask for nothing here.
    pub findings: usize,
}

/// Until nothing is left to do. Whether that came about the checker will see.
pub async fn settle(ground: &Ground, cast: &Cast, patient: &Patient, memory: &Memory) -> Result<Settled> {
    let mut settled = Settled::default();
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        hurry_letters(&ground.pool).await?;
        settle_findings(ground, cast, patient, memory, &mut settled).await?;
        if is_quiet(&ground.pool).await? {
            return Ok(settled);
        }
        sleep(LOOK).await;
    }
    eprintln!("not everything has come to its end within {PATIENCE:?}");
    Ok(settled)
}

/// A letter that was not taken waits for minutes, later for hours: here it is due at once, as by `jobs retry`.
async fn hurry_letters(pool: &PgPool) -> Result<()> {
    let hurry = "update jobs set due_at = now()
                 where kind = 'send_mail' and state = 'open' and due_at > now() + interval '5 seconds'
                   and (lease_until is null or lease_until < now())";
    sqlx::query(hurry).execute(pool).await.context("letters could not be made due")?;
    Ok(())
}

async fn settle_findings(
    ground: &Ground,
    cast: &Cast,
    patient: &Patient,
    memory: &Memory,
    settled: &mut Settled,
) -> Result<()> {
    let path = "/v1/findings?state=open&limit=100";
    let Some(page) = patient.get(&cast.technician, path).await else { return Ok(()) };
    let findings = page["items"].as_array().cloned().unwrap_or_default();
    if findings.is_empty() {
        return Ok(());
    }
    let world = collect::world(ground, memory.told()).await?;
    for finding in findings {
        let kind: FindingKind = serde_json::from_value(finding["kind"].clone())?;
        let resolution = match kind {
            FindingKind::OperationWithPerson => {
                let Some(happened) = checker::has_happened(&world, subject_of(&finding)?) else { continue };
                if happened { Resolution::Happened } else { Resolution::DidNotHappen }
            }
            other if other.resolutions().contains(&Resolution::Retried) => Resolution::Retried,
            other if other.resolutions().contains(&Resolution::Ignored) => Resolution::Ignored,
            _ => Resolution::Acknowledged,
        };
        if !matches!(resolution, Resolution::Acknowledged) {
            eprintln!("a technician settles {kind} with {resolution}: {}", finding["summary"].as_str().unwrap_or("?"));
        }
        let body = json!({ "resolution": resolution, "note": "Looked it up in the ledger" });
        let path = format!("/v1/findings/{}/settle", finding["id"].as_str().unwrap_or_default());
        if let Heard::Done(_) = patient.post(&cast.technician, &path, &body, &Patient::new_key()).await {
            match kind {
                FindingKind::OperationWithPerson => settled.with_person += 1,
                _ => settled.findings += 1,
            }
        }
    }
    Ok(())
}

fn subject_of(finding: &Value) -> Result<OperationId> {
    Ok(finding["subject_id"].as_str().context("a finding has a subject")?.parse()?)
}

/// Nothing is open, nothing is out, no letter waits, and each effect was confirmed or told to a person.
async fn is_quiet(pool: &PgPool) -> Result<bool> {
    let open = "select
        (select count(*) from operations where state in ('waiting', 'sent', 'unknown', 'with_person'))
      + (select count(*) from loans where status in ('promised', 'checked_out'))
      + (select count(*) from requisitions
         where status not in ('returned', 'rejected', 'cancelled', 'failed'))
      + (select count(*) from jobs where state = 'open' and kind in ('run_operation', 'match_borrower', 'send_mail'))
      + (select count(*) from findings where state = 'open')
      + (select count(*) from operations where state = 'applied' and confirmed_at is null
         and not exists (select from findings where subject_id = operations.id))";
    Ok(sqlx::query_scalar::<_, i64>(open).fetch_one(pool).await? == 0)
}

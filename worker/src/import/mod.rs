//! `makerlab-worker import`: what Snipe-IT had lent before becomes loans of ours. A dry run unless told otherwise; once more
//! changes nothing.

mod apply;
mod read;
mod report;

use crate::{catalogue, context::Context};
use anyhow::{bail, ensure};
use chrono::{Days, NaiveDate, TimeDelta};
use makerlab_shared::{
    domain::{
        id::UserId,
        inventory::{AssetSeen, SnipeitAssetId},
        lab_day::day_of,
        lent_before::{Adoptable, Found, LabTimes, LastRead, NotAdopted, UnitOnRecord, find_person, judge},
        person::Language,
    },
    store::{clock, lent_before, link, operations, status, users},
};
use sqlx::PgConnection;

pub use report::{ImportReport, ImportRow, Outcome};

/// How long a unit may stay for which Snipe-IT expects no day.
const DAYS_WITHOUT_DAY: Days = Days::new(30);

/// What whoever imports has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Import {
    /// A technician or an admin.
    pub by: UserId,
    pub mode: Mode,
    /// The language of people who are added because they hold something; `None`: nobody is added.
    pub adds: Option<Language>,
    /// When units are due for which Snipe-IT expects no day; `None`: in 30 days.
    pub due_without_day: Option<NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    DryRun,
    Apply,
}

/// Reads what is out, and adopts it if it is to. Its reads come out of the budget that all workers share; while that is used
/// up it waits.
///
/// # Errors
/// When nothing is asked of Snipe-IT at the moment, or it or the database did not answer. What was adopted stays.
pub async fn import(context: &Context, import: Import) -> anyhow::Result<ImportReport> {
    let times = times(context, import).await?;
    let out = read::assets_out(context).await?;
    let people = read::People::read(context).await?;
    let mut report = ImportReport::new(import.mode);
    let mut project = None;
    for (seen, asked_at) in &out {
        let mut conn = context.pool.acquire().await?;
        let judged = decide(&mut conn, seen, &people, import, times).await?;
        drop(conn);
        let adopted = match (judged, import.mode) {
            (Err(why), _) => Err(why),
            (Ok((of, _)), Mode::DryRun) => Ok(of.period),
            (Ok((of, borrower)), Mode::Apply) => {
                let project = match project {
                    Some(project) => project,
                    None => *project.insert(apply::find_or_create_project(context, import.by).await?),
                };
                let chosen = apply::Chosen { of, borrower, seen, asked_at: *asked_at, by: import.by, project };
                apply::adopt_one(context, chosen, times).await?
            }
        };
        report.note(seen, people.address_of(seen), adopted);
    }
    if import.mode == Mode::Apply {
        context.waker.wake();
    }
    Ok(report)
}

async fn times(context: &Context, import: Import) -> anyhow::Result<LabTimes> {
    let mut conn = context.pool.acquire().await?;
    if let Some(pause) = link::load(&mut conn).await?.pause {
        bail!("nothing is asked of Snipe-IT at the moment: {}", pause.cause);
    }
    check_fresh(&mut conn, context).await?;
    let now = clock::now(&mut conn).await?;
    drop(conn);
    ensure!(catalogue::recognise(context).await?, "another Snipe-IT answers than before: see the findings");
    let (lab, snipeit) = (context.zones.lab_timezone, context.zones.snipeit_timezone);
    let today = day_of(now, lab);
    let due_without_day = match import.due_without_day {
        Some(day) => {
            ensure!(day >= today, "--due is in the past: name a day from {today} on");
            day
        }
        None => today + DAYS_WITHOUT_DAY,
    };
    Ok(LabTimes { now, lab, snipeit, due_without_day })
}

/// A catalogue that nobody keeps up with would not tell what has happened to a unit since.
async fn check_fresh(conn: &mut PgConnection, context: &Context) -> anyhow::Result<()> {
    let questions = status::load_open_questions(conn).await?;
    let read = LastRead { synced_at: questions.catalogue_synced_at, swept_at: questions.swept_at };
    let interval = TimeDelta::from_std(context.rules.sweep_interval)?;
    Ok(read.check(operations::now(conn).await?, interval)?)
}

async fn decide(
    conn: &mut PgConnection,
    seen: &AssetSeen,
    people: &read::People,
    import: Import,
    times: LabTimes,
) -> anyhow::Result<Result<(Adoptable, Found), NotAdopted>> {
    let of = match judge(seen, find_unit(conn, seen.id).await?, times) {
        Ok(of) => of,
        Err(why) => return Ok(Err(why)),
    };
    let Some(holder) = people.find(of.tenure.user) else { return Ok(Err(NotAdopted::HolderNotShown)) };
    let ours = match holder.address() {
        Ok(address) => users::find_by_email(conn, &address).await?.map(|found| found.user),
        Err(why) => return Ok(Err(why)),
    };
    Ok(find_person(&holder, ours, import.adds).map(|borrower| (of, borrower)))
}

async fn find_unit(conn: &mut PgConnection, asset: SnipeitAssetId) -> anyhow::Result<Option<UnitOnRecord>> {
    Ok(lent_before::list_units(conn, &[asset]).await?.remove(&asset))
}

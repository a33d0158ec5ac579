//! What goes wrong beside the death, so that points off the usual way are met.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::crash::CrashPoint;
use uuid::Uuid;

use super::{
    case::{Case, Leg, Trouble},
    journey::Journey,
    waiting::PATIENCE,
};
use crate::{
    simulator::{CallKind, Cut, Fault, Handover, Page, State, Trouble as Fate},
    stack::{Server, Variables},
};

/// `JOB_MAX_RUNS` unless it is set.
const MOST_RUNS: i32 = 10;
/// Until the worker is frozen; less than it waits for an answer.
const ANSWER_DELAY: Duration = Duration::from_millis(1500);

/// Further settings of a case's processes.
pub(super) fn settings(case: &Case) -> &'static [(&'static str, &'static str)] {
    if case.trouble == Trouble::NoBroker {
        return &[("AMQP_URL", "amqp://nobody:there@127.0.0.1:1/%2f")];
    }
    if case.point == CrashPoint::NoticeWritten {
        return &[("VERIFYING_MAIL_AFTER", "500ms")];
    }
    &[]
}

/// When the units are needed; `None`: at once.
pub(super) fn starts_at(case: &Case) -> Option<DateTime<Utc>> {
    (case.trouble == Trouble::FormerLoan).then(|| Utc::now() + TimeDelta::days(8))
}

/// What only the one that dies is told.
pub(super) fn settings_of_victim(case: &Case) -> Variables {
    let tell = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    match case.point {
        _ if case.trouble == Trouble::WrongZone => tell("SNIPEIT_TIMEZONE", "America/New_York"),
        // They are only met on the way of the first bell, which a broker at work may bring after a second.
        CrashPoint::BellHeard | CrashPoint::BeforeAck | CrashPoint::AfterAck => tell("SECOND_BELL_AFTER", "60s"),
        _ => Variables::new(),
    }
}

/// While nothing has gone wrong yet.
pub(super) async fn beforehand(journey: &mut Journey) -> anyhow::Result<()> {
    // Who is frozen in the middle of something else would hold up everybody.
    if journey.case.trouble == Trouble::LeaseLost {
        journey.ground.start_worker()?;
        journey.ground.comes_to_rest().await?;
    }
    Ok(())
}

/// Before people ask.
pub(super) fn prepare(journey: &Journey) {
    let kind = match journey.case.leg {
        Leg::Mail => return,
        Leg::CheckOut => CallKind::Checkout,
        Leg::CheckIn => CallKind::Checkin,
    };
    let asked = journey.case.requisitions() as u32;
    let fault = match journey.case.trouble {
        Trouble::None
        | Trouble::NoBroker
        | Trouble::QueueGone
        | Trouble::BorrowerForgotten
        | Trouble::FormerLoan
        | Trouble::UnitTaken
        | Trouble::OtherDatabase
        | Trouble::Cancelled
        | Trouble::WrongZone => return,
        Trouble::LeaseLost => Fault::on(kind).times(asked).delay_after(ANSWER_DELAY),
        Trouble::AnswerLost | Trouble::LentOn | Trouble::OutOfRuns => {
            Fault::on(kind).times(asked).trouble(Fate::LoseAnswer(Cut::Reset))
        }
        // All that are on their way at once are refused before the first pause; the next one makes the second.
        Trouble::TokenRefused => Fault::on(kind).times(2 * asked - 1).instead(Page::Unauthorized),
    };
    journey.ground.simulator.state().faults().add(fault);
}

/// Before each request on the leg of the death.
pub(super) async fn lose_the_queue(journey: &Journey) -> anyhow::Result<()> {
    if journey.case.trouble != Trouble::QueueGone {
        return Ok(());
    }
    let ground = &journey.ground;
    let lane = journey.case.leg.lane();
    let rung = "select not exists (select from jobs where state = 'open' and lane = $1 and due_at <= now()
                                                          and rung_for is distinct from due_at)";
    let is_idle = async || {
        // Without an answer it is dead already, by an earlier request's bells.
        let Ok(readiness) = ground.readiness().await else { return true };
        let all_rung: Result<bool, _> = sqlx::query_scalar(rung).bind(lane.as_str()).fetch_one(&ground.pool).await;
        all_rung.unwrap_or(false) && readiness["status"] == "ready"
    };
    ground.eventually("the relay has nothing to do", is_idle).await?;
    ground.delete_queues([ground.names.queue(lane)]).await.map(drop)
}

/// While the worker that is to die is at work.
pub(super) async fn meanwhile(journey: &mut Journey, victim: &Server) -> anyhow::Result<()> {
    match journey.case.trouble {
        Trouble::LentOn => lend_on(journey).await,
        Trouble::LeaseLost => take_over(journey, victim).await,
        Trouble::OutOfRuns if journey.case.leg != Leg::Mail => use_up_runs_before_the_look(journey).await,
        Trouble::OtherDatabase => change_database_again(journey).await,
        Trouble::None
        | Trouble::NoBroker
        | Trouble::AnswerLost
        | Trouble::TokenRefused
        | Trouble::QueueGone
        | Trouble::BorrowerForgotten
        | Trouble::FormerLoan
        | Trouble::UnitTaken
        | Trouble::OutOfRuns
        | Trouble::Cancelled
        | Trouble::WrongZone => Ok(()),
    }
}

async fn lend_on(journey: &Journey) -> anyhow::Result<()> {
    all_took_effect(journey).await?;
    let state = journey.ground.simulator.state();
    for effect in state.ledger().effects() {
        state.hands().check_in(effect.asset)?;
        lend_to_somebody_else(state, effect.asset, Handover::Now)?;
    }
    Ok(())
}

async fn all_took_effect(journey: &Journey) -> anyhow::Result<()> {
    let asked = journey.case.requisitions();
    let wanted = if journey.case.leg == Leg::CheckIn { 2 * asked } else { asked };
    let state = journey.ground.simulator.state();
    Ok(state.wait_for(|page| page.effects.len() >= wanted, PATIENCE).await?)
}

fn lend_to_somebody_else(state: &State, asset: i64, when: Handover) -> anyhow::Result<()> {
    let somebody = state.inventory().users.values().find(|user| user.first_name == "Carla").map(|user| user.id);
    Ok(state.hands().check_out(asset, somebody.context("Carla is there")?, when)?)
}

/// Frozen before it hears the answer, it wakes up when another worker has finished its jobs.
async fn take_over(journey: &mut Journey, victim: &Server) -> anyhow::Result<()> {
    all_took_effect(journey).await?;
    victim.freeze()?;
    journey.ground.start_worker()?;
    journey.reach(journey.case.leg).await?;
    victim.thaw()
}

/// What a person has to answer for is sent and unknown: a check-out that was never sent just fails.
async fn use_up_runs_before_the_look(journey: &Journey) -> anyhow::Result<()> {
    let ground = &journey.ground;
    let use_up = "update jobs set runs = $1
                  where kind = 'run_operation' and state = 'open' and lease_until is null and due_at > now()
                    and subject_id in (select id from operations where state = 'unknown')";
    let mut used_up = 0;
    ground
        .eventually("every outcome is unknown and not looked at yet", async || {
            let done = sqlx::query(use_up).bind(MOST_RUNS).execute(&ground.pool).await;
            used_up = used_up.max(done.map_or(0, |done| done.rows_affected() as usize));
            used_up == journey.case.requisitions()
        })
        .await
}

/// A second acceptance needs a third database.
async fn change_database_again(journey: &Journey) -> anyhow::Result<()> {
    let ground = &journey.ground;
    if !matches!(journey.case.point, CrashPoint::AcceptBeforeCommit | CrashPoint::AcceptAfterCommit) {
        return Ok(());
    }
    for _ in 1..journey.case.hit.get() {
        let accepted = async || ground.is("select lineage <> 'another' from snipeit_link").await;
        ground.eventually("the database is accepted", accepted).await?;
        change_database(journey).await?;
    }
    Ok(())
}

/// After people have asked and before the worker that is to die begins.
pub(super) async fn in_between(journey: &mut Journey) -> anyhow::Result<()> {
    match journey.case.trouble {
        Trouble::BorrowerForgotten => forget_borrowers(journey).await,
        Trouble::FormerLoan => let_time_pass(journey).await,
        Trouble::UnitTaken => take_units(journey).await,
        Trouble::OutOfRuns if journey.case.leg == Leg::Mail => use_up_runs_of_letters(journey).await,
        Trouble::OtherDatabase => change_database(journey).await,
        Trouble::Cancelled => cancel_others(journey).await,
        Trouble::None
        | Trouble::NoBroker
        | Trouble::AnswerLost
        | Trouble::LentOn
        | Trouble::TokenRefused
        | Trouble::QueueGone
        | Trouble::LeaseLost
        | Trouble::OutOfRuns
        | Trouble::WrongZone => Ok(()),
    }
}

/// After the death, while another worker works: what waits for a person gets its answer.
pub(super) async fn afterwards(journey: &mut Journey) -> anyhow::Result<()> {
    let (kind, resolution) = match (journey.case.trouble, journey.case.leg) {
        (Trouble::OutOfRuns, Leg::Mail) => ("job_out_of_runs", "retried"),
        (Trouble::OutOfRuns, Leg::CheckOut | Leg::CheckIn) => ("operation_with_person", "happened"),
        (Trouble::WrongZone, _) => ("clock_or_zone_wrong", "retried"),
        _ => return Ok(()),
    };
    let findings = journey.case.findings();
    let raised = "select count(*) from findings where kind = $1";
    let pool = &journey.ground.pool;
    journey
        .ground
        .eventually("everything that needs a person has a finding", async || {
            let raised: Result<i64, _> = sqlx::query_scalar(raised).bind(kind).fetch_one(pool).await;
            raised.is_ok_and(|raised| raised as usize == findings.len())
        })
        .await?;
    journey.answer(kind, resolution).await
}

/// Two days ago, so that whoever does not remember the refusal knows that ours was not painted over.
async fn take_units(journey: &Journey) -> anyhow::Result<()> {
    let promised = "select snipeit_asset_id from loans join equipment on equipment.id = equipment_id
                    where requisition_id = any($1)";
    let assets: Vec<i64> =
        sqlx::query_scalar(promised).bind(&journey.requisitions).fetch_all(&journey.ground.pool).await?;
    let (state, when) =
        (journey.ground.simulator.state(), Handover::On((Utc::now() - TimeDelta::days(2)).date_naive()));
    assets.iter().try_for_each(|asset| lend_to_somebody_else(state, *asset, when))
}

async fn use_up_runs_of_letters(journey: &Journey) -> anyhow::Result<()> {
    let use_up = "update jobs set runs = $1 where kind = 'send_mail' and state = 'open'";
    sqlx::query(use_up).bind(MOST_RUNS).execute(&journey.ground.pool).await?;
    Ok(())
}

async fn change_database(journey: &Journey) -> anyhow::Result<()> {
    sqlx::query("update snipeit_link set lineage = 'another'").execute(&journey.ground.pool).await?;
    Ok(())
}

/// Approved for next month and given up; next month is now.
async fn cancel_others(journey: &mut Journey) -> anyhow::Result<()> {
    for index in 0..journey.case.requisitions() {
        let wish = journey.ground.wish(Some(Utc::now() + TimeDelta::days(30)));
        let other = journey.submit(index, &wish).await?;
        journey.approve(other).await?;
        journey.cancel(index, other).await?;
        journey.cancelled.push(other);
    }
    let come_up = "update jobs set due_at = now() where state = 'open' and subject_id in
                       (select id from operations where requisition_id = any($1))";
    sqlx::query(come_up).bind(&journey.cancelled).execute(&journey.ground.pool).await?;
    Ok(())
}

/// As if they had been matched at the submit, and forgotten after a refusal: the take has to ask by itself.
async fn forget_borrowers(journey: &Journey) -> anyhow::Result<()> {
    sqlx::query("update users set snipeit_user_id = null").execute(&journey.ground.pool).await?;
    Ok(())
}

/// Units are promised for next week; somebody else borrows them until then, brings them back past us, and next week is
/// now.
async fn let_time_pass(journey: &mut Journey) -> anyhow::Result<()> {
    let pool = journey.ground.pool.clone();
    let promised = "select equipment_id from loans where requisition_id = any($1) order by id";
    let units: Vec<Uuid> = sqlx::query_scalar(promised).bind(&journey.requisitions).fetch_all(&pool).await?;
    for (index, unit) in units.iter().enumerate() {
        let former = journey.submit(index + 1, &journey.ground.wish_for_unit(*unit)).await?;
        journey.approve(former).await?;
        journey.former.push(former);
    }
    journey.ground.start_worker()?;
    journey.come_to("checked_out", &journey.former).await?;
    journey.ground.effects_are_confirmed().await?;
    journey.dismiss_worker().await?;
    let state = journey.ground.simulator.state();
    state.ledger().effects().iter().try_for_each(|effect| state.hands().check_in(effect.asset))?;
    for (sql, of) in [
        (
            "update loans set starts_at = now() - interval '8 days', due_at = now() where requisition_id = any($1)",
            &journey.former,
        ),
        ("update loans set starts_at = now() where requisition_id = any($1)", &journey.requisitions),
        (
            "update jobs set due_at = now() where state = 'open' and subject_id in
                 (select id from operations where requisition_id = any($1))",
            &journey.requisitions,
        ),
    ] {
        sqlx::query(sql).bind(of).execute(&pool).await?;
    }
    Ok(())
}

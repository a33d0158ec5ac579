//! What goes wrong beside the death, so that points off the usual way are met.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::crash::CrashPoint;
use uuid::Uuid;

use super::{
    case::{Case, Leg, Trouble},
    journey::Journey,
    waiting::PATIENCE,
};
use crate::simulator::{CallKind, Cut, Fault, Handover, Page, Trouble as Fate};

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

/// Before people ask.
pub(super) fn prepare(journey: &Journey) {
    let kind = match journey.case.leg {
        Leg::Mail => return,
        Leg::CheckOut => CallKind::Checkout,
        Leg::CheckIn => CallKind::Checkin,
    };
    let asked = journey.case.requisitions() as u32;
    let fault = match journey.case.trouble {
        Trouble::None | Trouble::NoBroker | Trouble::QueueGone | Trouble::BorrowerForgotten | Trouble::FormerLoan => {
            return;
        }
        Trouble::AnswerLost | Trouble::LentOn => Fault::on(kind).times(asked).trouble(Fate::LoseAnswer(Cut::Reset)),
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
pub(super) async fn meanwhile(journey: &Journey) -> anyhow::Result<()> {
    if journey.case.trouble != Trouble::LentOn {
        return Ok(());
    }
    let state = journey.ground.simulator.state();
    let wanted = journey.case.requisitions();
    state.wait_for(|page| page.effects.len() >= wanted, PATIENCE).await?;
    let somebody = state.inventory().users.values().find(|user| user.first_name == "Carla").map(|user| user.id);
    for effect in state.ledger().effects() {
        state.hands().check_in(effect.asset)?;
        state.hands().check_out(effect.asset, somebody.context("Carla is there")?, Handover::Now)?;
    }
    Ok(())
}

/// After people have asked and before the worker that is to die begins.
pub(super) async fn in_between(journey: &mut Journey) -> anyhow::Result<()> {
    match journey.case.trouble {
        Trouble::BorrowerForgotten => forget_borrowers(journey).await,
        Trouble::FormerLoan => let_time_pass(journey).await,
        Trouble::None
        | Trouble::NoBroker
        | Trouble::AnswerLost
        | Trouble::LentOn
        | Trouble::TokenRefused
        | Trouble::QueueGone => Ok(()),
    }
}

/// As if they had been matched at the submit, and forgotten after a refusal: the take has to ask by itself.
async fn forget_borrowers(journey: &Journey) -> anyhow::Result<()> {
    let matched =
        "update jobs set state = 'done', outcome = 'matched', finished_at = now() where kind = 'match_borrower'";
    sqlx::query(matched).execute(&journey.ground.pool).await?;
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

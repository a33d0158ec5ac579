//! What must be true in the end, whoever died where: one effect each, everything told once, nothing left over.

use std::collections::BTreeMap;

use anyhow::ensure;
use makerlab_shared::{
    crash::CrashPoint,
    domain::{
        id::{NotificationId, OperationId},
        job::Lane,
    },
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{case::Trouble, journey::Journey};
use crate::simulator::EffectKind;

/// The letters that every requisition brings, once each.
const LETTERS: [&str; 6] = ["approval_needed", "approved", "checked_out", "return_requested", "returned", "submitted"];

/// # Errors
/// Everything that is not as it must be, a line each.
pub(super) async fn judge(journey: &mut Journey) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    wrong.extend(effects(journey).await?);
    wrong.extend(states(journey).await?);
    wrong.extend(history(journey).await?);
    wrong.extend(findings(journey).await?);
    wrong.extend(letters(journey).await?);
    wrong.extend(left_in_queues(journey).await?);
    ensure!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), journey.ground.describe().await);
    Ok(())
}

#[derive(FromRow)]
struct OperationRow {
    id: Uuid,
    kind: String,
    state: String,
    is_confirmed: bool,
    snipeit_asset_id: i64,
}

/// Each operation took effect once, in Snipe-IT's own book; no unit went out twice without coming back.
async fn effects(journey: &Journey) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    let ledger = journey.ground.simulator.state().ledger().effects();
    let without_effect = journey.case.without_effect();
    for operation in operations(journey).await? {
        let marker = OperationId(operation.id).marker();
        let of_it = ledger.iter().filter(|effect| effect.marker.as_deref() == Some(marker.as_str()));
        let kinds: Vec<_> = of_it.map(|effect| effect.kind).collect();
        let wanted: &[EffectKind] = match (operation.kind.as_str(), journey.case.trouble) {
            _ if without_effect == Some(operation.state.as_str()) => &[],
            ("check_out", _) => &[EffectKind::Checkout],
            // Somebody else's by then: nothing of ours is to be ended.
            (_, Trouble::LentOn) => &[],
            (_, _) => &[EffectKind::Checkin],
        };
        if kinds != wanted {
            wrong.push(format!("a {} had the effects {kinds:?}, not {wanted:?}", operation.kind));
        }
        let on_it = ledger.iter().filter(|effect| effect.asset == operation.snipeit_asset_id);
        let ways: Vec<_> = on_it.map(|effect| effect.kind).collect();
        let alternates = ways.iter().enumerate().all(|(at, kind)| (at % 2 == 0) == (*kind == EffectKind::Checkout));
        if !alternates {
            wrong.push(format!("asset {} went {ways:?}", operation.snipeit_asset_id));
        }
    }
    Ok(wrong)
}

async fn operations(journey: &Journey) -> sqlx::Result<Vec<OperationRow>> {
    let sql = "select id, kind, state, confirmed_at is not null as is_confirmed, snipeit_asset_id
               from operations order by id";
    sqlx::query_as(sql).fetch_all(&journey.ground.pool).await
}

/// Everybody got what was asked for, once, and everything is over.
async fn states(journey: &Journey) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    let without_effect = journey.case.without_effect();
    let (given_up, others): (Vec<_>, Vec<_>) =
        operations(journey).await?.into_iter().partition(|operation| without_effect == Some(operation.state.as_str()));
    for operation in others {
        if operation.state != "applied" || !operation.is_confirmed {
            wrong.push(format!("a {} is {} (confirmed: {})", operation.kind, operation.state, operation.is_confirmed));
        }
    }
    let asked = journey.requisitions.len();
    let former = journey.former.len();
    let cancelled = journey.cancelled.len();
    let in_vain = if without_effect.is_some() { asked } else { 0 };
    if given_up.len() != in_vain {
        wrong.push(format!("{} operations are {without_effect:?}, not {in_vain}", given_up.len()));
    }
    let counted = [
        ("requisitions", "select count(*) from requisitions", asked + former + cancelled),
        ("returned requisitions", "select count(*) from requisitions where status = 'returned'", asked + former),
        ("returned loans", "select count(*) from loans where status = 'returned'", asked + former),
        ("loans", "select count(*) from loans", asked + former + cancelled),
        ("operations", "select count(*) from operations", 2 * asked + former + in_vain),
        ("syncs without an end", "select count(*) from sync_runs where finished_at is null", 0),
        ("dead jobs", "select count(*) from jobs where state = 'dead'", 0),
        ("rounds that wait", "select count(*) from jobs where state = 'open' and lane = 'bulk'", 2),
        ("units held by our records", "select count(*) from equipment where holder_kind is not null", {
            if matches!(journey.case.trouble, Trouble::LentOn | Trouble::UnitTaken) { asked } else { 0 }
        }),
    ];
    for (what, sql, wanted) in counted {
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&journey.ground.pool).await?;
        if found as usize != wanted {
            wrong.push(format!("{what}: {found}, not {wanted}"));
        }
    }
    Ok(wrong)
}

/// Every row of history begins where the one before it ended, and the last one is the present.
async fn history(journey: &Journey) -> anyhow::Result<Vec<String>> {
    let gaps = "select concat_ws(' ', 'history:', entity, 'was', before, 'and went from', from_status, 'to', to_status)
                from (select *, lag(to_status) over (partition by entity, entity_id order by id) as before
                      from status_history where entity in ('requisition', 'loan', 'operation')) as steps
                where from_status is distinct from before";
    let stale = "with last as (select distinct on (entity, entity_id) entity, entity_id, to_status
                               from status_history order by entity, entity_id, id desc),
                      present as (select 'requisition' as entity, id, status from requisitions
                                  union all select 'loan', id, status from loans
                                  union all select 'operation', id, state from operations)
                 select concat_ws(' ', 'history:', present.entity, 'is', status, 'and was last', to_status)
                 from present left join last on last.entity = present.entity and last.entity_id = present.id
                 where to_status is distinct from status";
    let mut wrong: Vec<String> = sqlx::query_scalar(gaps).fetch_all(&journey.ground.pool).await?;
    wrong.extend(sqlx::query_scalar::<_, String>(stale).fetch_all(&journey.ground.pool).await?);
    Ok(wrong)
}

/// A death alone is no riddle for a person.
async fn findings(journey: &Journey) -> anyhow::Result<Vec<String>> {
    let sql = "select kind from findings order by kind";
    let found: Vec<String> = sqlx::query_scalar(sql).fetch_all(&journey.ground.pool).await?;
    let wanted = journey.case.findings();
    Ok(if found == wanted { Vec::new() } else { vec![format!("findings: {found:?}, not {wanted:?}")] })
}

#[derive(FromRow)]
struct LetterRow {
    id: Uuid,
    event: String,
    status: String,
    email: String,
    requisition_id: Uuid,
}

/// Every letter was written once and arrived; a second copy only where the death lay between acceptance and note.
async fn letters(journey: &Journey) -> anyhow::Result<Vec<String>> {
    let sql = "select notifications.id, event, notifications.status, email, requisition_id
               from notifications join users on users.id = recipient_id order by event";
    let rows: Vec<LetterRow> = sqlx::query_as(sql).fetch_all(&journey.ground.pool).await?;
    let mut wrong = Vec::new();
    for requisition in &journey.requisitions {
        let of_it = rows.iter().filter(|row| row.requisition_id == *requisition);
        let written: Vec<&str> = of_it.map(|row| row.event.as_str()).collect();
        if written != expected_letters(journey) {
            wrong.push(format!("letters written: {written:?}"));
        }
    }
    let received = journey.ground.mailbox.messages();
    let mut copies: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut doubled = Vec::new();
    for row in &rows {
        let id = NotificationId(row.id).to_string();
        let arrived = received.iter().filter(|mail| mail.message_id.contains(&id) && mail.is_to(&row.email)).count();
        copies.insert(row.id, arrived);
        doubled.extend((1..arrived).map(|_| row.event.as_str()));
        if !has_arrived(row, arrived) {
            wrong.push(format!("the letter {} is {} and arrived {arrived} times", row.event, row.status));
        }
    }
    let allowed = usize::from(journey.case.may_double_a_letter());
    if doubled.len() > allowed {
        wrong.push(format!("letters arrived a second time: {doubled:?}; {allowed} may"));
    }
    if received.len() != copies.values().sum::<usize>() {
        wrong.push("the mailbox holds letters that nobody wrote".to_owned());
    }
    Ok(wrong)
}

/// A letter that asks for something need not leave once that was done.
fn has_arrived(row: &LetterRow, arrived: usize) -> bool {
    let may_be_over = ["approval_needed", "project_submitted", "return_requested"].contains(&row.event.as_str());
    (row.status == "sent" && arrived > 0) || (row.status == "moot" && may_be_over)
}

fn expected_letters(journey: &Journey) -> Vec<&'static str> {
    let mut letters = LETTERS.to_vec();
    if journey.case.point == CrashPoint::NoticeWritten {
        letters.push("being_verified");
    }
    if journey.case.point == CrashPoint::OutOfRunsTaken {
        letters.push("needs_person");
    }
    letters.sort_unstable();
    letters
}

/// No bell is left that nobody will ever answer, and none was set aside. The queues go with it.
async fn left_in_queues(journey: &mut Journey) -> anyhow::Result<Vec<String>> {
    if let Some(mut worker) = journey.ground.worker.take() {
        ensure!(worker.stop_gracefully().await?.success(), "the worker ended badly: {}", worker.last_words());
    }
    journey.ground.stack.kill_api();
    let names = &journey.ground.names;
    let queues = Lane::ALL.iter().flat_map(|lane| [names.queue(*lane), names.dead_queue(*lane)]);
    let left = journey.ground.delete_queues(queues).await?.into_iter().filter(|(_, messages)| *messages > 0);
    Ok(left.map(|(queue, messages)| format!("{messages} messages were left in {queue}")).collect())
}

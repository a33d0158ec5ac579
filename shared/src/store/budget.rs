//! The call budget that all workers share: one row, PostgreSQL's clock.

use super::StoreError;
use crate::domain::budget::{Budget, BudgetPolicy, RateSeen, Refused, Taken};
use chrono::Duration;
use sqlx::PgConnection;

/// Takes calls inside the caller's transaction: if that rolls back, nothing was taken.
///
/// # Errors
/// The outer error is the database's; the inner says how long to wait.
pub async fn take(
    conn: &mut PgConnection,
    calls: i32,
    floor: i32,
    policy: &BudgetPolicy,
) -> Result<Result<Taken, Refused>, StoreError> {
    if !policy.is_limited {
        return Ok(Ok(Taken { window_number: 0, calls }));
    }
    let (mut budget, now) = load_for_update(conn).await?;
    let taken = budget.take(calls, floor, now, policy);
    if taken.is_ok() {
        save(conn, &budget).await?;
    }
    Ok(taken)
}

/// Notes an answer (or its absence): the window opens, Snipe-IT's own count is believed, what was not used goes back.
pub async fn note_answer(
    conn: &mut PgConnection,
    window: i64,
    unused: i32,
    seen: Option<RateSeen>,
    policy: &BudgetPolicy,
) -> Result<(), StoreError> {
    let (mut budget, now) = load_for_update(conn).await?;
    let before = budget.clone();
    budget.note_answer(window, unused, seen, now, policy);
    if budget != before { save(conn, &budget).await } else { Ok(()) }
}

/// A 429 closes the budget for everyone.
pub async fn note_throttled(conn: &mut PgConnection, policy: &BudgetPolicy) -> Result<(), StoreError> {
    let (mut budget, now) = load_for_update(conn).await?;
    budget.note_throttled(now, policy);
    save(conn, &budget).await
}

/// Tells others how this worker keeps the budget; of several workers the latest is believed.
pub async fn tell_policy(conn: &mut PgConnection, policy: &BudgetPolicy) -> Result<(), StoreError> {
    sqlx::query!(
        "update call_budget set is_limited = $1, window_ms = $2, reserve = $3, longest_call_ms = $4
         where (is_limited, window_ms, reserve, longest_call_ms) is distinct from ($1, $2, $3, $4)",
        policy.is_limited,
        policy.window.num_milliseconds(),
        policy.reserve,
        policy.longest_call.num_milliseconds(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Calls left in the present window, as the workers count. `None`: there is no limit, or no worker has told of one yet.
pub async fn find_left(conn: &mut PgConnection) -> Result<Option<i32>, StoreError> {
    let row = sqlx::query!(
        r#"select window_number, first_taken_at, opened_at, used, call_limit, closed_until,
                  is_limited, window_ms, reserve, longest_call_ms, clock_timestamp() as "now!"
           from call_budget"#
    )
    .fetch_one(conn)
    .await?;
    let (Some(true), Some(window), Some(reserve), Some(longest_call)) =
        (row.is_limited, row.window_ms, row.reserve, row.longest_call_ms)
    else {
        return Ok(None);
    };
    let policy = BudgetPolicy {
        window: Duration::milliseconds(window),
        reserve,
        longest_call: Duration::milliseconds(longest_call),
        is_limited: true,
    };
    let budget = Budget {
        window_number: row.window_number,
        first_taken_at: row.first_taken_at,
        opened_at: row.opened_at,
        used: row.used,
        limit: row.call_limit,
        closed_until: row.closed_until,
    };
    Ok(Some(budget.left(row.now, &policy)))
}

async fn load_for_update(conn: &mut PgConnection) -> Result<(Budget, chrono::DateTime<chrono::Utc>), StoreError> {
    let row = sqlx::query!(
        "select window_number, first_taken_at, opened_at, used, call_limit, closed_until from call_budget for update"
    )
    .fetch_one(&mut *conn)
    .await?;
    // Read after the lock was granted: waiting for it takes time.
    let now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(conn).await?;
    let budget = Budget {
        window_number: row.window_number,
        first_taken_at: row.first_taken_at,
        opened_at: row.opened_at,
        used: row.used,
        limit: row.call_limit,
        closed_until: row.closed_until,
    };
    Ok((budget, now))
}

async fn save(conn: &mut PgConnection, budget: &Budget) -> Result<(), StoreError> {
    sqlx::query!(
        "update call_budget
         set window_number = $1, first_taken_at = $2, opened_at = $3, used = $4, call_limit = $5, closed_until = $6",
        budget.window_number,
        budget.first_taken_at,
        budget.opened_at,
        budget.used,
        budget.limit,
        budget.closed_until,
    )
    .execute(conn)
    .await?;
    Ok(())
}

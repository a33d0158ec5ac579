//! The lab's time, by which loans, due dates and rules go. Real time unless a demonstration or a test moved it ahead.

use super::StoreError;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub async fn now(conn: &mut PgConnection) -> Result<DateTime<Utc>, StoreError> {
    Ok(sqlx::query_scalar!(r#"select lab_now() as "now!""#).fetch_one(conn).await?)
}

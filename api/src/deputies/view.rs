//! A deputy as clients see it.

use chrono::{DateTime, Utc};
use makerlab_shared::store::deputies::ListedDeputy;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeputyView {
    id: Uuid,
    /// Who is away.
    absent_id: Uuid,
    absent_name: String,
    /// Who decides in their place.
    deputy_id: Uuid,
    deputy_name: String,
    /// The lab's time.
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// When it was given up before its time.
    ended_at: Option<DateTime<Utc>>,
}

impl From<ListedDeputy> for DeputyView {
    fn from(listed: ListedDeputy) -> Self {
        let deputy = listed.deputy;
        Self {
            id: deputy.id.0,
            absent_id: deputy.user_id.0,
            absent_name: listed.absent_name.expose().to_owned(),
            deputy_id: deputy.deputy_id.0,
            deputy_name: listed.deputy_name.expose().to_owned(),
            from: deputy.starts_at,
            until: deputy.until,
            ended_at: deputy.ended_at,
        }
    }
}

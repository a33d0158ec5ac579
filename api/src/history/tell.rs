//! A page of a story, once it is clear that the caller may read it.

use super::view::EventView;
use crate::{
    http::paging::{Listed, PageParams},
    problem::Problem,
};
use axum::Json;
use makerlab_shared::store::history::{self, HistoryEvent, Story};
use sqlx::PgConnection;

/// The newest first.
pub(super) async fn tell(
    conn: &mut PgConnection,
    story: Story,
    paging: &PageParams,
) -> Result<Json<Listed<EventView>>, Problem> {
    let events = history::list(conn, story, paging.page()?).await?;
    Ok(Json(paging.listed(events, HistoryEvent::position, Into::into)?))
}

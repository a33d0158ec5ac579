//! `GET /v1/letters`: whether a letter left, for whoever is asked why it did not arrive.

use super::letter::LetterView;
use crate::{
    http::{
        paging::{Listed, PageParams},
        params::Query,
        words,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::{id::UserId, notification::NotificationStatus},
    store::{
        page::After,
        sent_letters::{self, LetterFilter, ListedLetter},
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LetterParams {
    recipient_id: Option<Uuid>,
    #[param(schema_with = words::notification_status)]
    status: Option<NotificationStatus>,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// Letters and how far they got, the newest first.
#[utoipa::path(
    get,
    path = "/v1/letters",
    operation_id = "list_letters",
    tag = "notifications",
    params(LetterParams),
    responses((status = 200, body = Listed<LetterView>))
)]
pub(crate) async fn list_letters(
    State(app): State<AppState>,
    Query(params): Query<LetterParams>,
) -> Result<Json<Listed<LetterView>>, Problem> {
    let filter = LetterFilter { recipient: params.recipient_id.map(UserId), status: params.status };
    let paging = PageParams { cursor: params.cursor, limit: params.limit };
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = sent_letters::list(&mut conn, filter, page).await?;
    let position = |row: &ListedLetter| After { created_at: row.created_at, id: row.id.0 };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}

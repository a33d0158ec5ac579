//! `POST /v1/notifications/read`: everything up to the newest that somebody has seen, and nothing that came since.

use super::{count_unread::Unread, mark_read::read};
use crate::{
    http::{answer::Answer, caller::Caller, exchange::Post},
    problem::Problem,
};
use makerlab_shared::domain::{id::NotificationId, notice::Reach};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadUpTo {
    /// The newest notification that is shown.
    up_to: Uuid,
}

/// I have read this one and all before it; the answer says how many are left.
#[utoipa::path(
    post,
    path = "/v1/notifications/read",
    operation_id = "mark_read_up_to",
    tag = "notifications",
    request_body = ReadUpTo,
    responses((status = 200, body = Unread), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn mark_read_up_to(
    caller: Caller,
    Post { body, exchange }: Post<ReadUpTo>,
) -> Result<Answer, Problem> {
    read(exchange, caller, NotificationId(body.up_to), Reach::UpToThis).await
}

//! `POST /v1/notifications/{id}/read`; once more changes nothing.

use super::count_unread::{Unread, count};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Exchange, NoBody, Post},
        params::Id,
    },
    problem::Problem,
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{
        change::{Change, Write},
        id::NotificationId,
        notice::{Reach, Reading},
    },
    store::notifications,
};

/// I have read this one; the answer says how many are left.
#[utoipa::path(
    post,
    path = "/v1/notifications/{id}/read",
    operation_id = "mark_read",
    tag = "notifications",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses((status = 200, body = Unread), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn mark_read(
    caller: Caller,
    Id(id): Id<NotificationId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    read(exchange, caller, id, Reach::ThisOne).await
}

pub(super) async fn read(
    exchange: Exchange,
    caller: Caller,
    last: NotificationId,
    reach: Reach,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let recipient = notifications::find_recipient(effect.conn(), last).await?;
    let recipient = recipient.ok_or_else(|| Problem::not_found("notification"))?;
    caller.check_own("notification", recipient)?;
    let reading = Reading { reader: caller.user_id, last, reach };
    effect.commit(&Change { writes: vec![Write::MarkRead(reading)], ..Change::default() }).await?;
    let left = count(effect.conn(), caller).await?;
    effect.finish(Answer::new(StatusCode::OK, &left)?).await
}

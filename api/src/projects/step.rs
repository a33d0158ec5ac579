//! What the steps of a project's life share.

use super::view::{ProjectView, load_permitted};
use crate::{
    http::{answer::Answer, caller::Caller, exchange::Effect, input::TextRule},
    problem::Problem,
};
use axum::http::StatusCode;
use makerlab_shared::domain::{change::Change, id::ProjectId};

const REASON: TextRule = TextRule::paragraph(1, 2000);

pub(super) fn reason(text: &str) -> Result<String, Problem> {
    REASON.parse(text).map_err(|detail| Problem::invalid_field("/reason", detail))
}

/// Writes the change and answers with the project as it is now.
pub(super) async fn finish(
    mut effect: Effect,
    caller: Caller,
    id: ProjectId,
    change: &Change,
) -> Result<Answer, Problem> {
    effect.commit(change).await?;
    let project = load_permitted(effect.conn(), id, caller).await?;
    effect.finish(Answer::new(StatusCode::OK, &ProjectView::from(project))?).await
}

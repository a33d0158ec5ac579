//! One loan, one transaction: whatever happens to the next, this one stands.

use super::find_unit;
use crate::context::Context;
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        id::{ProjectId, UserId},
        inventory::AssetSeen,
        lent_before::{self, Adoptable, Adoption, Found, LabTimes, NotAdopted, judge},
        requisition::Period,
    },
    store::{
        self, catalogue,
        commit::{CommitError, commit},
        users,
    },
};

/// What is to be adopted.
pub(super) struct Chosen<'a> {
    pub(super) of: Adoptable,
    pub(super) borrower: Found,
    pub(super) seen: &'a AssetSeen,
    pub(super) asked_at: DateTime<Utc>,
    pub(super) by: UserId,
    pub(super) project: ProjectId,
}

pub(super) async fn find_or_create_project(context: &Context, by: UserId) -> anyhow::Result<ProjectId> {
    let mut transaction = context.pool.begin().await?;
    if let Some(project) = store::lent_before::find_project(&mut transaction).await? {
        return Ok(project);
    }
    let (project, change) = lent_before::project(by);
    commit(&mut transaction, &change).await?;
    transaction.commit().await?;
    Ok(project)
}

/// Adopts it unless something has changed since it was judged, or the catalogue shows something newer by now.
pub(super) async fn adopt_one(
    context: &Context,
    chosen: Chosen<'_>,
    times: LabTimes,
) -> anyhow::Result<Result<Period, NotAdopted>> {
    let Chosen { of, borrower, seen, asked_at, by, project } = chosen;
    let mut transaction = context.pool.begin().await?;
    store::lent_before::lock_shown(&mut transaction, seen.id).await?;
    match judge(seen, find_unit(&mut transaction, seen.id).await?, times) {
        Ok(still) if still == of => {}
        Ok(_) => return Ok(Err(NotAdopted::Overtaken)),
        Err(why) => return Ok(Err(why)),
    }
    // Whoever was added for an earlier unit is here by now.
    let borrower = match borrower {
        Found::ToAdd(user) => match users::find_by_email(&mut transaction, &user.email).await? {
            Some(found) => Found::Here { user: found.user, is_new_match: false },
            None => Found::ToAdd(user),
        },
        here @ Found::Here { .. } => here,
    };
    // What is compared with the loan from now on is what it was made of.
    catalogue::note_seen(&mut transaction, seen, asked_at).await?;
    let shown = store::lent_before::lock_shown(&mut transaction, seen.id).await?;
    if !shown.is_some_and(|shown| shown.is_still(seen)) {
        return Ok(Err(NotAdopted::Overtaken));
    }
    let change = lent_before::adopt(&Adoption { now: times.now, project_id: project, by, of, borrower });
    match commit(&mut transaction, &change).await {
        Ok(()) => {}
        Err(CommitError::Constraint(_) | CommitError::Conflict(_)) => return Ok(Err(NotAdopted::Overtaken)),
        Err(error) => return Err(error.into()),
    }
    transaction.commit().await?;
    Ok(Ok(of.period))
}

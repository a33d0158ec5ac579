//! Whose inventory is this? A Snipe-IT that is not the one we know must not be written to.

use crate::{calls::CallFailure, context::Context, jobs::Failure, snipeit::ReadFailureKind};
use makerlab_shared::{
    domain::{
        change::Change,
        finding::{FindingKind, NewFinding, THE_ONE_LINK},
        id::FindingId,
        inventory::{Landmark, SnipeitAssetId, are_telling, is_same_inventory},
        job::Lane,
    },
    store::{commit::commit, link, sync},
};
use serde_json::json;
use sqlx::PgConnection;

const LANDMARKS: i64 = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// The one that we know, or the first one ever.
    Known,
    /// Another; the words say by what it shows.
    Changed(String),
}

/// Whether this worker may talk to the Snipe-IT that it was told of. If it is another than before, everything stops until
/// a person rebinds.
///
/// # Errors
/// When Snipe-IT, the budget or the database did not answer: nobody knows yet.
pub async fn recognise(context: &Context) -> Result<bool, Failure> {
    match check(context).await? {
        Identity::Known => Ok(true),
        Identity::Changed(what) => {
            pause(context, &what).await?;
            Ok(false)
        }
    }
}

/// Compares this Snipe-IT with the remembered one: a call for each landmark.
pub(super) async fn check(context: &Context) -> Result<Identity, Failure> {
    let known = {
        let mut conn = context.pool.acquire().await?;
        link::load(&mut conn).await?
    };
    let Some(base_url) = known.base_url else { return Ok(Identity::Known) };
    let here = context.snipeit.base_url().as_str();
    if base_url != here {
        return Ok(Identity::Changed(format!("SNIPEIT_URL is {here}, it was {base_url}")));
    }
    if !are_telling(&known.landmarks) {
        return Ok(Identity::Known);
    }
    let (mut now, mut unreadable) = (Vec::new(), None);
    for landmark in known.landmarks {
        match find_tag(context, landmark.id).await {
            Ok(tag) => now.push((landmark, tag)),
            // One asset that cannot be shown or understood says nothing, unless there is no other.
            Err(CallFailure::Read(failure)) if is_about_the_asset(&failure.kind, now.is_empty()) => {
                unreadable = Some(failure);
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    if let (true, Some(failure)) = (now.is_empty(), unreadable) {
        return Err(CallFailure::Read(failure).into());
    }
    Ok(compare(&now))
}

fn compare(now: &[(Landmark, Option<String>)]) -> Identity {
    if is_same_inventory(now) {
        return Identity::Known;
    }
    Identity::Changed(format!("most of the assets known by number and tag are others now: {}", differences(now)))
}

/// Trouble with the first may be everybody's.
fn is_about_the_asset(kind: &ReadFailureKind, is_first: bool) -> bool {
    match kind {
        ReadFailureKind::Malformed { .. } => true,
        ReadFailureKind::Trouble { .. } => !is_first,
        ReadFailureKind::NotFound { .. }
        | ReadFailureKind::Throttled
        | ReadFailureKind::Installation { .. }
        | ReadFailureKind::Unreachable { .. } => false,
    }
}

async fn find_tag(context: &Context, id: SnipeitAssetId) -> Result<Option<String>, CallFailure> {
    // Everything waits for it.
    match context.read(Lane::Counter, async |snipeit| snipeit.show_asset(id).await).await {
        Ok(read) => Ok(Some(read.value.tag)),
        Err(CallFailure::Read(failure)) if matches!(failure.kind, ReadFailureKind::NotFound { .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn differences(now: &[(Landmark, Option<String>)]) -> String {
    let differs = now.iter().filter(|(landmark, tag)| tag.as_ref() != Some(&landmark.tag));
    let told: Vec<String> = differs
        .map(|(landmark, tag)| {
            format!("{} was {} and is {}", landmark.id, landmark.tag, tag.as_deref().unwrap_or("not there"))
        })
        .collect();
    told.join(", ")
}

/// Remembers the inventory by some of its assets as a whole sync has just seen them: over the years people rename and
/// remove one after the other. Another inventory that came in the middle of the sync is not taken for ours.
pub(super) async fn remember(context: &Context) -> Result<Identity, Failure> {
    let mut conn = context.pool.acquire().await?;
    let known = link::load(&mut conn).await?.landmarks;
    if are_telling(&known) {
        let ids: Vec<SnipeitAssetId> = known.iter().map(|landmark| landmark.id).collect();
        let mut tags = sync::list_tags(&mut conn, &ids).await?;
        let now: Vec<_> = known.into_iter().map(|landmark| (landmark.clone(), tags.remove(&landmark.id))).collect();
        let seen = compare(&now);
        if seen != Identity::Known {
            return Ok(seen);
        }
    }
    let landmarks = sync::choose_landmarks(&mut conn, LANDMARKS).await?;
    if !landmarks.is_empty() {
        link::remember_inventory(&mut conn, context.snipeit.base_url().as_str(), &landmarks).await?;
    }
    Ok(Identity::Known)
}

/// Stops all calls and asks a person: settling the finding with `retried` takes the inventory as it is from then on.
pub(super) async fn pause(context: &Context, what: &str) -> Result<(), Failure> {
    let cause = format!("this is not the inventory that was here before: {what}");
    let mut transaction = context.pool.begin().await?;
    raise(&mut transaction, context, FindingKind::InventoryChanged, &cause).await?;
    Ok(transaction.commit().await?)
}

/// Stops all calls with a finding, once the transaction is committed.
pub(super) async fn raise(
    conn: &mut PgConnection,
    context: &Context,
    kind: FindingKind,
    cause: &str,
) -> Result<(), Failure> {
    let finding = NewFinding {
        id: FindingId::generate(),
        kind,
        subject_id: THE_ONE_LINK,
        requisition_id: None,
        summary: format!("Nothing is sent to Snipe-IT any more: {cause}"),
        evidence: json!({ "base_url": context.snipeit.base_url().as_str() }),
    };
    link::pause_for_person(conn, cause).await?;
    commit(conn, &Change { findings: vec![finding], ..Change::default() }).await?;
    tracing::error!(
        pause.cause = cause,
        "Nothing is sent to Snipe-IT until a person settles the finding {kind}: {cause}"
    );
    Ok(())
}

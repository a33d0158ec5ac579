//! Effects of ours that nobody has seen yet: each is confirmed by what a page shows, or by a look of its own.

use super::{Round, Stopped};
use crate::{
    calls::CallFailure,
    catalogue::{drift, identity},
    context::Context,
    snipeit::ReadFailureKind,
};
use chrono::{DateTime, Duration, Utc};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        finding::FindingKind,
        id::OperationId,
        inventory::{AssetSeen, SnipeitAssetId},
        job::Lane,
        operation::{Confirmation, Operation, find_zone_error},
        unreadable::RowKind,
    },
    store::{self, catalogue, commit::commit, dossier, operations, sweep},
};
use std::collections::BTreeMap;

/// Looked up one by one per sweep.
const MOST_LOOKS: i64 = 5;

impl Round<'_> {
    /// Those of these unchanged rows that are to be stored all the same: what settled an effect on them came after the cache's
    /// sight. Their loans are compared even if this round ends early.
    pub(super) async fn find_awaited<'a>(&self, rows: Vec<&'a AssetSeen>) -> Result<Vec<&'a AssetSeen>, Stopped> {
        let ids: Vec<SnipeitAssetId> = rows.iter().map(|row| row.id).collect();
        let mut conn = self.context.pool.acquire().await?;
        let awaited = sweep::list_awaited(&mut conn, &ids).await?;
        if !awaited.is_empty() {
            store::drift::recompare(&mut conn, &awaited).await?;
        }
        Ok(rows.into_iter().filter(|row| awaited.contains(&row.id)).collect())
    }

    /// Compares the effects on these assets that nobody has seen yet.
    pub(super) async fn confirm(
        &self,
        by_id: &BTreeMap<SnipeitAssetId, &AssetSeen>,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Stopped> {
        let assets: Vec<SnipeitAssetId> = by_id.keys().copied().collect();
        let awaited = sweep::list_unconfirmed_of(&mut *self.context.pool.acquire().await?, &assets).await?;
        for effect in awaited {
            self.settle(effect.operation, by_id.get(&effect.asset).copied(), asked_at).await?;
        }
        Ok(())
    }

    async fn settle(&self, id: OperationId, seen: Option<&AssetSeen>, asked_at: DateTime<Utc>) -> Result<(), Stopped> {
        let mut transaction = self.context.pool.begin().await?;
        let Some(dossier) = dossier::load_for_operation(&mut transaction, id).await? else { return Ok(()) };
        let Some(operation) = dossier.find_operation(id).cloned() else { return Ok(()) };
        let (change, zone_error) = match dossier.compare(id, seen, asked_at) {
            Confirmation::NotYet => return Ok(()),
            Confirmation::Confirmed => {
                let now = operations::now(&mut transaction).await?;
                (dossier.confirm(id, now), self.find_zone_error(seen, &operation, asked_at))
            }
            Confirmation::NotSeen => {
                tracing::warn!(operation.id = %id, asset.id = %operation.asset, "The effect of {id} is not to be seen in Snipe-IT");
                (dossier.effect_not_seen(id, seen), None)
            }
        };
        commit(&mut transaction, &change).await?;
        // What is confirmed is not compared again: a wrong zone has to be told of in the same breath.
        let zone_words = zone_error.map(|error| zone_words(self.context, error));
        if let Some(words) = &zone_words {
            identity::raise(&mut transaction, self.context, FindingKind::ClockOrZoneWrong, words).await?;
        }
        crash::pass(CrashPoint::SweepBeforeCommit);
        transaction.commit().await?;
        crash::pass(CrashPoint::SweepAfterCommit);
        zone_words.map_or(Ok(()), |words| Err(Stopped::WrongZone { words }))
    }

    fn find_zone_error(
        &self,
        seen: Option<&AssetSeen>,
        operation: &Operation,
        asked_at: DateTime<Utc>,
    ) -> Option<Duration> {
        find_zone_error(
            seen?.updated_at?,
            self.context.zones.snipeit_timezone,
            operation,
            asked_at,
            self.link.clock_offset,
        )
    }

    /// Effects on assets that no page showed: archived, deleted, or changed long ago.
    pub(super) async fn look_elsewhere(&mut self) -> Result<(), Stopped> {
        let assets = {
            let mut conn = self.context.pool.acquire().await?;
            sweep::list_unconfirmed_elsewhere(&mut conn, &self.seen, MOST_LOOKS).await?
        };
        for id in assets {
            let asked_at = self.keep().await?;
            let seen = match self.context.read(Lane::Bulk, async |snipeit| snipeit.show_asset(id).await).await {
                Ok(read) => Some(read.value),
                Err(CallFailure::Read(failure)) => match failure.kind {
                    ReadFailureKind::NotFound { .. } => None,
                    ReadFailureKind::Malformed { what } => {
                        self.unreadable.note(RowKind::Asset, Some(id.0), &what);
                        continue;
                    }
                    _ => return Err(CallFailure::Read(failure).into()),
                },
                Err(failure) => return Err(failure.into()),
            };
            self.note_look(id, seen.as_ref(), asked_at).await?;
        }
        Ok(())
    }

    async fn note_look(
        &self,
        id: SnipeitAssetId,
        seen: Option<&AssetSeen>,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Stopped> {
        let awaited = {
            let mut conn = self.context.pool.acquire().await?;
            if let Some(seen) = seen {
                catalogue::note_seen(&mut conn, seen, asked_at).await?;
            }
            sweep::list_unconfirmed_of(&mut conn, &[id]).await?
        };
        for effect in awaited {
            self.settle(effect.operation, seen, asked_at).await?;
        }
        Ok(drift::compare(self.context, &[id]).await?)
    }
}

fn zone_words(context: &Context, error: Duration) -> String {
    let (zone, minutes) = (context.zones.snipeit_timezone, error.num_minutes());
    format!(
        "SNIPEIT_TIMEZONE is {zone}, but Snipe-IT's dates are {minutes} minutes off by it: set it to Snipe-IT's \
         APP_TIMEZONE, restart the workers, then settle the finding with `retried`"
    )
}

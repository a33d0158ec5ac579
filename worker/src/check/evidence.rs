//! Everything that is read of Snipe-IT for a check. Nothing here has an opinion.

use crate::snipeit::{
    ActivityRow, AssetQuery, AssetRights, AssetSort, CallSeen, HealthSeen, Marker, ModelSeen, PAGE_SIZE, Page,
    RateLimit, Read, ReadFailure, SelfSeen, SnipeIt, UserSeen, Visibility,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use makerlab_shared::domain::inventory::{AssetSeen, LabelSeen, SnipeitAssetId};

pub(super) type Seen<T> = Result<Read<T>, ReadFailure>;

/// What stands before everything else: is it Snipe-IT, and does it take the token?
pub(super) struct Front {
    pub(super) health: Seen<HealthSeen>,
    pub(super) version: Seen<String>,
    pub(super) me: Seen<SelfSeen>,
}

impl Front {
    pub(super) async fn read(snipeit: &SnipeIt) -> Self {
        Self { health: snipeit.health().await, version: snipeit.probe().await, me: snipeit.show_self().await }
    }
}

pub(super) struct Evidence {
    pub(super) front: Front,
    pub(super) rights: Seen<Option<AssetRights>>,
    /// The first page, by what changed last.
    pub(super) assets: Seen<Page<AssetSeen>>,
    pub(super) models: Seen<Page<ModelSeen>>,
    pub(super) labels: Seen<Page<LabelSeen>>,
    /// The calls for what did not fit on their first page.
    later_labels: Vec<CallSeen>,
    pub(super) users: Seen<Vec<UserSeen>>,
    pub(super) log: Seen<Vec<ActivityRow>>,
}

/// When something was last changed by Snipe-IT's dates, and what its clock said when it was asked.
pub(super) struct NewestChange {
    pub(super) at: Option<NaiveDateTime>,
    pub(super) asked_at: DateTime<Utc>,
}

impl Evidence {
    pub(super) async fn read(snipeit: &SnipeIt, front: Front) -> Self {
        let newest =
            AssetQuery { visibility: Visibility::Default, sort: AssetSort::UpdatedAt, limit: PAGE_SIZE, offset: 0 };
        let email = front.me.as_ref().ok().and_then(|me| me.value.user.email.clone());
        let nobody = Marker::parse("00000000000000000000000000").expect("a marker of zeros is one");
        let rights = snipeit.show_asset_rights().await;
        let assets = snipeit.list_assets(newest).await;
        let models = snipeit.list_models(0).await;
        let (labels, later_labels) = labels(snipeit).await;
        Self {
            rights,
            assets,
            models,
            labels,
            later_labels,
            // Any address will do: the answer shows whether people may be looked up.
            users: snipeit.find_users_by_email(email.as_deref().unwrap_or("nobody@lab.example")).await,
            log: snipeit.show_activity(SnipeitAssetId(1), &nobody).await,
            front,
        }
    }

    /// The circumstances of every call with the token, in order.
    pub(super) fn calls(&self) -> Vec<&CallSeen> {
        let first = [
            seen(&self.front.version),
            seen(&self.front.me),
            seen(&self.rights),
            seen(&self.assets),
            seen(&self.models),
            seen(&self.labels),
        ];
        first.into_iter().chain(&self.later_labels).chain([seen(&self.users), seen(&self.log)]).collect()
    }

    pub(super) fn rates(&self) -> Vec<RateLimit> {
        self.calls().into_iter().filter_map(|call| call.rate_limit).collect()
    }

    /// `None`: the list of assets could not be read.
    pub(super) fn newest_change(&self) -> Option<NewestChange> {
        let read = self.assets.as_ref().ok()?;
        let at = read.value.rows.iter().filter_map(|asset| asset.updated_at).max();
        Some(NewestChange { at, asked_at: read.seen.server_date.unwrap_or(read.seen.midpoint) })
    }
}

fn seen<T>(read: &Seen<T>) -> &CallSeen {
    match read {
        Ok(read) => &read.seen,
        Err(failure) => &failure.seen,
    }
}

/// All pages, and the circumstances of all calls but the first one's.
async fn labels(snipeit: &SnipeIt) -> (Seen<Page<LabelSeen>>, Vec<CallSeen>) {
    let mut later = Vec::new();
    let mut whole = snipeit.list_labels(0).await;
    while let Some(offset) = whole.as_ref().ok().and_then(|read| read.value.next_offset(0)) {
        match (&mut whole, snipeit.list_labels(offset).await) {
            (Ok(read), Ok(next)) => {
                later.push(next.seen);
                read.value.append(next.value);
            }
            (_, next) => return (next, later),
        }
    }
    (whole, later)
}

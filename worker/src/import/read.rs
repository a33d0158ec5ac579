//! What is out in Snipe-IT, and who has it: two lists, page by page.

use crate::{
    calls::CallFailure,
    context::Context,
    snipeit::{AssetQuery, AssetSort, PAGE_SIZE, Read, ReadFailure, SnipeIt, UserSeen, Visibility},
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        inventory::{AssetSeen, HolderKind, SnipeitUserId},
        job::Lane,
        lent_before::HolderSeen,
    },
    store::operations,
};
use std::collections::HashMap;

/// Every asset of the default list that somebody has, with when Snipe-IT was asked, by PostgreSQL's clock.
pub(super) async fn assets_out(context: &Context) -> anyhow::Result<Vec<(AssetSeen, DateTime<Utc>)>> {
    let mut out = Vec::new();
    let mut offset = Some(0);
    while let Some(from) = offset {
        let asked_at = operations::now(&mut *context.pool.acquire().await?).await?;
        let query = AssetQuery { visibility: Visibility::Default, sort: AssetSort::Id, limit: PAGE_SIZE, offset: from };
        let page = patiently(context, async |snipeit| snipeit.list_assets(query).await).await?.value;
        offset = page.next_offset(from);
        out.extend(page.rows.into_iter().filter(|asset| asset.holder.is_some()).map(|asset| (asset, asked_at)));
    }
    Ok(out)
}

/// Snipe-IT's users, by number and by address.
pub(super) struct People {
    by_id: HashMap<SnipeitUserId, UserSeen>,
    sharing: HashMap<String, usize>,
}

impl People {
    pub(super) async fn read(context: &Context) -> anyhow::Result<Self> {
        let mut people = Self { by_id: HashMap::new(), sharing: HashMap::new() };
        let mut offset = Some(0);
        while let Some(from) = offset {
            let page = patiently(context, async |snipeit| snipeit.list_users(from).await).await?.value;
            offset = page.next_offset(from);
            page.rows.into_iter().for_each(|user| people.note(user));
        }
        Ok(people)
    }

    fn note(&mut self, user: UserSeen) {
        // A row that was on two pages counts once.
        if self.by_id.contains_key(&user.id) {
            return;
        }
        if let Some(email) = &user.email {
            *self.sharing.entry(folded(email)).or_default() += 1;
        }
        self.by_id.insert(user.id, user);
    }

    pub(super) fn find(&self, id: SnipeitUserId) -> Option<HolderSeen> {
        let user = self.by_id.get(&id)?;
        let sharing = user.email.as_ref().and_then(|email| self.sharing.get(&folded(email))).copied().unwrap_or(0);
        Some(HolderSeen { id, name: user.name.clone(), email: user.email.clone(), sharing })
    }

    /// Of whoever has the asset, as it stands in Snipe-IT.
    pub(super) fn address_of(&self, seen: &AssetSeen) -> Option<String> {
        let holder = seen.holder.filter(|holder| holder.kind == HolderKind::User)?;
        self.by_id.get(&SnipeitUserId(holder.id))?.email.clone()
    }
}

fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A person waits at the terminal, and people at the counter come first.
async fn patiently<T>(
    context: &Context,
    call: impl AsyncFn(&SnipeIt) -> Result<Read<T>, ReadFailure>,
) -> anyhow::Result<Read<T>> {
    loop {
        match context.read(Lane::Bulk, &call).await {
            Err(CallFailure::NoBudget { wait }) => tokio::time::sleep(wait).await,
            read => return Ok(read?),
        }
    }
}

//! The lists of labels and of models, each as a whole: for the full sync, and for the sweep, which no edit of theirs shows
//! itself to.

use super::{labels, rounds, unreadable};
use crate::{
    context::Context,
    jobs::Failure,
    snipeit::{ModelSeen, PAGE_SIZE, Page},
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        inventory::{LabelSeen, SnipeitModelId},
        job::Lane,
        unreadable::{RowKind, UnreadableRows},
    },
    store::{catalogue::ModelRow, drift, jobs::TakenJob, sync},
};

/// Reads the labels; mostly a call. What became of a label holds at once for the units that have it, and their loans are compared
/// by the next look.
pub(super) async fn read_labels(context: &Context, asked_at: DateTime<Utc>) -> Result<Page<LabelSeen>, Failure> {
    let mut page = context.read(Lane::Bulk, async |snipeit| snipeit.list_labels(0).await).await?.value;
    while let Some(offset) = page.next_offset(0) {
        page.append(context.read(Lane::Bulk, async |snipeit| snipeit.list_labels(offset).await).await?.value);
    }
    let labels = &page.rows;
    let mut transaction = context.pool.begin().await?;
    sync::upsert_labels(&mut transaction, labels, asked_at).await?;
    let changed = sync::spread_labels(&mut transaction).await?;
    drift::recompare(&mut transaction, &changed).await?;
    transaction.commit().await?;
    labels::compare(context, labels).await?;
    Ok(page)
}

/// Reads the models, page by page; those that the whole list does not show are marked. `None`: the job is another's.
pub(super) async fn read_models(context: &Context, job: &TakenJob) -> Result<Option<ModelsSeen>, Failure> {
    read_models_from(context, job, 0).await
}

/// Reads on behind the models that are known: those that were added since come last. A little before their end, because
/// models that were deleted since have moved the others forward.
pub(super) async fn read_new_models(
    context: &Context,
    job: &TakenJob,
    known: &ModelsSeen,
) -> Result<Option<ModelsSeen>, Failure> {
    let rows = (known.readable + known.count_unreadable()) as u64;
    read_models_from(context, job, rows.saturating_sub(u64::from(PAGE_SIZE / 2))).await
}

async fn read_models_from(context: &Context, job: &TakenJob, first: u64) -> Result<Option<ModelsSeen>, Failure> {
    let mut seen = ModelsSeen::default();
    let mut offset = Some(first);
    while let Some(from) = offset {
        let Some(asked_at) = rounds::keep(context, job).await? else { return Ok(None) };
        let page = context.read(Lane::Bulk, async |snipeit| snipeit.list_models(from).await).await?.value;
        let rows: Vec<ModelRow<'_>> = page.rows.iter().map(model_row).collect();
        sync::upsert_models(&mut *context.pool.acquire().await?, &rows, asked_at).await?;
        seen.note(&page, asked_at);
        offset = page.next_offset(from);
    }
    Ok(Some(seen))
}

/// What the list of models showed, to tell what is not in it.
#[derive(Debug, Default)]
pub(super) struct ModelsSeen {
    pub(super) readable: usize,
    total: Option<u64>,
    has_changed: bool,
    pub(super) unreadable: Vec<SnipeitModelId>,
    nameless: usize,
    /// With what they lack.
    pub(super) told: UnreadableRows,
    asked_first_at: Option<DateTime<Utc>>,
    /// The highest number that was shown or looked for.
    highest: Option<SnipeitModelId>,
}

impl ModelsSeen {
    fn note(&mut self, page: &Page<ModelSeen>, asked_at: DateTime<Utc>) {
        self.asked_first_at.get_or_insert(asked_at);
        self.readable += page.rows.len();
        self.has_changed |= self.total.is_some_and(|total| total != page.total);
        self.total = Some(page.total);
        unreadable::note(&mut self.told, RowKind::Model, &page.unreadable);
        self.nameless += page.unreadable.iter().filter(|row| row.id.is_none()).count();
        self.unreadable.extend(page.unreadable.iter().filter_map(|row| row.id).map(SnipeitModelId));
        self.highest = self.highest.max(page.rows.iter().map(|model| model.id).max());
    }

    /// Whether a model that is not known may have been added since: numbers only grow.
    pub(super) fn may_be_new(&self, model: SnipeitModelId) -> bool {
        self.highest.is_none_or(|highest| model > highest)
    }

    /// Up to this one nothing is new any more.
    pub(super) fn looked_for(&mut self, model: Option<SnipeitModelId>) {
        self.highest = self.highest.max(model);
    }

    /// Rows that this version could not understand.
    pub(super) fn count_unreadable(&self) -> usize {
        self.unreadable.len() + self.nameless
    }

    /// Whether a model that was not seen is really not there.
    fn is_whole(&self) -> bool {
        let rows = self.readable + self.count_unreadable();
        !self.has_changed && self.nameless == 0 && self.total == Some(rows as u64)
    }

    /// Marks the models that are not there any more, and says how many those are.
    pub(super) async fn mark_gone(&self, context: &Context) -> Result<u64, Failure> {
        let Some(asked_first_at) = self.asked_first_at.filter(|_| self.is_whole()) else { return Ok(0) };
        let mut conn = context.pool.acquire().await?;
        Ok(sync::mark_models_gone(&mut conn, asked_first_at, &self.unreadable).await?)
    }
}

fn model_row(model: &ModelSeen) -> ModelRow<'_> {
    ModelRow {
        id: model.id,
        name: &model.name,
        model_number: model.number.as_deref(),
        category: model.category.as_deref(),
        manufacturer: model.manufacturer.as_deref(),
        // Whoever shows it makes a link of it.
        image_url: model.image.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://")),
    }
}

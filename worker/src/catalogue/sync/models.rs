//! The list of models, as a whole.

use crate::snipeit::{ModelSeen, Page};
use makerlab_shared::{domain::inventory::SnipeitModelId, store::catalogue::ModelRow};

/// What the list of models showed, to tell what is not in it.
#[derive(Debug, Default)]
pub(super) struct ModelsSeen {
    rows: usize,
    total: Option<u64>,
    has_changed: bool,
    pub(super) unreadable: Vec<SnipeitModelId>,
    has_nameless_row: bool,
}

impl ModelsSeen {
    pub(super) fn note(&mut self, page: &Page<ModelSeen>) {
        self.rows += page.rows.len() + page.unreadable.len();
        self.has_changed |= self.total.is_some_and(|total| total != page.total);
        self.total = Some(page.total);
        self.has_nameless_row |= page.unreadable.iter().any(|row| row.id.is_none());
        self.unreadable.extend(page.unreadable.iter().filter_map(|row| row.id).map(SnipeitModelId));
    }

    /// Whether a model that was not seen is really not there.
    pub(super) fn is_whole(&self) -> bool {
        !self.has_changed && !self.has_nameless_row && self.total == Some(self.rows as u64)
    }
}

pub(super) fn model_row(model: &ModelSeen) -> ModelRow<'_> {
    ModelRow {
        id: model.id,
        name: &model.name,
        model_number: model.number.as_deref(),
        category: model.category.as_deref(),
        manufacturer: model.manufacturer.as_deref(),
    }
}

//! A person edits the lists behind the assets: models and status labels. No asset's `updated_at` tells of it.

use makerlab_shared::domain::inventory::LabelKind;

use super::hands::Hands;

impl Hands {
    pub fn rename_model(&self, model: i64, name: &str) {
        if let Some(model) = self.state.inventory().models.get_mut(&model) {
            name.clone_into(&mut model.name);
        }
    }

    /// Somebody uploads a picture of the model, or takes it away.
    pub fn set_model_image(&self, model: i64, url: Option<&str>) {
        if let Some(model) = self.state.inventory().models.get_mut(&model) {
            model.image = url.map(str::to_owned);
        }
    }

    /// A model that still has assets stays: Snipe-IT refuses.
    pub fn delete_model(&self, model: i64) {
        let now = self.state.clock().wall();
        let mut inventory = self.state.inventory();
        let is_used = inventory.assets().any(|asset| asset.model_id == model);
        if let Some(model) = inventory.models.get_mut(&model).filter(|_| !is_used) {
            model.deleted_at = Some(now);
        }
    }

    pub fn rename_label(&self, label: i64, name: &str) {
        if let Some(label) = self.state.inventory().labels.get_mut(&label) {
            name.clone_into(&mut label.name);
        }
    }

    /// The label of many assets means something else from now on.
    pub fn set_label_kind(&self, label: i64, kind: LabelKind) {
        if let Some(label) = self.state.inventory().labels.get_mut(&label) {
            label.kind = kind;
        }
    }
}

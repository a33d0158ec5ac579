//! What can be lent: our mapping to Snipe-IT's models and assets, and the approval rule that only we know.

use super::{
    actor::Actor,
    change::Change,
    id::{EquipmentId, ModelId, UserId},
    inventory::{AssetSeen, LabelKind, SnipeitAssetId, SnipeitModelId},
    text_enum::text_enum,
    user::Role,
};

text_enum! {
    /// Who must say yes before a unit of the model goes out.
    pub enum Approval {
        /// Nobody: it goes straight through.
        None = "none",
        /// A technician or an admin who is neither requester nor borrower.
        Technician = "technician",
    }
}

text_enum! {
    /// How a unit of the model gets to its borrower.
    pub enum Collection {
        /// It is checked out as soon as it is due.
        StraightThrough = "straight_through",
        /// It is kept until a technician hands it over.
        Counter = "counter",
    }
}

text_enum! {
    /// In which of Snipe-IT's lists an asset stood when it was last looked for.
    pub enum Presence {
        Listed = "listed",
        Archived = "archived",
        Deleted = "deleted",
        /// In none of them; only a full sync can tell.
        Gone = "gone",
    }
}

impl Presence {
    /// In which list an asset stands that was asked for by itself.
    pub fn of(seen: &AssetSeen) -> Self {
        match seen.label.kind {
            _ if seen.deleted => Self::Deleted,
            LabelKind::Archived => Self::Archived,
            LabelKind::Deployable | LabelKind::Pending | LabelKind::Undeployable => Self::Listed,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EquipmentModel {
    pub id: ModelId,
    pub snipeit_model_id: SnipeitModelId,
    pub name: String,
    pub approval: Approval,
    pub collection: Collection,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelRefused {
    #[error("who must say yes is a rule of the lab, and admins change those; ask one, or leave `approval` out")]
    ApprovalIsForAdmins,
}

impl EquipmentModel {
    /// Its rules become those of `after`. What stays as it is changes nothing.
    ///
    /// # Errors
    /// Somebody else than an admin changes who must say yes.
    pub fn change(&self, after: Self, by: UserId, role: Role) -> Result<Change, ModelRefused> {
        if after.approval != self.approval && role != Role::Admin {
            return Err(ModelRefused::ApprovalIsForAdmins);
        }
        Ok(Change::update_model(self, after, Actor::User(by)))
    }
}

/// One physical unit that a loan can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub id: EquipmentId,
    pub snipeit_asset_id: SnipeitAssetId,
    /// Its model's rule.
    pub collection: Collection,
}

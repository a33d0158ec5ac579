//! Models and units as clients see them. Always with an age: Snipe-IT is the authority, this is what it last said.

use crate::{http::words, problem::Problem};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        equipment::{Approval, Collection, Presence},
        id::ModelId,
    },
    store::catalogue_reads::{self, ListedModel, ListedUnit},
};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelView {
    id: Uuid,
    snipeit_model_id: i64,
    name: String,
    model_number: Option<String>,
    category: Option<String>,
    manufacturer: Option<String>,
    /// Its picture, at Snipe-IT's own address.
    #[schema(example = "https://snipeit.lab.example/uploads/models/uno.png")]
    image_url: Option<String>,
    /// Who must say yes before a unit goes out.
    #[schema(schema_with = words::approval)]
    approval: Approval,
    /// How a unit gets to its borrower.
    #[schema(schema_with = words::collection)]
    collection: Collection,
    /// Units that Snipe-IT lists.
    total_units: i64,
    /// Of these, how many could be lent now.
    free_units: i64,
    /// When Snipe-IT was asked for the oldest part of this.
    as_of: DateTime<Utc>,
    age_seconds: i64,
    /// Since when Snipe-IT does not list the model any more.
    gone_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitView {
    id: Uuid,
    snipeit_asset_id: i64,
    #[schema(example = "ML-0042")]
    tag: String,
    name: Option<String>,
    /// The status label in Snipe-IT.
    label: String,
    #[schema(schema_with = words::presence)]
    presence: Presence,
    /// Where to fetch it: the place at which Snipe-IT has it, else, if nobody has it, the one where it lives.
    #[schema(example = "Storage cabinet B")]
    location: Option<String>,
    /// Where it lives, and comes back to.
    home_location: Option<String>,
    /// Whether Snipe-IT's own request button is offered for it. What is lent here, labels say.
    requestable: Option<bool>,
    is_free: bool,
    as_of: DateTime<Utc>,
}

pub(super) async fn load(conn: &mut PgConnection, id: ModelId) -> Result<ListedModel, Problem> {
    catalogue_reads::find_model(conn, id).await?.ok_or_else(|| Problem::not_found("equipment model"))
}

impl From<ListedModel> for ModelView {
    fn from(listed: ListedModel) -> Self {
        Self {
            id: listed.model.id.0,
            snipeit_model_id: listed.model.snipeit_model_id.0,
            name: listed.model.name,
            model_number: listed.model_number,
            category: listed.category,
            manufacturer: listed.manufacturer,
            image_url: listed.image_url,
            approval: listed.model.approval,
            collection: listed.model.collection,
            total_units: listed.units,
            free_units: listed.free_units,
            as_of: listed.as_of,
            age_seconds: (Utc::now() - listed.as_of).num_seconds().max(0),
            gone_at: listed.gone_at,
        }
    }
}

impl From<ListedUnit> for UnitView {
    fn from(unit: ListedUnit) -> Self {
        Self {
            id: unit.id.0,
            snipeit_asset_id: unit.snipeit_asset_id.0,
            tag: unit.tag,
            name: unit.name,
            label: unit.label,
            presence: unit.presence,
            location: unit.location,
            home_location: unit.home_location,
            requestable: unit.requestable,
            is_free: unit.is_free,
            as_of: unit.as_of,
        }
    }
}

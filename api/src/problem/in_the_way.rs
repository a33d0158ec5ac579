//! What must be done before something else can be: listed in the problem, so that nobody has to search for it.

use chrono::{DateTime, Utc};
use makerlab_shared::domain::{
    project::{Obstacles, OpenRequisition, UnitOut},
    requisition::RequisitionStatus,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Default, Serialize, ToSchema)]
pub struct InTheWay {
    /// Return these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    units_out: Vec<UnitInTheWay>,
    /// Cancel these, or have them decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    requisitions_open: Vec<RequisitionInTheWay>,
}

#[derive(Debug, Serialize, ToSchema)]
struct UnitInTheWay {
    loan_id: Uuid,
    tag: String,
    model_name: String,
    borrower_id: Uuid,
    borrower: String,
    due_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RequisitionInTheWay {
    id: Uuid,
    number: String,
    #[schema(schema_with = crate::http::words::requisition_status)]
    status: RequisitionStatus,
}

impl From<&Obstacles> for InTheWay {
    fn from(obstacles: &Obstacles) -> Self {
        Self {
            units_out: obstacles.units_out.iter().map(Into::into).collect(),
            requisitions_open: obstacles.requisitions_open.iter().map(Into::into).collect(),
        }
    }
}

impl From<&UnitOut> for UnitInTheWay {
    fn from(unit: &UnitOut) -> Self {
        Self {
            loan_id: unit.loan_id.0,
            tag: unit.tag.clone(),
            model_name: unit.model_name.clone(),
            borrower_id: unit.borrower_id.0,
            borrower: unit.borrower.expose().to_owned(),
            due_at: unit.due_at,
        }
    }
}

impl From<&OpenRequisition> for RequisitionInTheWay {
    fn from(open: &OpenRequisition) -> Self {
        Self { id: open.id.0, number: open.number.clone(), status: open.status }
    }
}

//! What people say to the API, in the words of the lab.

use anyhow::{Context, Result};
use chrono::{DateTime, Duration, Utc};
use makerlab_shared::domain::{
    equipment::{Approval, Collection},
    id::{EquipmentId, LineId, LoanId, ModelId, NotificationId, OperationId, ProjectId, RequisitionId},
    notification::NotificationEvent,
    operation::{OperationKind, OperationState},
    project::MemberRole,
    requisition::{LineStatus, LoanStatus, RequisitionStatus},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Client, Person};

#[derive(Debug, Clone, Deserialize)]
pub struct RequisitionSeen {
    pub id: RequisitionId,
    pub number: String,
    pub status: RequisitionStatus,
    pub decision_reason: Option<String>,
    pub lines: Vec<LineSeen>,
    pub loans: Vec<LoanSeen>,
    pub operations: Vec<OperationSeen>,
    /// The whole story, entry by entry.
    pub history: Vec<Value>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct LineSeen {
    pub id: LineId,
    pub status: LineStatus,
    pub decision_reason: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct LoanSeen {
    pub id: LoanId,
    pub status: LoanStatus,
    pub tag: String,
    pub snipeit_asset_id: i64,
    pub failure: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct OperationSeen {
    pub id: OperationId,
    pub loan_id: LoanId,
    pub kind: OperationKind,
    pub state: OperationState,
    pub attempts: i32,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ModelSeen {
    pub id: ModelId,
    pub name: String,
    pub free_units: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct UnitSeen {
    pub id: EquipmentId,
    pub tag: String,
    pub snipeit_asset_id: i64,
    pub is_free: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub struct NotificationSeen {
    pub id: NotificationId,
    pub event: NotificationEvent,
    pub requisition_id: Option<RequisitionId>,
}

/// What a line asks for.
#[derive(Debug, Clone, Copy)]
pub enum Wanted {
    Any { model: ModelId, quantity: u32 },
    Unit(EquipmentId),
}

impl Wanted {
    fn as_json(self) -> Value {
        match self {
            Self::Any { model, quantity } => json!({ "model_id": model, "quantity": quantity }),
            Self::Unit(unit) => json!({ "equipment_id": unit }),
        }
    }
}

/// What a technician says of a line.
#[derive(Debug, Clone, Copy)]
pub enum LineDecision<'a> {
    Grant { line: LineId, quantity: u32 },
    Reject { line: LineId, reason: &'a str },
}

impl LineDecision<'_> {
    fn as_json(self) -> Value {
        match self {
            Self::Grant { line, quantity } => json!({ "line_id": line, "decision": "approve", "quantity": quantity }),
            Self::Reject { line, reason } => json!({ "line_id": line, "decision": "reject", "reason": reason }),
        }
    }
}

impl Person {
    /// From now on for a week.
    pub async fn submit(&self, project: ProjectId, purpose: &str, lines: &[Wanted]) -> Result<RequisitionSeen> {
        self.submit_until(project, purpose, lines, Utc::now() + Duration::days(7)).await
    }

    /// From now on.
    pub async fn submit_until(
        &self,
        project: ProjectId,
        purpose: &str,
        lines: &[Wanted],
        due_at: DateTime<Utc>,
    ) -> Result<RequisitionSeen> {
        let lines: Vec<_> = lines.iter().map(|line| line.as_json()).collect();
        let body = json!({ "project_id": project, "purpose": purpose, "due_at": due_at, "lines": lines });
        read(self.api.post("/v1/requisitions", &body).await?)
    }

    pub async fn requisition(&self, id: RequisitionId) -> Result<RequisitionSeen> {
        read(self.api.get(&format!("/v1/requisitions/{id}")).await?)
    }

    pub async fn approve(&self, id: RequisitionId) -> Result<()> {
        self.api.post(&format!("/v1/requisitions/{id}/approve"), &json!({})).await.map(drop)
    }

    pub async fn reject(&self, id: RequisitionId, reason: &str) -> Result<()> {
        let body = json!({ "reason": reason });
        self.api.post(&format!("/v1/requisitions/{id}/reject"), &body).await.map(drop)
    }

    pub async fn decide(&self, id: RequisitionId, decisions: &[LineDecision<'_>]) -> Result<()> {
        let decisions: Vec<_> = decisions.iter().map(|decision| decision.as_json()).collect();
        self.api.post(&format!("/v1/requisitions/{id}/decide"), &json!({ "decisions": decisions })).await.map(drop)
    }

    /// Units by what stands on them.
    pub async fn hand_over(&self, id: RequisitionId, tags: &[&str]) -> Result<()> {
        let units: Vec<_> = tags.iter().map(|tag| json!({ "tag": tag })).collect();
        self.api.post(&format!("/v1/requisitions/{id}/hand-over"), &json!({ "units": units })).await.map(drop)
    }

    /// For one unit, from now on for a little longer than [`Self::submit`] asks for.
    pub async fn wait_for(&self, project: ProjectId, model: ModelId) -> Result<()> {
        let body = json!({ "project_id": project, "model_id": model, "due_at": Utc::now() + Duration::days(8) });
        self.api.post("/v1/waiting-list", &body).await.map(drop)
    }

    pub async fn cancel(&self, id: RequisitionId) -> Result<()> {
        self.api.post(&format!("/v1/requisitions/{id}/cancel"), &json!({})).await.map(drop)
    }

    pub async fn give_back(&self, loan: LoanId) -> Result<()> {
        self.api.post(&format!("/v1/loans/{loan}/return"), &json!({})).await.map(drop)
    }

    pub async fn models(&self) -> Result<Vec<ModelSeen>> {
        list(&self.api, "/v1/equipment-models").await
    }

    pub async fn model_named(&self, name: &str) -> Result<ModelSeen> {
        let found = self.models().await?.into_iter().find(|model| model.name == name);
        found.with_context(|| format!("the catalogue has no model {name:?}"))
    }

    pub async fn units(&self, model: ModelId) -> Result<Vec<UnitSeen>> {
        read(self.api.get(&format!("/v1/equipment-models/{model}/equipment")).await?)
    }

    pub async fn set_approval(&self, model: ModelId, approval: Approval) -> Result<()> {
        let body = json!({ "approval": approval });
        self.api.patch(&format!("/v1/equipment-models/{model}"), &body).await.map(drop)
    }

    pub async fn set_collection(&self, model: ModelId, collection: Collection) -> Result<()> {
        let body = json!({ "collection": collection });
        self.api.patch(&format!("/v1/equipment-models/{model}"), &body).await.map(drop)
    }

    pub async fn create_project(&self, name: &str) -> Result<ProjectId> {
        let project = self.api.post("/v1/projects", &json!({ "name": name })).await?;
        read(project["id"].clone())
    }

    /// What staff create for somebody else begins at once.
    pub async fn create_project_for(&self, name: &str, leader: &Person) -> Result<ProjectId> {
        let body = json!({ "name": name, "leader": { "user_id": leader.id } });
        let project = self.api.post("/v1/projects", &body).await?;
        read(project["id"].clone())
    }

    /// Lets a pending project begin, as the lab's staff may.
    pub async fn activate_project(&self, project: ProjectId) -> Result<()> {
        self.api.post(&format!("/v1/projects/{project}/activate"), &json!({})).await.map(drop)
    }

    pub async fn add_member(&self, project: ProjectId, member: &Person, role: MemberRole) -> Result<()> {
        let body = json!({ "user_id": member.id, "role": role });
        self.api.post(&format!("/v1/projects/{project}/members"), &body).await.map(drop)
    }

    /// The letters written to this person.
    pub async fn notifications(&self) -> Result<Vec<NotificationSeen>> {
        list(&self.api, "/v1/notifications").await
    }

    pub async fn count_open_findings(&self) -> Result<usize> {
        let findings: Vec<Value> = list(&self.api, "/v1/findings").await?;
        Ok(findings.iter().filter(|finding| finding["state"] == "open").count())
    }
}

/// The first hundred, which is more than any story here has.
async fn list<T: DeserializeOwned>(api: &Client, path: &str) -> Result<Vec<T>> {
    let page = api.get(&format!("{path}?limit=100")).await?;
    read(page["items"].clone())
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).context("the answer has another shape than expected")
}

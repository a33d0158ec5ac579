//! For each permission one request that must succeed for whoever may: an endpoint added later needs its own here.

use super::ground::{Ground, Somebody};
use crate::api::app::{Reply, request};
use axum::{
    body::Body,
    http::{Method, header},
};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{permission::Permission, project::MemberRole};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) struct Asked {
    method: Method,
    path: String,
    body: Value,
    /// What it is done to, for those that depend on its state.
    pub(super) subject: Uuid,
    /// For a list: the row that is looked for.
    pub(super) row: Option<Uuid>,
}

impl Asked {
    pub(super) async fn send(&self, ground: &Ground, token: &str) -> Reply {
        // Whoever edits accepts what is there: the versions have tests of their own.
        let request = request(self.method.clone(), &self.path, token).header(header::IF_MATCH, "*");
        let request = request.header(header::CONTENT_TYPE, "application/json");
        ground.app.send(request.body(Body::from(self.body.to_string())).unwrap()).await
    }
}

/// Nothing of somebody else's can be named.
pub(super) fn is_never_foreign(permission: Permission) -> bool {
    use Permission as P;
    matches!(
        permission,
        P::ReadMe
            | P::ReadOwnQuotas
            | P::ReadPreferences
            | P::SetPreferences
            | P::CountUnread
            | P::ReadDeputy
            | P::EndDeputy
    )
}

/// To own it makes no difference that can be seen.
pub(super) fn is_always_own(permission: Permission) -> bool {
    // One's own projects are those one is a member of.
    permission == Permission::ListProjects
}

pub(super) async fn ask(ground: &Ground, permission: Permission, somebody: &Somebody, owns: bool) -> Asked {
    use Permission as P;
    let owner = if owns { somebody.id } else { ground.stranger };
    match permission {
        P::ListModels => rows("/v1/equipment-models?limit=100", ground.model),
        P::ReadModel => get(format!("/v1/equipment-models/{}", ground.model)),
        P::ListUnits => get(format!("/v1/equipment-models/{}/equipment", ground.model)),
        P::ReadEquipmentHistory => get(format!("/v1/equipment/{}/history", ground.unit().await)),
        P::ReadAvailability => {
            let (from, to) = (Utc::now(), Utc::now() + Duration::days(3));
            let window = format!("from={}&to={}", from.format("%FT%TZ"), to.format("%FT%TZ"));
            get(format!("/v1/equipment-models/{}/availability?{window}", ground.model))
        }
        P::SetApproval => change(
            Method::PATCH,
            format!("/v1/equipment-models/{}", ground.model),
            json!({"collection": "straight_through"}),
        ),

        P::ListQuotas => get("/v1/quotas".to_owned()),
        P::CreateQuota => {
            let category = Uuid::now_v7().to_string();
            let body = json!({"scope": "person", "category": category, "measure": "units_out", "most": 9});
            post(Uuid::nil(), "/v1/quotas".to_owned(), body)
        }
        P::ReadQuota => get(format!("/v1/quotas/{}", ground.quota().await)),
        P::EditQuota => change(Method::PATCH, format!("/v1/quotas/{}", ground.quota().await), json!({"most": 8})),
        P::RemoveQuota => post(Uuid::nil(), format!("/v1/quotas/{}/remove", ground.quota().await), json!({})),
        P::ReadProjectQuotas => get(format!("/v1/projects/{}/quotas", ground.project)),
        P::ReadOwnQuotas => get("/v1/users/me/quotas".to_owned()),
        P::ReadLabSettings => get("/v1/lab-settings".to_owned()),
        P::EditLabSettings => change(Method::PATCH, "/v1/lab-settings".to_owned(), json!({"hold_hours": 24})),

        P::ReadStatus => get("/v1/status".to_owned()),
        P::ListSyncRuns => rows("/v1/sync-runs?limit=100", ground.sync_run().await),
        P::StartSync => post(Uuid::nil(), "/v1/sync-runs".to_owned(), json!({})),
        P::ListFindings => rows("/v1/findings?limit=100", ground.finding().await),
        P::ReadFinding => get(format!("/v1/findings/{}", ground.finding().await)),
        P::SettleFinding => {
            let finding = ground.finding().await;
            post(finding, format!("/v1/findings/{finding}/settle"), json!({"resolution": "acknowledged"}))
        }

        P::ReadMe => get("/v1/users/me".to_owned()),
        P::ReadUser => get(format!("/v1/users/{owner}")),
        P::ReadUserHistory => get(format!("/v1/users/{owner}/history")),
        P::ListUsers => rows("/v1/users?limit=100", ground.stranger),
        P::CreateUser => {
            let email = format!("{}@lab.example", Uuid::now_v7().simple());
            post(Uuid::nil(), "/v1/users".to_owned(), json!({"name": "Rui", "email": email, "role": "student"}))
        }
        P::IssueToken => {
            let body = json!({"user_id": owner, "label": "door", "days": 1});
            post(Uuid::nil(), "/v1/tokens".to_owned(), body)
        }
        P::ListTokens => {
            let token = ground.token_of(owner).await;
            rows(&format!("/v1/tokens?user_id={owner}"), token)
        }
        P::RevokeToken => {
            let token = ground.token_of(owner).await;
            change(Method::DELETE, format!("/v1/tokens/{token}"), Value::Null)
        }
        P::ReadPreferences => get("/v1/users/me/preferences".to_owned()),
        P::SetPreferences => {
            let body = json!({"language": "en", "digest_hour": 7, "channels": {"submitted": "digest"}});
            change(Method::PUT, "/v1/users/me/preferences".to_owned(), body)
        }
        P::ReadDeputy => get("/v1/users/me/deputy".to_owned()),
        P::NameDeputy => {
            let body = json!({"user_id": ground.admin, "until": Utc::now() + Duration::days(1)});
            change(Method::PUT, "/v1/users/me/deputy".to_owned(), body)
        }
        P::EndDeputy => change(Method::DELETE, "/v1/users/me/deputy".to_owned(), Value::Null),
        P::ListDeputies => rows("/v1/deputies?limit=100", ground.deputy_of(owner).await),
        P::SetLanguage => change(Method::PUT, format!("/v1/users/{owner}/language"), json!({"language": "pt"})),
        P::CountUnread => get("/v1/notifications/unread-count".to_owned()),
        P::MarkRead => {
            let notification = ground.notification_of(owner).await;
            post(notification, format!("/v1/notifications/{notification}/read"), json!({}))
        }
        P::MarkReadUpTo => {
            let notification = ground.notification_of(owner).await;
            post(notification, "/v1/notifications/read".to_owned(), json!({"up_to": notification}))
        }
        P::ListLetters => rows("/v1/letters?limit=100", ground.notification_of(ground.stranger).await),
        P::ResendLetter => {
            let letter = ground.notification_of(ground.stranger).await;
            post(letter, format!("/v1/notifications/{letter}/resend"), json!({}))
        }
        P::ListNotifications => rows("/v1/notifications?limit=100", ground.notification_of(owner).await),

        P::CreateProject => post(Uuid::nil(), "/v1/projects".to_owned(), json!({"name": "Rover"})),
        P::ListProjects => rows("/v1/projects?limit=5", ground.project_for(somebody, "active").await),
        P::ReadProject => get(format!("/v1/projects/{}", ground.project)),
        P::ListMembers => get(format!("/v1/projects/{}/members", ground.project)),
        P::ActivateProject => {
            let project = ground.project_asked_for_by(owner, somebody).await;
            post(project, format!("/v1/projects/{project}/activate"), json!({}))
        }
        P::RejectProject => {
            let project = ground.project_asked_for_by(owner, somebody).await;
            post(project, format!("/v1/projects/{project}/reject"), json!({"reason": "Not this year."}))
        }
        P::CompleteProject => {
            let project = ground.project_for(somebody, "active").await;
            post(project, format!("/v1/projects/{project}/complete"), json!({}))
        }
        P::ArchiveProject => {
            let project = ground.project_for(somebody, "active").await;
            post(project, format!("/v1/projects/{project}/archive"), json!({}))
        }
        P::EditProject => {
            let project = ground.project_for(somebody, "active").await;
            let path = format!("/v1/projects/{project}");
            Asked { method: Method::PATCH, ..post(project, path, json!({"name": "Rover 2"})) }
        }
        P::ReadProjectReport => get(format!("/v1/projects/{}/report?from=2026-01-01&to=2026-02-01", ground.project)),
        P::ReadLabReport => get("/v1/reports/lab?from=2026-01-01&to=2026-02-01".to_owned()),
        P::ReadProjectHistory => get(format!("/v1/projects/{}/history", ground.project)),
        P::ChangeMemberRole => {
            let project = ground.project_with_stranger(somebody, MemberRole::Member).await;
            let path = format!("/v1/projects/{project}/members/{}", ground.stranger);
            Asked { method: Method::PATCH, ..post(project, path, json!({"role": "observer"})) }
        }
        P::RemoveMember => {
            let project = ground.project_with_stranger(somebody, MemberRole::Member).await;
            post(project, format!("/v1/projects/{project}/members/{}/remove", ground.stranger), json!({}))
        }
        P::LeaveProject => {
            let project = ground.project_with_stranger(somebody, MemberRole::Leader).await;
            post(project, format!("/v1/projects/{project}/leave"), json!({}))
        }
        P::AddMember => {
            let project = ground.project_for(somebody, "active").await;
            let body = json!({"user_id": ground.stranger, "role": "observer"});
            post(project, format!("/v1/projects/{project}/members"), body)
        }

        P::SubmitRequisition => {
            let project = ground.project_for(somebody, "active").await;
            let due_at = Utc::now() + Duration::days(7);
            let lines = json!([{"model_id": ground.model, "quantity": 1}]);
            let body = json!({"project_id": project, "purpose": "Measuring", "due_at": due_at, "lines": lines});
            post(project, "/v1/requisitions".to_owned(), body)
        }
        P::DryRunRequisition => {
            let project = ground.project_for(somebody, "active").await;
            let due_at = Utc::now() + Duration::days(7);
            let lines = json!([{"model_id": ground.model, "quantity": 1}]);
            let body = json!({"project_id": project, "purpose": "Measuring", "due_at": due_at, "lines": lines});
            post(project, "/v1/requisitions/dry-run".to_owned(), body)
        }
        P::ListApprovalRules => get("/v1/approval-rules".to_owned()),
        P::CreateApprovalRule => {
            post(Uuid::nil(), "/v1/approval-rules".to_owned(), json!({"position": 1000, "outcome": "technician"}))
        }
        P::EditApprovalRule => {
            let path = format!("/v1/approval-rules/{}", ground.approval_rule().await);
            change(Method::PATCH, path, json!({"position": 999}))
        }
        P::RemoveApprovalRule => {
            let rule = ground.approval_rule().await;
            post(rule, format!("/v1/approval-rules/{rule}/remove"), json!({}))
        }
        P::JoinWaitingList => {
            let project = ground.project_for(somebody, "active").await;
            let model = ground.model_without_free_units().await;
            let due_at = Utc::now() + Duration::days(7);
            let body = json!({"project_id": project, "model_id": model, "due_at": due_at});
            post(project, "/v1/waiting-list".to_owned(), body)
        }
        P::ListWaitingList => rows("/v1/waiting-list?limit=100", ground.waiting_entry(owner).await),
        P::LeaveWaitingList => {
            let entry = ground.waiting_entry(owner).await;
            post(entry, format!("/v1/waiting-list/{entry}/leave"), json!({}))
        }
        P::ListRequisitions => rows("/v1/requisitions?limit=5", ground.pending_requisition(owner).await),
        P::ReadRequisition => get(format!("/v1/requisitions/{}", ground.pending_requisition(owner).await)),
        P::ApproveRequisition => decision(ground.pending_requisition(owner).await, "approve", json!({})),
        P::DecideRequisition => {
            let requisition = ground.pending_requisition(owner).await;
            let line = ground.line_of(requisition).await;
            let body = json!({"decisions": [{"line_id": line, "decision": "approve"}]});
            decision(requisition, "decide", body)
        }
        P::EndorseRequisition => decision(ground.with_supervisor(owner).await, "endorse", json!({})),
        P::HandOver => {
            let (requisition, unit) = ground.collectable(owner).await;
            decision(requisition, "hand-over", json!({"units": [{"equipment_id": unit}]}))
        }
        P::RejectRequisition => decision(ground.with_supervisor(owner).await, "reject", json!({"reason": "No."})),
        P::EditRequisition => {
            // What is edited has tests of its own: the rules of a submission hold then, whoever edits.
            let requisition = ground.pending_requisition(owner).await;
            let path = format!("/v1/requisitions/{requisition}");
            Asked { subject: requisition, ..change(Method::PATCH, path, json!({})) }
        }
        P::CancelRequisition => decision(ground.pending_requisition(owner).await, "cancel", json!({})),

        P::ListLoans => rows("/v1/loans?limit=5", ground.loan_out(owner).await),
        P::ReadLoanHistory => get(format!("/v1/loans/{}/history", ground.loan_out(owner).await)),
        P::ExtendLoan => {
            let loan = ground.loan_out(owner).await;
            let body = json!({"due_at": Utc::now() + Duration::days(8)});
            post(loan, format!("/v1/loans/{loan}/extend"), body)
        }
        P::GrantExtension => {
            let loan = ground.loan_out(owner).await;
            ground.extension_asked_for(loan).await;
            post(loan, format!("/v1/loans/{loan}/extension/grant"), json!({}))
        }
        P::RejectExtension => {
            let loan = ground.loan_out(owner).await;
            ground.extension_asked_for(loan).await;
            post(loan, format!("/v1/loans/{loan}/extension/reject"), json!({"reason": "No."}))
        }
        P::WithdrawExtension => {
            let loan = ground.loan_out(owner).await;
            ground.extension_asked_for(loan).await;
            post(loan, format!("/v1/loans/{loan}/extension/withdraw"), json!({}))
        }
        P::ExcuseOverdue => {
            let body = json!({"until": Utc::now() + Duration::days(1)});
            change(Method::PUT, format!("/v1/users/{owner}/overdue-excuse"), body)
        }
        P::CorrectCondition => {
            let loan = ground.loan_out(owner).await;
            ground.return_of(loan).await;
            let body = json!({"condition": "damaged", "note": "A pin is bent."});
            post(Uuid::nil(), format!("/v1/loans/{loan}/condition"), body)
        }
        P::ReturnLoan => {
            let loan = ground.loan_out(owner).await;
            post(loan, format!("/v1/loans/{loan}/return"), json!({}))
        }
    }
}

fn get(path: String) -> Asked {
    Asked { method: Method::GET, path, body: Value::Null, subject: Uuid::nil(), row: None }
}

fn rows(path: &str, row: Uuid) -> Asked {
    Asked { row: Some(row), ..get(path.to_owned()) }
}

fn post(subject: Uuid, path: String, body: Value) -> Asked {
    Asked { method: Method::POST, path, body, subject, row: None }
}

fn change(method: Method, path: String, body: Value) -> Asked {
    Asked { method, path, body, subject: Uuid::nil(), row: None }
}

fn decision(requisition: Uuid, word: &str, body: Value) -> Asked {
    post(requisition, format!("/v1/requisitions/{requisition}/{word}"), body)
}

//! Loans through the router: their return and its condition, more time, and what lateness keeps people from.

mod extension_approval;
mod extension_quotas;
mod extension_rules;
mod extensions;
mod overdue;
mod returns;
mod waiting_wishes;

use super::given::{self, Lab, id_of};
use serde_json::Value;
use uuid::Uuid;

/// A loan of the member that is out, due in a week, and its requisition.
async fn a_loan_out(lab: &Lab) -> (Uuid, Uuid) {
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let requisition = given::submitted(lab, &model).await;
    given::checked_out(lab, &requisition).await;
    (id_of(&requisition["loans"][0]), id_of(&requisition))
}

/// What was written to somebody about an event: the messages, the newest first.
async fn told(lab: &Lab, token: &str, event: &str) -> Vec<Value> {
    let listed = lab.app.get(token, "/v1/notifications").await.expect(200);
    let items = listed["items"].as_array().unwrap().iter().filter(|item| item["event"] == event);
    items.map(|item| item["message"].clone()).collect()
}

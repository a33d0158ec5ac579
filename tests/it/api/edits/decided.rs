//! After the first decision it is too late.

use super::{edit, of, say};
use crate::api::given;
use serde_json::json;

#[tokio::test]
async fn what_is_decided_in_part_or_is_over_is_not_edited() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let mut body = given::requisition(lab.project, &model, 1);
    body["lines"] = json!([of(&model, 1), of(&model, 2)]);
    let waiting = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
    let one = json!({"decisions": [{"line_id": waiting["lines"][0]["id"], "decision": "approve"}]});
    say(&lab, &lab.technician, &waiting, "decide", None, &one).await.expect(200);
    let wish = json!({"purpose": "Measure the mast"});

    let partly = edit(&lab, &lab.member, &waiting, Some("*"), &wish).await.expect_problem(409, "not-editable");
    say(&lab, &lab.member, &waiting, "cancel", None, &json!({})).await.expect(200);
    let over = edit(&lab, &lab.member, &waiting, Some("*"), &wish).await.expect_problem(409, "not-editable");

    let told = |problem: &serde_json::Value, words: &str| {
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    };
    told(&partly, "part of it has been decided already; cancel what still waits");
    told(&over, "the requisition is cancelled");
}

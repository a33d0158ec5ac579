//! Who sees what, page by page.

use super::given::{self, id_of};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::Value;
use std::collections::HashSet;

#[tokio::test]
async fn strangers_see_nothing_of_a_project_and_observers_see_all_of_it() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let requisition = given::submitted(&lab, &model).await;
    let (stranger, observer) =
        (given::person(&lab.app, Role::Professor).await, given::person(&lab.app, Role::Professor).await);
    given::add_member(&lab.app, lab.project, &lab.leader, &observer, MemberRole::Observer).await;
    let paths = [
        format!("/v1/requisitions/{}", id_of(&requisition)),
        format!("/v1/projects/{}", lab.project),
        format!("/v1/projects/{}/members", lab.project),
    ];

    for path in &paths {
        lab.app.get(&stranger.token, path).await.expect_problem(404, "not-found");
        lab.app.get(&observer.token, path).await.expect(200);
        lab.app.get(&lab.technician.token, path).await.expect(200);
    }
    for list in ["/v1/requisitions", "/v1/loans", "/v1/projects"] {
        assert_eq!(count(&lab.app.get(&stranger.token, list).await.expect(200)), 0, "{list}");
        assert_eq!(count(&lab.app.get(&observer.token, list).await.expect(200)), 1, "{list}");
        assert_eq!(count(&lab.app.get(&lab.admin.token, list).await.expect(200)), 1, "{list}");
    }
    lab.app.get(&stranger.token, &format!("/v1/users/{}", lab.member.id)).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition_while_rows_are_added() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let mut wanted = HashSet::new();
    for _ in 0..5 {
        wanted.insert(id_of(&given::submitted(&lab, &model).await));
    }

    let mut seen = Vec::new();
    let mut path = "/v1/requisitions?limit=2".to_owned();
    loop {
        let page = lab.app.get(&lab.member.token, &path).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(id_of));
        given::submitted(&lab, &model).await;
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/requisitions?limit=2&cursor={cursor}");
    }

    assert_eq!(seen.len(), 5);
    assert_eq!(seen.into_iter().collect::<HashSet<_>>(), wanted);
}

#[tokio::test]
async fn lists_are_filtered() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 2).await;
    let first = given::submitted(&lab, &model).await;
    let body = given::requisition(lab.project, &model, 1);
    lab.app.post(&lab.leader.token, "/v1/requisitions", &body).await.expect(202);
    let path = format!("/v1/requisitions/{}/approve", id_of(&first));
    lab.app.post(&lab.technician.token, &path, &serde_json::json!({})).await.expect(200);

    let number = first["number"].as_str().unwrap();
    for (query, expected) in [
        ("status=approved".to_owned(), 1),
        ("status=pending".to_owned(), 1),
        ("requester_id=me".to_owned(), 1),
        (format!("requester_id={}", lab.leader.id), 1),
        (format!("project_id={}", lab.project), 2),
        (format!("project_id={}", uuid::Uuid::now_v7()), 0),
        (format!("q={}", number.to_lowercase()), 1),
    ] {
        let page = lab.app.get(&lab.member.token, &format!("/v1/requisitions?{query}")).await.expect(200);
        assert_eq!(count(&page), expected, "{query}");
    }
    let loans = lab.app.get(&lab.member.token, "/v1/loans?borrower_id=me&status=promised").await.expect(200);
    assert_eq!(count(&loans), 1);
}

#[tokio::test]
async fn models_are_paged_by_name_and_found_by_a_part_of_it() {
    let lab = given::a_lab().await;
    for _ in 0..3 {
        given::model(&lab.app, 1).await;
    }

    let first = lab.app.get(&lab.member.token, "/v1/equipment-models?limit=2").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second =
        lab.app.get(&lab.member.token, &format!("/v1/equipment-models?limit=2&cursor={cursor}")).await.expect(200);
    let found = lab.app.get(&lab.member.token, "/v1/equipment-models?q=scope%203").await.expect(200);

    assert_eq!((count(&first), count(&second), count(&found)), (2, 1, 1));
    assert_eq!(second["items"], found["items"]);
    assert_eq!(second["next_cursor"], Value::Null);
    let units = format!("/v1/equipment-models/{}/equipment", id_of(&found["items"][0]));
    assert_eq!(lab.app.get(&lab.member.token, &units).await.expect(200)[0]["is_free"], true);
}

fn count(page: &Value) -> usize {
    page["items"].as_array().unwrap().len()
}

//! Finding projects.

use crate::api::given::a_lab;
use serde_json::{Value, json};

fn names(listed: &Value) -> Vec<&str> {
    listed["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn projects_are_found_by_status_year_tag_and_words() {
    let lab = a_lab().await;
    for (name, course, year, tags) in [
        ("Rover", "Mobile Robots", "2026/27", json!(["wheels", "ROS 2"])),
        ("Arm", "Manipulators", "2025/26", json!(["ros 2"])),
        ("100%", "Mobile Robots", "2025/26", json!([])),
    ] {
        let body = json!({"name": name, "course": course, "academic_year": year, "tags": tags});
        lab.app.post(&lab.member.token, "/v1/projects", &body).await.expect(201);
    }

    for (query, found) in [
        ("", &["100%", "Arm", "Rover", "Line follower"][..]),
        ("status=active", &["Line follower"]),
        ("academic_year=2025/26", &["100%", "Arm"]),
        ("tag=Ros%202", &["Arm", "Rover"]),
        ("tag=ros", &[]),
        ("q=mobile", &["100%", "Rover"]),
        ("q=%25", &["100%"]),
        ("q=rov&status=pending&academic_year=2026/27&tag=wheels", &["Rover"]),
        ("q=rov&status=active", &[]),
    ] {
        let listed = lab.app.get(&lab.member.token, &format!("/v1/projects?{query}")).await.expect(200);
        assert_eq!(names(&listed), found, "{query}");
    }
    for (query, field) in [("academic_year=2026", "academic_year"), ("tag=", "tag")] {
        let refused = lab.app.get(&lab.member.token, &format!("/v1/projects?{query}")).await;
        let problem = refused.expect_problem(400, "malformed-request");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    let first = lab.app.get(&lab.technician.token, "/v1/projects?q=mobile&limit=1").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = lab.app.get(&lab.technician.token, &format!("/v1/projects?q=mobile&limit=1&cursor={cursor}")).await;
    assert_eq!((names(&first), names(&second.expect(200))), (vec!["100%"], vec!["Rover"]));
}

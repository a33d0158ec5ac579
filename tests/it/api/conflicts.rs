//! Whoever borrows for a project decides nothing that it asks for, whatever else they are, and does not leave it to decide.

use super::{
    app::Reply,
    given::{self, Lab, Model, Person, id_of},
};
use axum::http::Method;
use chrono::{Duration, Utc};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

/// A lab whose second technician is in the project as well.
struct Entangled {
    lab: Lab,
    model: Model,
    both: Person,
}

impl Entangled {
    async fn new(as_what: MemberRole) -> Self {
        let lab = given::a_lab().await;
        let model = given::model(&lab.app, 9).await;
        let both = given::person(&lab.app, Role::Technician).await;
        given::add_member(&lab.app, lab.project, &lab.leader, &both, as_what).await;
        Self { lab, model, both }
    }

    async fn say(&self, who: &Person, requisition: &Value, word: &str, body: &Value) -> Reply {
        self.lab.app.post(&who.token, &format!("/v1/requisitions/{}/{word}", id_of(requisition)), body).await
    }

    async fn queue(&self, who: &Person) -> Vec<Value> {
        let listed = self.lab.app.get(&who.token, "/v1/requisitions?waiting_for=me").await.expect(200);
        listed["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
    }

    /// How often somebody was asked by letter.
    async fn asked_of(&self, who: &Person, event: &str) -> i64 {
        sqlx::query_scalar("select count(*) from notifications where event = $1 and recipient_id = $2")
            .bind(event)
            .bind(who.id)
            .fetch_one(&self.lab.app.owner)
            .await
            .unwrap()
    }

    async fn become_role(&self, who: &Person, role: &str) {
        let path = format!("/v1/projects/{}/members/{}", self.lab.project, who.id);
        self.lab.app.call(&self.lab.leader.token, Method::PATCH, &path, &json!({"role": role})).await.expect(200);
    }

    async fn leave(&self, who: &Person) {
        let path = format!("/v1/projects/{}/leave", self.lab.project);
        self.lab.app.post(&who.token, &path, &json!({})).await.expect(200);
    }

    async fn ask_for_supervisors(&self) {
        let rule = json!({"position": 1, "outcome": "supervisor_then_technician"});
        self.lab.app.post(&self.lab.admin.token, "/v1/approval-rules", &rule).await.expect(201);
    }
}

#[tokio::test]
async fn a_technician_who_leads_or_is_an_ordinary_member_of_the_project_decides_nothing_of_it() {
    for role in [MemberRole::Leader, MemberRole::Member] {
        let entangled = Entangled::new(role).await;
        let Entangled { lab, both, .. } = &entangled;
        let asked = given::submitted(lab, &entangled.model).await;
        let by_line = json!({"decisions": [{"line_id": asked["lines"][0]["id"], "decision": "approve"}]});

        for (word, body) in [("approve", json!({})), ("decide", by_line), ("reject", json!({"reason": "No."}))] {
            let refused = entangled.say(both, &asked, word, &body).await.expect_problem(403, "conflict-of-interest");
            assert!(
                refused["detail"].as_str().unwrap().contains("somebody else decides; ask a colleague"),
                "{refused}"
            );
        }
        assert_eq!(entangled.queue(both).await, Vec::<Value>::new());
        assert_eq!(entangled.queue(&lab.technician).await, [asked["id"].clone()]);
        entangled.say(&lab.technician, &asked, "approve", &json!({})).await.expect(200);
    }
}

#[tokio::test]
async fn nobody_leaves_the_borrowers_to_decide_what_was_asked_for_while_they_were_among_them() {
    let entangled = Entangled::new(MemberRole::Member).await;
    let Entangled { lab, model, both } = &entangled;
    let asked = given::submitted(lab, model).await;

    entangled.become_role(both, "observer").await;
    entangled.say(both, &asked, "approve", &json!({})).await.expect_problem(403, "conflict-of-interest");
    entangled.leave(both).await;
    entangled.say(both, &asked, "approve", &json!({})).await.expect_problem(403, "conflict-of-interest");
    assert_eq!(entangled.queue(both).await, Vec::<Value>::new());

    let later = given::submitted(lab, model).await;
    assert_eq!(entangled.queue(both).await, [later["id"].clone()]);
    entangled.say(both, &later, "approve", &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_technician_in_the_project_does_not_decide_about_more_time_either() {
    let entangled = Entangled::new(MemberRole::Leader).await;
    let Entangled { lab, both, .. } = &entangled;
    let asked = given::submitted(lab, &entangled.model).await;
    let lent = entangled.say(&lab.technician, &asked, "approve", &json!({})).await.expect(200);
    given::checked_out(lab, &lent).await;
    let loan = lent["loans"][0]["id"].as_str().unwrap();
    let more = json!({"due_at": Utc::now() + Duration::days(200)});
    lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/extend"), &more).await.expect(200);

    assert_eq!(entangled.asked_of(both, "extension_asked").await, 0);
    assert_eq!(entangled.asked_of(&lab.technician, "extension_asked").await, 1);
    for (word, body) in [("grant", json!({})), ("reject", json!({"reason": "No."}))] {
        let path = format!("/v1/loans/{loan}/extension/{word}");
        lab.app.post(&both.token, &path, &body).await.expect_problem(403, "conflict-of-interest");
    }
    let path = format!("/v1/loans/{loan}/extension/grant");
    lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(200);
}

#[tokio::test]
async fn whoever_may_not_decide_is_not_asked_to_and_where_no_technician_may_the_admins_are() {
    let entangled = Entangled::new(MemberRole::Member).await;
    let Entangled { lab, model, both } = &entangled;
    given::submitted(lab, model).await;
    assert_eq!(entangled.asked_of(both, "approval_needed").await, 0, "they borrow for the project");
    assert_eq!(entangled.asked_of(&lab.technician, "approval_needed").await, 1);
    assert_eq!(entangled.asked_of(&lab.admin, "approval_needed").await, 0);

    given::add_member(&lab.app, lab.project, &lab.leader, &lab.technician, MemberRole::Member).await;
    given::submitted(lab, model).await;

    assert_eq!(entangled.asked_of(&lab.technician, "approval_needed").await, 1, "not of this one");
    assert_eq!(entangled.asked_of(&lab.admin, "approval_needed").await, 1);
}

#[tokio::test]
async fn whoever_has_agreed_as_a_supervisor_is_not_asked_for_the_second_yes_and_is_asked_for_more_time() {
    let entangled = Entangled::new(MemberRole::Supervisor).await;
    let Entangled { lab, model, both } = &entangled;
    entangled.ask_for_supervisors().await;
    let asked = given::submitted(lab, model).await;

    entangled.say(both, &asked, "endorse", &json!({})).await.expect(200);

    assert_eq!(entangled.asked_of(both, "approval_needed").await, 0);
    assert_eq!(entangled.asked_of(&lab.technician, "approval_needed").await, 1);
    let lent = entangled.say(&lab.technician, &asked, "approve", &json!({})).await.expect(200);
    given::checked_out(lab, &lent).await;
    let more = json!({"due_at": Utc::now() + Duration::days(200)});
    let extend = format!("/v1/loans/{}/extend", lent["loans"][0]["id"].as_str().unwrap());
    lab.app.post(&lab.member.token, &extend, &more).await.expect(200);
    assert_eq!(entangled.asked_of(both, "extension_asked").await, 1);
}

#[tokio::test]
async fn a_technician_who_supervises_or_observes_the_project_decides_where_they_have_not_agreed() {
    for role in [MemberRole::Supervisor, MemberRole::Observer] {
        let entangled = Entangled::new(role).await;
        let asked = given::submitted(&entangled.lab, &entangled.model).await;
        entangled.say(&entangled.both, &asked, "approve", &json!({})).await.expect(200);
    }
}

#[tokio::test]
async fn a_leader_who_becomes_a_supervisor_does_not_agree_to_what_was_asked_before() {
    let entangled = Entangled::new(MemberRole::Supervisor).await;
    let Entangled { lab, model, .. } = &entangled;
    let professor = given::person(&lab.app, Role::Professor).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &professor, MemberRole::Leader).await;
    entangled.ask_for_supervisors().await;
    let asked = given::submitted(lab, model).await;

    entangled.become_role(&professor, "supervisor").await;

    entangled.say(&professor, &asked, "endorse", &json!({})).await.expect_problem(403, "conflict-of-interest");
    assert_eq!(entangled.queue(&professor).await, Vec::<Value>::new());
    let later = given::submitted(lab, model).await;
    let colleague = given::person(&lab.app, Role::Professor).await;
    let deputy = json!({"user_id": colleague.id, "until": Utc::now() + Duration::days(1)});
    lab.app.call(&professor.token, Method::PUT, "/v1/users/me/deputy", &deputy).await.expect(200);
    entangled.say(&colleague, &asked, "endorse", &json!({})).await.expect_problem(404, "not-found");
    assert_eq!(entangled.queue(&colleague).await, [later["id"].clone()], "nor does their deputy");
    entangled.say(&professor, &later, "endorse", &json!({})).await.expect(200);
}

#[tokio::test]
async fn what_only_those_could_agree_to_who_have_a_part_in_it_is_a_technicians_to_decide() {
    let entangled = Entangled::new(MemberRole::Supervisor).await;
    let Entangled { lab, model, both } = &entangled;
    let professor = given::person(&lab.app, Role::Professor).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &professor, MemberRole::Member).await;
    entangled.ask_for_supervisors().await;
    let body = given::requisition(lab.project, model, 1);
    let asked = lab.app.post(&professor.token, "/v1/requisitions", &body).await.expect(202);
    assert_eq!(asked["waiting_for"], "supervisor");
    entangled.say(&lab.technician, &asked, "approve", &json!({})).await.expect_problem(409, "supervisor-first");
    assert_eq!(entangled.queue(&lab.technician).await, Vec::<Value>::new());

    entangled.leave(both).await;
    entangled.become_role(&professor, "supervisor").await;

    for word in ["endorse", "reject"] {
        let body = if word == "reject" { json!({"reason": "No."}) } else { json!({}) };
        entangled.say(&professor, &asked, word, &body).await.expect_problem(403, "own-requisition");
    }
    assert_eq!(entangled.queue(&lab.technician).await, [asked["id"].clone()]);
    entangled.say(&lab.technician, &asked, "approve", &json!({})).await.expect(200);
}

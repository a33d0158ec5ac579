//! What standing in for somebody never lets anybody do.

use super::*;

#[tokio::test]
async fn the_deputy_of_a_deputy_has_no_power() {
    let faculty = Faculty::with_deputy().await;
    let third = given::person(&faculty.lab.app, Role::Professor).await;
    faculty.name(&faculty.colleague, &third).await.expect(200);

    let asked = faculty.submit(&faculty.lab.member).await;

    faculty.keeps_out(&third, &asked, (404, "not-found")).await;
    faculty.say(&faculty.colleague, &asked, "endorse").await.expect(200);
}

#[tokio::test]
async fn a_deputy_who_asked_for_it_does_not_decide_it() {
    let faculty = Faculty::with_deputy().await;
    let Faculty { lab, colleague, .. } = &faculty;
    given::add_member(&lab.app, lab.project, &lab.leader, colleague, MemberRole::Member).await;
    let own = faculty.submit(colleague).await;

    faculty.keeps_out(colleague, &own, (403, "own-requisition")).await;
    let left = lab.app.post(&colleague.token, &format!("/v1/projects/{}/leave", lab.project), &json!({})).await;
    left.expect(200);

    faculty.keeps_out(colleague, &own, (403, "own-requisition")).await;
}

#[tokio::test]
async fn a_deputy_who_borrows_for_the_project_decides_nothing_about_it() {
    for role in [MemberRole::Leader, MemberRole::Member] {
        let faculty = Faculty::with_deputy().await;
        let Faculty { lab, colleague, .. } = &faculty;
        given::add_member(&lab.app, lab.project, &lab.leader, colleague, role).await;

        let asked = faculty.submit(&lab.member).await;

        faculty.keeps_out(colleague, &asked, (403, "member-role-not-allowed")).await;
    }
}

#[tokio::test]
async fn what_the_absent_asked_for_their_deputy_does_not_decide_either() {
    let faculty = Faculty::with_deputy().await;
    let Faculty { lab, professor, colleague, .. } = &faculty;
    let other = given::person(&lab.app, Role::Professor).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &other, MemberRole::Supervisor).await;
    let path = format!("/v1/projects/{}/members/{}", lab.project, professor.id);
    let give = async |role: &str| {
        lab.app.call(&lab.technician.token, Method::PATCH, &path, &json!({"role": role})).await.expect(200);
    };
    give("member").await;
    let own = faculty.submit(professor).await;
    give("supervisor").await;

    faculty.keeps_out(colleague, &own, (403, "own-requisition")).await;
    faculty.keeps_out(professor, &own, (403, "own-requisition")).await;
    faculty.say(&other, &own, "endorse").await.expect(200);
}

#[tokio::test]
async fn whoever_agreed_in_somebodys_place_does_not_give_the_technicians_yes() {
    let faculty = Faculty::new().await;
    let Faculty { lab, professor, .. } = &faculty;
    let technician = given::person(&lab.app, Role::Technician).await;
    faculty.name(professor, &technician).await.expect(200);
    let asked = faculty.submit(&lab.member).await;

    let endorsed = faculty.say(&technician, &asked, "endorse").await.expect(200);
    assert_eq!(last_of_history(&endorsed), json!(["endorsed", technician.id, professor.id]));

    faculty.say(&technician, &asked, "approve").await.expect_problem(403, "four-eyes");
    faculty.say(&lab.technician, &asked, "approve").await.expect(200);
}

#[tokio::test]
async fn in_whose_place_it_was_agreed_does_not_give_the_technicians_yes_either() {
    let faculty = Faculty::new().await;
    let Faculty { lab, professor, .. } = &faculty;
    let absent = given::person(&lab.app, Role::Technician).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &absent, MemberRole::Supervisor).await;
    faculty.name(&absent, &lab.admin).await.expect(200);
    let (asked, alone) = (faculty.submit(&lab.member).await, faculty.submit(&lab.member).await);
    let endorsed = faculty.say(&lab.admin, &asked, "endorse").await.expect(200);
    assert_eq!(last_of_history(&endorsed), json!(["endorsed", lab.admin.id, absent.id]));
    assert_eq!((&endorsed["endorsed_by"], &endorsed["endorsed_for"]), (&json!(lab.admin.id), &json!(absent.id)));

    for who in [&absent, &lab.admin] {
        faculty.say(who, &asked, "approve").await.expect_problem(403, "four-eyes");
        assert_eq!(faculty.ids(who, "?waiting_for=technician").await, [asked["id"].clone()]);
        assert!(!faculty.ids(who, "?waiting_for=me").await.contains(&asked["id"]), "it does not wait for them");
    }
    faculty.say(&lab.technician, &asked, "approve").await.expect(200);
    faculty.say(professor, &alone, "endorse").await.expect(200);
    faculty.say(&absent, &alone, "approve").await.expect(200);
}

//! The picture of a project's status, drawn by trying every step of its life in every state.

use super::assert_block;
use makerlab_shared::domain::{
    change::{Change, Write},
    id::{ProjectId, UserId},
    project::{Member, MemberRole, Obstacles, Project, ProjectDetails, ProjectRefused, ProjectStatus, Team},
    user::Role,
};

type Step = fn(Team, UserId) -> Result<Change, ProjectRefused>;

const STEPS: [(&str, Step); 4] = [
    ("a technician activates it", |team, by| team.activate((by, Role::Technician))),
    ("a technician says no, and why", |team, by| team.reject((by, Role::Technician), "No.")),
    ("it is done", |team, by| team.complete(by, Obstacles::default())),
    ("a technician ends it", |team, by| team.archive(by, None, Obstacles::default())),
];

#[test]
fn the_status_of_a_project_is_drawn_as_its_steps_move_it() {
    let mut lines = Vec::new();
    let mut reached = vec![ProjectStatus::Pending];
    for &from in ProjectStatus::ALL {
        let arrows: Vec<_> = STEPS.iter().filter_map(|(why, step)| Some((after(from, *step)?, why))).collect();
        reached.extend(arrows.iter().map(|(to, _)| *to));
        if !arrows.is_empty() {
            let arrows: Vec<_> = arrows.iter().map(|(to, why)| format!("{to} ({why})")).collect();
            lines.push(format!("{:<19}→ {}", from.as_str(), arrows.join(", ")));
        }
    }
    assert!(ProjectStatus::ALL.iter().all(|status| reached.contains(status)), "a status that nothing leads to");

    assert_block("project-states", &format!("```text\n{}\n```", lines.join("\n")));
}

fn after(from: ProjectStatus, step: Step) -> Option<ProjectStatus> {
    let [creator, by] = std::array::from_fn(|_| UserId::generate());
    let details = ProjectDetails::named("Rover");
    let project = Project { id: ProjectId::generate(), details, status: from, created_by: creator, version: 1 };
    let leader = Member { project_id: project.id, user_id: creator, role: MemberRole::Leader };
    let team = Team { project, members: vec![leader], waiting: Vec::new(), insiders: Vec::new() };
    let change = step(team, by).ok()?;
    change.writes.into_iter().find_map(|write| match write {
        Write::UpdateProject(project) => Some(project.status),
        _ => None,
    })
}

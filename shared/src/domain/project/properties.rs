//! Random people do random things to one project, as the table lets them; whatever they do, the rules hold.

use super::{
    Member, MemberRole, NewProject, Obstacles, OpenRequisition, Project, ProjectDetails, ProjectRefused, ProjectStatus,
    Team, UnitOut, create,
};
use crate::domain::{
    change::{Change, Entity, HistoryEntry, Write},
    id::{LoanId, RequisitionId, UserId},
    permission::{Permission, Place},
    person::PersonName,
    requisition::RequisitionStatus,
    user::Role,
};
use proptest::{prelude::*, strategy::ValueTree};
use std::collections::BTreeMap;

const PEOPLE: usize = 8;

#[derive(Debug, Clone)]
enum Action {
    Activate,
    Reject,
    Complete(Obstacles),
    Archive(Obstacles),
    Edit(String),
    Add(usize, MemberRole),
    ChangeRole(usize, MemberRole),
    Remove(usize),
    Leave,
}

impl Action {
    fn permission(&self) -> Permission {
        match self {
            Self::Activate => Permission::ActivateProject,
            Self::Reject => Permission::RejectProject,
            Self::Complete(_) => Permission::CompleteProject,
            Self::Archive(_) => Permission::ArchiveProject,
            Self::Edit(_) => Permission::EditProject,
            Self::Add(..) => Permission::AddMember,
            Self::ChangeRole(..) => Permission::ChangeMemberRole,
            Self::Remove(_) => Permission::RemoveMember,
            Self::Leave => Permission::LeaveProject,
        }
    }
}

/// The world as rows would have it, and the history as it was written.
struct World {
    people: Vec<(UserId, Role)>,
    team: Team,
    history: Vec<HistoryEntry>,
    /// What was told by a refusal.
    refused: Vec<ProjectRefused>,
}

impl World {
    fn begin(roles: &[Role]) -> Self {
        let people: Vec<_> = roles.iter().map(|role| (UserId::generate(), *role)).collect();
        let (by, role) = people[0];
        let details = ProjectDetails::named("Rover");
        let new = NewProject { details, by, role, leader: None, supervisors: Vec::new() };
        let (_, change) = create(new).expect("nobody supervises it");
        let mut project: Option<Project> = None;
        for write in &change.writes {
            if let Write::InsertProject(inserted) = write {
                project = Some(inserted.clone());
            }
        }
        let team = Team { project: project.expect("a project"), members: Vec::new() };
        let mut world = Self { people, team, history: Vec::new(), refused: Vec::new() };
        world.write(change);
        world
    }

    fn act(&mut self, actor: usize, action: Action) {
        let (by, role) = self.people[actor];
        let member = self.team.role_of(by);
        if action.permission().check(Place { role, member, in_place_of: None, owns: false }).is_err() {
            return;
        }
        let team = self.team.clone();
        let done = match action {
            Action::Activate => team.activate(by),
            Action::Reject => team.reject(by, "not this year"),
            Action::Complete(obstacles) => team.complete(by, obstacles),
            Action::Archive(obstacles) => team.archive(by, None, obstacles),
            Action::Edit(name) => team.edit(by, ProjectDetails::named(name)),
            Action::Add(who, role) => team.add(by, self.people[who], role),
            Action::ChangeRole(who, role) => team.change_role(by, self.people[who], role),
            Action::Remove(who) => team.remove(by, self.people[who].0, None),
            Action::Leave => team.leave(by),
        };
        match done {
            Ok(change) => self.write(change),
            Err(refused) => self.refused.push(refused),
        }
    }

    /// As `store::commit` does: a guard that fails is a mistake of the transition.
    fn write(&mut self, change: Change) {
        for write in change.writes {
            match write {
                Write::InsertProject(project) | Write::UpdateProject(project) => self.team.project = project,
                Write::InsertMember(member) => {
                    assert_eq!(self.team.role_of(member.user_id), None, "nobody is in it twice");
                    self.team.members.push(member);
                }
                Write::UpdateMember(member) => *self.member_mut(member) = member,
                Write::EndMembership(member) => {
                    self.member_mut(member);
                    self.team.members.retain(|one| one.user_id != member.user_id);
                }
                other => panic!("no row of a project: {other:?}"),
            }
        }
        self.history.extend(change.history);
    }

    fn member_mut(&mut self, member: Member) -> &mut Member {
        self.team.members.iter_mut().find(|one| one.user_id == member.user_id).expect("they are in it")
    }

    /// History alone, read from its beginning, says what the project and everybody in it is.
    fn told_by_history(&self) -> (Option<&'static str>, BTreeMap<UserId, &'static str>) {
        let mut status = None;
        let mut members = BTreeMap::new();
        for entry in &self.history {
            assert_eq!(entry.project_id, Some(self.team.project.id));
            match entry.entity {
                Entity::Project => {
                    assert_eq!(entry.from_status, status, "history has a gap");
                    status = Some(entry.to_status);
                }
                Entity::ProjectMember => {
                    let user = UserId(entry.entity_id);
                    assert_eq!(entry.from_status, members.remove(&user), "history has a gap");
                    if entry.to_status != "former" {
                        members.insert(user, entry.to_status);
                    }
                }
                other => panic!("no history of a project: {other}"),
            }
        }
        (status, members)
    }
}

fn role() -> impl Strategy<Value = Role> {
    proptest::sample::select(Role::ALL)
}

fn member_role() -> impl Strategy<Value = MemberRole> {
    proptest::sample::select(MemberRole::ALL)
}

fn obstacles() -> impl Strategy<Value = Obstacles> {
    (any::<bool>(), any::<bool>()).prop_map(|(out, open)| {
        let unit = UnitOut {
            loan_id: LoanId::generate(),
            tag: "ML-1".to_owned(),
            model_name: "Arduino".to_owned(),
            borrower_id: UserId::generate(),
            borrower: PersonName::from_stored("Ana".to_owned()),
            due_at: "2026-11-30T10:00:00Z".parse().expect("a moment"),
        };
        let requisition = OpenRequisition {
            id: RequisitionId::generate(),
            number: "R-2026-000001".to_owned(),
            status: RequisitionStatus::Pending,
        };
        Obstacles { units_out: vec![unit; usize::from(out)], requisitions_open: vec![requisition; usize::from(open)] }
    })
}

fn action() -> impl Strategy<Value = Action> {
    let person = || 0..PEOPLE;
    prop_oneof![
        2 => Just(Action::Activate),
        1 => Just(Action::Reject),
        1 => obstacles().prop_map(Action::Complete),
        1 => obstacles().prop_map(Action::Archive),
        2 => "[a-c]".prop_map(Action::Edit),
        6 => (person(), member_role()).prop_map(|(who, role)| Action::Add(who, role)),
        5 => (person(), member_role()).prop_map(|(who, role)| Action::ChangeRole(who, role)),
        5 => person().prop_map(Action::Remove),
        5 => Just(Action::Leave),
    ]
}

fn follows(from: ProjectStatus, to: ProjectStatus) -> bool {
    use ProjectStatus::{Active, Archived, Completed, Pending, Rejected};
    from == to || matches!((from, to), (Pending, Active | Rejected) | (Active, Completed | Archived))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_does_whatever_a_project_keeps_a_leader_its_history_and_its_diagram(
        roles in proptest::collection::vec(role(), PEOPLE),
        actions in proptest::collection::vec((0..PEOPLE, action()), 1..60),
    ) {
        let mut world = World::begin(&roles);
        for (actor, action) in actions {
            let (before, rows) = (world.team.clone(), world.history.clone());
            let ends_clean = match &action {
                Action::Complete(obstacles) | Action::Archive(obstacles) => obstacles.is_empty(),
                _ => true,
            };
            world.act(actor, action.clone());

            let after = &world.team;
            prop_assert!(follows(before.project.status, after.project.status), "{action:?}");
            prop_assert!(ends_clean || before == *after, "{action:?} with something in the way");
            prop_assert!(after.leaders().next().is_some(), "{action:?} left it without a leader");
            prop_assert_eq!(&world.history[..rows.len()], &rows[..], "history was rewritten");
            prop_assert!(before == *after || world.history.len() > rows.len(), "{action:?} left no history");
            let is_over = !matches!(before.project.status, ProjectStatus::Pending | ProjectStatus::Active);
            prop_assert!(!is_over || before == *after, "{action:?} changed what is over");

            let (status, members) = world.told_by_history();
            prop_assert_eq!(status, Some(after.project.status.as_str()));
            let now: BTreeMap<_, _> = after.members.iter().map(|one| (one.user_id, one.role.as_str())).collect();
            prop_assert_eq!(members, now);
            let students: Vec<_> = world.people.iter().filter(|(_, role)| *role == Role::Student).collect();
            let supervises = |user: UserId| after.role_of(user) == Some(MemberRole::Supervisor);
            prop_assert!(students.iter().all(|(user, _)| !supervises(*user)), "{action:?} made a student supervise");
        }
    }
}

/// The property would say nothing if the last leader never tried to go.
#[test]
fn the_last_leader_is_who_the_property_meets() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let sequences = proptest::collection::vec((0..PEOPLE, action()), 60);
    let mut met = 0;
    for _ in 0..50 {
        let actions = sequences.new_tree(&mut runner).expect("a sequence").current();
        let mut world = World::begin(&[Role::Student, Role::Technician, Role::Professor, Role::Admin].repeat(2));
        for (actor, action) in actions {
            world.act(actor, action);
        }
        met += world.refused.iter().filter(|refused| **refused == ProjectRefused::LastLeader).count();
    }
    assert!(met > 20, "met {met} times");
}

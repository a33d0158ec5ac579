//! Random people do random things to one project, as the table lets them; whatever they do, the rules hold.

use super::{
    Member, MemberRole, NewProject, Obstacles, OpenRequisition, Project, ProjectDetails, ProjectRefused, ProjectStatus,
    Team, UnitOut, create,
};
use crate::domain::{
    change::{Change, Entity, HistoryEntry, Write},
    id::{LoanId, ModelId, RequisitionId, UserId, WaitingEntryId},
    permission::Permission,
    person::PersonName,
    requisition::{Period, RequisitionStatus, check_standing},
    user::Role,
    waiting_list::{NamedEntry, WaitingEntry, WaitingStatus},
};
use chrono::{DateTime, TimeDelta, Utc};
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
        let project = project.expect("a project");
        let team = Team { project, members: Vec::new(), waiting: Vec::new(), insiders: Vec::new() };
        let mut world = Self { people, team, history: Vec::new(), refused: Vec::new() };
        world.write(change);
        world
    }

    fn act(&mut self, actor: usize, action: Action) {
        let (by, role) = self.people[actor];
        // Whether they have a part in it is asked by the transition itself.
        let is_review = matches!(action, Action::Activate | Action::Reject);
        if !is_review && action.permission().check(self.team.place_of(by, role)).is_err() {
            return;
        }
        let team = self.team.clone();
        let done = match action {
            Action::Activate => team.activate((by, role)),
            Action::Reject => team.reject((by, role), "not this year"),
            Action::Complete(obstacles) => team.complete(by, obstacles),
            Action::Archive(obstacles) => team.archive(by, None, obstacles),
            Action::Edit(name) => team.edit(by, ProjectDetails::named(name)),
            Action::Add(who, role) => team.add(by, self.people[who], role),
            Action::ChangeRole(who, new) => team.change_role((by, role), self.people[who], new),
            Action::Remove(who) => team.remove((by, role), self.people[who].0, None),
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
                Write::UpdateWaitingEntry(entry) => {
                    assert!(!entry.is_in_line());
                    self.team.waiting.retain(|place| place.entry.id != entry.id);
                }
                Write::EndHolds(_) | Write::MarkNobodyWaits(_) | Write::MarkMoot(_) => {}
                other => panic!("no row of a project: {other:?}"),
            }
        }
        self.history.extend(change.history);
        self.team.insiders = self.borrowers_ever();
    }

    /// By history, at whatever time.
    fn borrowers_ever(&self) -> Vec<UserId> {
        let roles = [MemberRole::Leader, MemberRole::Member].map(MemberRole::as_str);
        let rows = self.history.iter().filter(|row| row.entity == Entity::ProjectMember);
        rows.filter(|row| roles.contains(&row.to_status)).map(|row| UserId(row.entity_id)).collect()
    }

    /// Whoever may wait for equipment does.
    fn join_line(&mut self) {
        let Team { project, members, waiting, .. } = &mut self.team;
        let may = |member: &Member| {
            check_standing(Permission::JoinWaitingList, Some(member.role), project.status).is_ok()
                && !waiting.iter().any(|place: &NamedEntry| place.entry.user_id == member.user_id)
        };
        let new: Vec<_> = members.iter().filter(|member| may(member)).map(|member| a_place(*member)).collect();
        waiting.extend(new);
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
                Entity::WaitingEntry => assert_eq!(entry.to_status, WaitingStatus::Ended.as_str()),
                other => panic!("no history of a project: {other}"),
            }
        }
        (status, members)
    }
}

fn a_place(member: Member) -> NamedEntry {
    let starts_at: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().expect("a moment");
    let entry = WaitingEntry {
        id: WaitingEntryId::generate(),
        project_id: member.project_id,
        model_id: ModelId::generate(),
        user_id: member.user_id,
        quantity: 1,
        period: Period { starts_at, due_at: starts_at + TimeDelta::days(7) },
        status: WaitingStatus::Waiting,
        held_until: None,
        requisition_id: None,
        version: 1,
    };
    NamedEntry { entry, model_name: "Arduino".to_owned() }
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
            world.join_line();
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
            let (by, role) = world.people[actor];
            let is_outsider = by != before.project.created_by && !before.insiders.contains(&by);
            let [was, is] = [&before, after].map(|team| team.project.status);
            let was_reviewed = was == ProjectStatus::Pending && is != was;
            prop_assert!(!was_reviewed || role.is_staff() && is_outsider, "{action:?} by somebody with a part in it");
            let is_over = !matches!(before.project.status, ProjectStatus::Pending | ProjectStatus::Active);
            prop_assert!(!is_over || before == *after, "{action:?} changed what is over");

            let (status, members) = world.told_by_history();
            prop_assert_eq!(status, Some(after.project.status.as_str()));
            let now: BTreeMap<_, _> = after.members.iter().map(|one| (one.user_id, one.role.as_str())).collect();
            prop_assert_eq!(members, now);
            for place in &before.waiting {
                let role = after.role_of(place.entry.user_id);
                let may_ask = check_standing(Permission::JoinWaitingList, role, after.project.status).is_ok();
                prop_assert_eq!(after.waiting.contains(place), may_ask, "{:?} and a place in line", action);
            }
            let students: Vec<_> = world.people.iter().filter(|(_, role)| *role == Role::Student).collect();
            let supervises = |user: UserId| after.role_of(user) == Some(MemberRole::Supervisor);
            prop_assert!(students.iter().all(|(user, _)| !supervises(*user)), "{action:?} made a student supervise");
        }
    }
}

/// The property would say nothing if the last leader never tried to go, nor anybody to let their own begin.
#[test]
fn the_last_leader_and_whoever_would_let_their_own_begin_are_who_the_property_meets() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let sequences = proptest::collection::vec((0..PEOPLE, action()), 60);
    let (mut met, mut partial) = (0, 0);
    for _ in 0..50 {
        let actions = sequences.new_tree(&mut runner).expect("a sequence").current();
        let mut world = World::begin(&[Role::Student, Role::Technician, Role::Professor, Role::Admin].repeat(2));
        for (actor, action) in actions {
            world.act(actor, action);
        }
        met += world.refused.iter().filter(|refused| **refused == ProjectRefused::LastLeader).count();
        partial += world.refused.iter().filter(|refused| **refused == ProjectRefused::BorrowsForIt).count();
    }
    assert!(met > 20, "met {met} times");
    assert!(partial > 20, "met {partial} times who borrows for it and would let it begin");
}

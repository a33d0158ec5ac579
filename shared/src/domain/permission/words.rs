//! A rule in words: for the OpenAPI document, the README and refusals.

use super::rule::{Own, Rule, Subject, While};
use crate::domain::{project::MemberRole, user::Role};

impl Rule {
    /// Who may, like `technicians and admins; the project's leaders; one's own`.
    pub fn who(&self) -> String {
        let mut parts = Vec::new();
        match self.anywhere {
            [] => {}
            all if all.len() == Role::ALL.len() => parts.push("anybody with a token".to_owned()),
            roles => parts.push(join(roles.iter().map(|role| plural_of_role(*role)))),
        }
        match self.in_project {
            [] => {}
            all if all.len() == MemberRole::ALL.len() => parts.push("members of the project".to_owned()),
            roles => parts.push(format!("the project's {}", join(roles.iter().map(|role| plural_of_member(*role))))),
        }
        if !self.deputies.is_empty() {
            parts.push(format!("deputies of its {}", join(self.deputies.iter().map(|role| plural_of_member(*role)))));
        }
        match self.own {
            Own::Indifferent => {}
            Own::May => parts.push("one's own".to_owned()),
            Own::Never => parts.push("never one's own".to_owned()),
        }
        if self.impartial {
            parts.push("never for a project that one borrows for".to_owned());
        }
        let who = parts.join("; ");
        if self.subject == Subject::Rows { format!("rows for {who}") } else { who }
    }

    /// In which states, like `project: pending`; empty if always.
    pub fn states(&self) -> String {
        match self.allowed_while {
            While::Always => String::new(),
            While::Project(statuses) => format!("project: {}", list(statuses.iter().map(|status| status.as_str()))),
            While::Requisition(statuses) => {
                format!("requisition: {}", list(statuses.iter().map(|status| status.as_str())))
            }
            While::Line(statuses) => format!("a line: {}", list(statuses.iter().map(|status| status.as_str()))),
            While::Loan(statuses) => format!("loan: {}", list(statuses.iter().map(|status| status.as_str()))),
            While::Letter(statuses) => format!("letter: {}", list(statuses.iter().map(|status| status.as_str()))),
            While::WaitingEntry(statuses) => {
                format!("entry: {}", list(statuses.iter().map(|status| status.as_str())))
            }
            While::Finding(states) => format!("finding: {}", list(states.iter().map(|state| state.as_str()))),
        }
    }
}

fn plural_of_role(role: Role) -> &'static str {
    match role {
        Role::Student => "students",
        Role::Professor => "professors",
        Role::Technician => "technicians",
        Role::Admin => "admins",
    }
}

fn plural_of_member(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Leader => "leaders",
        MemberRole::Member => "ordinary members",
        MemberRole::Supervisor => "supervisors",
        MemberRole::Observer => "observers",
    }
}

fn join(words: impl Iterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

fn list(words: impl Iterator<Item = &'static str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::Permission;

    #[test]
    fn a_rule_reads_as_a_person_would_say_it() {
        let who = |permission: Permission| permission.rule().who();
        assert_eq!(who(Permission::CancelRequisition), "technicians and admins; the project's leaders; one's own");
        assert_eq!(
            who(Permission::ApproveRequisition),
            "technicians and admins; never one's own; never for a project that one borrows for"
        );
        assert_eq!(who(Permission::ListLoans), "rows for technicians and admins; members of the project; one's own");
        assert_eq!(
            who(Permission::EndorseRequisition),
            "the project's supervisors; deputies of its supervisors; never one's own; \
             never for a project that one borrows for"
        );
        assert_eq!(who(Permission::CreateProject), "anybody with a token");
        assert_eq!(Permission::ReturnLoan.rule().states(), "loan: handed_over, checked_out");
    }
}

//! What a project and its members are.

use super::ProjectDetails;
use crate::domain::{
    id::{ProjectId, UserId},
    text_enum::text_enum,
};

text_enum! {
    /// `pending → active | rejected`, `active → completed | archived`. Only an active project may request.
    pub enum ProjectStatus {
        Pending = "pending",
        Active = "active",
        Completed = "completed",
        Archived = "archived",
        Rejected = "rejected",
    }
}

text_enum! {
    /// What somebody is in one project.
    pub enum MemberRole {
        Leader = "leader",
        Member = "member",
        Supervisor = "supervisor",
        Observer = "observer",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    pub id: ProjectId,
    pub details: ProjectDetails,
    pub status: ProjectStatus,
    pub created_by: UserId,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub project_id: ProjectId,
    pub user_id: UserId,
    pub role: MemberRole,
}

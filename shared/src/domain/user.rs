//! People who may use the service, and what their role lets them do everywhere.

use super::{
    id::UserId,
    inventory::SnipeitUserId,
    person::{EmailAddress, Language, PersonName},
    text_enum::text_enum,
};

text_enum! {
    /// What a person is at the university, as far as it matters to the lab.
    pub enum Role {
        Student = "student",
        Professor = "professor",
        Technician = "technician",
        Admin = "admin",
    }
}

impl Role {
    /// Technicians and admins run the lab: they decide, see everything and settle findings.
    pub fn is_staff(self) -> bool {
        matches!(self, Self::Technician | Self::Admin)
    }

    /// Supervisors answer for a project, and decide where a rule asks them to.
    pub fn may_supervise(self) -> bool {
        match self {
            Self::Professor | Self::Technician | Self::Admin => true,
            Self::Student => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub name: PersonName,
    pub email: EmailAddress,
    pub language: Language,
    pub role: Role,
    /// Remembered once found by e-mail in Snipe-IT; forgotten after a refusal that was not the unit's fault.
    pub snipeit_user_id: Option<SnipeitUserId>,
    pub version: i32,
}

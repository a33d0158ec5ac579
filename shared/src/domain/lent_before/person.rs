//! Whose loan it becomes: the holder's e-mail address decides, as it does when we lend.

use super::NotAdopted;
use crate::domain::{
    id::UserId,
    inventory::SnipeitUserId,
    person::{EmailAddress, Language, PersonName},
    user::{Role, User},
};

/// The holder as Snipe-IT shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderSeen {
    pub id: SnipeitUserId,
    pub name: String,
    pub email: Option<String>,
    /// How many users of Snipe-IT have the address, this one counted.
    pub sharing: usize,
}

/// The borrower of an adopted loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// `is_new_match`: the Snipe-IT user was not remembered until now.
    Here { user: User, is_new_match: bool },
    /// Nobody yet: somebody to be added.
    ToAdd(User),
}

impl HolderSeen {
    /// The address by which we know people.
    ///
    /// # Errors
    /// Why it tells nobody apart.
    pub fn address(&self) -> Result<EmailAddress, NotAdopted> {
        let address = self.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
        let address = address.ok_or(NotAdopted::NoAddress)?;
        if self.sharing > 1 { Err(NotAdopted::SharedAddress) } else { Ok(address) }
    }
}

/// Who the holder is to us. `ours`: whoever has their address here. `adds`: the language of people that may be added.
///
/// # Errors
/// Why it is nobody, or somebody else.
pub fn find_person(holder: &HolderSeen, ours: Option<User>, adds: Option<Language>) -> Result<Found, NotAdopted> {
    let email = holder.address()?;
    let Some(user) = ours else {
        let language = adds.ok_or(NotAdopted::NobodyHere)?;
        let name = PersonName::parse(&holder.name).or_else(|_| PersonName::parse(email.expose()));
        let name = name.map_err(|_| NotAdopted::NoAddress)?;
        let id = UserId::generate();
        let snipeit_user_id = Some(holder.id);
        return Ok(Found::ToAdd(User { id, name, email, language, role: Role::Student, snipeit_user_id, version: 1 }));
    };
    match user.snipeit_user_id {
        Some(remembered) if remembered != holder.id => Err(NotAdopted::AnotherUser { remembered }),
        remembered => {
            let user = User { snipeit_user_id: Some(holder.id), ..user };
            Ok(Found::Here { user, is_new_match: remembered.is_none() })
        }
    }
}

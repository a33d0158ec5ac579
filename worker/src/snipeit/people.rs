//! Borrowers as Snipe-IT knows them. Names and addresses never reach a log: `Debug` shows ids.

use std::fmt;

use makerlab_shared::domain::inventory::SnipeitUserId;
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::{Value, json};
use tracing::Instrument;

use super::http::Call;
use super::outcome::call_span;
use super::reads::{PAGE_SIZE, Page};
use super::seen::{Read, ReadFailure};
use super::writes::Written;
use super::{SnipeIt, wire};

#[derive(Clone, PartialEq, Eq)]
pub struct UserSeen {
    pub id: SnipeitUserId,
    pub email: Option<String>,
    pub username: String,
    pub name: String,
    pub activated: Option<bool>,
}

/// A borrower to be made known to Snipe-IT; cannot log in there. The user name is what makes a repeat harmless.
#[derive(Clone, PartialEq, Eq)]
pub struct NewUser {
    pub first_name: String,
    pub last_name: String,
    pub username: String,
    pub email: String,
}

/// `user` is known if the answer is `Applied` and showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCreated {
    pub user: Option<UserSeen>,
    pub written: Written,
}

impl fmt::Debug for UserSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSeen").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser").finish_non_exhaustive()
    }
}

impl UserSeen {
    /// The e-mail address as it is compared.
    pub fn address(&self) -> Option<String> {
        self.email.as_deref().map(folded)
    }
}

impl SnipeIt {
    /// Everybody with exactly this address: none, one, or several, since Snipe-IT lets people share an address.
    ///
    /// Compared again on our side, because the database's collation takes `ines` for `inês`.
    pub async fn find_users_by_email(&self, email: &str) -> Result<Read<Vec<UserSeen>>, ReadFailure> {
        let wanted = folded(email);
        let mut url = self.endpoint(&["users"]);
        url.query_pairs_mut().append_pair("email", &wanted).append_pair("limit", &PAGE_SIZE.to_string());
        let mut read = self
            .read_all("find_users", Call::get(url), wire::user)
            .instrument(call_span!("snipeit.find_users"))
            .await?;
        read.value.retain(|user| user.address().as_ref() == Some(&wanted));
        Ok(read)
    }

    /// A page of all users that are not deleted, by ascending id.
    pub async fn list_users(&self, offset: u64) -> Result<Read<Page<UserSeen>>, ReadFailure> {
        let mut url = self.endpoint(&["users"]);
        url.query_pairs_mut()
            .append_pair("limit", &PAGE_SIZE.to_string())
            .append_pair("offset", &offset.to_string())
            .append_pair("sort", "id")
            .append_pair("order", "asc");
        self.read_page("list_users", Call::get(url), wire::user).instrument(call_span!("snipeit.list_users")).await
    }

    /// Whom the token speaks for.
    pub async fn show_me(&self) -> Result<Read<UserSeen>, ReadFailure> {
        let call = Call::get(self.endpoint(&["users", "me"]));
        self.read("show_me", call, wire::user).instrument(call_span!("snipeit.show_me")).await
    }

    /// Snipe-IT refuses a user name that exists, so that a repeat creates nobody twice.
    pub async fn create_user(&self, user: &NewUser) -> UserCreated {
        let call = Call::post(self.endpoint(&["users"]), new_user_body(user));
        let (written, payload) = self.write("create_user", call).instrument(call_span!("snipeit.create_user")).await;
        let user = payload.and_then(|payload| wire::user(&payload).ok());
        UserCreated { user, written }
    }
}

fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

fn new_user_body(user: &NewUser) -> Value {
    let password = throwaway_password();
    json!({
        "first_name": user.first_name,
        "last_name": user.last_name,
        "username": user.username,
        "email": user.email,
        "activated": false,
        "password": password,
        "password_confirmation": password,
    })
}

/// Demanded by Snipe-IT, known to nobody. The suffix satisfies its rules of complexity.
fn throwaway_password() -> String {
    let random = rand::rng().sample_iter(Alphanumeric).take(32).map(char::from);
    random.chain("aA1!".chars()).collect()
}

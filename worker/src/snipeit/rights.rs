//! What the token's user may do, as far as reading shows it.

use serde_json::Value;
use tracing::Instrument;

use super::SnipeIt;
use super::http::Call;
use super::outcome::call_span;
use super::people::UserSeen;
use super::seen::{Read, ReadFailure};
use super::wire::{self, Malformed};

/// Whom the token speaks for, with what Snipe-IT's row of them tells of their rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfSeen {
    pub user: UserSeen,
    /// Whether they may create users. `None`: the row does not tell.
    pub may_create_users: Option<bool>,
    /// Whether everything is allowed to them by a permission of their own; that of a group is not shown.
    pub is_superuser: bool,
}

/// What the token's user may do with assets. `None`: this version's rows do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AssetRights {
    pub check_out: Option<bool>,
    pub check_in: Option<bool>,
    pub edit: Option<bool>,
}

impl SnipeIt {
    /// Whom the token speaks for, and what they may do beside assets.
    pub async fn show_self(&self) -> Result<Read<SelfSeen>, ReadFailure> {
        let call = Call::get(self.endpoint(&["users", "me"]));
        self.read("show_me", call, self_seen).instrument(call_span!("snipeit.show_me")).await
    }

    /// What the token's user may do with assets, told by the row of one that is not deleted. `None`: there is none.
    pub async fn show_asset_rights(&self) -> Result<Read<Option<AssetRights>>, ReadFailure> {
        let mut url = self.endpoint(&["hardware"]);
        url.query_pairs_mut().append_pair("limit", "1");
        self.read("list_assets", Call::get(url), |body| first_row(body).map(|row| row.map(asset_rights)))
            .instrument(call_span!("snipeit.list_assets"))
            .await
    }
}

fn self_seen(row: &Value) -> Result<SelfSeen, Malformed> {
    Ok(SelfSeen {
        user: wire::user(row)?,
        // A copy is a new user.
        may_create_users: action(row, "clone"),
        is_superuser: is_set(row.pointer("/permissions/superuser")),
    })
}

fn first_row(body: &Value) -> Result<Option<&Value>, Malformed> {
    let rows = body.get("rows").and_then(Value::as_array).ok_or("field `rows` is missing or not a list")?;
    Ok(rows.first())
}

fn asset_rights(row: &Value) -> AssetRights {
    AssetRights { check_out: action(row, "checkout"), check_in: action(row, "checkin"), edit: action(row, "update") }
}

fn action(row: &Value, name: &str) -> Option<bool> {
    row.get("available_actions")?.get(name)?.as_bool()
}

/// Permissions are told as 1, "1" or -1.
fn is_set(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.as_i64() == Some(1) || value.as_str() == Some("1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rights_are_what_the_row_says_and_unknown_where_it_is_silent() {
        let row = json!({"available_actions": {"checkout": true, "checkin": false}});

        let told = AssetRights { check_out: Some(true), check_in: Some(false), edit: None };
        assert_eq!(asset_rights(&row), told);
        assert_eq!(asset_rights(&json!({"id": 1})), AssetRights::default());
    }

    #[test]
    fn a_superuser_is_known_however_the_permission_is_written() {
        for (permissions, is_superuser) in
            [(json!({"superuser": 1}), true), (json!({"superuser": "1"}), true), (json!({"superuser": -1}), false)]
        {
            assert_eq!(is_set(json!({"permissions": permissions}).pointer("/permissions/superuser")), is_superuser);
        }
        assert!(!is_set(json!({"permissions": []}).pointer("/permissions/superuser")));
    }
}

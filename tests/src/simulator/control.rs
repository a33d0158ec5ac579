//! `/_sim/…`: the simulator's own endpoints, for those who do not run it in their process.

use axum::http::{Method, StatusCode};
use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::additions::NewUser;
use super::answer::Answer;
use super::faults::Fault;
use super::hands::{Handover, HandsRefused};
use super::state::State;

pub(super) fn answer(state: &State, method: &Method, path: &str, body: &[u8]) -> Answer {
    let done = match (method.as_str(), path) {
        ("GET", "ledger") => Ok(json!(state.ledger().snapshot())),
        ("GET", "faults") => Ok(json!(state.faults().pending())),
        ("POST", "faults") => parsed(body).map(|fault: Fault| {
            state.faults().add(fault);
            json!(state.faults().pending())
        }),
        ("DELETE", "faults") => {
            state.faults().clear();
            Ok(json!([]))
        }
        ("POST", "hands") => parsed(body).and_then(|act| perform(state, act)),
        _ => {
            return Answer::data(json!({"error": "GET ledger, GET/POST/DELETE faults or POST hands"}))
                .with_status(StatusCode::NOT_FOUND);
        }
    };
    match done {
        Ok(value) => Answer::data(value),
        Err(error) => Answer::data(json!({"error": error})).with_status(StatusCode::UNPROCESSABLE_ENTITY),
    }
}

/// What a person does, in JSON: `{"act": "check_out", "asset": 1, "user": 2}`.
#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
enum Act {
    CheckOut {
        asset: i64,
        user: i64,
        /// A date picked by hand; now if none is given.
        #[serde(default)]
        on: Option<NaiveDate>,
    },
    CheckIn {
        asset: i64,
    },
    Archive {
        asset: i64,
    },
    SetLabel {
        asset: i64,
        label: i64,
    },
    Rename {
        asset: i64,
        name: String,
    },
    Delete {
        asset: i64,
    },
    Restore {
        asset: i64,
    },
    CreateUser(NewUser),
}

impl Act {
    fn asset(&self) -> Option<i64> {
        match self {
            Self::CheckOut { asset, .. }
            | Self::CheckIn { asset }
            | Self::Archive { asset }
            | Self::SetLabel { asset, .. }
            | Self::Rename { asset, .. }
            | Self::Delete { asset }
            | Self::Restore { asset } => Some(*asset),
            Self::CreateUser(_) => None,
        }
    }
}

fn perform(state: &State, act: Act) -> Result<Value, String> {
    if let Some(asset) = act.asset()
        && state.inventory().find_asset(asset).is_none()
    {
        return Err(HandsRefused::NoSuchAsset(asset).to_string());
    }
    let hands = state.hands();
    match act {
        Act::CheckOut { asset, user, on } => {
            hands.check_out(asset, user, on.map_or(Handover::Now, Handover::On)).map_err(|error| error.to_string())?;
        }
        Act::CheckIn { asset } => hands.check_in(asset).map_err(|error| error.to_string())?,
        Act::Archive { asset } => hands.archive(asset),
        Act::SetLabel { asset, label } if state.inventory().labels.contains_key(&label) => {
            hands.set_label(asset, label);
        }
        Act::SetLabel { label, .. } => {
            return Err(format!("label {label} does not exist: use one of GET statuslabels"));
        }
        Act::Rename { asset, name } => hands.rename(asset, &name),
        Act::Delete { asset } => hands.delete(asset),
        Act::Restore { asset } => hands.restore(asset),
        Act::CreateUser(user) => return Ok(json!({"id": hands.create_user(user)})),
    }
    Ok(json!({"done": true}))
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

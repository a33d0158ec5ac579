//! Edits of an asset that do no harm when they are made twice: one look before, one `PATCH`, within the budget. No protocol.

use crate::{
    calls::{CallFailure, Health},
    context::Context,
    jobs::Failure,
    snipeit::{EDIT_PERMISSION, ReadFailure, ReadFailureKind, SnipeIt, Written},
};
use makerlab_shared::domain::{
    inventory::{Answer, NotApplied},
    job::Lane,
};

/// What became of an edit that Snipe-IT took notice of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    Applied,
    Refused {
        message: String,
    },
    /// The token's user lacks [`EDIT_PERMISSION`].
    Forbidden,
}

impl Context {
    /// One edit. Of a missing permission to edit alone nothing pauses: lending goes on without it.
    ///
    /// # Errors
    /// When the budget is used up, or it may or may not have been made: look again, then edit again.
    pub async fn edit(&self, lane: Lane, call: impl AsyncFnOnce(&SnipeIt) -> Written) -> Result<Edited, CallFailure> {
        let taken = self.take_calls(lane, 1).await?;
        let Written { answer, seen } = call(&self.snipeit).await;
        let is_forbidden = seen.http_status == Some(403);
        let health = if is_forbidden { Health::Good } else { Health::of_answer(&answer) };
        self.note_call(taken, 0, &seen, &health).await?;
        let kind = match answer {
            Answer::Applied => return Ok(Edited::Applied),
            Answer::Refused { message } => return Ok(Edited::Refused { message }),
            Answer::NotApplied { .. } if is_forbidden => return Ok(Edited::Forbidden),
            Answer::Unknown { what } => ReadFailureKind::Trouble { what },
            Answer::NotApplied { why: NotApplied::Unreachable { what } } => ReadFailureKind::Unreachable { what },
            Answer::NotApplied { why: NotApplied::Throttled } => ReadFailureKind::Throttled,
            Answer::NotApplied { why: NotApplied::Installation { what } } => ReadFailureKind::Installation { what },
        };
        Err(CallFailure::Read(ReadFailure { kind, seen }))
    }
}

impl Edited {
    /// Where anything but success needs a person. `what` is what was to be set.
    ///
    /// # Errors
    /// [`Failure::Broken`] with what is to be mended.
    pub fn or_broken(self, what: &str) -> Result<(), Failure> {
        match self {
            Self::Applied => Ok(()),
            Self::Refused { message } => Err(Failure::Broken(format!("Snipe-IT refused {what}: {message}"))),
            Self::Forbidden => {
                let lacks = format!("the Snipe-IT user of the API token lacks the permission {EDIT_PERMISSION}");
                Err(Failure::Broken(lacks))
            }
        }
    }
}

//! The message: which job is due. Everything else stands in the row.

use crate::domain::{id::JobId, job::JobKind};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bell {
    pub job_id: JobId,
    pub kind: JobKind,
}

/// A payload that is no bell: it is set aside, never tried again.
#[derive(Debug, thiserror::Error)]
#[error("the message is no bell of ours")]
pub struct BellError(#[source] serde_json::Error);

impl Bell {
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a bell has no map keys and no numbers that JSON lacks")
    }

    /// # Errors
    /// [`BellError`] for anything but a bell of a known kind.
    pub fn decode(payload: &[u8]) -> Result<Self, BellError> {
        serde_json::from_slice(payload).map_err(BellError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_survives_its_journey() {
        let bell = Bell { job_id: JobId::generate(), kind: JobKind::RunOperation };
        assert_eq!(Bell::decode(&bell.encode()).unwrap(), bell);
    }

    #[test]
    fn what_is_no_bell_is_not_taken_for_one() {
        for payload in [&b""[..], b"{}", b"\xff", br#"{"job_id":"1","kind":"run_operation"}"#, br#"{"kind":"dance"}"#] {
            assert!(Bell::decode(payload).is_err());
        }
    }
}

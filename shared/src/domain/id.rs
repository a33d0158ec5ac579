//! Identifiers: UUIDv7, so that rows made later sort later; one type each, so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($name:ident),+ $(,)?) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identifier, later than all before it on this machine.
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

id! {
    UserId, TokenId, ProjectId, ModelId, EquipmentId, RequisitionId, LineId, LoanId, OperationId, JobId,
    NotificationId, DigestId, ExtensionId, FindingId, SyncRunId, QuotaId, ApprovalRuleId,
    WaitingEntryId, HoldId, DeputyId,
}

impl OperationId {
    /// The operation's mark in Snipe-IT's note and User-Agent: the same 128 bits as a ULID of 26 letters and digits,
    /// which Snipe-IT's Markdown rendering leaves alone.
    pub fn marker(self) -> String {
        ulid::Ulid::from(self.0.as_u128()).to_string()
    }
}

//! What can happen to an operation.

use crate::domain::{
    finding::Resolution,
    inventory::{Answer, AssetSeen, SnipeitUserId},
};
use chrono::{DateTime, NaiveDateTime, Utc};

/// What happened to an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its job is due and nobody holds it.
    Due { now: DateTime<Utc> },
    /// Calls, job and intent are taken in one transaction. The fingerprint counts if the operation has none yet.
    Taken { look_after: DateTime<Utc>, fingerprint: Option<NaiveDateTime> },
    /// No byte of the write left: the lease was too short, or the tenure could not be read.
    NotSent,
    /// Check-in only, read before anything is sent. `None`: Snipe-IT does not know the asset.
    TenureSeen(Option<AssetSeen>),
    /// What became of the POST.
    Answered(Answer),
    /// The asset as read after a refusal or an unknown outcome; `order_trusted` is false in a repeated hour.
    Looked { seen: Option<AssetSeen>, order_trusted: bool },
    /// Whether Snipe-IT's activity log holds a row of this asset with our marker; `seen` is what the look before showed.
    LogSearched { log: LogSeen, seen: AssetSeen },
    /// A look gave no answer: postponed, never an answer itself.
    LookFailed,
    /// The job was taken as often as it may be.
    OutOfRuns,
    /// A technician settled it.
    SettledByPerson(Resolution),
    /// The requester does not want it any more.
    CancelWished,
    /// Check-out only: the time for which the unit was wanted is over.
    PeriodOver,
    /// The database is another than the one that was written to last: what was sent before `look_after` is over by then.
    Doubted { look_after: DateTime<Utc> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSeen {
    OurMarker {
        /// That was sent, where the row tells it.
        checkout_at: Option<NaiveDateTime>,
        /// Whom it was lent to: as the row tells it, else as we remember it.
        borrower: Option<SnipeitUserId>,
    },
    NoMarker,
    /// Snipe-IT does not let us read it: nothing is known of our marker.
    Unreadable,
}

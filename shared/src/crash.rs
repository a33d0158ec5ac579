//! Places at which a process can die with something half done, by name, so that none of them is left untried.
//!
//! The binary that is tried is the one that is shipped: a point costs one relaxed load, unless the process was started
//! with `MAKERLAB_CRASH_AT=<point>:<hit>` or `<point>@<lane>:<hit>`. Then the hit-th passing (of a job of that lane)
//! aborts the process, as abruptly as a loss of power. For tests; nothing that an operator sets.
//!
//! What must be followed by something has a point behind it; what is one transaction with nothing that must follow
//! (`set_approval`, the commands of both command lines, a pause) has none, for there is no half of it to be left with.

use crate::{
    domain::{job::Lane, text_enum::text_enum},
    settings::{Noted, Reader},
};
use std::{
    fmt,
    num::NonZeroU32,
    str::FromStr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

pub const VARIABLE: &str = "MAKERLAB_CRASH_AT";

text_enum! {
    /// In the order in which a job meets them; each says what is done by then.
    pub enum CrashPoint {
        /// A request's effect is written and not committed.
        ApiBeforeCommit = "api_before_commit",
        /// Committed; the client has heard nothing, the relay was not woken.
        ApiAfterCommit = "api_after_commit",
        /// The bell is claimed and not rung.
        RelayClaimed = "relay_claimed",
        /// Given to the connection; the broker has confirmed nothing.
        RelayPublished = "relay_published",
        /// Confirmed and not noted.
        RelayConfirmed = "relay_confirmed",
        RelayNoted = "relay_noted",
        /// The broker did not take it; the claim still stands.
        RelayRefused = "relay_refused",
        /// A message is in our hands, nothing is taken.
        BellHeard = "bell_heard",
        /// A due job was found without a message.
        SecondBellHeard = "second_bell_heard",
        /// In another database than the last: its acceptance is begun (first hit), some of what is open is put in doubt
        /// (second), not committed.
        DoubtBeforeCommit = "doubt_before_commit",
        DoubtAfterCommit = "doubt_after_commit",
        /// Everything is in doubt; people are told and the database is remembered, not committed.
        AcceptBeforeCommit = "accept_before_commit",
        AcceptAfterCommit = "accept_after_commit",
        /// Job, calls and intent are written and not committed.
        TakeBeforeCommit = "take_before_commit",
        TakeAfterCommit = "take_after_commit",
        /// An operation's job was taken once too often; nobody was told.
        OutOfRunsTaken = "out_of_runs_taken",
        /// A job whose operation may not be looked at yet is put off, not committed.
        WaitBeforeCommit = "wait_before_commit",
        WaitAfterCommit = "wait_after_commit",
        /// A job whose operation is over already is closed, not committed.
        CloseBeforeCommit = "close_before_commit",
        CloseAfterCommit = "close_after_commit",
        /// A call is taken from the budget for a read that is not made.
        CallTaken = "call_taken",
        /// Snipe-IT has said who a borrower is, nobody remembers it.
        BorrowerFound = "borrower_found",
        /// Remembered; the job that wanted to know is still ours.
        BorrowerRemembered = "borrower_remembered",
        /// A job that cannot be carried out yet is put off, not committed.
        PutOffBeforeCommit = "put_off_before_commit",
        PutOffAfterCommit = "put_off_after_commit",
        /// Before a check-in: the asset was read.
        TenureRead = "tenure_read",
        /// What was read is in the cache.
        TenureNoted = "tenure_noted",
        /// No byte has left.
        BeforeSend = "before_send",
        /// Snipe-IT has answered, nobody has noted anything.
        AfterSend = "after_send",
        /// Budget and link know of the answer, the operation does not.
        AnswerNoted = "answer_noted",
        /// A loan that came back without us is closed, the one that followed it is not recorded yet.
        FormerLoanAdopted = "former_loan_adopted",
        /// Outcome, history, letters and the job's row are written and not committed.
        SettleBeforeCommit = "settle_before_commit",
        /// Committed; the message is not acknowledged, the relay was not woken.
        SettleAfterCommit = "settle_after_commit",
        /// Somebody else has the job by now: what we saw is written down and not committed.
        EvidenceBeforeCommit = "evidence_before_commit",
        EvidenceAfterCommit = "evidence_after_commit",
        /// A job that cannot be run is set aside with a finding, not committed.
        SetAsideBeforeCommit = "set_aside_before_commit",
        SetAsideAfterCommit = "set_aside_after_commit",
        /// An operation of unknown outcome is taken for a look, not committed.
        LookBeforeCommit = "look_before_commit",
        LookAfterCommit = "look_after_commit",
        /// The look has seen the asset.
        LookRead = "look_read",
        /// What was seen is in the cache, the operation is as it was.
        LookNoted = "look_noted",
        /// The log was searched for our marker.
        LogSearched = "log_searched",
        /// People are told that an outcome is being verified; the job that tells them is still ours.
        NoticeWritten = "notice_written",
        /// A letter is written, the mail server knows nothing of it.
        BeforeMail = "before_mail",
        /// The mail server knows sender and recipient and waits for the text.
        MailAddressed = "mail_addressed",
        /// The mail server has taken responsibility, nobody has noted it.
        MailAccepted = "mail_accepted",
        /// The job is settled, its message is not acknowledged.
        BeforeAck = "before_ack",
        AfterAck = "after_ack",
        /// Everything is paused, and it is our turn to probe.
        ProbeClaimed = "probe_claimed",
        /// Snipe-IT answers again, everything is still paused.
        ProbeAnswered = "probe_answered",
        /// Nothing is paused any more, nobody was woken.
        PauseEnded = "pause_ended",
        /// A page of recent changes is read and not stored.
        SweepRead = "sweep_read",
        SweepStored = "sweep_stored",
        /// An effect's confirmation, and what it says of the zone, is written and not committed.
        SweepBeforeCommit = "sweep_before_commit",
        SweepAfterCommit = "sweep_after_commit",
        /// The cursor is moved, the job is still ours.
        SweepNoted = "sweep_noted",
        /// A page of the catalogue is read and not stored.
        SyncRead = "sync_read",
        SyncStored = "sync_stored",
        /// The run goes on behind this page from now on.
        SyncKept = "sync_kept",
        /// Everything is stored; the run is not closed.
        SyncRemembered = "sync_remembered",
        /// The run is closed, the job is still ours.
        SyncNoted = "sync_noted",
    }
}

/// Where a process is to die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrashPlan {
    pub point: CrashPoint,
    /// Only passings of jobs of this lane count; `None`: all.
    pub lane: Option<Lane>,
    pub hit: NonZeroU32,
}

static IS_ARMED: AtomicBool = AtomicBool::new(false);
static PLAN: OnceLock<CrashPlan> = OnceLock::new();
static PASSINGS: AtomicU32 = AtomicU32::new(0);

/// A point that belongs to no job.
#[inline]
pub fn pass(point: CrashPoint) {
    if IS_ARMED.load(Ordering::Relaxed) {
        die_if_planned(point, None);
    }
}

/// A point on the way of a job of this lane.
#[inline]
pub fn pass_in(lane: Lane, point: CrashPoint) {
    if IS_ARMED.load(Ordering::Relaxed) {
        die_if_planned(point, Some(lane));
    }
}

/// Once, at start-up.
pub fn arm(plan: Option<CrashPlan>) {
    let Some(plan) = plan else { return };
    tracing::error!("{VARIABLE} is set: this process will abort at {plan}. It is meant for tests; unset it");
    if PLAN.set(plan).is_ok() {
        IS_ARMED.store(true, Ordering::Release);
    }
}

#[cold]
fn die_if_planned(point: CrashPoint, lane: Option<Lane>) {
    let Some(plan) = PLAN.get().filter(|plan| plan.counts(point, lane)) else { return };
    if PASSINGS.fetch_add(1, Ordering::Relaxed) + 1 == plan.hit.get() {
        eprintln!("{VARIABLE}: aborting at {plan}");
        std::process::abort();
    }
}

impl CrashPlan {
    /// # Errors
    /// Noted by the reader when the variable is set and names no point.
    pub fn read(env: &Reader<'_>) -> Result<Option<Self>, Noted> {
        let Some(text) = env.optional(VARIABLE) else { return Ok(None) };
        text.parse().map(Some).map_err(|error| env.note(VARIABLE, format!("is {text:?}: {error}")))
    }

    fn counts(&self, point: CrashPoint, lane: Option<Lane>) -> bool {
        self.point == point && (self.lane.is_none() || self.lane == lane)
    }
}

impl fmt::Display for CrashPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lane {
            Some(lane) => write!(f, "{}@{lane}:{}", self.point, self.hit),
            None => write!(f, "{}:{}", self.point, self.hit),
        }
    }
}

impl FromStr for CrashPlan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const SHAPE: &str = "unset it, or write a point and a hit, like after_send:1 or after_send@counter:1";
        let (place, hit) = text.split_once(':').ok_or(SHAPE)?;
        let hit = hit.parse().map_err(|_| SHAPE)?;
        let (point, lane) = match place.split_once('@') {
            Some((point, lane)) => (point, Some(lane.parse().map_err(|error| format!("{error}"))?)),
            None => (place, None),
        };
        Ok(Self { point: point.parse().map_err(|error| format!("{error}"))?, lane, hit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;

    fn read(text: &str) -> Result<Option<CrashPlan>, String> {
        Environment::from_pairs([(VARIABLE, text)]).read(CrashPlan::read).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn a_plan_is_written_as_it_is_read() {
        for text in ["after_send:1", "before_ack@mail:2"] {
            assert_eq!(read(text).unwrap().unwrap().to_string(), text);
        }
        assert_eq!(read(""), Ok(None));
    }

    #[test]
    fn nonsense_is_refused_with_one_line_that_names_the_variable() {
        for text in ["after_send", "after_send:0", "after_send:x", "nowhere:1", "after_send@nowhere:1"] {
            let wrong = read(text).unwrap_err();
            assert!(wrong.starts_with("MAKERLAB_CRASH_AT is ") && wrong.lines().count() == 1, "{wrong}");
        }
    }

    #[test]
    fn a_plan_with_a_lane_counts_jobs_of_that_lane_only() {
        let of_mail = read("before_ack@mail:1").unwrap().unwrap();
        let of_all = read("before_ack:1").unwrap().unwrap();

        assert!(of_mail.counts(CrashPoint::BeforeAck, Some(Lane::Mail)));
        assert!(!of_mail.counts(CrashPoint::BeforeAck, Some(Lane::Counter)));
        assert!(!of_mail.counts(CrashPoint::BeforeAck, None));
        assert!(of_all.counts(CrashPoint::BeforeAck, Some(Lane::Counter)));
        assert!(!of_all.counts(CrashPoint::AfterAck, Some(Lane::Counter)));
    }
}

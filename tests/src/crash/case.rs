//! Which crash points are met on which leg of a requisition's way, by whom, and what must be wrong meanwhile.

use std::{fmt, num::NonZeroU32};

use makerlab_shared::{
    crash::{CrashPlan, CrashPoint},
    domain::job::Lane,
};

/// A requisition's way: each leg is one request of a person's and the jobs that follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leg {
    /// Submitted, to be approved: letters and nothing else.
    Mail,
    /// Approved: the check-out, and letters.
    CheckOut,
    /// Given back: the check-in, and letters.
    CheckIn,
}

/// Which process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    Api,
    Worker,
}

/// What goes wrong beside the death, where the point lies on a way that is not the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// No broker can be reached.
    NoBroker,
    /// Snipe-IT does it and its answer is lost.
    AnswerLost,
    /// The same, and a person lends the asset on before anybody has looked.
    LentOn,
    /// Snipe-IT refuses the token for a moment, so that everything pauses.
    TokenRefused,
    /// The broker has lost the lane's queue.
    QueueGone,
    /// Nobody remembers who the borrowers are in Snipe-IT when their units are to be lent.
    BorrowerForgotten,
    /// By our records somebody has the unit; it came back without us.
    FormerLoan,
    /// A person has lent the units to somebody in Snipe-IT, so that it refuses them.
    UnitTaken,
    /// The worker is frozen until another one has its jobs.
    LeaseLost,
    /// Jobs were taken as often as they may be; a person has to answer.
    OutOfRuns,
    /// The database is another than the one that was written to last.
    OtherDatabase,
    /// A requisition of somebody else was cancelled, and its job comes up.
    Cancelled,
    /// The worker that dies was told a wrong zone.
    WrongZone,
}

/// One death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    pub point: CrashPoint,
    pub leg: Leg,
    pub hit: NonZeroU32,
    pub victim: Victim,
    pub trouble: Trouble,
    /// Dies after everything of the leg is settled, in the rounds that follow.
    pub afterwards: bool,
    /// Only jobs of the leg's own lane count.
    is_of_its_lane: bool,
}

impl Case {
    /// Every point on every leg on which it is met.
    pub fn all(hit: NonZeroU32) -> Vec<Self> {
        let of_point = |point: &CrashPoint| {
            let (case, legs) = Self::on_legs(*point, hit);
            legs.iter().map(move |leg| Self { leg: *leg, ..case })
        };
        CrashPoint::ALL.iter().flat_map(of_point).chain(Self::on_other_ways(hit)).collect()
    }

    /// Every point once: on the way out where it is met there.
    pub fn once_each(hit: NonZeroU32) -> Vec<Self> {
        let of_point = |point: &CrashPoint| {
            let (case, legs) = Self::on_legs(*point, hit);
            let leg = if legs.contains(&Leg::CheckOut) { Leg::CheckOut } else { legs[0] };
            Self { leg, ..case }
        };
        CrashPoint::ALL.iter().map(of_point).collect()
    }

    /// Points that are met on more ways than one.
    fn on_other_ways(hit: NonZeroU32) -> Vec<Self> {
        use {CrashPoint as P, Leg as L, Trouble as T};
        let mut ways = vec![
            (P::SettleBeforeCommit, L::CheckOut, T::AnswerLost),
            (P::SettleAfterCommit, L::CheckOut, T::AnswerLost),
            (P::SettleBeforeCommit, L::CheckIn, T::AnswerLost),
            (P::SettleAfterCommit, L::CheckIn, T::AnswerLost),
            (P::SettleBeforeCommit, L::CheckOut, T::UnitTaken),
            (P::SettleAfterCommit, L::CheckOut, T::UnitTaken),
        ];
        // After the first one nothing is swept until a person has mended the zone.
        if hit == NonZeroU32::MIN {
            ways.push((P::SweepAfterCommit, L::CheckOut, T::WrongZone));
        }
        let of_way = |(point, leg, trouble)| Self { leg, trouble, ..Self::on_legs(point, hit).0 };
        ways.into_iter().map(of_way).collect()
    }

    pub fn plan(&self) -> CrashPlan {
        let lane = self.is_of_its_lane.then(|| self.leg.lane());
        CrashPlan { point: self.point, lane, hit: self.hit }
    }

    /// Exhaustive, so that a new point has to say where it is met.
    fn on_legs(point: CrashPoint, hit: NonZeroU32) -> (Self, &'static [Leg]) {
        const EVERY: &[Leg] = &[Leg::Mail, Leg::CheckOut, Leg::CheckIn];
        const OPERATIONS: &[Leg] = &[Leg::CheckOut, Leg::CheckIn];
        use CrashPoint as P;
        let (victim, trouble, leg) = (Victim::Worker, Trouble::None, Leg::Mail);
        let of_lane = Self { point, leg, hit, victim, trouble, afterwards: false, is_of_its_lane: true };
        let of_any = Self { is_of_its_lane: false, ..of_lane };
        match point {
            P::ApiBeforeCommit | P::ApiAfterCommit => (Self { victim: Victim::Api, ..of_any }, EVERY),
            P::RelayClaimed | P::RelayPublished | P::RelayConfirmed | P::RelayNoted => {
                (Self { victim: Victim::Api, ..of_lane }, EVERY)
            }
            P::RelayRefused => (Self { victim: Victim::Api, trouble: Trouble::QueueGone, ..of_lane }, EVERY),
            P::SecondBellHeard => (Self { trouble: Trouble::NoBroker, ..of_lane }, EVERY),
            P::BellHeard | P::BeforeAck | P::AfterAck => (of_lane, EVERY),
            P::TakeBeforeCommit | P::TakeAfterCommit => (of_lane, EVERY),
            P::SettleBeforeCommit | P::SettleAfterCommit => (of_lane, EVERY),
            P::CallTaken => (of_any, &[Leg::CheckOut]),
            P::BorrowerFound | P::BorrowerRemembered | P::PutOffBeforeCommit | P::PutOffAfterCommit => {
                (Self { trouble: Trouble::BorrowerForgotten, ..of_lane }, &[Leg::CheckOut])
            }
            P::DoubtBeforeCommit | P::DoubtAfterCommit | P::AcceptBeforeCommit | P::AcceptAfterCommit => {
                (Self { trouble: Trouble::OtherDatabase, ..of_any }, OPERATIONS)
            }
            P::WaitBeforeCommit | P::WaitAfterCommit => {
                (Self { trouble: Trouble::OtherDatabase, ..of_lane }, OPERATIONS)
            }
            P::CloseBeforeCommit | P::CloseAfterCommit => {
                (Self { trouble: Trouble::Cancelled, ..of_lane }, &[Leg::CheckOut])
            }
            P::OutOfRunsTaken => (Self { trouble: Trouble::OutOfRuns, ..of_lane }, OPERATIONS),
            P::SetAsideBeforeCommit | P::SetAsideAfterCommit => {
                (Self { trouble: Trouble::OutOfRuns, ..of_lane }, &[Leg::Mail])
            }
            P::EvidenceBeforeCommit | P::EvidenceAfterCommit => {
                (Self { trouble: Trouble::LeaseLost, ..of_lane }, OPERATIONS)
            }
            P::TenureRead | P::TenureNoted => (of_lane, &[Leg::CheckIn]),
            P::BeforeSend | P::AfterSend | P::AnswerNoted => (of_lane, OPERATIONS),
            P::FormerLoanAdopted => (Self { trouble: Trouble::FormerLoan, ..of_any }, &[Leg::CheckOut]),
            P::LookBeforeCommit | P::LookAfterCommit | P::LookRead | P::LookNoted => {
                (Self { trouble: Trouble::AnswerLost, ..of_lane }, OPERATIONS)
            }
            P::LogSearched => (Self { trouble: Trouble::LentOn, ..of_lane }, &[Leg::CheckOut]),
            P::NoticeWritten => (Self { trouble: Trouble::AnswerLost, ..of_any }, OPERATIONS),
            P::ProbeClaimed | P::ProbeAnswered | P::PauseEnded => {
                (Self { trouble: Trouble::TokenRefused, ..of_any }, &[Leg::CheckOut])
            }
            P::BeforeMail | P::MailAddressed | P::MailAccepted => (of_any, &[Leg::Mail]),
            P::SweepRead | P::SweepStored | P::SweepBeforeCommit | P::SweepAfterCommit | P::SweepNoted => {
                (Self { afterwards: true, ..of_any }, OPERATIONS)
            }
            P::SyncRead | P::SyncStored | P::SyncKept | P::SyncRemembered | P::SyncNoted => (of_any, &[Leg::CheckOut]),
        }
    }

    /// The round on whose way the point lies, to be called until the death.
    pub fn round(&self) -> Option<&'static str> {
        let rounds = [("sweep_", "sweep"), ("sync_", "sync_catalogue")];
        rounds.into_iter().find(|(begin, _)| self.point.as_str().starts_with(begin)).map(|(_, kind)| kind)
    }

    /// Requisitions on the way: the second hit may be the second one's.
    pub fn requisitions(&self) -> usize {
        self.hit.get() as usize
    }

    /// What people are told of beside the letters, by kind.
    pub fn findings(&self) -> Vec<&'static str> {
        let each = |kind| vec![kind; self.requisitions()];
        match (self.trouble, self.leg) {
            (Trouble::LentOn, _) => [each("held_by_somebody_else"), each("painted_over")].concat(),
            // Both letters of the submit.
            (Trouble::OutOfRuns, Leg::Mail) => [each("job_out_of_runs"), each("job_out_of_runs")].concat(),
            (Trouble::OutOfRuns, Leg::CheckOut | Leg::CheckIn) => each("operation_with_person"),
            (Trouble::OtherDatabase, _) => vec!["database_changed"],
            (Trouble::WrongZone, _) => vec!["clock_or_zone_wrong"],
            (
                Trouble::None
                | Trouble::NoBroker
                | Trouble::AnswerLost
                | Trouble::TokenRefused
                | Trouble::QueueGone
                | Trouble::BorrowerForgotten
                | Trouble::FormerLoan
                | Trouble::UnitTaken
                | Trouble::LeaseLost
                | Trouble::Cancelled,
                _,
            ) => Vec::new(),
        }
    }

    /// Operations that end without an effect, by their state.
    pub fn without_effect(&self) -> Option<&'static str> {
        match self.trouble {
            Trouble::UnitTaken => Some("refused"),
            Trouble::Cancelled => Some("abandoned"),
            Trouble::None
            | Trouble::NoBroker
            | Trouble::AnswerLost
            | Trouble::LentOn
            | Trouble::TokenRefused
            | Trouble::QueueGone
            | Trouble::BorrowerForgotten
            | Trouble::FormerLoan
            | Trouble::LeaseLost
            | Trouble::OutOfRuns
            | Trouble::OtherDatabase
            | Trouble::WrongZone => None,
        }
    }

    /// Whether the death may lie between a mail server's acceptance of a letter and our note of it: then that one
    /// letter goes out again. A worker has one hand for letters here, so it is one at the most.
    pub fn may_double_a_letter(&self) -> bool {
        use CrashPoint as P;
        match self.victim {
            Victim::Api => false,
            // The one hand holds another letter, or this one before the mail server has its text, or after our note.
            Victim::Worker if self.leg == Leg::Mail => {
                matches!(self.point, P::MailAccepted | P::SettleBeforeCommit)
            }
            Victim::Worker => true,
        }
    }
}

impl Leg {
    pub const ALL: [Self; 3] = [Self::Mail, Self::CheckOut, Self::CheckIn];

    pub fn lane(self) -> Lane {
        match self {
            Self::Mail => Lane::Mail,
            Self::CheckOut => Lane::Inventory,
            Self::CheckIn => Lane::Counter,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::CheckOut => "check-out",
            Self::CheckIn => "check-in",
        }
    }
}

/// The case's name: the point, the leg, what goes wrong besides, and the hit.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, ", self.point, self.leg.as_str())?;
        if self.trouble != Trouble::None {
            write!(f, "{:?}, ", self.trouble)?;
        }
        write!(f, "hit {})", self.hit)
    }
}
